"""What can be asked of a token. A command carries the time and the ids, so a rule needs no clock and no dice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.domain.plans import Plan
from shared.domain.scopes import Scope
from shared.domain.token.events import TokenKind


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateToken:
    """Give a member a new credential. `plan` decides which lifetimes may be chosen."""

    token_id: str
    kind: TokenKind
    workspace_id: str
    owner_id: str
    name: str
    prefix: str
    scopes: frozenset[Scope]
    expires_in_days: int | None
    plan: Plan
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameToken:
    """Call the token something else."""

    name: str
    renamed_by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeToken:
    """Take the token out of use, now and for good."""

    revoked_by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireToken:
    """Note that the token's time is over, if it is."""

    at: datetime


TokenCommand = CreateToken | RenameToken | RevokeToken | ExpireToken
