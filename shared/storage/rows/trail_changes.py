"""What a change of the table `audit`, as its stream shows it, says by the keys of its row. See `audit` and `seals`.

Every row is written once and ends by its `ttl` or never; so whatever changes or deletes one is none of ours.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from shared.domain.trail.events import Tampering
from shared.storage.contracts.trail_changes import RowAdded, RowTouched
from shared.storage.rows.seals import KEYS, LOG, NOTES

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PLACE = re.compile(r"(?P<milliseconds>\d{13})#.+", flags=re.DOTALL)
DAY = r"\d{4}-\d\d-\d\d"
PARTITION = re.compile(rf"W#(?P<workspace>[^#]+)#(?:(?P<day>{DAY})|(?P<seals>SEALS)|{DAY}#SEALED)")


def row_added(kind: str, pk: str, sk: str) -> RowAdded | None:
    """Read off a change that a workspace's trail has a new row; None: that is not what it shows."""
    found, place = PARTITION.fullmatch(pk), PLACE.fullmatch(sk)
    if kind != "INSERT" or found is None or found["day"] is None or place is None:
        return None
    at = EPOCH + timedelta(milliseconds=int(place["milliseconds"]))
    return RowAdded(workspace_id=found["workspace"], at=at)


def sealed_workspace(kind: str, pk: str) -> str | None:
    """Tell which workspace has a new seal; None: the change shows none."""
    found = PARTITION.fullmatch(pk)
    return found["workspace"] if kind == "INSERT" and found is not None and found["seals"] else None


def row_touched(kind: str, pk: str, sk: str, *, by_time_to_live: bool) -> RowTouched | None:
    """Read off a change that somebody touched what nobody may; None: nobody did."""
    found = PARTITION.fullmatch(pk)
    if kind == "INSERT" or by_time_to_live or (found is None and pk not in {LOG, NOTES, KEYS}):
        return None
    return RowTouched(
        workspace_id=found["workspace"] if found is not None else None,
        row=f"{pk} {sk}",
        tampering=Tampering.DELETED if kind == "REMOVE" else Tampering.MODIFIED,
    )
