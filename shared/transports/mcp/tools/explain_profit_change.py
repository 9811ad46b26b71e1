"""Why the profit changed."""

from __future__ import annotations

from pydantic import Field

from shared.domain.analytics.bridge import BridgeMetric
from shared.domain.analytics.definitions import BRIDGE_FORMULAS, BRIDGE_LABELS, BRIDGE_VERSION, LABELS
from shared.domain.analytics.money import amount, parts_of, percent_change, share, written
from shared.domain.analytics.pnl import Line
from shared.domain.facts.families import Family
from shared.services.figures.explain_profit_change import ChangeQuestion, ChangeReport, explain_profit_change
from shared.services.figures.frame import Caveat
from shared.services.tool_catalogue import TOOL_BY_NAME
from shared.transports.mcp.tools.answer import Answer, Table
from shared.transports.mcp.tools.periods import ComparedArguments
from shared.transports.mcp.tools.pnl_caveats import COSTS, has_percent, pnl_caveats
from shared.transports.mcp.tools.schemas import NUMBER, TEXT, Schema, mapping, output_schema, record, table
from shared.transports.mcp.tools.tool import Call, Tool

COLUMNS: dict[str, Schema] = {"driver": TEXT, "label": TEXT, "effect": NUMBER}

OUTPUT = output_schema(
    table(COLUMNS, {"formulas": mapping(TEXT)}),
    totals=record({"metric": TEXT, "before": NUMBER, "after": NUMBER, "change": NUMBER, "change_pct": NUMBER}),
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
    report = explain_profit_change(
        ChangeQuestion(period=arguments.asked, against=arguments.against, metric=arguments.metric),
        workspace_id=call.workspace_id,
        now=call.now,
        figures=call.figures,
    )
    pnl, line = report.pnl, Line(report.metric)
    before, after = report.earlier.known(line), pnl.total.known(line)
    return Answer(
        summary=_summary(report),
        frame=pnl.frame,
        data=Table(
            columns=tuple(COLUMNS),
            rows=[
                [str(driver), BRIDGE_LABELS[driver], effect]
                for driver, effect in zip(
                    report.effects, parts_of(list(report.effects.values()), pnl.currency), strict=True
                )
            ],
            more={"formulas": {str(driver): BRIDGE_FORMULAS[driver] for driver in report.effects}},
        ),
        totals={
            "metric": str(report.metric),
            "before": amount(before, pnl.currency),
            "after": amount(after, pnl.currency),
            "change": amount(after - before, pnl.currency),
            "change_pct": percent_change(after, before) if has_percent(pnl) else None,
        },
        period=pnl.period,
        comparison_period=report.earlier_period,
        currency=pnl.currency,
        definition_version=BRIDGE_VERSION,
        sources=pnl.frame.accounts_with(Family.ORDER, Family.REFUND, Family.PAYMENT, Family.AD_DAY, Family.EXPENSE),
        coverage={
            "cogs": share(*pnl.total.cost_coverage),
            "cogs_before": share(*report.earlier.cost_coverage),
        },
        caveats=[*pnl_caveats(pnl), *_caveats(report)],
    )


def _summary(report: ChangeReport) -> str:
    line, currency = Line(report.metric), report.pnl.currency
    before, after = report.earlier.known(line), report.pnl.total.known(line)
    text = (
        f"{LABELS[line]} of {report.pnl.period} was {written(after, currency)}, "
        f"{_signed(after - before, currency)} against {report.earlier_period}."
    )
    largest = sorted(report.effects.items(), key=lambda effect: -abs(effect[1]))[:NAMED]
    named = [f"{BRIDGE_LABELS[driver].lower()} {_signed(effect, currency)}" for driver, effect in largest if effect]
    return f"{text} Most of it: {', '.join(named)}." if named else text


def _signed(micros: int, currency: str) -> str:
    return f"{'+' if micros >= 0 else ''}{written(micros, currency)}"


def _caveats(report: ChangeReport) -> list[Caveat]:
    """Say where a driver tells of what became known, and not of what changed."""
    now, before = report.pnl.total, report.earlier
    caveats: list[Caveat] = []
    once = [line for line in COSTS if (now.lines[line] is None) != (before.lines[line] is None)]
    if once:
        message = f"Known in one of the two periods only, so their effect is no change of cost: {', '.join(once)}."
        caveats.append(Caveat(code="costs_known_once", message=message))
    known, known_before = share(*now.cost_coverage), share(*before.cost_coverage)
    if known is not None and known_before is not None and known != known_before:
        message = f"Unit costs are known of {known} of sales, and of {known_before} before: cogs_rate holds that too."
        caveats.append(Caveat(code="cogs_coverage_changed", message=message, share=min(known, known_before)))
    if not before.orders:
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
