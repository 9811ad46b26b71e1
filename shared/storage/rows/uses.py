"""What a change of a row, as a stream shows it, says about the use of a token.

A change is judged by its images alone, so whoever takes it twice, late or out of order comes to the same. Waking a
token changes its row again; that change shows no other use and no other flag, and so leads to nothing more.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, timedelta
from typing import Any

from shared.domain.activity import ToolCalled
from shared.domain.token.attendance import SHORTEST_SILENCE_DAYS
from shared.storage.attributes import from_typed
from shared.storage.codec import EVENTS
from shared.storage.contracts.tokens import TokenRow
from shared.storage.contracts.uses import Awaited, Called, CountedElsewhere, SeenUse
from shared.storage.rows.brought_back import is_brought_back
from shared.storage.rows.envelope import opened
from shared.storage.rows.subjects import use_in
from shared.storage.rows.token_row import row_of

Image = Mapping[str, Any]
"""An item in DynamoDB's typed form; empty: there was none."""
CALL = {"S": "mcp.call"}


def use_seen(pk: str, sk: str, *, before: Image, after: Image) -> SeenUse | None:
    """Read off a change of `core` or `audit` which token was used and how that is to be kept; None: it is no use."""
    if is_brought_back(before=before, after=after):
        return None
    if pk.startswith("TOK#") and sk == "STATE":
        return _awaited(before, after)
    if after.get("type") == CALL and not before:
        return _called(after)
    use = use_in(pk, after)
    if use is None:
        return None
    return CountedElsewhere(token_id=use.token_id, at=use.at, generation=use.generation)


def _awaited(before: Image, after: Image) -> Awaited | None:
    if all(before.get(name) == after.get(name) for name in ("last_used_at", "flagged_at")):
        return None
    row = row_of({name: from_typed(value) for name, value in after.items()})
    if row.last_used_at is None or not (_is_unadopted(row) or _is_flagged_in_error(row)):
        return None
    return Awaited(token_id=row.token.token_id, at=row.last_used_at)


def _is_unadopted(row: TokenRow) -> bool:
    return row.token.predecessor_id is not None and row.token.adopted_at is None


def _is_flagged_in_error(row: TokenRow) -> bool:
    """Tell whether the flag knows nothing of the last use: no silence ends in a flag before so many days."""
    flagged, used = row.token.flagged_at, row.last_used_at
    return flagged is not None and used is not None and used > flagged - timedelta(days=SHORTEST_SILENCE_DAYS)


def _called(after: Image) -> Called:
    event = EVENTS.decode(opened({name: from_typed(value) for name, value in after.items()}))
    if not isinstance(event, ToolCalled):
        raise TypeError("a row that says it is a call holds something else")
    return Called(token_id=event.token_id, day=event.at.astimezone(UTC).date(), scope=event.scope)
