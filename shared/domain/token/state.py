"""A token as its events left it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.domain.roles import Role
from shared.domain.scopes import Scope
from shared.domain.token.events import TokenKind


class Status(StrEnum):
    """Where a token stands in its life."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    ROTATED = "rotated"
    """Its successor has taken its place, and the overlap is over."""
    REVOKED = "revoked"
    EXPIRED = "expired"


LIVE = frozenset({Status.ACTIVE, Status.SUSPENDED})
"""What a token can come back from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The OAuth client that a grant was given to, and where the grant stands. Its secrets are not part of it."""

    client_id: str
    """As `grant.approved` tells it."""
    client_name: str
    redirect_host: str
    resource: str
    """The one address that takes its tokens."""
    role: Role
    """What the owner was when the grant was approved."""
    generation: int
    """The number of its newest pair of tokens."""
    follows: int
    """The number of the pair that the newest took the place of, whose access token is good until it expires; first 0.
    A number in between is that of a pair which nobody seems to have got."""
    refreshed_at: datetime
    """When the newest pair was made."""
    access_expires_at: datetime
    """When the newest access token ends."""
    paced_to: datetime
    """How far its refreshes reach, if each takes `REFRESH_EVERY`: so few are let in that this is near."""

    @property
    def good(self) -> frozenset[int]:
        """The generations whose access tokens are let in until they expire."""
        return frozenset({self.generation, self.follows})


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A credential. The secret is not part of it."""

    token_id: str
    kind: TokenKind
    workspace_id: str
    owner_id: str
    name: str
    prefix: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None
    """When it is no longer let in: the end of the life that was chosen, or of the overlap after a rotation."""
    lifetime_days: int | None = None
    """The life that was chosen; None: without end."""
    status: Status = Status.ACTIVE
    ended_at: datetime | None = None
    """When it was revoked, rotated away or found expired."""
    predecessor_id: str | None = None
    adopted_at: datetime | None = None
    """When a successor was first used."""
    successor_id: str | None = None
    """The newest token that was made in its place."""
    suspended_at: datetime | None = None
    """Since when it is suspended, if it is."""
    resumed_at: datetime | None = None
    reminded_days: int | None = None
    """The last reminder of its expiry: how many days were left."""
    flagged_at: datetime | None = None
    """Since when it is flagged as abandoned, if it is."""
    app: App | None = None
    """Of a grant, and of nothing else: the app that holds it."""

    def is_due(self, now: datetime) -> bool:
        """Tell whether its time is over, whatever has been recorded."""
        return self.expires_at is not None and now >= self.expires_at

    def status_at(self, now: datetime) -> Status:
        """Say where it stands at a moment: one that is due has ended, even if nobody has recorded it yet."""
        if self.status not in LIVE or not self.is_due(now):
            return self.status
        return Status.EXPIRED if self.successor_id is None else Status.ROTATED

    def lives_at(self, now: datetime) -> bool:
        """Tell whether it can still be used, or be resumed, at a moment."""
        return self.status_at(now) in LIVE
