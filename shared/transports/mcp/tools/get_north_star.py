"""How the number that the shop steers by is moving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from shared.domain.analytics.definitions import ADS_VERSION, METRICS, PNL_VERSION, Metric
from shared.domain.analytics.money import apportioned, rounded, share
from shared.domain.analytics.pnl import Line
from shared.domain.analytics.steering import STEERABLE, Direction, Part, Unit
from shared.domain.analytics.steering_definitions import STEERING_VERSION
from shared.domain.facts.families import Family
from shared.services.figures.frame import Caveat
from shared.services.figures.get_north_star import Guardrail, NorthStarQuestion, NorthStarReport, get_north_star
from shared.services.tool_catalogue import TOOL_BY_NAME
from shared.transports.mcp.tools.ad_cells import change_of
from shared.transports.mcp.tools.answer import Answer, Table
from shared.transports.mcp.tools.new_customers_caveats import new_customers_caveats
from shared.transports.mcp.tools.periods import PeriodArguments
from shared.transports.mcp.tools.pnl_caveats import (
    has_percent,
    orders_unknown,
    pnl_caveats,
    profit_caveats,
    profit_unknown,
)
from shared.transports.mcp.tools.schemas import (
    FLAG,
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    Schema,
    listing,
    or_null,
    output_schema,
    record,
    table,
)
from shared.transports.mcp.tools.steered_cells import steered_cell, steered_text, step_of
from shared.transports.mcp.tools.tool import Call, Tool

SERIES: dict[str, Schema] = {"start": TEXT, "partial": FLAG, "value": NUMBER}
INPUT: dict[str, Schema] = {
    "metric": TEXT,
    "unit": TEXT,
    "value": NUMBER,
    "before": NUMBER,
    "change": NUMBER,
    "contribution": NUMBER,
}
GUARDRAIL: dict[str, Schema] = {
    "metric": TEXT,
    "unit": TEXT_OR_NULL,
    "value": NUMBER,
    "direction": TEXT,
    "limit": NUMBER,
    "ok": or_null(FLAG),
}
BESIDE: dict[str, Schema] = {
    "metric": record({"key": TEXT, "label": TEXT, "formula": TEXT, "unit": TEXT, "direction": TEXT}),
    "value": NUMBER,
    "before": NUMBER,
    "change": record({"abs": NUMBER, "pct": NUMBER}),
    "inputs": listing(record(INPUT)),
    "guardrails": listing(record(GUARDRAIL)),
}

OUTPUT = output_schema(table(SERIES, BESIDE))

WORDS: Mapping[str, Metric] = {
    metric.key: metric
    for metric in METRICS
    if metric.key in STEERABLE and metric.version in {PNL_VERSION, ADS_VERSION, STEERING_VERSION}
}
"""What each number is called and made of."""


class NorthStarArguments(PeriodArguments):
    """The arguments of `get_north_star`."""


def run(arguments: NorthStarArguments, call: Call) -> Answer:
    """Answer with the value, a row for each bucket, and what moved it."""
    report = get_north_star(
        NorthStarQuestion(period=arguments.asked, against=arguments.against, granularity=arguments.granularity),
        workspace_id=call.workspace_id,
        now=call.now,
        figures=call.figures,
    )
    pnl, unit, currency = report.pnl, report.metric.unit, report.pnl.currency
    words = WORDS[report.metric.key]
    return Answer(
        summary=_summary(report),
        frame=pnl.frame,
        data=Table(
            columns=tuple(SERIES),
            rows=[
                [
                    bucket.start.isoformat(),
                    bucket.partial or pnl.frame.is_unfinished(bucket.days),
                    steered_cell(value, unit, currency),
                ]
                for bucket, value in report.series
            ],
            more={
                "metric": {
                    "key": words.key,
                    "label": words.label,
                    "formula": words.formula,
                    "unit": str(unit),
                    "direction": str(report.metric.direction),
                },
                "value": steered_cell(report.value, unit, currency),
                "before": steered_cell(report.before, unit, currency),
                "change": {"abs": steered_cell(report.change, unit, currency), "pct": _percent(report)},
                "inputs": _inputs(report),
                "guardrails": [_guardrail(each, currency) for each in report.guardrails],
            },
        ),
        period=pnl.period,
        comparison_period=pnl.earlier_period,
        definition_version=words.version,
        sources=pnl.frame.accounts_with(Family.ORDER, Family.REFUND, Family.PAYMENT, Family.AD_DAY, Family.EXPENSE),
        coverage={"cogs": share(*pnl.total.cost_coverage)},
        caveats=_caveats(report),
    )


def _percent(report: NorthStarReport) -> float | None:
    return None if report.change is None or not has_percent(report.pnl) else change_of(report.value, report.before)[1]


def _inputs(report: NorthStarReport) -> list[dict[str, Any]]:
    currency, is_known = report.pnl.currency, report.change is not None
    contributions: Sequence[float | None] = (
        _shown(report) if is_known and report.inputs else [None] * len(report.inputs)
    )
    return [
        {
            "metric": each.key,
            "unit": str(each.unit),
            "value": steered_cell(each.after, each.unit, currency),
            "before": steered_cell(each.before, each.unit, currency) if report.before is not None else None,
            "change": steered_cell(each.change, each.unit, currency) if is_known else None,
            "contribution": contribution,
        }
        for each, contribution in zip(report.inputs, contributions, strict=True)
    ]


def _shown(report: NorthStarReport) -> list[float | None]:
    """Round contributions so that those shown add up to the change that is shown."""
    unit, currency = report.metric.unit, report.pnl.currency
    step = step_of(unit, currency)
    change = (report.change or Fraction(0)) / step
    parts = apportioned(
        [each.contribution / step for each in report.inputs], rounded(change.numerator, change.denominator)
    )
    return [steered_cell(part * step, unit, currency) for part in parts]


def _guardrail(found: Guardrail, currency: str) -> dict[str, Any]:
    unit = None if found.metric is None else found.metric.unit
    return {
        "metric": found.key,
        "unit": None if unit is None else str(unit),
        "value": None if unit is None else steered_cell(found.value, unit, currency),
        "direction": str(found.direction),
        "limit": None if unit is None else steered_cell(found.limit, unit, currency),
        "ok": found.ok,
    }


def _summary(report: NorthStarReport) -> str:
    pnl, unit, currency = report.pnl, report.metric.unit, report.pnl.currency
    if report.metric.needs_orders and (unknown := orders_unknown(pnl.frame, pnl.period)) is not None:
        return unknown
    label = WORDS[report.metric.key].label
    if report.value is None:
        return f"{label} of {pnl.period} is unknown.{_guarded(report)}"
    so_far = " (not over yet)" if pnl.frame.is_unfinished(pnl.period) else ""
    text = f"{label} of {pnl.period}{so_far}: {steered_text(report.value, unit, currency)}"
    why = profit_unknown(pnl.total) if Line.COGS in report.metric.costs else None
    if why is not None:
        text += f", of what is known only: {why}"
    elif report.change is not None:
        percent = _percent(report)
        change = steered_text(abs(report.change), unit, currency)
        more = "more" if report.change > 0 else "less"
        moved = "as much as" if report.change == 0 else f"{change} {more} than"
        was_below = " (before was below zero)" if report.before is not None and report.before < 0 else ""
        text += f", {moved} in {pnl.earlier_period}{was_below if percent is None else f' ({percent:+.1f} %)'}"
    return f"{text}.{_guarded(report)}"


def _guarded(report: NorthStarReport) -> str:
    if not report.guardrails:
        return ""
    broken = [each for each in report.guardrails if each.ok is False]
    if not broken:
        unknown = sum(each.ok is None for each in report.guardrails)
        return f" No guardrail is broken{f', {unknown} unknown' if unknown else ''}."
    return f" Broken: {', '.join(_side(each, report.pnl.currency) for each in broken)}."


def _side(found: Guardrail, currency: str) -> str:
    unit = Unit.RATIO if found.metric is None else found.metric.unit
    side = "at least" if found.direction is Direction.AT_LEAST else "at most"
    value = "unknown" if found.value is None else steered_text(found.value, unit, currency)
    return f"{found.key} {value} ({side} {steered_text(found.limit, unit, currency)})"


def _caveats(report: NorthStarReport) -> list[Caveat]:
    pnl = report.pnl
    caveats = [*pnl_caveats(pnl, report.metric.costs)]
    beside = [cost for cost in report.costs if cost not in report.metric.costs]
    late = pnl.frame.late_ads(pnl.period) if Line.AD_SPEND in beside else []
    caveats += [
        replace(each, message=f"Of guardrails only: {each.message}")
        for each in (*late, *profit_caveats(pnl.frame, pnl.period, pnl.total, beside))
        if each not in caveats
    ]
    metrics = [report.metric, *(each.metric for each in report.guardrails if each.metric is not None)]
    if any(Part.NEW_CUSTOMERS in metric.parts for metric in metrics):
        caveats += new_customers_caveats(
            pnl.frame,
            pnl.period,
            report.new_customers,
            orders=pnl.total.orders,
            with_customer=report.orders_with_customer,
        )
    unknown = [each.key for each in report.guardrails if each.ok is None]
    if unknown:
        message = f"Not enough is known of {', '.join(unknown)} to say whether the guardrail holds."
        caveats.append(Caveat(code="guardrail_unknown", message=message))
    return caveats


TOOL = Tool(
    entry=TOOL_BY_NAME["get_north_star"],
    description=(
        "The one number that the shop has chosen to steer by (cm3 unless its settings say otherwise): its value in a "
        "period, how it changed, its course, the inputs that it comes from with the part of the change that each made "
        "(they add up to it), and guardrails, which must hold meanwhile. Use it for how the shop is doing on what "
        "matters most to it. ok null is unknown. Not for targets with a date (get_goal_progress), or for a number that "
        "you name (get_pnl, explain_profit_change, get_marketing_efficiency)."
    ),
    arguments=NorthStarArguments,
    output=OUTPUT,
    run=run,
)
