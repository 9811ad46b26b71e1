"""What a reader of a P&L must know: which costs nobody told, how far the rest is known, and where the data ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.domain.analytics.definitions import LABELS
from shared.domain.analytics.money import counted, share
from shared.domain.analytics.periods import DateRange, is_like
from shared.domain.analytics.pnl import Line, Statement
from shared.domain.analytics.rates_missing import within
from shared.domain.facts.families import Family
from shared.services.figures.frame import Caveat, Frame
from shared.services.figures.get_pnl import PnlReport
from shared.transports.mcp.tools.rate_caveats import rates_caveat

COSTS = (
    Line.COGS,
    Line.FULFILMENT,
    Line.PAYMENT_FEES,
    Line.PLATFORM_FEES,
    Line.AD_SPEND,
    Line.OPEX,
    Line.DEPRECIATION,
    Line.INTEREST,
    Line.INCOME_TAX,
)
"""The lines that may be unknown."""


COST_OF_SALES_PARTIAL = (
    "Unit costs are known for this share of sales only, so margins look better than they are. list_product_costs with "
    "status=missing names the SKUs."
)


def pnl_caveats(report: PnlReport) -> list[Caveat]:
    """Say everything that makes a number of the report partial."""
    return [
        *report.frame.caveats(report.period),
        *comparison_caveats(report.frame, report.period, report.earlier_period),
        *report.frame.late_ads(report.period),
        *profit_caveats(report.frame, report.period, report.total),
    ]


def profit_caveats(frame: Frame, period: DateRange, found: Statement, costs: Sequence[Line] = COSTS) -> list[Caveat]:
    """Say which costs are unknown or partial, and which of them for want of a rate."""
    missing = within(frame.unrated(Family.COST), period)
    known, sales = found.cost_coverage
    if not missing or known >= sales:
        return statement_caveats(found, costs)
    what = "Costs of goods are told in a currency without a rate, so they are unknown"
    untold = [line for line in costs if line is not Line.COGS or found.lines[line] is not None]
    return [rates_caveat(frame, what, missing, share(known, sales)), *statement_caveats(found, untold)]


def lines_told(found: Statement, frame: Frame, span: DateRange) -> Mapping[Line, int | None]:
    """Give the lines; where no order is known, the costs that somebody told are all there is."""
    if not frame.is_unknown(span):
        return found.lines
    return {line: micros if line in COSTS and micros else None for line, micros in found.lines.items()}


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


def comparison_caveats(frame: Frame, period: DateRange, earlier: DateRange | None) -> list[Caveat]:
    """Say why two periods are not alike."""
    if earlier is None:
        return []
    caveats = early_caveats(frame, earlier)
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


def early_caveats(frame: Frame, earlier: DateRange | None) -> list[Caveat]:
    """Say where the period that is compared with begins before the data does."""
    unknown = 0 if earlier is None else frame.days_before_data(earlier)
    if earlier is None or not unknown:
        return []
    message = (
        f"{unknown} of the {earlier.days} days of {earlier} are before the first order, "
        f"{frame.overview.data_from}: no change in percent is given."
    )
    return [Caveat(code="comparison_before_data", message=message, share=share(earlier.days - unknown, earlier.days))]


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
    if known_share is not None and known_share < 1 and found.lines[Line.COGS] is not None:
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
    if found.estimated_fee_orders:
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
