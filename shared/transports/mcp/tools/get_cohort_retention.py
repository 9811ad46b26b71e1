"""The cohort matrix: who came back, what they ordered, what they were worth."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from shared.domain.analytics.cohorts import CohortMetric, Grain, Group, per_customer
from shared.domain.analytics.definitions import COHORT_FORMULAS, COHORT_VERSION
from shared.domain.analytics.money import MICROS, RATE_DIGITS, amount, counted, exponent_of, rounded, share
from shared.domain.analytics.periods import DateRange, first_of, last_of
from shared.domain.analytics.rates_missing import within
from shared.domain.facts.families import Family
from shared.domain.facts.segments import EVERYBODY
from shared.services.figures.frame import Caveat
from shared.services.figures.get_cohort_retention import CohortQuestion, CohortReport, get_cohort_retention
from shared.services.tool_catalogue import TOOL_BY_NAME
from shared.transports.mcp.tools.answer import Answer, Cell, Table
from shared.transports.mcp.tools.arguments import Line, RowsArguments, WholeNumber
from shared.transports.mcp.tools.new_customers_caveats import overcounted_caveats
from shared.transports.mcp.tools.orders_caveats import orders_caveats
from shared.transports.mcp.tools.pnl_caveats import COST_OF_SALES_PARTIAL
from shared.transports.mcp.tools.rate_caveats import rates_caveat
from shared.transports.mcp.tools.schemas import (
    COUNT_OR_NULL,
    FLAG,
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    Schema,
    listing,
    output_schema,
    record,
    table,
)
from shared.transports.mcp.tools.tool import Call, Tool

MONEY = frozenset({CohortMetric.CUMULATIVE_NET_REVENUE, CohortMetric.CUMULATIVE_CM2})

COLUMNS: dict[str, Schema] = {
    "cohort": TEXT,
    "size": COUNT_OR_NULL,
    "cac": NUMBER,
    "suppressed": FLAG,
    "values": listing(NUMBER),
}

OUTPUT = output_schema(
    table(
        COLUMNS,
        {
            "metric": TEXT,
            "formula": TEXT,
            "segment": TEXT,
            "product_title": TEXT_OR_NULL,
            "weighted_average": listing(NUMBER),
        },
    ),
    totals=record({"customers": COUNT_OR_NULL}),
)

Month = Annotated[str, Field(pattern=r"^(19[7-9]\d|20\d\d)-(0[1-9]|1[0-2])$")]


class CohortArguments(RowsArguments):
    """The arguments of `get_cohort_retention`."""

    cohort_from: Month | None = Field(
        default=None, description="First cohort, yyyy-mm. Default: 12 months up to cohort_to."
    )
    cohort_to: Month | None = Field(
        default=None,
        description="Last cohort, yyyy-mm. Default: the last month (or quarter) that is complete in the data.",
    )
    metric: CohortMetric = Field(
        default=CohortMetric.RETENTION,
        description=(
            "retention: share of the cohort that ordered in the month. orders_per_customer: orders in the month for "
            "each customer of the cohort. cumulative_*: money for each customer of the cohort up to the month."
        ),
    )
    grain: Grain = Field(
        default=Grain.MONTH,
        description="Group customers by month or by fiscal quarter of their first order; offsets stay months.",
    )
    segment: Line = Field(
        default=EVERYBODY,
        description=(
            "all, or by the first order channel=<name>, first_product=<id>, discounted_first_order=yes|no. To be told "
            "the values there are, give the dimension alone: it is refused with them. cac is of all only."
        ),
    )
    max_offset: WholeNumber = Field(default=12, ge=0, le=36, description="Months after the first order's month.")


def run(arguments: CohortArguments, call: Call) -> Answer:
    """Answer with a row for each cohort; place k of `values` is the month k after the first order's."""
    report = get_cohort_retention(
        CohortQuestion(
            first=arguments.cohort_from,
            last=arguments.cohort_to,
            metric=arguments.metric,
            grain=arguments.grain,
            segment=arguments.segment,
            max_offset=arguments.max_offset,
        ),
        workspace_id=call.workspace_id,
        now=call.now,
        figures=call.figures,
    )
    currency = report.frame.settings.currency
    metric = arguments.metric
    averages = [None if average is None else _cell(*average, metric, currency) for average in report.average]
    return Answer(
        summary=_summary(report, metric, averages),
        frame=report.frame,
        data=Table(
            columns=tuple(COLUMNS),
            rows=[_row(group, report, metric, currency) for group in report.groups],
            more={
                "metric": str(metric),
                "formula": COHORT_FORMULAS[metric],
                "segment": EVERYBODY if report.segment is None else report.segment.name,
                "product_title": None if report.segment is None else report.segment.title,
                "weighted_average": averages,
            },
        ),
        totals={"customers": report.customers},
        period=DateRange(first=first_of(report.first), last=last_of(report.last)),
        definition_version=COHORT_VERSION,
        sources=report.frame.accounts_with(Family.ORDER, Family.REFUND),
        coverage={"cogs": share(*report.cost_coverage)} if metric is CohortMetric.CUMULATIVE_CM2 else {},
        caveats=_caveats(report, metric),
    )


