"""What can have happened to a token. A field is never renamed, removed or reused; a new one has a default."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from shared.domain.roles import Role
from shared.domain.scopes import Scope


class TokenKind(StrEnum):
    """Whose token it is."""

    PERSONAL = "personal"
    ORGANIZATION = "organization"
    GRANT = "grant"
    """What a member allowed an app by OAuth; the app renews its tokens itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenCreated:
    """A member generated a token and was shown its secret, once."""

    token_id: str
    kind: TokenKind
    workspace_id: str
    owner_id: str
    """The member it acts for; for an organization token the member who generated it."""
    name: str
    prefix: str
    """What lists show of it: the tag and the first eight characters after it."""
    scopes: frozenset[Scope]
    expires_at: datetime | None
    predecessor_id: str | None = None
    """The token that this one takes the place of, if it was made by a rotation."""
    at: datetime
    type: Literal["token.created"] = "token.created"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRenamed:
    """Somebody gave the token another name."""

    name: str
    renamed_by: str
    at: datetime
    type: Literal["token.renamed"] = "token.renamed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRevoked:
    """Somebody took the token out of use before it expired."""

    revoked_by: str
    reason: str
    at: datetime
    type: Literal["token.revoked"] = "token.revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenExpired:
    """The token reached the end of the life it was created with."""

    at: datetime
    type: Literal["token.expired"] = "token.expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRotated:
    """A successor was made; this token ends after an overlap, in which both are let in."""

    successor_id: str
    rotated_by: str
    overlap_seconds: int
    ends_at: datetime
    """The end of the overlap, or the token's own expiry where that comes first."""
    at: datetime
    type: Literal["token.rotated"] = "token.rotated"


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationAdopted:
    """The successor was used for the first time: its secret has reached the client."""

    predecessor_id: str
    first_used_at: datetime
    at: datetime
    type: Literal["token.rotation_adopted"] = "token.rotation_adopted"


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlapEnded:
    """The rotated token reached the end of its overlap; from then on only its successor is let in."""

    successor_id: str
    at: datetime
    type: Literal["token.overlap_ended"] = "token.overlap_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSuspended:
    """Somebody, or a rule of the workspace, keeps the token out until it is resumed."""

    suspended_by: str
    reason: str
    at: datetime
    type: Literal["token.suspended"] = "token.suspended"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenResumed:
    """Somebody let a suspended token in again."""

    resumed_by: str
    reason: str
    at: datetime
    type: Literal["token.resumed"] = "token.resumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiryReminded:
    """Those whom it concerns are told that the token will expire."""

    days_left: int
    """The offset that was reached: one of `attendance.REMINDER_DAYS`."""
    expires_at: datetime
    at: datetime
    type: Literal["token.expiry_reminded"] = "token.expiry_reminded"


@dataclass(frozen=True, slots=True, kw_only=True)
class AbandonmentFlagged:
    """Nobody has used the token for longer than its own habit explains."""

    idle_since: datetime
    after_days: int
    """How long a silence the token was allowed."""
    at: datetime
    type: Literal["token.abandonment_flagged"] = "token.abandonment_flagged"


@dataclass(frozen=True, slots=True, kw_only=True)
class AbandonmentCleared:
    """A flagged token was used again."""

    used_at: datetime
    at: datetime
    type: Literal["token.abandonment_cleared"] = "token.abandonment_cleared"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeakReported:
    """Somebody showed us the whole token: it is no secret any more. Its revocation is the next event."""

    source: str
    """Who reported it: `anonymous`, or the name of a scanning service."""
    at: datetime
    type: Literal["token.leak_reported"] = "token.leak_reported"


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantApproved:
    """A member let an app act for them, within these scopes; it is a token like others from then on."""

    token_id: str
    workspace_id: str
    owner_id: str
    """The member who said yes, and for whom the app acts."""
    role: Role
    """The member's role then: the grant ends if it becomes less."""
    client_id: str
    """As the client names itself; a long one is told by its hash."""
    client_name: str
    redirect_host: str
    """Where the person was sent back to with the answer: what nobody can pretend about a client."""
    resource: str
    """The one address that takes the tokens of the grant (RFC 8707)."""
    prefix: str
    """What lists show: the tag and the first eight characters after it, which every access token begins with."""
    scopes: frozenset[Scope]
    access_expires_at: datetime
    """The end of the first access token."""
    expires_at: datetime
    """The end of the grant, if it is not refreshed before."""
    ends_at: datetime
    """The end of the grant, however often it is refreshed."""
    at: datetime
    type: Literal["grant.approved"] = "grant.approved"


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRefreshed:
    """The app showed a refresh token, and was given another pair of tokens."""

    generation: int
    """The number of the new pair; the first is 1."""
    follows: int
    """The number of the pair that was shown: the newest till then; or the one that the newest followed, where its app
    seems to have lost the answer."""
    access_expires_at: datetime
    expires_at: datetime
    at: datetime
    type: Literal["grant.refreshed"] = "grant.refreshed"


TokenEvent = (
    TokenCreated
    | TokenRenamed
    | TokenRotated
    | RotationAdopted
    | OverlapEnded
    | TokenSuspended
    | TokenResumed
    | TokenRevoked
    | TokenExpired
    | ExpiryReminded
    | AbandonmentFlagged
    | AbandonmentCleared
    | LeakReported
    | GrantApproved
    | GrantRefreshed
)
