"""Whether goals are being reached: what was reached of each, its pace, and what it will come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction

from shared.domain.analytics.goal_progress import (
    ACTIVE,
    Aim,
    Progress,
    Reason,
    Status,
    of_booked,
    of_ratio,
    of_sum,
    over,
    unknown,
    upcoming,
)
from shared.domain.analytics.pace import Past, earliest_needed
from shared.domain.analytics.periods import ONE_DAY, DateRange, checked
from shared.domain.analytics.pnl import PROFITS, Line
from shared.domain.analytics.steering import STEERABLE, Direction, Steerable, is_cost_unknown, scale_of, value_of
from shared.domain.errors import NotFound
from shared.domain.facts.goals import Goal, GoalPart
from shared.services.figures.frame import Frame, read_frame, require_data
from shared.services.figures.measures import Measures, read_measures
from shared.storage.contracts.facts import Figures

BOOKED = frozenset({Line.OPEX, Line.DEPRECIATION, Line.INTEREST, Line.INCOME_TAX})
"""Costs that only books tell."""


class GoalStatus(StrEnum):
    """Which goals are asked for. The values are on the wire."""

    ALL = "all"
    ACTIVE = "active"
    UPCOMING = "upcoming"
    MET = "met"
    MISSED = "missed"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalQuestion:
    """What is asked."""

    goal_id: str | None = None
    """None: all."""
    status: GoalStatus = GoalStatus.ALL
    as_of: date | None = None
    """None: the last day that is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A goal, and how it stands."""

    goal: Goal
    metric: Steerable | None
    """None: nobody can steer by what it names."""
    progress: Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalReport:
    """The answer, not rounded."""

    frame: Frame
    as_of: date
    """The last day that counts."""
    goals: int
    """How many there are, whatever was asked for."""
    rows: Sequence[Standing]
    """Those whose outcome is open first, the one that ends next before the others; then what is to come, then the past,
    latest first."""
    measures: Measures


def get_goal_progress(question: GoalQuestion, *, workspace_id: str, now: datetime, figures: Figures) -> GoalReport:
    """Hold every goal against the months that it needs.

    Raises:
        NotFound: `no_data`, or `not_found`: there is no goal of this id.
        Invalid: the day.

    """
    frame = read_frame(workspace_id, now=now, figures=figures)
    require_data(frame)
    asked = question.as_of or frame.today
    checked(asked, asked, today=frame.today, names=("as_of", "as_of"))
    as_of = min(asked, frame.today - ONE_DAY)
    told = [goal for part in figures.rollups(workspace_id, GoalPart) for goal in part.told()]
    goals = [goal for goal in told if question.goal_id in {None, goal.goal_id}]
    if question.goal_id is not None and not goals:
        raise NotFound(
            "not_found",
            "There is no goal of this id.",
            hint="get_goal_progress without goal_id lists all of them.",
            field="goal_id",
        )
    metrics = {goal.metric: STEERABLE[goal.metric] for goal in goals if goal.metric in STEERABLE}
    needed = [earliest_needed(_aim(goal).period) for goal in goals if goal.first <= as_of]
    read = DateRange(first=min(needed, default=as_of), last=as_of)
    measures = read_measures(metrics.values(), [read], frame=frame, workspace_id=workspace_id, figures=figures)
    rows = [
        Standing(goal=goal, metric=metric, progress=_progress(_aim(goal), metric, as_of, measures))
        for goal in goals
        for metric in [metrics.get(goal.metric)]
    ]
    return GoalReport(
        frame=frame,
        as_of=as_of,
        goals=len(told),
        rows=sorted((row for row in rows if _is_wanted(row, question.status)), key=_place),
        measures=measures,
    )


def _aim(goal: Goal) -> Aim:
    period = DateRange(first=goal.first, last=goal.last)
    return Aim(target=goal.target, direction=Direction(goal.direction), period=period)


def _progress(aim: Aim, metric: Steerable | None, last: date, measures: Measures) -> Progress:
    """Tell how a goal stands when `last` is the last day that is over."""
    if metric is None:
        return unknown(aim, Reason.UNKNOWN_METRIC)
    if aim.period.first > last:
        return upcoming(aim, adds_up=metric.over is None)
    so_far = DateRange(first=aim.period.first, last=min(aim.period.last, last))
    known = measures.known(metric, so_far)
    if known is None or known.last < so_far.first:
        return unknown(aim, Reason.UPSTREAM_STALE)
    if known.first > so_far.first:
        return unknown(aim, Reason.BEFORE_DATA)
    counted = DateRange(first=so_far.first, last=min(so_far.last, known.last))
    stale = (Reason.UPSTREAM_STALE,) if counted.last < so_far.last else ()
    measured = measures.of(counted)
    actual = value_of(metric, measured)
    if measured.processed.unconverted:
        return unknown(aim, Reason.FX_RATE_MISSING, *stale, through=counted.last)
    if is_cost_unknown(metric, measured):
        return unknown(aim, Reason.COSTS_UNKNOWN, *stale, through=counted.last)
    if actual is None:
        return unknown(aim, Reason.VALUE_UNKNOWN, *stale, through=counted.last)
    if counted.last == aim.period.last:
        return over(aim, actual)
    return _of_running(aim, metric, counted.last, actual, *stale, measures=measures, known=known)


def _of_running(
    aim: Aim,
    metric: Steerable,
    through: date,
    actual: Fraction,
    *reasons: Reason,
    measures: Measures,
    known: DateRange,
) -> Progress:
    """Tell how a goal stands that has days left."""
    if metric.over is not None:
        return of_ratio(aim, through, actual, *reasons)
    if BOOKED.intersection(metric.costs):
        return of_booked(aim, through, actual, *reasons, is_profit=metric.of in PROFITS)
    past = Past(daily=measures.daily(metric.of), known=known)
    return of_sum(aim, through, actual, past, *reasons, scale=scale_of(metric.of))


def _is_wanted(row: Standing, status: GoalStatus) -> bool:
    match status:
        case GoalStatus.ALL:
            return True
        case GoalStatus.ACTIVE:
            return row.progress.status in ACTIVE
        case GoalStatus.UPCOMING | GoalStatus.MET | GoalStatus.MISSED:
            return row.progress.status == status.value


def _place(row: Standing) -> tuple[int, int, str, str, str]:
    """Put what is open before what is to come, and that before the past."""
    goal, status = row.goal, row.progress.status
    ids = (goal.goal_id, goal.source, goal.account)
    if status in ACTIVE:
        return 0, goal.last.toordinal(), *ids
    if status is Status.UPCOMING:
        return 1, goal.first.toordinal(), *ids
    return 2, -goal.last.toordinal(), *ids
