"""The best customers, and those who stay away: pseudonyms with figures by the month."""

from __future__ import annotations

from functools import partial

from pydantic import Field

from shared.domain.analytics.money import MICROS, RATE_DIGITS, amount, counted, share, written
from shared.domain.analytics.rates_missing import within
from shared.domain.analytics.rfm import Rfm
from shared.domain.analytics.top_definitions import TOP_VERSION
from shared.domain.facts.families import Family
from shared.domain.facts.top_customers import SortBy, TopCustomer, Window
from shared.services.figures.frame import Caveat
from shared.services.figures.list_top_customers import TopQuestion, TopReport, list_top_customers, why_not
from shared.services.tool_catalogue import TOOL_BY_NAME
from shared.transports.mcp.tools.answer import Answer, Cell, Table, Written
from shared.transports.mcp.tools.arguments import ListArguments, WholeNumber
from shared.transports.mcp.tools.orders_caveats import orders_caveats
from shared.transports.mcp.tools.rate_caveats import rates_caveat
from shared.transports.mcp.tools.schemas import (
    COUNT_OR_NULL,
    INTEGER,
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    Schema,
    mapping,
    output_schema,
    record,
    table,
)
from shared.transports.mcp.tools.tool import Call, Tool

MOST_ROWS = 50

COLUMNS: dict[str, Schema] = {
    "customer_ref": TEXT,
    "first_order_month": TEXT,
    "last_order_month": TEXT,
    "orders": INTEGER,
    "net_revenue": NUMBER,
    "rfm": TEXT_OR_NULL,
    "p_alive": NUMBER,
    "predicted_value_12m": NUMBER,
}

OUTPUT = output_schema(
    table(COLUMNS),
    totals=record(
        {
            "customers": COUNT_OR_NULL,
            "orders": COUNT_OR_NULL,
            "net_revenue": NUMBER,
            "customers_by_rfm": mapping(COUNT_OR_NULL),
        }
    ),
)


class TopCustomersArguments(ListArguments):
    """The arguments of `list_top_customers`."""

    period: Window = Field(
        default=Window.ALL, description="Whose orders count: of all time, or of the last months that are known whole."
    )
    sort_by: SortBy = Field(
        default=SortBy.NET_REVENUE,
        description="Most first. predicted_value: of the next 12 months. days_since_last: by month, longest ago first.",
    )
    segment: Rfm | None = Field(default=None, description="Only customers of this kind, by all they ever ordered.")
    limit: WholeNumber = Field(
        default=20, ge=1, le=MOST_ROWS, description="Rows in one answer; a list ends with 200, of one kind 100."
    )


def run(arguments: TopCustomersArguments, call: Call) -> Answer:
    """Answer with a row for each customer; totals are of all of them, also beyond the end of the list."""
    report = list_top_customers(
        TopQuestion(window=arguments.period, sort_by=arguments.sort_by, of_kind=arguments.segment),
        workspace_id=call.workspace_id,
        now=call.now,
        figures=call.figures,
    )
    currency = report.frame.settings.currency
    return Answer(
        summary=_summary(report, arguments),
        frame=report.frame,
        data=Table(columns=tuple(COLUMNS), rows=Written(report.rows, partial(_row, report=report, currency=currency))),
        totals=_totals(report, arguments.segment, currency),
        period=report.window,
        definition_version=TOP_VERSION,
        sources=report.frame.accounts_with(Family.ORDER, Family.REFUND),
        coverage={"customers": share(*report.orders)},
        caveats=_caveats(report, arguments.segment),
    )


def _row(row: TopCustomer, report: TopReport, currency: str) -> list[Cell]:
    return [
        row.customer,
        row.first_month,
        row.last_month,
        row.orders,
        amount(row.net_revenue, currency),
        None if row.kind in report.hidden else row.kind,
        None if row.p_alive is None else share(row.p_alive, MICROS, RATE_DIGITS),
        None if row.predicted_12m is None else amount(row.predicted_12m, currency),
    ]


def _totals(report: TopReport, segment: Rfm | None, currency: str) -> dict[str, Cell]:
    found = report.found
    nothing = None if segment in report.hidden else 0
    return {
        "customers": nothing if found is None else found.customers,
        "orders": nothing if found is None else found.orders,
        "net_revenue": nothing if found is None else amount(found.net_revenue, currency),
        "customers_by_rfm": {kind: None if kind in report.hidden else report.kinds.get(kind, 0) for kind in Rfm},
    }


def _summary(report: TopReport, arguments: TopCustomersArguments) -> str:
    segment, found = arguments.segment, report.found
    who = "customers" if segment is None else f"customers of kind {segment}"
    when = "in all" if report.window is None else f"in {report.window}"
    if segment in report.hidden:
        return f"Nothing is told of the {who} who ordered {when}: they are too few, or would give another kind away."
    if found is None or not found.customers:
        return f"No {who} ordered {when}."
    text = (
        f"{counted(found.customers, 'customer')}{'' if segment is None else f' of kind {segment}'} ordered {when}: "
        f"{counted(found.orders, 'order')}, net revenue {written(found.net_revenue, report.frame.settings.currency)}."
    )
    away = report.kinds.get(Rfm.AT_RISK, 0)
    if segment is None and away and Rfm.AT_RISK not in report.hidden:
        text += f" {away:,} who ordered often are at risk: none of their orders is recent."
    return text


def _caveats(report: TopReport, segment: Rfm | None) -> list[Caveat]:
    frame, found = report.frame, report.found
    caveats: list[Caveat] = []
    if report.window is None:
        return [Caveat(code="no_orders", message="No order has been imported yet: import orders.")]
    caveats += frame.caveats(report.window)
    as_of = "periods, kinds and expectations"
    caveats += orders_caveats(frame, report.orders, as_of=as_of, nowhere="no row and no total")
    if missing := within(frame.unrated(Family.ORDER, Family.REFUND), report.window):
        caveats.append(rates_caveat(frame, "Orders or refunds in currencies without a rate are in no figure", missing))
    if report.failed:
        message = f"p_alive and predicted_value_12m are null, for no model holds: {why_not(report.failed)}"
        caveats.append(Caveat(code="insufficient_data", message=message))
    if report.hidden:
        message = (
            f"Kinds of too few customers (under {frame.settings.k_min}), or that would give such a kind away, are not "
            "told: null in rfm and in totals."
        )
        caveats.append(Caveat(code="suppressed", message=message))
    if found is not None and found.customers > len(report.rows):
        of = "" if segment is None else f" of kind {segment}"
        message = f"The list ends with {len(report.rows)} of {found.customers:,} customers{of}; totals are of all."
        caveats.append(Caveat(code="list_ends", message=message, share=share(len(report.rows), found.customers)))
    return caveats


TOOL = Tool(
    entry=TOOL_BY_NAME["list_top_customers"],
    description=(
        "The best customers as pseudonyms: months of their first and last order, orders and net revenue (less refunds "
        "at any time), kind by recency, frequency and value (rfm), the chance that they still buy (p_alive, null with "
        "no second order day) and what they are expected to bring in 12 months. Use it for who the best customers are "
        "and, with segment=at_risk, which of them are lapsing. totals count all customers and each kind. No names or "
        "addresses, and no date finer than a month; periods other than those listed cannot be asked for. Not for "
        "retention (get_cohort_retention) or the value of an average customer (get_customer_ltv)."
    ),
    arguments=TopCustomersArguments,
    output=OUTPUT,
    run=run,
)
