"""How the goals stand."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pydantic import Field

from shared.domain.analytics.goal_progress import Reason, Status
from shared.domain.analytics.money import counted, share
from shared.domain.analytics.periods import DateRange
from shared.domain.analytics.pnl import COSTS, Line
from shared.domain.analytics.rates_missing import OF_THE_PROFIT
from shared.domain.analytics.steering import Direction
from shared.domain.analytics.steering_definitions import GOALS_VERSION
from shared.domain.facts.families import Family
from shared.services.figures.frame import Caveat
from shared.services.figures.get_goal_progress import (
    GoalQuestion,
    GoalReport,
    GoalStatus,
    Standing,
    get_goal_progress,
)
from shared.services.tool_catalogue import TOOL_BY_NAME
from shared.transports.mcp.tools.answer import Answer, Cell, Table, Written
from shared.transports.mcp.tools.arguments import IsoDate, ListArguments
from shared.transports.mcp.tools.arguments import Line as TextLine
from shared.transports.mcp.tools.pnl_caveats import profit_caveats
from shared.transports.mcp.tools.rate_caveats import rates_caveat
from shared.transports.mcp.tools.schemas import (
    INTEGER,
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    TEXTS,
    Schema,
    output_schema,
    record,
    table,
)
from shared.transports.mcp.tools.steered_cells import steered_cell, steered_text
from shared.transports.mcp.tools.tool import Call, Tool

COLUMNS: dict[str, Schema] = {
    "goal_id": TEXT,
    "metric": TEXT,
    "unit": TEXT_OR_NULL,
    "target": NUMBER,
    "direction": TEXT,
    "from": TEXT,
    "to": TEXT,
    "through": TEXT_OR_NULL,
    "actual_to_date": NUMBER,
    "expected_to_date": NUMBER,
    "pace": NUMBER,
    "projected": NUMBER,
    "projected_low": NUMBER,
    "projected_high": NUMBER,
    "status": TEXT_OR_NULL,
    "days_left": INTEGER,
    "required_per_day": NUMBER,
    "reasons": TEXTS,
}
UNKNOWN = "unknown"
TOTALS: dict[str, Schema] = {
    "as_of": TEXT,
    "goals": INTEGER,
    **{str(status): INTEGER for status in Status},
    UNKNOWN: INTEGER,
}

OUTPUT = output_schema(table(COLUMNS), totals=record(TOTALS))

_WORDS = {
    Reason.UNKNOWN_METRIC: (
        "a metric that is none of ours. Import the goal again with one such as net_revenue, cm3, ebitda, orders, aov, "
        "ad_spend or mer."
    ),
    Reason.BEFORE_DATA: "days before the data begins, which are unknown. Import earlier data.",
    Reason.UPSTREAM_STALE: (
        "days of which not everything is imported yet: `through` is the last that is counted, and none after it counts "
        "as zero. Import the latest orders, ads and expenses."
    ),
    Reason.COSTS_UNKNOWN: "a number whose costs nobody told. Import what the goods cost, ads and expenses.",
    Reason.VALUE_UNKNOWN: "a number of which a part is unknown, or by which nothing can be divided.",
    Reason.RATIO: (
        "a ratio, which does not add up: its value so far stands against the whole target, and nothing is projected."
    ),
    Reason.SHORT_HISTORY: "days of which fewer than 56 before the period are known, so nothing is projected.",
    Reason.BOOKED: (
        "a number that stands on what books tell. Rent and the like are booked on single days, so nothing is projected."
    ),
    Reason.ONE_DAY: (
        "a day so far that brought, or took, half as much again as the best of the 56 days before the period, and "
        "without which the projection would be more than a tenth lower or higher"
    ),
    Reason.TOO_EARLY: "a period of which less than a tenth is over, by the weights of its days: nothing is projected.",
    Reason.NO_WEIGHT: "only days so far whose weekdays brought nothing before, so nothing is projected.",
}
"""What a goal has that is not told in full."""
MOST_NAMED = 3
"""Of the days that projections lean on."""


class GoalArguments(ListArguments):
    """The arguments of `get_goal_progress`."""

    goal_id: TextLine | None = Field(default=None, description="Only this goal. Default: all.")
    status: GoalStatus = Field(
        default=GoalStatus.ALL,
        description="active: begun, outcome open; met, missed: over; upcoming: not begun. Default: all, active first.",
    )
    as_of: IsoDate | None = Field(
        default=None, description="How the goals stood when this day, yyyy-mm-dd, was over. Default: yesterday."
    )


def run(arguments: GoalArguments, call: Call) -> Answer:
    """Answer with a row for each goal."""
    report = get_goal_progress(
        GoalQuestion(goal_id=arguments.goal_id, status=arguments.status, as_of=arguments.as_of),
        workspace_id=call.workspace_id,
        now=call.now,
        figures=call.figures,
    )
    currency = report.frame.settings.currency
    return Answer(
        summary=_summary(report),
        frame=report.frame,
        data=Table(columns=tuple(COLUMNS), rows=Written(report.rows, lambda row: _row(row, currency))),
        totals=_totals(report),
        definition_version=GOALS_VERSION,
        sources=report.frame.accounts_with(Family.ORDER, Family.REFUND, Family.PAYMENT, Family.AD_DAY, Family.EXPENSE),
        caveats=_caveats(report),
    )


def _row(row: Standing, currency: str) -> list[Cell]:
    goal, found = row.goal, row.progress
    unit = None if row.metric is None else row.metric.unit
    projection = found.projection

    def cell(millionths: Any) -> float | None:  # noqa: ANN401 - a number of any kind
        return None if unit is None else steered_cell(millionths, unit, currency)

    return [
        goal.goal_id,
        goal.metric,
        None if unit is None else str(unit),
        cell(goal.target),
        goal.direction,
        goal.first.isoformat(),
        goal.last.isoformat(),
        None if found.through is None else found.through.isoformat(),
        cell(found.actual),
        cell(found.expected),
        None if found.pace is None else share(found.pace.numerator, found.pace.denominator),
        cell(None if projection is None else projection.value),
        cell(None if projection is None else projection.low),
        cell(None if projection is None else projection.high),
        None if found.status is None else str(found.status),
        found.days_left,
        cell(found.required_per_day),
        [str(reason) for reason in found.reasons],
    ]


def _totals(report: GoalReport) -> dict[str, Any]:
    counts = Counter(UNKNOWN if row.progress.status is None else str(row.progress.status) for row in report.rows)
    return {
        "as_of": report.as_of.isoformat(),
        "goals": len(report.rows),
        **{name: counts[name] for name in (*map(str, Status), UNKNOWN)},
    }


def _summary(report: GoalReport) -> str:
    if not report.goals:
        return "No goal has been imported."
    if not report.rows:
        return f"None of {counted(report.goals, 'goal')} is like that on {report.as_of}."
    counts = _totals(report)
    told = ", ".join(f"{counts[name]} {name}" for name in (*map(str, Status), UNKNOWN) if counts[name])
    return f"{counted(len(report.rows), 'goal')} when {report.as_of} was over: {told}. {_told(report.rows[0], report)}"


def _told(row: Standing, report: GoalReport) -> str:
    """Tell of one goal in a sentence."""
    goal, found, currency = row.goal, row.progress, report.frame.settings.currency
    if row.metric is None:
        return "The first names a metric that is none of ours."
    unit = row.metric.unit
    side = "at least" if goal.direction == Direction.AT_LEAST else "at most"
    text = f"{row.metric.key} of {side} {steered_text(goal.target, unit, currency)} by {goal.last}: "
    if found.actual is None:
        return f"{text}{found.status or UNKNOWN}."
    text += f"{steered_text(found.actual, unit, currency)} up to {found.through}"
    if found.days_left and found.projection is not None:
        text += f", projected {steered_text(found.projection.value, unit, currency)}"
        low, high = found.projection.low, found.projection.high
        if low is not None and high is not None:
            text += f" ({steered_text(low, unit, currency)} to {steered_text(high, unit, currency)})"
    return f"{text}, {found.status or UNKNOWN}."


def _caveats(report: GoalReport) -> list[Caveat]:
    if not report.goals:
        message = "No goal has been imported: import goal lines (metric, target, from, to)."
        return [Caveat(code="no_goals", message=message)]
    caveats = _cost_caveats(report)
    reasons = Counter(reason for row in report.rows for reason in row.progress.reasons)
    for reason, goals in reasons.items():
        who = f"{counted(goals, 'goal')} of {len(report.rows):,}"
        if reason is Reason.FX_RATE_MISSING:
            missing = report.frame.unrated(*OF_THE_PROFIT)
            caveats.append(rates_caveat(report.frame, f"{who} stand on facts in a currency without a rate", missing))
        else:
            days = _leaned_on(report) if reason is Reason.ONE_DAY else ""
            caveats.append(Caveat(code=str(reason), message=f"{who}: {_WORDS[reason]}{days}"))
    return caveats


def _leaned_on(report: GoalReport) -> str:
    """Name the latest days that projections lean on."""
    projections = (row.progress.projection for row in report.rows)
    days = {each.leans_on for each in projections if each is not None and each.leans_on is not None}
    return f" ({', '.join(day.isoformat() for day in sorted(days)[-MOST_NAMED:])})."


def _cost_caveats(report: GoalReport) -> list[Caveat]:
    """Say which of the costs that the goals stand on are unknown or partial, over the days that were counted."""
    stands = [
        (row.metric, row.goal.first, row.progress.through) for row in report.rows if row.progress.actual is not None
    ]
    known = [(metric, first, last) for metric, first, last in stands if metric is not None and last is not None]
    behind = {cost for metric, _, _ in known for cost in metric.costs}
    if not behind:
        return []
    span = DateRange(first=min(first for _, first, _ in known), last=max(last for _, _, last in known))
    costs = [cost for cost in COSTS if cost in behind]
    late = report.frame.late_ads(span) if Line.AD_SPEND in behind else []
    return [*late, *profit_caveats(report.frame, span, report.measures.of(span).processed, costs)]


TOOL = Tool(
    entry=TOOL_BY_NAME["get_goal_progress"],
    description=(
        "How the shop's goals stand: of each its target, what was reached so far, what should have been by now, what "
        "the period will come to with the band of the rule's own past error, and whether it is on_track, at_risk, "
        "off_track, met, missed or upcoming. Use it for whether a target will be hit and how much is needed on each "
        "day left. status null is unknown, and reasons say why. Refunds count on the day they were processed. Not for "
        "what moved a number (get_north_star, explain_profit_change)."
    ),
    arguments=GoalArguments,
    output=OUTPUT,
    run=run,
)
