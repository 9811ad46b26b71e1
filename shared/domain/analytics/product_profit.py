"""What goods earned: the P&L down to contribution margin 2 for a variant, a product, a category, or all of them.

It differs from the P&L of the shop in two things. Shipping that customers were charged belongs to no product, so net
sales are the revenue; and of costs that come as invoices for the whole shop, no product has a part.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from shared.domain.facts.products import VariantFigure

Sums = Mapping[str, int]
"""`VariantFigure` -> its sum; what is zero may be left out."""


class Level(StrEnum):
    """What a row is about."""

    PRODUCT = "product"
    VARIANT = "variant"
    CATEGORY = "category"


class SortBy(StrEnum):
    """What rows are ordered by."""

    CM2 = "cm2"
    NET_SALES = "net_sales"
    UNITS = "units"
    CM2_MARGIN = "cm2_margin"
    REFUND_RATE = "refund_rate"


class AdAllocation(StrEnum):
    """How the shop's ad spend is shared out."""

    NONE = "none"
    REVENUE_SHARE = "revenue_share"


@dataclass(frozen=True, slots=True, kw_only=True)
class Margins:
    """What some goods came to in some days; money in micros. None: unknown."""

    units: int
    orders: int
    orders_refunded: int
    gross_sales: int
    discounts: int
    returns: int
    net_sales: int
    cogs: int | None
    """As far as it is known; None: goods were sold and the cost of none is known."""
    cm1: int | None
    cm2: int | None
    cost_known_sales: int
    """The part of `sales` whose cost is known."""

    @property
    def sales(self) -> int:
        """What was sold, after discounts and before returns."""
        return self.gross_sales - self.discounts

    @property
    def cm2_margin(self) -> Fraction | None:
        """The part of net sales that is left; of less than nothing there is none, nor where some cost is unknown."""
        if self.cm2 is None or self.net_sales <= 0 or self.cost_known_sales < self.sales:
            return None
        return Fraction(self.cm2, self.net_sales)

    @property
    def refund_rate(self) -> Fraction | None:
        """The part of the orders that were refunded, in part or whole, whenever."""
        return Fraction(self.orders_refunded, self.orders) if self.orders else None


def margins(sums: Sums) -> Margins:
    """Work out the lines (`products.v1`)."""

    def of(figure: VariantFigure) -> int:
        return sums.get(figure, 0)

    net_sales = of(VariantFigure.GROSS_SALES) - of(VariantFigure.DISCOUNTS) - of(VariantFigure.RETURNS)
    cogs = _cogs(sums)
    cm1 = None if cogs is None else net_sales - cogs
    later = of(VariantFigure.FULFILMENT) + of(VariantFigure.RETURN_SHIPPING) + of(VariantFigure.FEES)
    return Margins(
        units=of(VariantFigure.UNITS),
        orders=of(VariantFigure.ORDERS),
        orders_refunded=of(VariantFigure.ORDERS_REFUNDED),
        gross_sales=of(VariantFigure.GROSS_SALES),
        discounts=of(VariantFigure.DISCOUNTS),
        returns=of(VariantFigure.RETURNS),
        net_sales=net_sales,
        cogs=cogs,
        cm1=cm1,
        cm2=None if cm1 is None else cm1 - later,
        cost_known_sales=of(VariantFigure.COST_KNOWN_SALES),
    )


def rank(by: SortBy, *, is_descending: bool) -> Callable[[Margins], tuple[bool, int | Fraction]]:
    """Give what rows are sorted by: what is unknown comes last either way."""

    def key(found: Margins) -> tuple[bool, int | Fraction]:
        value = _value(found, by)
        if value is None:
            return True, 0
        return False, -value if is_descending else value

    return key


def _value(found: Margins, by: SortBy) -> int | Fraction | None:
    match by:
        case SortBy.CM2:
            return found.cm2
        case SortBy.NET_SALES:
            return found.net_sales
        case SortBy.UNITS:
            return found.units
        case SortBy.CM2_MARGIN:
            return found.cm2_margin
        case SortBy.REFUND_RATE:
            return found.refund_rate


def _cogs(sums: Sums) -> int | None:
    """Take restocked goods off the cost of what was sold."""
    cogs, restocked = sums.get(VariantFigure.COGS, 0), sums.get(VariantFigure.COGS_RESTOCKED, 0)
    told = sums.get(VariantFigure.COST_KNOWN_UNITS, 0) or restocked
    return cogs - restocked if told or not sums.get(VariantFigure.UNITS, 0) else None
