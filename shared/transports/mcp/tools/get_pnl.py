"""The profit and loss statement."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from shared.domain.analytics.definitions import FORMULAS, LABELS, PNL_VERSION
from shared.domain.analytics.money import amount, counted, percent_change, rounded, share, written
from shared.domain.analytics.periods import DateRange
from shared.domain.analytics.pnl import Basis, Line, Statement, costs_in, not_alike
from shared.domain.facts.families import Family
from shared.services.figures.get_pnl import PnlQuestion, PnlReport, get_pnl, lines_told
from shared.services.tool_catalogue import TOOL_BY_NAME
from shared.transports.mcp.tools.answer import Answer, Cell, Table
from shared.transports.mcp.tools.arguments import CurrencyCode
from shared.transports.mcp.tools.periods import PeriodArguments
from shared.transports.mcp.tools.pnl_caveats import has_percent, orders_unknown, pnl_caveats, profit_unknown
from shared.transports.mcp.tools.schemas import (
    COUNT_OR_NULL,
    FLAG,
    NUMBER,
    TEXT,
    Schema,
    mapping,
    output_schema,
    record,
    table,
)
from shared.transports.mcp.tools.tool import Call, Tool

SUMS: dict[str, Schema] = {
    **{str(line): NUMBER for line in Line},
    "orders": COUNT_OR_NULL,
    "units": COUNT_OR_NULL,
    "aov": NUMBER,
    "refund_rate": NUMBER,
}
LINES: dict[str, Schema] = {"line": TEXT, "label": TEXT, "amount": NUMBER, "share_of_net_revenue": NUMBER}
BUCKET: dict[str, Schema] = {"start": TEXT, "partial": FLAG}
SERIES = SUMS
APART_FROM_ORDERS = frozenset({Line.AD_SPEND, Line.OPEX, Line.DEPRECIATION, Line.INTEREST, Line.INCOME_TAX})
"""What ads and books tell, whatever is known of orders."""
FORMULAS_TOO: dict[str, Schema] = {"formulas": mapping(TEXT)}

OUTPUT = output_schema(
    {"type": "object", "anyOf": [table(LINES, FORMULAS_TOO), table(BUCKET, FORMULAS_TOO, rest=SERIES)]},
    totals=record(SUMS),
    comparison=record({"data": mapping(NUMBER), "change": mapping(record({"abs": NUMBER, "pct": NUMBER}))}),
)


class PnlArguments(PeriodArguments):
    """The arguments of `get_pnl`."""

    currency: CurrencyCode | None = Field(
        default=None,
        description="ISO 4217, such as EUR; converted day by day at stored rates. Default: the workspace's currency.",
    )
    basis: Basis = Field(
        default=Basis.PROCESSED_DATE,
        description="Refunds count on the day they were processed (default), or on the day of their order.",
    )


def run(arguments: PnlArguments, call: Call) -> Answer:
    """Answer with the lines of the total, or with a row for each bucket."""
    report = get_pnl(
        PnlQuestion(
            period=arguments.asked,
            granularity=arguments.granularity,
            against=arguments.against,
            currency=arguments.currency,
            basis=arguments.basis,
        ),
        workspace_id=call.workspace_id,
        now=call.now,
        figures=call.figures,
    )
    formulas = {str(line): formula for line, formula in FORMULAS.items()}
    rows = _series(report) if report.series else _lines(report)
    columns = (*BUCKET, *SERIES) if report.series else tuple(LINES)
    return Answer(
        summary=_summary(report),
        frame=report.frame,
        data=Table(columns=columns, rows=rows, more={"formulas": formulas}),
        totals=_sums(report.total, report, report.period),
        comparison=_comparison(report),
        period=report.period,
        comparison_period=report.earlier_period,
        currency=report.currency,
        definition_version=PNL_VERSION,
        sources=report.frame.accounts_with(Family.ORDER, Family.REFUND, Family.PAYMENT, Family.AD_DAY, Family.EXPENSE),
        coverage={"cogs": share(*report.total.cost_coverage)},
        caveats=pnl_caveats(report),
    )


def label_of(line: Line, found: Statement) -> str:
    """Name a line; a profit from which no tax was taken says so."""
    is_before_tax = line is Line.NET_PROFIT and found.lines[Line.INCOME_TAX] is None
    return f"{LABELS[line]} (pre-tax)" if is_before_tax else LABELS[line]


def _lines(report: PnlReport) -> list[list[Cell]]:
    told = lines_told(report.total, report.frame, report.period)
    revenue = report.total.known(Line.NET_REVENUE)
    return [
        [
            str(line),
            label_of(line, report.total),
            None if micros is None else amount(micros, report.currency),
            None if micros is None else share(micros, revenue),
        ]
        for line, micros in told.items()
    ]


def _series(report: PnlReport) -> list[list[Cell]]:
    return [
        [
            bucket.start.isoformat(),
            bucket.partial or report.frame.is_unfinished(bucket.days),
            *_sums(found, report, bucket.days).values(),
        ]
        for bucket, found in report.series
    ]


def _aov(found: Statement) -> int | None:
    sold = found.known(Line.GROSS_SALES) - found.known(Line.DISCOUNTS)
    return rounded(sold, found.orders) if found.orders else None


def _sums(found: Statement, report: PnlReport, span: DateRange) -> dict[str, Any]:
    aov, is_known = _aov(found), not report.frame.is_unknown(span)
    told = lines_told(found, report.frame, span)
    return {
        **{str(line): None if micros is None else amount(micros, report.currency) for line, micros in told.items()},
        "orders": found.orders if is_known else None,
        "units": found.units if is_known else None,
        "aov": None if aov is None else amount(aov, report.currency),
        "refund_rate": share(found.orders_refunded, found.orders),
    }


def _comparison(report: PnlReport) -> dict[str, Any] | None:
    """Compare what is exact and known alike of both periods, and round the differences once."""
    now, before, currency, frame = report.total, report.earlier, report.currency, report.frame
    if before is None or report.earlier_period is None:
        return None
    mine, theirs = lines_told(now, frame, report.period), lines_told(before, frame, report.earlier_period)
    unknown = dict.fromkeys(("abs", "pct"))
    unlike = set(not_alike(now, before))
    changes: dict[str, Any] = {
        str(line): unknown if unlike.intersection(costs_in(line)) else _change(mine[line], theirs[line], currency)
        for line in Line
    }
    changes["orders"] = {"abs": now.orders - before.orders, "pct": percent_change(now.orders, before.orders)}
    changes["units"] = {"abs": now.units - before.units, "pct": percent_change(now.units, before.units)}
    changes["aov"] = _change(_aov(now), _aov(before), currency)
    changes["refund_rate"] = _rate_change(now, before)
    if not (frame.knows_enough(report.period) and frame.knows_enough(report.earlier_period)):
        changes = {name: change if name in APART_FROM_ORDERS else unknown for name, change in changes.items()}
    if not has_percent(report):
        changes = {name: {**change, "pct": None} for name, change in changes.items()}
    return {"data": _sums(before, report, report.earlier_period), "change": changes}


def _change(now: int | None, before: int | None, currency: str) -> dict[str, float | None]:
    if now is None or before is None:
        return {"abs": None, "pct": None}
    return {"abs": amount(now - before, currency), "pct": percent_change(now, before)}


def _rate_change(now: Statement, before: Statement) -> dict[str, float | None]:
    if not now.orders or not before.orders:
        return {"abs": None, "pct": None}
    over = now.orders * before.orders
    mine, theirs = now.orders_refunded * before.orders, before.orders_refunded * now.orders
    return {"abs": share(mine - theirs, over), "pct": percent_change(mine, theirs)}


def _summary(report: PnlReport) -> str:
    total, currency = report.total, report.currency
    if (unknown := orders_unknown(report.frame, report.period)) is not None:
        return unknown
    if not total.orders and not any(total.lines.values()):
        return f"No orders and no costs in {report.period}."
    so_far = " (not over yet)" if report.frame.is_unfinished(report.period) else ""
    text = f"{report.period}{so_far}: net revenue {_money(total, Line.NET_REVENUE, currency)}"
    if (why := profit_unknown(total)) is not None:
        text += f" from {counted(total.orders, 'order')}; {why}, so no profit is known."
    else:
        text += f", CM3 {_money(total, Line.CM3, currency)}"
        if total.lines[Line.OPEX] is not None:
            text += f", EBITDA {_money(total, Line.EBITDA, currency)}"
        text += f" from {counted(total.orders, 'order')}."
    if report.earlier is None or not has_percent(report):
        return text
    before = report.earlier.known(Line.NET_REVENUE)
    change = percent_change(total.known(Line.NET_REVENUE), before)
    told = "cannot be compared in percent" if change is None else f"changed by {change:+.1f} %"
    why = " (before was below zero)" if before < 0 else ""
    return f"{text} Net revenue {told} against {report.earlier_period}{why}."


def _money(found: Statement, line: Line, currency: str) -> str:
    return written(found.known(line), currency)


TOOL = Tool(
    entry=TOOL_BY_NAME["get_pnl"],
    description=(
        "Profit and loss of the whole shop for a period: gross sales, discounts, returns, net sales, shipping, net "
        "revenue, COGS, fulfilment, fees, ad spend, opex, contribution margins CM1 to CM3, EBITDA and net profit, "
        "with orders, units, AOV and refund rate (orders refunded at any time / orders), compared with an earlier "
        "period. Use it for what a day, week or quarter did bring, what went back to customers, how revenue, costs "
        "and profit compare with an earlier period, and with granularity for their course. Costs are positive and are "
        "subtracted; null is unknown, not zero. Not for single products, campaigns or customers, and not for cash in "
        "the bank."
    ),
    arguments=PnlArguments,
    output=OUTPUT,
    run=run,
)
