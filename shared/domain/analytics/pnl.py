"""Profit and loss from a shop's figures: every line, on both bases, and which of them nobody knows.

A cost of which nothing was told of any day is unknown, and so is not subtracted: the lines below it stand on what is
known, and a caveat says so. What ads and books tell is known from their first day to their last one; where one ad
account tells less far than another, to the last of which both tell. Nothing is rounded here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from shared.domain.analytics.periods import DateRange, is_nearly_all
from shared.domain.facts.families import Family
from shared.domain.facts.rollups import Figure, Overview

DISCONTINUED = "discontinued"
GIVEN_UP_AFTER = timedelta(days=92)
"""An ad account that tells of nothing for so long while another does has nothing more to tell, whatever its status."""

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
PROFITS = (Line.CM1, Line.CM2, Line.CM3, Line.EBITDA, Line.NET_PROFIT)
_ORDER = tuple(Line)


def costs_in(line: Line) -> Sequence[Line]:
    """Give the costs that a line stands on: those before it if it is a profit, or itself."""
    if line in PROFITS:
        return [cost for cost in COSTS if _ORDER.index(cost) < _ORDER.index(line)]
    return [line] if line in COSTS else []


class Unsettled(NamedTuple):
    """What was booked on accounts of which nobody has said what they are: it is in no line."""

    bookings: int = 0
    debits: int = 0
    """Of those with a rate."""
    unconverted: int = 0


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
    """Costs that books do not tell of for all days: how many orders told of them, and all orders."""
    estimated_fee_orders: int
    """Orders whose payment fee is an estimate by the workspace's rule."""
    refunds_by_date: tuple[int, int]
    """Refunds whose own day is known, and all of those that count on it."""
    unconverted: int
    """Facts in a currency for which there is no rate; they are in no line."""
    days: int
    days_told: Mapping[Line, int]
    """Of how many of the days ads or books tell of a line, for each of which they ever did and orders do not."""
    unsettled: Unsettled

    def known(self, line: Line) -> int:
        """Give a line, or zero where it is unknown."""
        return self.lines[line] or 0

    def days_known(self, line: Line) -> int:
        """Count the days of which a cost is known."""
        return 0 if self.lines[line] is None else self.days_told.get(line, self.days)

    def is_nearly_whole(self, line: Line) -> bool:
        """Tell whether a cost is known, and of so many days that it can be compared."""
        return self.lines[line] is not None and is_nearly_all(self.days_known(line), self.days)

    def without(self, costs: Collection[Line]) -> Statement:
        """Give the same as if nobody had told of some costs."""
        lines = dict(self.lines)
        for profit in PROFITS:
            lines[profit] = self.known(profit) + sum(self.known(cost) for cost in costs_in(profit) if cost in costs)
        return replace(self, lines={**lines, **dict.fromkeys(costs)})


