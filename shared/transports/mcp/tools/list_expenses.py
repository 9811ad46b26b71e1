"""The expenses that were booked."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from shared.domain.analytics.definitions import EXPENSES_VERSION
from shared.domain.analytics.expenses import ExpenseKind, GroupBy, Sum
from shared.domain.analytics.money import amount, counted, percent_change, share, written
from shared.domain.analytics.rates_missing import lacking
from shared.domain.facts.families import Family
from shared.domain.text import quoted
from shared.services.figures.frame import Caveat
from shared.services.figures.list_expenses import ExpenseQuestion, ExpenseReport, list_expenses
from shared.services.tool_catalogue import TOOL_BY_NAME
from shared.transports.mcp.tools.answer import Answer, Cell, Table
from shared.transports.mcp.tools.arguments import Line, ListArguments
from shared.transports.mcp.tools.periods import ComparedArguments
from shared.transports.mcp.tools.pnl_caveats import length_caveats, unsettled_caveats
from shared.transports.mcp.tools.rate_caveats import rates_caveat
from shared.transports.mcp.tools.schemas import (
    COUNT_OR_NULL,
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

GROUPS: dict[str, Schema] = {
    "group": TEXT_OR_NULL,
    "amount": NUMBER,
    "transactions": COUNT_OR_NULL,
    "share": NUMBER,
    "prior_amount": NUMBER,
}
SINGLE: dict[str, Schema] = {
    "date": TEXT,
    "line": TEXT,
    "category": TEXT_OR_NULL,
    "vendor": TEXT_OR_NULL,
    "behaviour": TEXT,
    "amount": NUMBER,
    "transactions": COUNT_OR_NULL,
    "share": NUMBER,
}
SUMS: dict[str, Schema] = {"amount": NUMBER, "transactions": COUNT_OR_NULL}

OUTPUT = output_schema(
    {"type": "object", "anyOf": [table(GROUPS), table(SINGLE)]},
    totals=record(SUMS),
    comparison=record({"data": record(SUMS), "change": mapping(record({"abs": NUMBER, "pct": NUMBER}))}),
)

NAMED = 2
"""So many groups make a summary."""
SHOWN_CATEGORIES = 10


class ExpenseArguments(ComparedArguments, ListArguments):
    """The arguments of `list_expenses`."""

    category: Line | None = Field(
        default=None, description="Only this category, such as software, whatever its capitals. Default: all."
    )
    kind: ExpenseKind = Field(
        default=ExpenseKind.ALL,
        description="ad: booked advertising; variable, fixed, one_off: the rest, by how it moves with sales.",
    )
    group_by: GroupBy = Field(
        default=GroupBy.CATEGORY,
        description="What makes a row; line: the line of get_pnl that it counts in; none: each day's bookings, latest "
        "first. People among vendors have a number.",
    )


def run(arguments: ExpenseArguments, call: Call) -> Answer:
    """Answer with a row for each group, or for each booking."""
    report = list_expenses(
        ExpenseQuestion(
            period=arguments.asked,
            against=arguments.against,
            category=arguments.category,
            kind=arguments.kind,
            group_by=arguments.group_by,
        ),
        workspace_id=call.workspace_id,
        now=call.now,
        figures=call.figures,
    )
    is_single = arguments.group_by is GroupBy.NONE
    return Answer(
        summary=_summary(report, arguments),
        frame=report.frame,
        data=Table(
            columns=tuple(SINGLE if is_single else GROUPS), rows=_single(report) if is_single else _groups(report)
        ),
        totals=_sums(report.total, report) if _is_known(report) else dict.fromkeys(SUMS),
        comparison=_comparison(report),
        period=report.spans.period,
        comparison_period=report.spans.earlier,
        definition_version=EXPENSES_VERSION,
        sources=report.frame.accounts_with(Family.EXPENSE),
        caveats=_caveats(report, arguments),
    )


def _currency(report: ExpenseReport) -> str:
    return report.frame.settings.currency


def _is_known(report: ExpenseReport) -> bool:
    """Tell whether the books reach into the period at all, and can be added up: else it is unknown, and not nothing."""
    return report.is_told and not report.lacks_rates and not report.is_unsettled


def _groups(report: ExpenseReport) -> list[list[Cell]]:
    currency, known = _currency(report), _is_known(report)
    return [
        [
            row.name,
            amount(row.amount, currency) if known else None,
            row.transactions if known else None,
            share(row.amount, report.total.micros),
            None if row.prior is None else amount(row.prior, currency),
        ]
        for row in report.rows
    ]


def _single(report: ExpenseReport) -> list[list[Cell]]:
    return [
        [
            booking.day.isoformat(),
            booking.group.line,
            booking.group.category,
            booking.group.vendor,
            booking.group.behaviour,
            amount(booking.micros, _currency(report)),
            booking.transactions,
            share(booking.micros, report.total.micros),
        ]
        for booking in report.single
    ]


def _sums(found: Sum, report: ExpenseReport) -> dict[str, Any]:
    return {"amount": amount(found.micros, _currency(report)), "transactions": found.transactions}


def _comparison(report: ExpenseReport) -> dict[str, Any] | None:
    now, before = report.total, report.earlier
    if before is None or not _is_known(report):
        return None
    if not report.is_comparable:
        return {"data": _sums(before, report), "change": dict.fromkeys(SUMS, dict.fromkeys(("abs", "pct")))}
    changes: dict[str, Any] = {
        "amount": {
            "abs": amount(now.micros - before.micros, _currency(report)),
            "pct": percent_change(now.micros, before.micros),
        },
        "transactions": {
            "abs": now.transactions - before.transactions,
            "pct": percent_change(now.transactions, before.transactions),
        },
    }
    return {"data": _sums(before, report), "change": changes}


def _days_unknown(report: ExpenseReport) -> int:
    """Count the days of the earlier period that the books do not reach back to."""
    books, earlier = report.books, report.spans.earlier
    return 0 if books is None or earlier is None else min(max((books.first - earlier.first).days, 0), earlier.days)


def _summary(report: ExpenseReport, arguments: ExpenseArguments) -> str:
    period, currency = report.spans.period, _currency(report)
    if report.books is None:
        return "No expenses have been imported."
    if report.books.first > period.last:
        return f"No expenses are known before {report.books.first}."
    if not report.is_told:
        return f"No expenses are known after {report.books.last}."
    of = [] if arguments.category is None else [f"category {quoted(arguments.category)}"]
    of += [] if arguments.kind is ExpenseKind.ALL else [f"kind {arguments.kind}"]
    if arguments.kind is ExpenseKind.AD and report.frame.accounts_with(Family.AD_DAY):
        of.append("what ad platforms report is apart, in get_ad_performance")
    chosen = f" ({', '.join(of)})" if of else ""
    if report.lacks_rates:
        why = "some are in a currency for which no rate is known, and there are no others"
        return f"Booked expenses{chosen} in {period} are unknown, not zero: {why}."
    if report.is_unsettled:
        why = "nobody has settled the accounts of what is booked"
        return f"Booked expenses{chosen} in {period} are unknown, not zero: {why}."
    text = f"Booked expenses{chosen} in {period}: {written(report.total.micros, currency)}"
    text += f" in {counted(report.total.transactions, 'transaction')}"
    if report.earlier is not None and report.is_comparable:
        text += f", {written(report.earlier.micros, currency)} in {report.spans.earlier}"
    if arguments.group_by in {GroupBy.NONE, GroupBy.MONTH}:
        return f"{text}."
    largest = [
        f"{'unnamed' if row.name is None else quoted(row.name)} {written(row.amount, currency)}"
        for row in report.rows[:NAMED]
        if row.amount
    ]
    return f"{text}. Largest: {', '.join(largest)}." if largest else f"{text}."


def _caveats(report: ExpenseReport, arguments: ExpenseArguments) -> list[Caveat]:
    caveats = unsettled_caveats(report.unsettled, _currency(report))
    period, books = report.spans.period, report.books
    if books is None:
        return [
            *caveats,
            Caveat(
                code="no_expenses", message="No expense has been imported: what was spent is unknown. Import the books."
            ),
        ]
    if period.first < books.first:
        unknown = min((books.first - period.first).days, period.days)
        message = (
            f"{unknown:,} of {counted(period.days, 'day')} are before the first expense, {books.first}: what was spent "
            "then is unknown. Import earlier books, or ask for later days."
        )
        caveats.append(Caveat(code="before_data", message=message, share=share(period.days - unknown, period.days)))
    if period.last > books.last:
        covered = max((books.last - period.first).days + 1, 0)
        message = (
            f"Expenses are known up to {books.last}: those of {period.days - covered:,} of "
            f"{counted(period.days, 'day')} may not be booked yet, and no change is given."
        )
        caveats.append(Caveat(code="upstream_stale", message=message, share=share(covered, period.days)))
    if unknown := _days_unknown(report):
        message = (
            f"{unknown} days of {report.spans.earlier} are before the first expense, {books.first}: its amounts are "
            "unknown, and no change is given."
        )
        caveats.append(Caveat(code="comparison_before_data", message=message))
    if report.spans.earlier is not None:
        caveats += length_caveats(period, report.spans.earlier)
    if report.converted is not None:
        known, all_of_them = report.converted
        told = counted(all_of_them, "transaction")
        what = f"{all_of_them - known:,} of {told} are in a currency without a rate, and in no sum"
        missing = lacking(report.frame.unrated(Family.EXPENSE), period)
        caveats.append(rates_caveat(report.frame, what, missing, share(known, all_of_them)))
    if arguments.category is not None and report.categories is not None:
        known = ", ".join(map(quoted, report.categories[:SHOWN_CATEGORIES])) or "none"
        caveats.append(Caveat(code="nothing_matches", message=f"Nothing matches. Categories of the period: {known}."))
    is_about_ads = arguments.category is None and arguments.kind in {ExpenseKind.ALL, ExpenseKind.AD}
    if is_about_ads and report.frame.accounts_with(Family.AD_DAY):
        message = "Spend that ad platforms report is not booked here: get_ad_performance has it."
        caveats.append(Caveat(code="platform_spend_apart", message=message))
    return caveats


TOOL = Tool(
    entry=TOOL_BY_NAME["list_expenses"],
    description=(
        "Expenses as they were booked, by category, vendor, line of the P&L or month, each with amount, number of "
        "transactions, share and the amount of an earlier period. Use it for what is spent on software, rent, wages, "
        "agencies and the like, and for which cost grew. An expense that covers a month is spread over its days and is "
        "one transaction of the day it was booked. null in group: not stated. Not for what ad platforms charged "
        "(get_ad_performance), cost of goods (list_product_costs) or profit (get_pnl)."
    ),
    arguments=ExpenseArguments,
    output=OUTPUT,
    run=run,
)
