"""Authorization codes: what a person said yes to, until the client comes for its tokens."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from shared.domain.scopes import Scope
from shared.storage.contracts.streams import Origin

GOOD_FOR = timedelta(minutes=5)
"""RFC 6749, section 4.1.2, advises ten minutes at most; a client comes within a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What a member let a client do, and where the client is to be told."""

    client_id: str
    client_name: str
    redirect_uri: str
    resource: str
    """What its tokens are for (RFC 8707)."""
    scopes: frozenset[Scope]
    workspace_id: str
    member_id: str
    code_challenge: str
    """SHA-256 of what the client proves itself by (RFC 7636, S256)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCode:
    """A code as it is stored; its text is kept nowhere."""

    approval: Approval
    origin: Origin
    """The request by which the person consented: the envelope of the grant's first event."""
    made_at: datetime
    seal: str = field(repr=False)
    """Keyed MAC over the approval: see `shared.services.grants.approve`."""
    used_by: str | None = None
    """The id of the grant that was made of it."""

    def is_good_at(self, now: datetime) -> bool:
        """Tell whether its time is not over."""
        return now < self.made_at + GOOD_FOR


class CodeStore(Protocol):
    """Codes by the SHA-256 of their text, kept for a day. Every method may raise `StoreUnavailable`.

    A code is used by the transaction that makes the grant: see `TokenStore.create`.
    """

    def keep(self, digest: str, code: IssuedCode) -> None:
        """Keep a new code."""
        ...

    def find(self, digest: str, *, now: datetime) -> IssuedCode | None:
        """Give a code, read consistently, used or not; good only for minutes, it is kept so that a second use shows."""
        ...
