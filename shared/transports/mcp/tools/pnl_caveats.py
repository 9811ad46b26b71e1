"""What a reader of a P&L must know: which costs nobody told, how far the rest is known, and where the data ends."""

from __future__ import annotations

from collections.abc import Sequence

from shared.domain.analytics.definitions import LABELS
from shared.domain.analytics.money import counted, share, written
from shared.domain.analytics.periods import DateRange, is_like
from shared.domain.analytics.pnl import COSTS, Imported, Line, Statement, Unsettled, not_alike
from shared.domain.analytics.rates_missing import within
from shared.domain.facts.families import Family
from shared.services.figures.frame import Caveat, Frame
from shared.services.figures.get_pnl import PnlReport
from shared.transports.mcp.tools.rate_caveats import rates_caveat

COST_OF_SALES_PARTIAL = (
    "Unit costs are known for this share of sales only, so margins look better than they are. list_product_costs with "
    "status=missing names the SKUs."
)

OF_ORDERS = (Line.COGS, Line.FULFILMENT, Line.PAYMENT_FEES, Line.PLATFORM_FEES)
"""Costs that orders tell of."""


def pnl_caveats(report: PnlReport, costs: Sequence[Line] = COSTS) -> list[Caveat]:
    """Say everything that makes a number of the report partial that stands on these costs, or on none."""
    compared = costs_compared(report.frame, report.period, report.earlier_period)
    return [
        *report.frame.caveats(report.period),
        *comparison_caveats(report.frame, report.period, report.earlier_period),
        *unlike_costs_caveats(report.total, report.earlier, [line for line in compared if line in costs]),
        *(report.frame.late_ads(report.period) if Line.AD_SPEND in costs else []),
        *profit_caveats(report.frame, report.period, report.total, costs),
        *(unsettled_caveats(report.total.unsettled, report.currency) if costs else []),
        *_known_parts(report),
    ]


def profit_caveats(frame: Frame, period: DateRange, found: Statement, costs: Sequence[Line] = COSTS) -> list[Caveat]:
    """Say which costs are unknown or partial, and which of them for want of a rate."""
    missing = within(frame.unrated(Family.COST), period)
    known, sales = found.cost_coverage
    reach = _reach_caveats(frame, period, found, costs)
    untold = [line for line in costs if found.lines[line] is not None or line not in found.days_told]
    if not missing or known >= sales:
        return [*reach, *statement_caveats(found, untold)]
    what = "Costs of goods are told in a currency without a rate, so they are unknown"
    untold = [line for line in untold if line is not Line.COGS or found.lines[line] is not None]
    return [*reach, rates_caveat(frame, what, missing, share(known, sales)), *statement_caveats(found, untold)]


def _reach_caveats(frame: Frame, period: DateRange, found: Statement, costs: Sequence[Line]) -> list[Caveat]:
    """Say which costs are known of some days of a period only, or of none, for ads and books tell of others."""
    imported = Imported.of(frame.overview)
    lines_of: dict[int, list[Line]] = {}
    for line in costs:
        if line in found.days_told and found.days_told[line] < found.days:
            lines_of.setdefault(found.days_told[line], []).append(line)
    return [
        Caveat(
            code="costs_days_unknown",
            message=(
                f"{', '.join(lines)}: known of {known} of the {counted(found.days, 'day')} of {period}, unknown and "
                f"not subtracted on the others; {_who_tells(lines, imported)}. Import the other days."
            ),
            share=share(known, found.days),
        )
        for known, lines in lines_of.items()
    ]


def _who_tells(lines: Sequence[Line], imported: Imported) -> str:
    """Say of which days those tell who tell of these costs."""
    ads = imported.ads if Line.AD_SPEND in lines else None
    books = imported.books if imported.expense_lines.intersection(lines) else None
    told = (("ad accounts", ads), ("the books", books))
    return ", ".join(f"{who} tell of {span}" for who, span in told if span is not None)


