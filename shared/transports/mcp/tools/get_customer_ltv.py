"""What a customer is worth: brought so far, expected in a horizon, and beside what winning one costs."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from shared.domain.analytics.ltv_definitions import LTV_VERSION
from shared.domain.analytics.money import MICROS, RATE_DIGITS, amount, counted, rounded, share, written
from shared.domain.analytics.periods import DateRange
from shared.domain.facts.families import Family
from shared.domain.facts.lifetimes import HORIZON, Lifetimes
from shared.domain.facts.segments import EVERYBODY
from shared.services.figures.get_customer_ltv import (
    MARKS,
    Afterwards,
    LtvQuestion,
    LtvReport,
    Margin,
    Mark,
    Method,
    Prediction,
    get_customer_ltv,
)
from shared.services.tool_catalogue import TOOL_BY_NAME
from shared.transports.mcp.tools.answer import Answer
from shared.transports.mcp.tools.arguments import Arguments, IsoDate, Line, WholeNumber
from shared.transports.mcp.tools.assess_product_viability import Rate
from shared.transports.mcp.tools.ltv_caveats import ltv_caveats
from shared.transports.mcp.tools.schemas import (
    COUNT_OR_NULL,
    FLAG,
    INTEGER,
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    mapping,
    or_null,
    output_schema,
    record,
)
from shared.transports.mcp.tools.tool import Call, Tool

PARAMETER_DIGITS = 7

OUTPUT = output_schema(
    record(
        {
            "segment": TEXT,
            "product_title": TEXT_OR_NULL,
            "suppressed": FLAG,
            "observed_through": TEXT,
            "margin": TEXT,
            "horizon_months": INTEGER,
            "historical": or_null(mapping(NUMBER)),
            "matured_customers": or_null(mapping(INTEGER)),
            "predictive": or_null(mapping(NUMBER)),
            "model": or_null(
                record(
                    {
                        "params": mapping(NUMBER),
                        "log_likelihood": NUMBER,
                        "n": INTEGER,
                        "repeaters": INTEGER,
                        "fitted_on": TEXT,
                        "holdout_error": NUMBER,
                        "correlation": NUMBER,
                        "binned_days": COUNT_OR_NULL,
                    }
                )
            ),
            "afterwards": or_null(mapping(NUMBER)),
            "cac": NUMBER,
            "ltv_to_cac": NUMBER,
            "payback_month": COUNT_OR_NULL,
        }
    )
)


class LtvArguments(Arguments):
    """The arguments of `get_customer_ltv`."""

    method: Method = Field(
        default=Method.BOTH,
        description=(
            "historical: brought so far. predictive: expected in the horizon; its p_alive_share counts who bought once "
            "as 1, however long ago; insufficient_data where no model holds. both: then with predictive null."
        ),
    )
    horizon_months: WholeNumber = Field(default=12, ge=1, le=HORIZON, description="Months ahead of predictive.")
    margin: Margin = Field(
        default=Margin.REVENUE,
        description="Value in net revenue, or in CM2, costs as far as they are known; null where none of goods is.",
    )
    discount_rate_annual: Rate = Field(default=0.10, description="0.10 is 10 % a year; of predictive.")
    segment: Line = Field(
        default=EVERYBODY,
        description=(
            "all, or by the first order channel=<name>, first_product=<id>, discounted_first_order=yes|no; the "
            "dimension alone is refused with the values there are. cac and matured_customers are of all only."
        ),
    )
    observed_through: IsoDate | None = Field(
        default=None,
        description="As of the end of an earlier month of the last 12, with what came true since; segment=all only.",
    )


def run(arguments: LtvArguments, call: Call) -> Answer:
    """Answer with one object about the customers of a segment."""
    report = get_customer_ltv(
        LtvQuestion(
            method=arguments.method,
            horizon_months=arguments.horizon_months,
            margin=arguments.margin,
            discount_rate=arguments.discount_rate_annual,
            segment=arguments.segment,
            observed_through=arguments.observed_through,
        ),
        workspace_id=call.workspace_id,
        now=call.now,
        figures=call.figures,
    )
    currency = report.frame.settings.currency
    is_historical = arguments.method is not Method.PREDICTIVE and not report.suppressed
    is_predictive = arguments.method is not Method.HISTORICAL and not report.suppressed
    marks = {f"m{month}": mark for month, mark in report.marks.items()}
    prediction = report.prediction if is_predictive else None
    return Answer(
        summary=_summary(report, arguments, prediction),
        frame=report.frame,
        data={
            "segment": EVERYBODY if report.segment is None else report.segment.name,
            "product_title": None if report.segment is None else report.segment.title,
            "suppressed": report.suppressed,
            "observed_through": report.through.isoformat(),
            "margin": str(arguments.margin),
            "horizon_months": arguments.horizon_months,
            "historical": {name: _each(report, mark, arguments.margin) for name, mark in marks.items()}
            if is_historical
            else None,
            # Of a segment, beside `n`, they would tell how many customers its hidden months brought.
            "matured_customers": {name: mark.customers for name, mark in marks.items()}
            if is_historical and report.segment is None
            else None,
            "predictive": None if prediction is None else _predictive(prediction, currency),
            "model": _model(report.lifetimes) if is_predictive else None,
            "afterwards": _afterwards(report.afterwards) if is_predictive and report.afterwards else None,
            "cac": None if report.cac is None else amount(report.cac, currency),
            "ltv_to_cac": _ratio(report),
            "payback_month": report.payback_month,
        },
        period=DateRange(first=report.frame.overview.data_from or report.through, last=report.through),
        definition_version=LTV_VERSION,
        sources=report.frame.accounts_with(Family.ORDER, Family.REFUND),
        coverage={"cogs": share(*report.cost_coverage)},
        caveats=ltv_caveats(report, method=arguments.method, margin=arguments.margin),
    )


def _each(report: LtvReport, mark: Mark, margin: Margin) -> float | None:
    """Give what each customer had brought, rounded once."""
    brought = _brought(report, mark, margin)
    return None if brought is None else amount(brought, report.frame.settings.currency)


def _brought(report: LtvReport, mark: Mark, margin: Margin) -> int | None:
    if not mark.customers or (margin is Margin.CM2 and report.is_cost_unknown):
        return None
    return rounded(mark.net_revenue if margin is Margin.REVENUE else mark.cm2, mark.customers)


def _predictive(prediction: Prediction, currency: str) -> dict[str, float]:
    return {
        "value": amount(round(prediction.value), currency),
        "p_alive_share": round(prediction.alive, RATE_DIGITS),
        "expected_orders": round(prediction.orders, RATE_DIGITS),
        "expected_order_value": amount(round(prediction.order_value), currency),
    }


def _model(found: Lifetimes) -> dict[str, Any]:
    params = {**(found.orders_model or {}), **(found.values_model or {})}
    return {
        "params": {name: float(f"{float(value):.{PARAMETER_DIGITS}g}") for name, value in params.items()},
        "log_likelihood": None if found.likelihood is None else round(found.likelihood / MICROS, 3),
        "n": found.customers,
        "repeaters": found.repeaters,
        "fitted_on": found.through,
        "holdout_error": _rate(found.holdout),
        "correlation": _rate(found.correlation),
        "binned_days": found.days_a_step if found.days_a_step > 1 else None,
    }


def _afterwards(found: Afterwards) -> dict[str, Any]:
    expected, error = found.expected, found.error_in_all
    return {
        "days": found.days,
        "orders": found.orders,
        "expected_orders": None if expected is None else round(expected, 1),
        "error": round(expected / found.orders - 1, RATE_DIGITS) if expected is not None and found.orders else None,
        "cumulative_error": None if error is None else round(error, RATE_DIGITS),
    }


def _rate(millionths: int | None) -> float | None:
    return None if millionths is None else share(millionths, MICROS)


def _ratio(report: LtvReport) -> float | None:
    """Give what a customer brought in the first year by what winning one costs, both in CM2."""
    year = report.marks[MARKS[-1]]
    if not report.cac or not year.customers or report.is_cost_unknown:
        return None
    return share(year.cm2, report.cac * year.customers, 2)


def _summary(report: LtvReport, arguments: LtvArguments, prediction: Prediction | None) -> str:
    if report.suppressed:
        return f"Nothing is told of these customers as of {report.through}: they are too few."
    currency = report.frame.settings.currency
    kind = "net revenue" if arguments.margin is Margin.REVENUE else "CM2"
    who = f"{counted(report.lifetimes.customers, 'customer')} as of {report.through}"
    known = [(month, mark) for month, mark in report.marks.items() if mark.customers]
    so_far = expected = ""
    brought = _brought(report, known[-1][1], arguments.margin) if known else None
    if brought is not None and arguments.method is not Method.PREDICTIVE:
        month, _ = known[-1]
        so_far = f" A customer had brought {written(brought, currency)} of {kind} by month {month} after the first"
        ratio = _ratio(report)
        so_far += "." if ratio is None else f", in CM2 {ratio:g} times the cost of winning one by month {MARKS[-1]}."
    if prediction is not None:
        expected = (
            f"; each is expected to bring {written(round(prediction.value), currency)} of {kind} in the next "
            f"{counted(arguments.horizon_months, 'month')}"
        )
    return f"{who}{expected}.{so_far}"


TOOL = Tool(
    entry=TOOL_BY_NAME["get_customer_ltv"],
    description=(
        "What an average customer is worth: net revenue or CM2 brought by month 1, 3, 6 and 12 after the first "
        "order's, and what more is expected in the next months (BG/NBD and gamma-gamma, with parameters and error of "
        "a hold-out), with acquisition cost, LTV:CAC and payback month. Use it for customer lifetime value, expected "
        "orders and whether acquisition pays back; of all, or by channel, product or discount of the first order. "
        "predictive is on top of what customers have brought, not of new ones. Not for single customers "
        "(list_top_customers) or month-by-month retention (get_cohort_retention)."
    ),
    arguments=LtvArguments,
    output=OUTPUT,
    run=run,
)