def _row(group: Group, report: CohortReport, metric: CohortMetric, currency: str) -> list[Cell]:
    spent, size = report.ad_spend.get(group.start), group.size
    return [
        group.start,
        size,
        None if spent is None or size is None else amount(rounded(spent, size), currency),
        group.hidden,
        [None if cell is None or size is None else _cell(cell, size, metric, currency) for cell in group.cells],
    ]


def _cell(value: int, size: int, metric: CohortMetric, currency: str) -> float:
    """Divide by the customers of the cohort, and round once."""
    if metric in MONEY:
        return per_customer(value, size * MICROS, exponent_of(currency))
    return per_customer(value, size, RATE_DIGITS)


def _summary(report: CohortReport, metric: CohortMetric, averages: list[float | None]) -> str:
    segment = "" if report.segment is None else " of this segment"
    if report.is_unknown:
        return f"No order is known of {report.first} to {report.last}: who ordered for the first time is unknown."
    if not report.groups:
        return f"No customer{segment} ordered for the first time in {report.first} to {report.last}."
    hidden = sum(group.hidden for group in report.groups)
    kept_back = f", {hidden} of them suppressed" if hidden else ""
    text = f"{counted(len(report.groups), 'cohort')}{segment} from {report.first} to {report.last}{kept_back}"
    if hidden == len(report.groups):
        return f"{text}: they have too few customers, or would give such a cohort away."
    if all(group.hidden or group.cost_unknown for group in report.groups):
        return f"{text}; what their customers left over is unknown, for nobody told what the goods cost."
    known = [
        (offset, value, average[1])
        for offset, (value, average) in enumerate(zip(averages, report.average, strict=True))
        if value is not None and average is not None and (offset or len(averages) == 1)
    ]
    if not known:
        return f"{text}; no month after the first is known yet."
    offset, value, customers = known[-1] if metric in MONEY else known[0]
    unit = f" {report.frame.settings.currency}" if metric in MONEY else ""
    of = counted(customers, "customer")
    return f"{text}; the weighted average of {metric} in month {offset} is {value:,}{unit}, of {of}."