def unsettled_caveats(unsettled: Unsettled, currency: str) -> list[Caveat]:
    """Say what was booked on accounts of which nobody has said what they are."""
    bookings, debits, unconverted = unsettled
    if not bookings:
        return []
    known = [f"with debits of {written(debits, currency)}"] if unconverted < bookings else []
    unknown = [f"{unconverted:,} in a currency without a rate"] if unconverted else []
    message = (
        f"{counted(bookings, 'booking')} on accounts that nobody has settled, {' and '.join([*known, *unknown])}, "
        "are in no number. pma_inspect_org_data names the accounts; say what they are "
        "(merchant-mcp workspace settings --ledger-accounts), then send the report anew."
    )
    return [Caveat(code="books_unmapped", message=message)]


def costs_compared(frame: Frame, period: DateRange, earlier: DateRange | None) -> Sequence[Line]:
    """Give the costs whose change can be told: what orders tell of has none where too few of their days are known."""
    if earlier is None or (frame.knows_enough(period) and frame.knows_enough(earlier)):
        return COSTS
    return [line for line in COSTS if line not in OF_ORDERS]


def unlike_costs_caveats(now: Statement, before: Statement | None, costs: Sequence[Line]) -> list[Caveat]:
    """Say of which of these costs more is known of one period than of the other."""
    if before is None:
        return []
    unlike = [line for line in not_alike(now, before) if line in costs]
    nearly = [
        line
        for line in costs
        if line not in unlike
        and not now.lines[line] is before.lines[line] is None
        and (now.days_known(line), before.days_known(line)) != (now.days, before.days)
    ]
    caveats: list[Caveat] = []
    for code, lines, what in (
        (
            "costs_not_alike",
            unlike,
            "Not known alike of both periods, so no change is given of them or of a profit after them",
        ),
        ("costs_nearly_alike", nearly, "Not known of all days, and changes are given of what is known"),
    ):
        if lines:
            told = ", ".join(f"{line} ({_how_known(now, line)}, {_how_known(before, line)} before)" for line in lines)
            caveats.append(Caveat(code=code, message=f"{what}: {told}."))
    return caveats


def _how_known(found: Statement, line: Line) -> str:
    if found.lines[line] is None:
        return "unknown"
    return f"{found.days_told.get(line, found.days)} of {counted(found.days, 'day')}"


def _known_parts(report: PnlReport) -> list[Caveat]:
    """Say that what is known of days without orders is only what they lost."""
    if not report.frame.is_unknown(report.period) or not any(report.total.lines.values()):
        return []
    message = "Refunds and costs of these days are known, sales are not: every line after them is of these alone."
    return [Caveat(code="sales_unknown", message=message, share=0.0)]


def profit_unknown(found: Statement) -> str | None:
    """Say why no profit is known, where it is not: what is left of sales is none before the goods are paid."""
    if all(found.lines[line] is None for line in COSTS):
        return "no costs are known"
    return "the cost of goods sold is unknown" if found.lines[Line.COGS] is None else None


def has_percent(report: PnlReport) -> bool:
    """Tell whether the change against the comparison period can be told in percent."""
    return report.earlier_period is not None and report.frame.can_compare(report.period, report.earlier_period)


def orders_unknown(frame: Frame, period: DateRange) -> str | None:
    """Say in a sentence that nobody knows what was sold, where that is so."""
    if not frame.is_unknown(period):
        return None
    return f"{frame.caveats(period)[0].message} What was sold in {period} is unknown."


def change_unknown(frame: Frame, period: DateRange, earlier: DateRange) -> str | None:
    """Say in a sentence why nobody can tell how sales changed, where that is so."""
    for span in (period, earlier):
        if (why := orders_unknown(frame, span)) is not None:
            return why
        if not frame.knows_enough(span):
            return f"{frame.caveats(span)[0].message} So the change of {period} against {earlier} is unknown."
    return None


def comparison_caveats(frame: Frame, period: DateRange, earlier: DateRange | None) -> list[Caveat]:
    """Say why two periods are not alike."""
    if earlier is None:
        return []
    caveats = reach_of_orders_caveats(frame, period, earlier)
    if frame.is_unfinished(period) or frame.is_unfinished(earlier):
        message = f"{frame.today} is not over: part of a day beside whole days, so no change in percent is given."
        caveats.append(Caveat(code="period_not_over", message=message))
    return [*caveats, *length_caveats(period, earlier)]


