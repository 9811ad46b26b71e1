"""How a token stands, in the words of a list; and what about it asks for a look."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum

from shared.domain.token.attendance import SHORTEST_SILENCE_DAYS
from shared.domain.token.state import Status, Token
from shared.storage.contracts.tokens import TokenRow

SOON = timedelta(days=14)
"""From here on an end is near: the answers to the client say so, too."""
IDLE = timedelta(days=SHORTEST_SILENCE_DAYS)
SETTLED = timedelta(days=1)
"""A token that was made a moment ago has had no time to be used."""


class Condition(StrEnum):
    """Where a token stands; finer than its status, and no two at once."""

    ACTIVE = "active"
    OVERLAP = "overlap"
    """A successor has been made, and both are let in for a while."""
    ABANDONED = "abandoned"
    """Let in, and silent for longer than its habit explains."""
    SUSPENDED = "suspended"
    ROTATED = "rotated"
    EXPIRED = "expired"
    REVOKED = "revoked"


IN_USE = frozenset({Condition.ACTIVE, Condition.OVERLAP, Condition.ABANDONED, Condition.SUSPENDED})
"""What is let in, or can be let in again."""


class Concern(StrEnum):
    """What about a token that is in use asks for a look."""

    NEVER_USED = "never_used"
    IDLE = "idle"
    ENDS_SOON = "ends_soon"


def condition_of(token: Token, now: datetime) -> Condition:
    """Say where a token stands at a moment."""
    match token.status_at(now):
        case Status.ACTIVE if token.successor_id is not None:
            return Condition.OVERLAP
        case Status.ACTIVE if token.flagged_at is not None:
            return Condition.ABANDONED
        case status:
            return Condition(status.value)


def concerns_of(row: TokenRow, now: datetime) -> Iterator[Concern]:
    """Name what about a token asks for a look, the nearest first."""
    token = row.token
    if not token.lives_at(now):
        return
    if token.expires_at is not None and token.expires_at - now <= SOON:
        yield Concern.ENDS_SOON
    if row.last_used_at is None:
        if now - token.created_at >= SETTLED:
            yield Concern.NEVER_USED
    elif now - row.last_used_at >= IDLE:
        yield Concern.IDLE