def _caveats(report: CohortReport, metric: CohortMetric) -> list[Caveat]:
    caveats: list[Caveat] = []
    overview = report.frame.overview
    if not report.groups:
        reach = "" if overview.data_from is None else f" Orders are known from {overview.data_from} on."
        caveats.append(Caveat(code="no_customers", message=f"No customers in these cohorts.{reach}"))
    caveats += orders_caveats(report.frame, overview.orders, as_of="cohorts", nowhere="no cohort and no value")
    if report.groups:
        wrong = "the sizes of the cohorts are too high and their cac too low"
        caveats += overcounted_caveats(report.frame, first_of(report.groups[0].start), wrong)
    if last_of(report.last) > report.through:
        caveats.append(
            Caveat(
                code="cohort_partial",
                message=f"{report.last} is not over in the data (known up to {report.through}): the last cohort grows.",
            )
        )
    if any(None in group.cells for group in report.groups if not (group.hidden or group.cost_unknown)):
        caveats.append(
            Caveat(code="immature_cells", message="null at the end of values: that month is not over in the data.")
        )
    if any(group.hidden for group in report.groups):
        message = (
            f"Cohorts with suppressed=true have too few customers (under {report.frame.settings.k_min}), or would give "
            "such a cohort away; weighted_average leaves them out."
        )
        if report.segment is not None:
            message += " The months of a segment's quarter are shown together or not at all: grain=quarter shows more."
        caveats.append(Caveat(code="suppressed", message=message))
    caveats += _rates_missing(report, metric)
    if report.ad_days:
        known_days, days = (sum(each) for each in zip(*report.ad_days.values(), strict=True))
        message = (
            f"Ads are told of {known_days} of the {days} days of {', '.join(report.ad_days)} only, so cac is too low "
            "there. Import the ads of the other days."
        )
        caveats.append(Caveat(code="ad_days_unknown", message=message, share=share(known_days, days)))
    return caveats + (_costs(report) if metric is CohortMetric.CUMULATIVE_CM2 else [])


def _costs(report: CohortReport) -> list[Caveat]:
    """Say of which cohorts nobody told what their goods cost, and how far it is known of all that are shown."""
    caveats: list[Caveat] = []
    if unknown := [group.start for group in report.groups if group.cost_unknown and not group.hidden]:
        message = (
            f"Nobody told what the goods cost that the customers of {', '.join(unknown)} bought, so their values are "
            "null. list_product_costs with status=missing names the SKUs; cumulative_net_revenue is known."
        )
        caveats.append(Caveat(code="costs_unknown", message=message))
    known = share(*report.cost_coverage)
    if known is not None and 0 < known < 1:
        caveats.append(Caveat(code="cogs_partial", message=COST_OF_SALES_PARTIAL, share=known))
    return caveats


def _rates_missing(report: CohortReport, metric: CohortMetric) -> list[Caveat]:
    """Say what is in no figure for want of a rate; an order of any day may have been a customer's first."""
    caveats: list[Caveat] = []
    payments = (Family.PAYMENT,) if metric is CohortMetric.CUMULATIVE_CM2 else ()
    if missing := report.frame.unrated(Family.ORDER, Family.REFUND, *payments):
        what = "Orders, refunds or payments in a currency without a rate are in no cohort and no value"
        caveats.append(rates_caveat(report.frame, what, missing))
    months = DateRange(first=first_of(report.first), last=last_of(report.last))
    if report.segment is None and (missing := within(report.frame.unrated(Family.AD_DAY, Family.EXPENSE), months)):
        what = "Ads or expenses in a currency without a rate are in no cac"
        caveats.append(rates_caveat(report.frame, what, missing))
    return caveats


TOOL = Tool(
    entry=TOOL_BY_NAME["get_cohort_retention"],
    description=(
        "Customers grouped by the month (or quarter) of their first order, and what they did in each month since: the "
        "share that came back, orders per customer, cumulative net revenue or CM2 per customer, with cohort size and "
        "acquisition cost; of all, or by channel, product or discount of the first order. Use it for whether customers "
        "come back: repeat purchase, retention and payback. values[k] is k months after the first order's month. It "
        "names no customer, and cohorts with too few customers are suppressed. Not for the figures of a period: use "
        "get_pnl."
    ),
    arguments=CohortArguments,
    output=OUTPUT,
    run=run,
)