def length_caveats(period: DateRange, earlier: DateRange) -> list[Caveat]:
    """Say where one range is longer than the other, or has some of its days."""
    if is_like(period, earlier):
        return []
    message = (
        f"{period} has {counted(period.days, 'day')} and {earlier} has {counted(earlier.days, 'day')}"
        f"{', and they overlap' if period.first <= earlier.last and earlier.first <= period.last else ''}: "
        "amounts differ for that alone."
    )
    return [Caveat(code="comparison_length", message=message)]


def reach_of_orders_caveats(frame: Frame, period: DateRange, earlier: DateRange | None) -> list[Caveat]:
    """Say where one of two periods that are compared has days of which no order is known."""
    begins, ends = frame.overview.data_from, frame.overview.data_through
    if earlier is None or begins is None or ends is None:
        return []
    known = DateRange(first=begins, last=ends)
    is_given = frame.knows_enough(period) and frame.knows_enough(earlier)
    caveats: list[Caveat] = []
    for span in (period, earlier):
        if span is period and frame.is_unknown(span):
            continue  # that is said of the period by itself
        before, all_unknown = frame.days_before_data(span), span.days - span.days_in(known)
        for code, days, of in (
            ("comparison_before_data", before, f"before the first order, {begins}"),
            ("comparison_after_data", all_unknown - before, f"after the last order, {ends}"),
        ):
            if days:
                change = (
                    f"changes are given of what is known, {span.days - days} of {counted(span.days, 'day')}. Import "
                    "the latest orders."
                    if is_given
                    else f"no change of what was sold is given. Compare periods within {known}."
                )
                message = f"{days} of the {span.days} days of {span} are {of}: {change}"
                caveats.append(Caveat(code=code, message=message, share=share(span.days - days, span.days)))
    return caveats


def statement_caveats(found: Statement, costs: Sequence[Line] = COSTS) -> list[Caveat]:
    """Say which of these costs nobody told, and which of them are partial or estimated."""
    caveats: list[Caveat] = []
    unknown = [line for line in costs if found.lines[line] is None]
    if unknown:
        caveats.append(
            Caveat(
                code="costs_unknown",
                message=(
                    f"Nobody told, so null and not subtracted further down: {', '.join(unknown)}. Profit is without "
                    "them until they are imported."
                ),
            )
        )
    known_share = share(*found.cost_coverage)
    if Line.COGS in costs and known_share is not None and known_share < 1 and found.lines[Line.COGS] is not None:
        caveats.append(
            Caveat(
                code="cogs_partial",
                message=COST_OF_SALES_PARTIAL,
                share=known_share,
            )
        )
    for line, (stated, orders) in found.stated_by_orders.items():
        if line in costs and 0 < stated < orders:
            message = (
                f"{LABELS[line]}: known of {stated:,} of {counted(orders, 'order')}, and nothing stands for the "
                "others, so profit is too high. Import them with the orders or payments."
            )
            caveats.append(Caveat(code=f"{line}_partial", message=message, share=share(stated, orders)))
    if Line.PAYMENT_FEES in costs and found.estimated_fee_orders:
        caveats.append(
            Caveat(
                code="payment_fees_estimated",
                message=(
                    f"Payment fees of {found.estimated_fee_orders:,} of {counted(found.orders, 'order')} are estimated "
                    "by the workspace's fee rule; import the shop's payment transactions to know them."
                ),
                share=share(found.orders - found.estimated_fee_orders, found.orders),
            )
        )
    dated, refunds = found.refunds_by_date
    if dated < refunds:
        caveats.append(
            Caveat(
                code="refund_date_assumed",
                message=(
                    f"Of {refunds - dated} of {refunds} refunds nobody said the day, so they count on the day of "
                    "their order; import the shop's payment transactions to know it."
                ),
                share=share(dated, refunds),
            )
        )
    return caveats
