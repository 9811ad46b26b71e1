"""Sessions of people who are signed in with a browser."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody is signed in. Who they are here is for the workspaces to say, at every request anew."""

    digest: str = field(repr=False)
    """SHA-256 of the cookie's text; the text itself is kept nowhere."""
    issuer: str
    subject: str
    person: str | None = field(default=None, repr=False)
    """What the issuer called them, to show to themselves alone; it stands in no other row."""
    workspace_id: str | None = None
    """The workspace that they chose to look at, of those that are theirs."""
    expires_at: datetime


class SessionStore(Protocol):
    """Sessions by digest. Every method may raise `StoreUnavailable`."""

    def begin(self, session: Session) -> None:
        """Keep a new session."""
        ...

    def find(self, digest: str, *, now: datetime) -> Session | None:
        """Give the session, read consistently; None: there is none, it was ended, or its time is over."""
        ...

    def choose(self, digest: str, workspace_id: str) -> None:
        """Note which workspace its person looks at; a session that was ended stays ended."""
        ...

    def end(self, digest: str) -> None:
        """End it: no request that starts after this returns finds it."""
        ...
