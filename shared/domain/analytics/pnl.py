"""Profit and loss from a shop's figures: every line, on both bases, and which of them nobody knows.

A cost of which nothing was ever told is unknown, and so is not subtracted: the lines below it stand on what is known,
and a caveat says so. Nothing is rounded here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from shared.domain.facts.families import Family
from shared.domain.facts.rollups import Figure, Overview

Sums = Mapping[Figure, int]
"""Figures of some days, added up; money in micros."""


class Basis(StrEnum):
    """On which day a refund takes its value away: the day it was processed, or the day of its order."""

    PROCESSED_DATE = "processed_date"
    ORDER_DATE = "order_date"


class Line(StrEnum):
    """The lines, in their order. The values are on the wire."""

    GROSS_SALES = "gross_sales"
    DISCOUNTS = "discounts"
    RETURNS = "returns"
    NET_SALES = "net_sales"
    SHIPPING_INCOME = "shipping_income"
    NET_REVENUE = "net_revenue"
    COGS = "cogs"
    CM1 = "cm1"
    FULFILMENT = "fulfilment"
    PAYMENT_FEES = "payment_fees"
    PLATFORM_FEES = "platform_fees"
    CM2 = "cm2"
    AD_SPEND = "ad_spend"
    CM3 = "cm3"
    OPEX = "opex"
    EBITDA = "ebitda"
    DEPRECIATION = "depreciation"
    INTEREST = "interest"
    INCOME_TAX = "income_tax"
    NET_PROFIT = "net_profit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The P&L of some days. None: unknown. Costs are positive numbers that are subtracted."""

    lines: Mapping[Line, int | None]
    orders: int
    units: int
    orders_refunded: int
    cost_coverage: tuple[int, int]
    """Sales whose cost is known, and all sales (gross_sales - discounts)."""
    stated_by_orders: Mapping[Line, tuple[int, int]]
    """Costs that nothing but orders told of: how many orders did, and all orders."""
    estimated_fee_orders: int
    """Orders whose payment fee is an estimate by the workspace's rule."""
    refunds_by_date: tuple[int, int]
    """Refunds whose own day is known, and all of those that count on it."""
    unconverted: int
    """Facts in a currency for which there is no rate; they are in no line."""

    def known(self, line: Line) -> int:
        """Give a line, or zero where it is unknown."""
        return self.lines[line] or 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """Which costs anybody ever told us of."""

    ad_days: bool
    expense_lines: frozenset[str]

    @classmethod
    def of(cls, overview: Overview) -> Imported:
        """Read it off the overview."""
        families = {holding.family for account in overview.accounts for holding in account.holdings}
        return cls(ad_days=Family.AD_DAY in families, expense_lines=frozenset(overview.expense_lines))

    def has(self, line: Line) -> bool:
        """Tell whether an expense ever stood in a line."""
        return line in self.expense_lines


_STATED = {
    Line.FULFILMENT: (Figure.FULFILMENT_KNOWN_ORDERS,),
    Line.PAYMENT_FEES: (Figure.PAYMENT_FEES_KNOWN_ORDERS, Figure.PAYMENT_FEES_ESTIMATED_ORDERS),
    Line.PLATFORM_FEES: (Figure.PLATFORM_FEES_KNOWN_ORDERS,),
}
"""Costs that orders state, and how many of them do."""


