"""Why the profit changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import Field

from shared.domain.analytics.bridge import BridgeMetric, Driver, cost_of
from shared.domain.analytics.definitions import BRIDGE_FORMULAS, BRIDGE_LABELS, BRIDGE_VERSION, LABELS
from shared.domain.analytics.money import amount, percent_change, share, shown, shown_parts, written
from shared.domain.analytics.pnl import Line
from shared.domain.facts.families import Family
from shared.services.figures.explain_profit_change import ChangeQuestion, ChangeReport, explain_profit_change
from shared.services.figures.frame import Caveat
from shared.services.tool_catalogue import TOOL_BY_NAME
from shared.transports.mcp.tools.answer import Answer, Table
from shared.transports.mcp.tools.periods import ComparedArguments
from shared.transports.mcp.tools.pnl_caveats import change_unknown, has_percent, pnl_caveats, profit_unknown
from shared.transports.mcp.tools.schemas import NUMBER, TEXT, TEXTS, Schema, mapping, output_schema, record, table
from shared.transports.mcp.tools.tool import Call, Tool

COLUMNS: dict[str, Schema] = {"driver": TEXT, "label": TEXT, "effect": NUMBER}

OUTPUT = output_schema(
    table(COLUMNS, {"formulas": mapping(TEXT)}),
    totals=record(
        {"metric": TEXT, "left_out": TEXTS, "before": NUMBER, "after": NUMBER, "change": NUMBER, "change_pct": NUMBER}
    ),
)

NAMED = 2
"""So many drivers make a summary."""


class ChangeArguments(ComparedArguments):
    """The arguments of `explain_profit_change`."""

    metric: BridgeMetric = Field(
        default=BridgeMetric.EBITDA, description="ebitda (default), or cm3: the same before operating expenses."
    )


def run(arguments: ChangeArguments, call: Call) -> Answer:
    """Answer with a row for each driver; they add up to the change."""
    found = explain_profit_change(
        ChangeQuestion(period=arguments.asked, against=arguments.against, metric=arguments.metric),
        workspace_id=call.workspace_id,
        now=call.now,
        figures=call.figures,
    )
    report, pnl = _Shown.of(found), found.pnl
    return Answer(
        summary=_summary(found, report),
        frame=pnl.frame,
        data=Table(
            columns=tuple(COLUMNS),
            rows=[
                [
                    str(driver),
                    BRIDGE_LABELS[driver],
                    None if report.unknown or cost_of(driver) in found.left_out else amount(effect, pnl.currency),
                ]
                for driver, effect in report.effects.items()
            ],
            more={"formulas": {str(driver): BRIDGE_FORMULAS[driver] for driver in found.effects}},
        ),
        totals={
            "metric": str(found.metric),
            "left_out": [str(cost) for cost in found.left_out],
            **{
                name: None if report.unknown else amount(micros, pnl.currency)
                for name, micros in (("before", report.before), ("after", report.after), ("change", report.change))
            },
            "change_pct": _percent(found) if has_percent(pnl) else None,
        },
        period=pnl.period,
        comparison_period=found.earlier_period,
        currency=pnl.currency,
        definition_version=BRIDGE_VERSION,
        sources=pnl.frame.accounts_with(Family.ORDER, Family.REFUND, Family.PAYMENT, Family.AD_DAY, Family.EXPENSE),
        coverage={
            "cogs": share(*pnl.total.cost_coverage),
            "cogs_before": share(*found.earlier.cost_coverage),
        },
        caveats=[*pnl_caveats(pnl), *_caveats(found)],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """What is written, in micros that are rounded already: the ends, their difference, and effects that make it up."""

    before: int
    after: int
    effects: Mapping[Driver, int]
    unknown: str | None
    """Why there are none, if nobody knows what was sold on some days of one of the periods."""

    @classmethod
    def of(cls, report: ChangeReport) -> _Shown:
        pnl = report.pnl
        before, after = shown(report.before, pnl.currency), shown(report.after, pnl.currency)
        parts = shown_parts(list(report.effects.values()), after - before, pnl.currency)
        return cls(
            before=before,
            after=after,
            effects=dict(zip(report.effects, parts, strict=True)),
            unknown=change_unknown(pnl.frame, pnl.period, report.earlier_period),
        )

    @property
    def change(self) -> int:
        return self.after - self.before


def _percent(report: ChangeReport) -> float | None:
    return percent_change(report.after, report.before)


def _summary(found: ChangeReport, report: _Shown) -> str:
    pnl, line, currency = found.pnl, Line(found.metric), found.pnl.currency
    if report.unknown is not None:
        return report.unknown
    change = f"{_signed(report.change, currency)} against {found.earlier_period}."
    why = profit_unknown(pnl.total) or profit_unknown(found.earlier)
    if why is None:
        name = f"{LABELS[line]} without {', '.join(found.left_out)}" if found.left_out else LABELS[line]
        text = f"{name} of {pnl.period} was {written(report.after, currency)}, {change}"
    else:
        text = f"{pnl.period}: {why}, so no profit is known; sales less the costs that are known changed by {change}"
    largest = sorted(report.effects.items(), key=lambda effect: -abs(effect[1]))[:NAMED]
    named = [f"{BRIDGE_LABELS[driver].lower()} {_signed(effect, currency)}" for driver, effect in largest if effect]
    return f"{text} Most of it: {', '.join(named)}." if named else text


def _signed(micros: int, currency: str) -> str:
    return f"{'+' if micros >= 0 else ''}{written(micros, currency)}"


def _caveats(report: ChangeReport) -> list[Caveat]:
    """Say where a driver tells of what became known, and not of what changed."""
    now, before = report.pnl.total, report.earlier
    caveats: list[Caveat] = []
    if report.left_out:
        message = (
            f"Left out of both periods, because their effect would be no change of cost: {', '.join(report.left_out)}. "
            "before, after and change are without them. Import them for all days of both periods."
        )
        caveats.append(Caveat(code="costs_left_out", message=message))
    known, known_before = share(*now.cost_coverage), share(*before.cost_coverage)
    if known is not None and known_before is not None and known != known_before:
        message = f"Unit costs are known of {known} of sales, and of {known_before} before: cogs_rate holds that too."
        caveats.append(Caveat(code="cogs_coverage_changed", message=message, share=min(known, known_before)))
    if not before.orders and report.pnl.frame.knows(report.earlier_period):
        message = f"There were no orders in {report.earlier_period}: volume is all gross sales, the rest plain changes."
        caveats.append(Caveat(code="no_earlier_orders", message=message))
    return caveats


TOOL = Tool(
    entry=TOOL_BY_NAME["explain_profit_change"],
    description=(
        "Why profit changed against an earlier period: a bridge of effects (number of orders, value of an order, rates "
        "of discounts, returns, cost of goods, shipping and fees, ad spend, operating expenses) that add up exactly to "
        "the change of EBITDA or CM3. Use it for why-questions about profit or margin; an effect above zero raised "
        "profit. Not for the amounts themselves (get_pnl), nor for which expense (list_expenses), product or campaign."
    ),
    arguments=ChangeArguments,
    output=OUTPUT,
    run=run,
)
