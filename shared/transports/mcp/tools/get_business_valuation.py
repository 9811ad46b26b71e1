"""What the shop could sell for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from pydantic import Field

from shared.domain.analytics.earnings import Earnings, unknown_named
from shared.domain.analytics.money import amount, share, written
from shared.domain.analytics.pnl import Line, costs_in
from shared.domain.analytics.scorecard import Scored
from shared.domain.analytics.valuation import Method, Value, disagree
from shared.domain.analytics.valuation_definitions import VALUATION_VERSION
from shared.domain.facts.families import Family
from shared.services.figures.get_business_valuation import (
    ValuationQuestion,
    ValuationReport,
    Valued,
    get_business_valuation,
)
from shared.services.tool_catalogue import TOOL_BY_NAME
from shared.transports.mcp.tools.answer import Answer, Cell
from shared.transports.mcp.tools.schemas import (
    INTEGER,
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    Schema,
    listing,
    mapping,
    or_null,
    output_schema,
    record,
    table,
)
from shared.transports.mcp.tools.tool import Call, Tool
from shared.transports.mcp.tools.valuation_arguments import ValuationArguments
from shared.transports.mcp.tools.valuation_caveats import valuation_caveats

SOURCES = (Family.ORDER, Family.REFUND, Family.PAYMENT, Family.AD_DAY, Family.EXPENSE)

METHODS: dict[str, Schema] = {
    "method": TEXT,
    "basis": NUMBER,
    "multiple_low": NUMBER,
    "multiple_mid": NUMBER,
    "multiple_high": NUMBER,
    "low": NUMBER,
    "mid": NUMBER,
    "high": NUMBER,
    "source": TEXT_OR_NULL,
    "since": TEXT_OR_NULL,
}
SCORECARD: dict[str, Schema] = {"factor": TEXT, "value": NUMBER, "band": TEXT_OR_NULL, "adjustment": NUMBER}
HISTORY: dict[str, Schema] = {"month": TEXT, "sde": NUMBER, "adjusted_ebitda": NUMBER, "revenue": NUMBER}
RANGE: Schema = record({"low": NUMBER, "mid": NUMBER, "high": NUMBER})
EARNINGS: dict[str, Schema] = {
    "net_profit": NUMBER,
    "net_profit_label": TEXT,
    "addbacks": listing(record({"reason": TEXT, "amount": NUMBER})),
    "sde": NUMBER,
    "ebitda": NUMBER,
    "adjusted_ebitda": NUMBER,
    "revenue": NUMBER,
    "months_used": INTEGER,
}
OUTPUT = output_schema(
    record(
        {
            "as_of_month": TEXT,
            "range": RANGE,
            "earnings": record(EARNINGS),
            "methods": table(METHODS),
            "dcf": or_null(mapping(NUMBER)),
            "score": NUMBER,
            "scorecard": table(SCORECARD),
            "history": table(HISTORY),
        }
    )
)


class BusinessValuationArguments(ValuationArguments):
    """The arguments of `get_business_valuation`."""

    methods: tuple[Method, ...] = Field(
        default=tuple(Method), min_length=1, description="Only these. dcf is a discounted cash flow."
    )


def run(arguments: BusinessValuationArguments, call: Call) -> Answer:
    """Answer with the earnings, a value by each method, and what moves the multiple."""
    report = get_business_valuation(
        ValuationQuestion(
            as_of=arguments.as_of_month, methods=arguments.methods, multiples=arguments.given, dcf=arguments.dcf
        ),
        workspace_id=call.workspace_id,
        now=call.now,
        figures=call.figures,
    )
    currency = report.frame.settings.currency
    return Answer(
        summary=_summary(report),
        frame=report.frame,
        data={
            "as_of_month": report.month,
            "range": _range(report.overall, currency),
            "earnings": _earnings(report.earnings, currency),
            "methods": _rows(METHODS, [_method(each, currency) for each in report.methods]),
            "dcf": None if report.flow is None else report.flow.plan,
            "score": _number(report.score),
            "scorecard": _rows(SCORECARD, [_factor(each) for each in report.scorecard]),
            "history": _rows(
                HISTORY,
                [[month, *(_money(value, currency) for value in _of_year(earned))] for month, earned in report.history],
            ),
        },
        period=report.period,
        definition_version=VALUATION_VERSION,
        sources=report.frame.accounts_with(*SOURCES),
        coverage={"cogs": share(*report.statement.cost_coverage)},
        caveats=valuation_caveats(report),
    )


def _rows(columns: Mapping[str, Schema], rows: Sequence[Sequence[Cell]]) -> dict[str, Any]:
    return {"columns": list(columns), "rows": rows}


def _range(value: Value | None, currency: str) -> dict[str, float | None]:
    if value is None:
        return dict.fromkeys(("low", "mid", "high"))
    return {name: _money(micros, currency) for name, micros in zip(("low", "mid", "high"), _ends(value), strict=True)}


def _ends(value: Value) -> tuple[int | None, int, int | None]:
    return value.low, value.mid, value.high


def _earnings(earned: Earnings, currency: str) -> dict[str, Any]:
    return {
        "net_profit": _money(earned.net_profit, currency),
        "net_profit_label": "Net profit (pre-tax)",
        "addbacks": [
            {"reason": str(reason), "amount": _money(micros, currency)} for reason, micros in earned.addbacks.items()
        ],
        "sde": _money(earned.sde, currency),
        "ebitda": _money(earned.ebitda, currency),
        "adjusted_ebitda": _money(earned.adjusted_ebitda, currency),
        "revenue": _money(earned.revenue, currency),
        "months_used": earned.months,
    }


def _of_year(earned: Earnings) -> tuple[int | None, int | None, int | None]:
    """Give what a whole year came to; of parts of one nothing, for they cannot be set side by side."""
    return (earned.sde, earned.adjusted_ebitda, earned.revenue) if earned.is_year else (None, None, None)


def _method(each: Valued, currency: str) -> list[Cell]:
    times = None if each.held is None else each.held.multiple
    ends = (None, None, None) if each.value is None else _ends(each.value)
    return [
        str(each.method),
        _money(each.basis, currency),
        *((None, None, None) if times is None else map(_number, (times.low, times.mid, times.high))),
        *(_money(micros, currency) for micros in ends),
        None if each.held is None else str(each.held.source),
        None if each.held is None or each.held.since is None else each.held.since.isoformat(),
    ]


def _factor(each: Scored) -> list[Cell]:
    return [str(each.factor), None if each.value is None else _number(each.value), each.band, _number(each.adjustment)]


def _number(value: Fraction) -> float | None:
    return share(*value.as_integer_ratio())


def _money(micros: int | None, currency: str) -> float | None:
    return None if micros is None else amount(micros, currency)


def _summary(report: ValuationReport) -> str:
    earned, currency = report.earnings, report.frame.settings.currency
    value = report.overall
    if value is None:
        known = f"orders are known of {earned.months} of 12 months"
        why = f"unknown is {unknown_named(report.statement)}" if earned.is_year else known
        return f"As of {report.month} the shop cannot be valued: {why}."
    return f"As of {report.month} {_worth(report, value, currency)} {_earned(report, currency)}"


def _worth(report: ValuationReport, together: Value, currency: str) -> str:
    """Tell the range, or, where there is none that the methods share, that of each."""
    values = [(each.method, each.value) for each in report.methods if each.value is not None]
    mid = written(together.mid, currency)
    if disagree([value for _, value in values]):
        each_by_itself = "; ".join(f"{method} {_between(value, currency)}" for method, value in values)
        return f"the methods disagree on what the shop is worth: {each_by_itself}; median {mid}."
    names = ", ".join(method for method, _ in values)
    return f"the shop may be worth {_between(together, currency)}, in the middle {mid}, by {names}."


def _between(value: Value, currency: str) -> str:
    low, high = (None if end is None else written(end, currency) for end in (value.low, value.high))
    if low is None or high is None:
        return f"at most {high}" if low is None else f"at least {low}"
    return low if low == high else f"{low} to {high}"


def _earned(report: ValuationReport, currency: str) -> str:
    found, sde = report.statement, report.earnings.sde
    if sde is None:
        return f"What it earned in the 12 months is unknown, for this is: {unknown_named(found)}."
    untold = [line for line in costs_in(Line.EBITDA) if found.lines[line] is None]
    without = f", with nothing subtracted for {', '.join(untold)}, of which nobody told" if untold else ""
    return f"SDE of the 12 months is {written(sde, currency)}{without}."


TOOL = Tool(
    entry=TOOL_BY_NAME["get_business_valuation"],
    description=(
        "What the whole business could sell for: a low, middle and high value by multiples of SDE, adjusted EBITDA and "
        "revenue and by discounted cash flow, from the last 12 complete months, with the add-backs (owner's pay, "
        "one-offs), the multiples and their source, a scorecard that moves them, and 12 months of history. Use it for "
        "what the store is worth, its sale price, SDE or exit. Null: too little is known. Not for how the value moves "
        "with its assumptions: use analyze_valuation_sensitivity; for the profit of a period: use get_pnl."
    ),
    arguments=BusinessValuationArguments,
    output=OUTPUT,
    run=run,
)
