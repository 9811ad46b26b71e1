"""What can be asked of a token. A command carries the time and the ids, so a rule needs no clock and no dice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.domain.plans import Plan
from shared.domain.roles import Role
from shared.domain.scopes import Scope
from shared.domain.token.attendance import Rules, Use
from shared.domain.token.events import TokenKind
from shared.domain.token.policy import TokenPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateToken:
    """Give a member a new credential, within what the workspace's plan offers and its token policy allows."""

    token_id: str
    kind: TokenKind
    workspace_id: str
    owner_id: str
    name: str
    prefix: str
    scopes: frozenset[Scope]
    expires_in_days: int | None
    plan: Plan
    policy: TokenPolicy
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameToken:
    """Call the token something else."""

    name: str
    renamed_by: str
    policy: TokenPolicy
    """The workspace's rules: the new name keeps to them as that of a new token."""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeToken:
    """Take the token out of use, now and for good."""

    revoked_by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendToken:
    """Keep the token out until it is resumed."""

    suspended_by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeToken:
    """Let a suspended token in again."""

    resumed_by: str
    reason: str
    policy: TokenPolicy
    """The workspace's rules: a token that breaks them stays out."""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLeak:
    """Take out of use a token that was seen where it should not be."""

    source: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendToken:
    """Do whatever time alone has made due: adoption, expiry, a reminder, the flag of abandonment and its clearing."""

    use: Use
    rules: Rules
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveGrant:
    """Let an app act for a member, within what the plan offers and the token policy allows."""

    token_id: str
    workspace_id: str
    owner_id: str
    role: Role
    client_id: str
    client_name: str
    redirect_host: str
    resource: str
    prefix: str
    scopes: frozenset[Scope]
    plan: Plan
    policy: TokenPolicy
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshGrant:
    """Give the app of a grant the next pair of tokens."""

    generation: int
    """That of the refresh token which was shown."""
    plan: Plan
    policy: TokenPolicy
    at: datetime


TokenCommand = (
    CreateToken
    | RenameToken
    | SuspendToken
    | ResumeToken
    | RevokeToken
    | ReportLeak
    | AttendToken
    | ApproveGrant
    | RefreshGrant
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RotateToken:
    """Make a successor. It concerns two streams, so `rotation.rotate` decides it."""

    successor_id: str
    successor_prefix: str
    scopes: frozenset[Scope] | None
    """None: those of the token."""
    overlap_seconds: int
    living_successor_id: str | None
    """The newest in the line of its successors, if there is one that can still be used."""
    plan: Plan
    policy: TokenPolicy
    rotated_by: str
    at: datetime
