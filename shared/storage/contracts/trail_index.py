"""What is folded from sealed rows, so that questions need not read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.domain.trail.index import DayIndex, DayUse, HourIndex

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


class TrailIndex(Protocol):
    """Indexes and usage of every workspace. Every method may raise `StoreUnavailable`."""

    def read(self, slot: Slot) -> Kept:
        """Read what is folded for a slot; nothing yet is an empty one, through seal 0."""
        ...

    def keep(self, kept: Kept, *, was: int) -> None:
        """Keep what is folded in place of what went through seal `was`.

        Raises:
            StreamMoved: that is not what lies there any more; read again.

        """
        ...

    def newest(self, workspace_id: str) -> datetime | None:
        """Say when the latest minute begins of which there is anything; None: nothing is folded yet."""
        ...

    def days(self, workspace_id: str, *, since: str, upto: str, limit: int) -> Sequence[tuple[str, DayIndex]]:
        """Read the last days of which there is anything, latest first, none before `since` or after `upto`."""
        ...

    def hours(self, workspace_id: str, day: str, *, upto: int, limit: int) -> Sequence[tuple[int, HourIndex]]:
        """Read the last hours of a day of which there is anything, latest first, none after `upto`."""
        ...

    def uses(self, workspace_id: str, day: str) -> Mapping[str, DayUse]:
        """Read what each token did on a day."""
        ...