def statement(sums: Sums, basis: Basis, imported: Imported) -> Statement:
    """Work out every line of the P&L (`pnl.v1`)."""
    by_order = basis is Basis.ORDER_DATE

    def of(figure: Figure, on_order_day: Figure | None = None) -> int:
        return sums.get(on_order_day if by_order and on_order_day is not None else figure, 0)

    orders = of(Figure.ORDERS)
    gross, discounts = of(Figure.GROSS_SALES), of(Figure.DISCOUNTS)
    returns = of(Figure.RETURNS, Figure.RETURNS_BY_ORDER)
    net_sales = gross - discounts - returns
    shipping = of(Figure.SHIPPING_CHARGED) - of(Figure.SHIPPING_REFUNDED, Figure.SHIPPING_REFUNDED_BY_ORDER)
    net_revenue = net_sales + shipping
    refunds = of(Figure.REFUNDS)

    cogs = _cogs(sums, of(Figure.COGS_RESTOCKED, Figure.COGS_RESTOCKED_BY_ORDER))
    cm1 = net_revenue - (cogs or 0)

    fulfilment = _per_order(
        of(Figure.FULFILMENT)
        + of(Figure.FULFILMENT_INVOICED)
        + of(Figure.RETURN_SHIPPING, Figure.RETURN_SHIPPING_BY_ORDER),
        told=of(Figure.FULFILMENT_KNOWN_ORDERS) > 0 or imported.has(Line.FULFILMENT),
        orders=orders,
    )
    payment_fees = _per_order(
        of(Figure.PAYMENT_FEES) + of(Figure.PAYMENT_FEES_ESTIMATED) + of(Figure.PAYMENT_FEES_INVOICED),
        told=of(Figure.PAYMENT_FEES_KNOWN_ORDERS) + of(Figure.PAYMENT_FEES_ESTIMATED_ORDERS) > 0
        or imported.has(Line.PAYMENT_FEES),
        orders=orders,
    )
    platform_fees = _per_order(
        of(Figure.PLATFORM_FEES) + of(Figure.PLATFORM_FEES_INVOICED),
        told=of(Figure.PLATFORM_FEES_KNOWN_ORDERS) > 0 or imported.has(Line.PLATFORM_FEES),
        orders=orders,
    )
    cm2 = cm1 - (fulfilment or 0) - (payment_fees or 0) - (platform_fees or 0)

    ad_spend = of(Figure.AD_SPEND) + of(Figure.AD_SPEND_INVOICED)
    ad_spend_told = imported.ad_days or imported.has(Line.AD_SPEND)
    cm3 = cm2 - (ad_spend if ad_spend_told else 0)

    opex = of(Figure.OPEX) if imported.has(Line.OPEX) else None
    ebitda = cm3 - (opex or 0)
    depreciation = of(Figure.DEPRECIATION) if imported.has(Line.DEPRECIATION) else None
    interest = of(Figure.INTEREST) if imported.has(Line.INTEREST) else None
    income_tax = of(Figure.INCOME_TAX) if imported.has(Line.INCOME_TAX) else None

    return Statement(
        lines={
            Line.GROSS_SALES: gross,
            Line.DISCOUNTS: discounts,
            Line.RETURNS: returns,
            Line.NET_SALES: net_sales,
            Line.SHIPPING_INCOME: shipping,
            Line.NET_REVENUE: net_revenue,
            Line.COGS: cogs,
            Line.CM1: cm1,
            Line.FULFILMENT: fulfilment,
            Line.PAYMENT_FEES: payment_fees,
            Line.PLATFORM_FEES: platform_fees,
            Line.CM2: cm2,
            Line.AD_SPEND: ad_spend if ad_spend_told else None,
            Line.CM3: cm3,
            Line.OPEX: opex,
            Line.EBITDA: ebitda,
            Line.DEPRECIATION: depreciation,
            Line.INTEREST: interest,
            Line.INCOME_TAX: income_tax,
            Line.NET_PROFIT: ebitda - (depreciation or 0) - (interest or 0) - (income_tax or 0),
        },
        orders=orders,
        units=of(Figure.UNITS),
        orders_refunded=of(Figure.ORDERS_REFUNDED),
        cost_coverage=(of(Figure.COST_KNOWN_SALES), gross - discounts),
        stated_by_orders={
            line: (sum(of(figure) for figure in figures), orders)
            for line, figures in _STATED.items()
            if not imported.has(line)
        },
        estimated_fee_orders=of(Figure.PAYMENT_FEES_ESTIMATED_ORDERS),
        refunds_by_date=(0, 0) if by_order else (refunds - of(Figure.REFUNDS_DATE_ASSUMED), refunds),
        unconverted=of(Figure.UNCONVERTED),
    )


def _cogs(sums: Sums, restocked: int) -> int | None:
    """Take restocked goods off the cost of what was sold; unknown if goods were sold and no cost was ever told."""
    cogs, told = sums.get(Figure.COGS, 0), sums.get(Figure.COST_KNOWN_UNITS, 0)
    return cogs - restocked if told or cogs or restocked or not sums.get(Figure.UNITS, 0) else None


def _per_order(cost: int, *, told: bool, orders: int) -> int | None:
    """Give a cost that orders state themselves; unknown if there were orders and nobody said anything about it."""
    return cost if told or cost or not orders else None
