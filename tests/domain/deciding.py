"""Given this history, when that is asked, then this happens: how the tests of a decider speak."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from shared.domain.errors import DomainError

Command = TypeVar("Command")
Event = TypeVar("Event")
State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Event]):
    """What a decider said."""

    events: tuple[Event, ...] = ()
    refusal: DomainError | None = None

    def then(self, *events: Event) -> None:
        """Exactly this happens (nothing: the command changes nothing)."""
        assert self.refusal is None
        assert self.events == events

    def refused(self, kind: type[DomainError], code: str, *, field: str | None = None) -> None:
        """It is refused for this reason, in words for people."""
        assert isinstance(self.refusal, kind)
        assert (self.refusal.code, self.refusal.field) == (code, field)
        assert self.refusal.message.endswith(".")


@dataclass(frozen=True, slots=True)
class Given(Generic[Command, Event, State]):
    """A decider over a history."""

    decide: Callable[[Command, State | None], tuple[Event, ...]]
    state: State | None

    def when(self, command: Command) -> Outcome[Event]:
        """Ask for something."""
        try:
            return Outcome(self.decide(command, self.state))
        except DomainError as refusal:
            return Outcome(refusal=refusal)
