"""Find an event of a workspace by its id: its row in the table, and its place under a seal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from uuid import UUID

from shared.domain.errors import NotFound
from shared.domain.trail.index import HourIndex
from shared.services.trail.archive import read_archived
from shared.services.trail.read_seals import read_seal
from shared.services.trail.sources import TrailSources
from shared.storage.contracts.audit import LAST_YEAR, AuditEntry, AuditFilter
from shared.storage.contracts.seals import KeptSeal
from shared.storage.contracts.trail_index import Slot

UUID_VERSION, MILLISECONDS_OF_UUID = 7, 80
"""A UUIDv7 begins with the milliseconds since the epoch; so many bits stand behind them."""
A_MILLISECOND = timedelta(milliseconds=1)
ROWS_A_PAGE = 100
UNFOLDED = 20
"""Seals that are looked through because they are not in the index yet. They are folded seconds after they are made, so
there are more only where folding is at a standstill; and each costs two requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderSeal:
    """A seal with its rows, and which of them is meant."""

    kept: KeptSeal
    rows: Sequence[str]
    index: int


def time_of(event_id: str) -> datetime | None:
    """Read the time off the id of an event; None: it is none of ours."""
    try:
        uuid = UUID(event_id)
        at = datetime.fromtimestamp(0, UTC) + (uuid.int >> MILLISECONDS_OF_UUID) * A_MILLISECOND
    except (ValueError, OverflowError):
        return None
    is_ours = str(uuid) == event_id and uuid.version == UUID_VERSION and at.year <= LAST_YEAR
    return at if is_ours else None


def find_in_table(
    workspace_id: str, event_id: str, at: datetime, *, now: datetime, trail: TrailSources
) -> AuditEntry | None:
    """Look for the event among the rows of its millisecond."""
    matching = AuditFilter(since=at, until=at + A_MILLISECOND)
    after: str | None = None
    while True:
        page = trail.audit.entries(workspace_id, matching=matching, limit=ROWS_A_PAGE, now=now, after=after)
        for entry in page.items:
            if entry.event_id == event_id:
                return entry
        after = page.next
        if after is None:
            return None


def find_under_seal(workspace_id: str, event_id: str, at: datetime, *, trail: TrailSources) -> UnderSeal | None:
    """Look for the event under the seals that have rows of its minute, and under those that are not indexed yet.

    Raises:
        SealLost: a seal that may have it is lost.
        StoreUnavailable: it cannot be read now.

    """
    head = trail.seals.head(workspace_id)
    if head is None:
        return None
    hour = trail.index.read(Slot(workspace_id=workspace_id, day=f"{at:%Y-%m-%d}", hour=at.hour)).value
    named = hour.seals.get(at.minute, []) if isinstance(hour, HourIndex) else []
    unfolded = max(head.folded, head.last.number - UNFOLDED)
    for number in chain(named, range(unfolded + 1, head.last.number + 1)):
        kept = read_seal(workspace_id, number, seals=trail.seals)
        rows = read_archived(kept.seal, archive=trail.open_archive()).rows
        for index, row in enumerate(rows):
            if json.loads(row)["id"] == event_id:
                return UnderSeal(kept=kept, rows=rows, index=index)
    return None


def event_not_found() -> NotFound:
    """Say that there is none; another workspace's looks the same."""
    return NotFound(
        "event_not_found",
        "There is no such event in the trail of this workspace.",
        hint="Give the `id` of an event, as the trail lists it.",
    )
