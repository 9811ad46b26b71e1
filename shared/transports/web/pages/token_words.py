"""How tokens are told on the pages: their state, whose they are, and what about them asks for a look."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from shared.domain.scopes import Scope
from shared.domain.token.events import TokenKind
from shared.domain.token.state import Token
from shared.services.survey.conditions import SETTLED, Concern, Condition
from shared.storage.contracts.tokens import TokenRow
from shared.transports.web.pages.people import called, named
from shared.transports.web.visitors import Visitor
from shared.transports.web.wording import count, remaining

KINDS: Mapping[TokenKind, str] = {
    TokenKind.PERSONAL: "Personal access token",
    TokenKind.ORGANIZATION: "Organization token",
    TokenKind.GRANT: "Connected app",
}


class Said(NamedTuple):
    """A few words, and how grave they are."""

    text: str
    tone: str


CONDITIONS: Mapping[Condition, Said] = {
    Condition.ACTIVE: Said("Active", "good"),
    Condition.OVERLAP: Said("Overlap", "info"),
    Condition.ABANDONED: Said("Abandoned", "warn"),
    Condition.SUSPENDED: Said("Suspended", "warn"),
    Condition.ROTATED: Said("Rotated", "idle"),
    Condition.EXPIRED: Said("Expired", "idle"),
    Condition.REVOKED: Said("Revoked", "bad"),
}

MEANINGS: Mapping[Condition, str] = {
    Condition.ACTIVE: "Clients that hold it are let in.",
    Condition.OVERLAP: "It has been rotated. Until it ends, both it and its successor are let in.",
    Condition.ABANDONED: "Clients that hold it are let in, but none has used it for longer than its habit explains. "
    "If nobody misses it, revoke it; its next use clears the flag.",
    Condition.SUSPENDED: "It is refused until somebody resumes it.",
    Condition.ROTATED: "Its successor has taken its place; it is refused for good.",
    Condition.EXPIRED: "Its life is over; it is refused for good.",
    Condition.REVOKED: "It is refused for good.",
}

VERY_SOON = timedelta(days=3)
KNOWN_LONG_ENOUGH = timedelta(days=14)
"""After so long, what a token has not used it will hardly need."""


class Hints(NamedTuple):
    """What stands where the eye falls, each beside the column that it is about."""

    use: Said | None
    end: Said | None
    scopes: Said | None


def hints_of(row: TokenRow, concerns: Collection[Concern], used: Collection[Scope], now: datetime) -> Hints:
    """Say what about a token asks for a look."""
    token = row.token
    return Hints(
        use=_use(row, concerns, now),
        end=_end(token, now) if Concern.ENDS_SOON in concerns else None,
        scopes=_scopes(row, used, now) if token.lives_at(now) else None,
    )


def _use(row: TokenRow, concerns: Collection[Concern], now: datetime) -> Said | None:
    if Concern.NEVER_USED in concerns:
        return Said("Never used", "warn")
    if Concern.IDLE in concerns and row.last_used_at is not None:
        return Said(f"Idle {count((now - row.last_used_at).days, 'day')}", "warn")
    if row.last_used_at is None and row.token.lives_at(now) and now - row.token.created_at < SETTLED:
        return Said("Waiting for its first call", "idle")
    return None


def _end(token: Token, now: datetime) -> Said | None:
    if token.expires_at is None:
        return None
    left = token.expires_at - now
    verb = "Expires" if token.successor_id is None else "Ends"
    return Said(f"{verb} in {remaining(left) or 'a moment'}", "bad" if left <= VERY_SOON else "warn")


def _scopes(row: TokenRow, used: Collection[Scope], now: datetime) -> Said | None:
    token = row.token
    is_new = now - token.created_at < KNOWN_LONG_ENOUGH
    if is_new or row.last_used_at is None or len(used) == len(token.scopes):
        return None
    return Said(f"Uses {len(used)} of {count(len(token.scopes), 'scope')}", "warn" if used else "idle")


class Owner(NamedTuple):
    """Whose a token is: in plain words, and by the id that the trail names them by."""

    label: str
    member_id: str


def owner_of(token: Token, visitor: Visitor) -> Owner:
    """Say whose a token is."""
    if token.kind is TokenKind.ORGANIZATION:
        return Owner("Organization", token.owner_id)
    return Owner(called(token.owner_id, visitor), token.owner_id)


def short(scope: str) -> str:
    """Write a scope as short as it can be told: `mcp:north-star:read` is "north-star"."""
    return scope.removeprefix("mcp:").removesuffix(":read")


def in_order(scopes: Collection[Scope]) -> Sequence[Scope]:
    """Put scopes in the order in which they are always shown."""
    return [scope for scope in Scope if scope in scopes]


def lifetime(days: int | None) -> str:
    """Write a lifetime as the form offers it."""
    if days is None:
        return "No expiry"
    return "1 year" if days == 365 else count(days, "day")  # noqa: PLR2004 - a year has so many days


def owners_choices(owners: Sequence[str], visitor: Visitor) -> Iterator[tuple[str, str]]:
    """Give the owners as options of a select."""
    for member_id in owners:
        yield member_id, named(member_id, visitor)
