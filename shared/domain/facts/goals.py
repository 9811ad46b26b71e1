"""The goals of a shop, as they hold now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, NamedTuple


class Goal(NamedTuple):
    """A number to reach, or not to pass, by the end of some days."""

    source: str
    account: str
    goal_id: str
    """Unique within source and account."""
    metric: str
    """One of `shared.domain.analytics.steering`, or a word that an earlier version took."""
    target: int
    """In millionths; money in millionths of the reporting currency's major unit."""
    direction: str
    """at_least or at_most"""
    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalPart:
    """Some of the goals; all parts together are all of them."""

    kind: ClassVar[str] = "GOAL"

    part: int
    generation: int
    goals: Sequence[Mapping[str, Any]]
    """By their ids; read them by `told`."""

    @property
    def place(self) -> str:
        """Lies under its number."""
        return f"{self.part:04}"

    def told(self) -> Sequence[Goal]:
        """Give the goals by their names."""
        return [_goal(each) for each in self.goals]


def _goal(stored: Mapping[str, Any]) -> Goal:
    days = {name: date.fromisoformat(stored[name]) for name in ("first", "last")}
    named: dict[str, Any] = {**stored, **days}
    return Goal(**named)