def not_alike(one: Statement, other: Statement) -> Sequence[Line]:
    """Find the costs of which not as much is known of one period as of the other: they cannot be compared.

    Of two periods of which parts are known nobody can say whether the parts are alike, unless hardly a day is missing.
    """
    return [
        cost
        for cost in COSTS
        if not (one.is_nearly_whole(cost) and other.is_nearly_whole(cost))
        and not (one.lines[cost] is None and other.lines[cost] is None)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What ads and books tell of some days."""

    days: int
    known: Mapping[Line, int] = field(default_factory=dict[Line, int])
    """A line of which they ever told -> of how many of these days."""

    def has(self, line: Line) -> bool:
        """Tell whether they say something of a line on any of the days."""
        return self.known.get(line, 0) > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """Of which days anybody told us of costs: of others they are unknown, and not nothing."""

    ads: DateRange | None = None
    """From the first day of any ad account to the last of which all of them tell that are still to tell."""
    do_ads_go_on: bool = False
    """Whether any account is still to tell: what books say of advertising makes up for no day that it has not told."""
    books: DateRange | None = None
    """From the first to the last day that any expense says something about."""
    expense_lines: frozenset[str] = frozenset()

    @classmethod
    def of(cls, overview: Overview) -> Imported:
        """Read it off the overview."""
        ads = [
            (account.status, DateRange(first=holding.first, last=holding.last))
            for account in overview.accounts
            for holding in account.holdings
            if holding.family == Family.AD_DAY and holding.first is not None and holding.last is not None
        ]
        ever = _from_first_to_last((days.first, days.last) for _, days in ads)
        to_tell = [
            days.last
            for status, days in ads
            if ever is not None and status != DISCONTINUED and ever.last - days.last <= GIVEN_UP_AFTER
        ]
        lines = overview.expense_lines
        return cls(
            ads=ever if ever is None or not to_tell else DateRange(first=ever.first, last=min(to_tell)),
            do_ads_go_on=bool(to_tell),
            books=_from_first_to_last(lines.values()),
            expense_lines=frozenset(lines),
        )

    def reach(self, line: Line) -> DateRange | None:
        """Give the first and the last day of which a cost is told, if it ever was."""
        of_books = self.books if line in self.expense_lines else None
        of_ads = self.ads if line is Line.AD_SPEND else None
        either = _from_first_to_last([(each.first, each.last) for each in (of_books, of_ads) if each is not None])
        if either is None or of_ads is None or not self.do_ads_go_on:
            return either
        return DateRange(first=either.first, last=of_ads.last)

    def within(self, span: DateRange) -> Told:
        """Tell of how many days of a range each cost is told."""
        reaches = ((line, self.reach(line)) for line in COSTS)
        return Told(days=span.days, known={line: span.days_in(reach) for line, reach in reaches if reach is not None})


def _from_first_to_last(days: Iterable[tuple[date, date]]) -> DateRange | None:
    spans = list(days)
    return DateRange(first=min(first for first, _ in spans), last=max(last for _, last in spans)) if spans else None


_STATED = {
    Line.FULFILMENT: (Figure.FULFILMENT_KNOWN_ORDERS,),
    Line.PAYMENT_FEES: (Figure.PAYMENT_FEES_KNOWN_ORDERS, Figure.PAYMENT_FEES_ESTIMATED_ORDERS),
    Line.PLATFORM_FEES: (Figure.PLATFORM_FEES_KNOWN_ORDERS,),
}
"""Costs that orders state, and how many of them do."""


def statement(sums: Sums, basis: Basis, told: Told) -> Statement:
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
        told=of(Figure.FULFILMENT_KNOWN_ORDERS) > 0 or told.has(Line.FULFILMENT),
        orders=orders,
    )
    payment_fees = _per_order(
        of(Figure.PAYMENT_FEES) + of(Figure.PAYMENT_FEES_ESTIMATED) + of(Figure.PAYMENT_FEES_INVOICED),
        told=of(Figure.PAYMENT_FEES_KNOWN_ORDERS) + of(Figure.PAYMENT_FEES_ESTIMATED_ORDERS) > 0
        or told.has(Line.PAYMENT_FEES),
        orders=orders,
    )
    platform_fees = _per_order(
        of(Figure.PLATFORM_FEES) + of(Figure.PLATFORM_FEES_INVOICED),
        told=of(Figure.PLATFORM_FEES_KNOWN_ORDERS) > 0 or told.has(Line.PLATFORM_FEES),
        orders=orders,
    )
    cm2 = cm1 - (fulfilment or 0) - (payment_fees or 0) - (platform_fees or 0)

    def booked(line: Line, *figures: Figure) -> int | None:
        cost = sum(map(of, figures))
        return cost if told.has(line) or cost else None

    ad_spend = booked(Line.AD_SPEND, Figure.AD_SPEND, Figure.AD_SPEND_INVOICED)
    cm3 = cm2 - (ad_spend or 0)
    opex = booked(Line.OPEX, Figure.OPEX)
    ebitda = cm3 - (opex or 0)
    depreciation = booked(Line.DEPRECIATION, Figure.DEPRECIATION)
    interest = booked(Line.INTEREST, Figure.INTEREST)
    income_tax = booked(Line.INCOME_TAX, Figure.INCOME_TAX)

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
            Line.AD_SPEND: ad_spend,
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
            if told.known.get(line, 0) < told.days
        },
        estimated_fee_orders=of(Figure.PAYMENT_FEES_ESTIMATED_ORDERS),
        refunds_by_date=(0, 0) if by_order else (refunds - of(Figure.REFUNDS_DATE_ASSUMED), refunds),
        unconverted=of(Figure.UNCONVERTED),
        days=told.days,
        days_told={
            line: known for line, known in told.known.items() if not any(of(figure) for figure in _STATED.get(line, ()))
        },
        unsettled=Unsettled(of(Figure.UNSETTLED_BOOKINGS), of(Figure.UNSETTLED), of(Figure.UNSETTLED_UNCONVERTED)),
    )


def _cogs(sums: Sums, restocked: int) -> int | None:
    """Take restocked goods off the cost of what was sold; unknown if goods were sold and no cost was ever told."""
    cogs, told = sums.get(Figure.COGS, 0), sums.get(Figure.COST_KNOWN_UNITS, 0)
    return cogs - restocked if told or cogs or restocked or not sums.get(Figure.UNITS, 0) else None


def _per_order(cost: int, *, told: bool, orders: int) -> int | None:
    """Give a cost that orders state themselves; unknown if there were orders and nobody said anything about it."""
    return cost if told or cost or not orders else None
