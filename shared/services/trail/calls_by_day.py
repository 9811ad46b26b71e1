"""How many calls a workspace made and how many requests it was refused, by day, as counted from its sealed trail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from shared.domain.activity import Outcome
from shared.domain.trail.index import DayIndex
from shared.storage.contracts.trail_index import TrailIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfCalls:
    """A day (UTC)."""

    day: date
    calls: int
    """Those that were let in to their tool, however they ended."""
    refusals: int
    """Refusals that were recorded, of which each may stand for more (`is_recorded`), and calls without the scope."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsByDay:
    """The days, in order, those without calls too."""

    days: Sequence[DayOfCalls]
    counted_to: datetime | None
    """As in `TokenUsage`."""


def calls_by_day(workspace_id: str, *, days: int, now: datetime, index: TrailIndex) -> CallsByDay:
    """Count what happened on so many days, today included. It costs two requests.

    Raises:
        StoreUnavailable: the index cannot be read now.

    """
    until = now.astimezone(UTC).date()
    asked = [until - timedelta(days=ago) for ago in reversed(range(days))]
    counted_to = index.newest(workspace_id)  # first, as in `token_usage`
    known = dict(index.days(workspace_id, since=asked[0].isoformat(), upto=until.isoformat(), limit=days))
    return CallsByDay(
        days=[_counted(day, known.get(day.isoformat(), DayIndex())) for day in asked], counted_to=counted_to
    )


def _counted(day: date, index: DayIndex) -> DayOfCalls:
    types, outcomes = index.counts["type"], index.counts["outcome"]
    unscoped = outcomes.get(Outcome.DENIED_SCOPE, 0)
    return DayOfCalls(
        day=day,
        calls=types.get("mcp.call", 0) - unscoped,
        refusals=types.get("mcp.call_denied", 0) + unscoped,
    )
