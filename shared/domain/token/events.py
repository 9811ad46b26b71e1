"""What can have happened to a token. A field is never renamed, removed or reused; a new one has a default."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from shared.domain.scopes import Scope


class TokenKind(StrEnum):
    """Whose token it is."""

    PERSONAL = "personal"
    ORGANIZATION = "organization"


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


TokenEvent = TokenCreated | TokenRenamed | TokenRevoked | TokenExpired
