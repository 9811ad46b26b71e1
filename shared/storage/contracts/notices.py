"""Notices on their way: what has happened, what was sent already, and the two ways out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from shared.domain.token.events import TokenEvent
from shared.domain.trail.events import TamperFound
from shared.domain.workspace.events import WorkspaceEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenHappened:
    """An event of a token, as the stream of its table shows that it was recorded."""

    event_id: str
    workspace_id: str
    token_id: str
    event: TokenEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceHappened:
    """An event of a workspace or of its trail, likewise."""

    event_id: str
    workspace_id: str
    event: WorkspaceEvent | TamperFound


Happened = TokenHappened | WorkspaceHappened


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A notice, and where it comes from. `event_id` is by what a reader tells a repeat."""

    event_id: str
    type: str
    workspace_id: str
    token_id: str | None
    at: datetime
    """When it happened."""
    subject: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """A member, and where they are reached."""

    member_id: str
    address: str = field(repr=False)


class MailRefused(Exception):
    """This letter will never be taken, however often it is sent. Says why in a word, and not whom it was for."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the mail was refused for good: {reason}")
        self.reason = reason


class WayBlocked(Exception):
    """Whether it was sent is not known, or it was not: try again. Says why in a word, and nothing of the letter."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"nothing gets through now: {reason}")
        self.reason = reason


class SentNotices(Protocol):
    """What was sent, by event: so that a repeat sends nothing. Every method may raise `StoreUnavailable`."""

    def of(self, event_id: str) -> frozenset[str]:
        """Name the ways by which an event was told already, consistently."""
        ...

    def note(self, event_id: str, way: str, *, now: datetime) -> None:
        """Add one; it is kept for longer than any stream repeats itself."""
        ...


class Topic(Protocol):
    """Tells programs, and people who have subscribed by themselves."""

    def publish(self, message: Message) -> None:
        """Publish a message, without anybody's address.

        Raises:
            WayBlocked: try again.

        """
        ...


class Mail(Protocol):
    """Tells a member by e-mail."""

    def send(self, message: Message, to: Addressee) -> None:
        """Send a letter.

        Raises:
            MailRefused: it cannot be sent to this address at all.
            WayBlocked: try again.

        """
        ...
