"""What is folded from sealed rows, so that questions need not read them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.domain.trail.index import DayIndex, DayUse, HourIndex
from shared.storage.engine import Value

Folded = DayIndex | HourIndex | DayUse


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """What of a workspace something is folded for. With an hour it is an `HourIndex`, with a token a `DayUse`."""

    workspace_id: str
    day: str
    hour: int | None = None
    token_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is folded, and up to which seal."""

    slot: Slot
    value: Folded
    through: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What lies at a place of the index, be it what it should be or not."""

    place: str
    content: Mapping[str, Value]

    @property
    def through(self) -> int:
        """Up to which seal it says that it goes; 0: it does not say."""
        through = self.content.get("through")
        return through if isinstance(through, int) else 0


class Folds(Protocol):
    """Where seals are folded into."""

    def read(self, slot: Slot) -> Kept:
        """Read what is folded for a slot; nothing yet is an empty one, through seal 0."""
        ...

    def keep(self, kept: Kept, *, was: int) -> None:
        """Keep what is folded in place of what went through seal `was`.

        Raises:
            StreamMoved: that is not what lies there any more; read again.

        """
        ...


class TrailIndex(Folds, Protocol):
    """Indexes and usage of every workspace. Every method may raise `StoreUnavailable`."""

    def newest(self, workspace_id: str) -> datetime | None:
        """Say when the latest minute begins of which there is anything; None: nothing is folded yet."""
        ...

    def days(self, workspace_id: str, *, since: str, upto: str, limit: int) -> Sequence[tuple[str, DayIndex]]:
        """Read the last days of which there is anything, latest first, none before `since` or after `upto`."""
        ...

    def hours(self, workspace_id: str, day: str, *, upto: int, limit: int) -> Sequence[tuple[int, HourIndex]]:
        """Read the last hours of a day of which there is anything, latest first, none after `upto`."""
        ...

    def uses(self, workspace_id: str, token_id: str, days: Sequence[str]) -> Mapping[str, DayUse]:
        """Read what a token did on these days, without those on which it did nothing."""
        ...

    def uses_of_many(self, workspace_id: str, wanted: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], DayUse]:
        """Read what each of these tokens (by id) did on its day, without those that did nothing; for lists."""
        ...

    def documents(self, workspace_id: str) -> Iterator[Document]:
        """Go through all that lies in a workspace's index, in the order of places."""
        ...

    def document(self, workspace_id: str, place: str) -> Document | None:
        """Read what lies at one place; None: nothing."""
        ...

    def put_right(self, workspace_id: str, place: str, *, lies: Document | None, right: Document | None) -> None:
        """Put what belongs at a place where something else lies; None: nothing.

        Raises:
            StreamMoved: that is not what lies there any more; read again.

        """
        ...
