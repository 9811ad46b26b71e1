"""What a reader of a P&L must know: which costs nobody told, how far the rest is known, and where the data ends."""

from __future__ import annotations

from shared.domain.analytics.money import share
from shared.domain.analytics.pnl import Line, Statement
from shared.services.figures.frame import Caveat
from shared.services.figures.get_pnl import PnlReport

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


def pnl_caveats(report: PnlReport) -> list[Caveat]:
    """Say everything that makes a number of the report partial."""
    return [
        *report.frame.caveats(report.period),
        *_early(report),
        *report.frame.late_ads(report.period),
        *_caveats(report.total),
    ]


def days_unknown(report: PnlReport) -> int:
    """Count the days of the comparison period on which no order is known yet."""
    return 0 if report.earlier_period is None else report.frame.days_before_data(report.earlier_period)


def _early(report: PnlReport) -> list[Caveat]:
    """Say where the comparison period begins before the data does."""
    earlier, unknown = report.earlier_period, days_unknown(report)
    if earlier is None or not unknown:
        return []
    message = (
        f"{unknown} of the {earlier.days} days of {earlier} are before the first order, "
        f"{report.frame.overview.data_from}: no change in percent is given."
    )
    return [Caveat(code="comparison_before_data", message=message, share=share(earlier.days - unknown, earlier.days))]


def _caveats(found: Statement) -> list[Caveat]:
    caveats: list[Caveat] = []
    unknown = [line for line in COSTS if found.lines[line] is None]
    if unknown:
        caveats.append(
            Caveat(
                code="costs_unknown",
                message=f"Never imported, so null and not subtracted further down: {', '.join(unknown)}.",
            )
        )
    known_share = share(*found.cost_coverage)
    if known_share is not None and known_share < 1 and found.lines[Line.COGS] is not None:
        caveats.append(
            Caveat(
                code="cogs_partial",
                message="Unit costs are known for this share of sales only; margins look better than they are.",
                share=known_share,
            )
        )
    if found.estimated_fee_orders:
        caveats.append(
            Caveat(
                code="payment_fees_estimated",
                message="Payment fees of some orders are estimated by the workspace's fee rule; share is the rest.",
                share=share(found.orders - found.estimated_fee_orders, found.orders),
            )
        )
    return caveats
