"""What goods earned: the P&L down to contribution margin 2 for a variant, a product, a category, or all of them.

It differs from the P&L of the shop in two things. Shipping that customers were charged belongs to no product, so net
sales are the revenue; and of costs that come as invoices for the whole shop, no product has a part.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from itertools import takewhile
from typing import NamedTuple

from shared.domain.facts.products import VariantFigure

Sums = Mapping[str, int]
"""`VariantFigure` -> its sum; what is zero may be left out."""

_PARTING = " -/|,:;("
"""What stands between the name of a product and that of its variant."""


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


class Margins(NamedTuple):
    """What some goods came to in some days (`products.v1`); money in micros. None: unknown.

    The fields are the sums of each `VariantFigure`, in their order. A tuple, because a question makes thousands.
    """

    units: int
    gross_sales: int
    discounts: int
    orders: int
    orders_refunded: int
    units_returned: int
    returns: int
    cogs_sold: int
    cogs_restocked: int
    cost_known_sales: int
    """The part of `sales` whose cost is known."""
    cost_known_units: int
    fulfilment: int
    fees: int
    return_shipping: int

    @property
    def sales(self) -> int:
        """What was sold, after discounts and before returns."""
        return self.gross_sales - self.discounts

    @property
    def net_sales(self) -> int:
        """What was sold less what came back."""
        return self.gross_sales - self.discounts - self.returns

    @property
    def cogs(self) -> int | None:
        """What goods cost, less those restocked, as far as it is known; None: goods were sold and no cost is known."""
        if self.units and not self.cost_known_units and not self.cogs_restocked:
            return None
        return self.cogs_sold - self.cogs_restocked

    @property
    def cm1(self) -> int | None:
        """What is left of net sales after the cost of goods."""
        cogs = self.cogs
        return None if cogs is None else self.net_sales - cogs

    @property
    def cm2(self) -> int | None:
        """What is left after sending, payment and taking back, too."""
        cm1 = self.cm1
        return None if cm1 is None else cm1 - self.fulfilment - self.return_shipping - self.fees

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
    """Work out the lines."""
    return Margins._make(sums.get(figure, 0) for figure in VariantFigure)


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


def common_title(titles: Sequence[str]) -> str | None:
    """Name a product by the words that the titles of all its variants begin with; None: they have none in common.

    Exports name a variant by its product and then what it is of each option, and the product nowhere.
    """
    words = zip(*(title.split() for title in titles), strict=False)
    return " ".join(alike[0] for alike in takewhile(lambda alike: len(set(alike)) == 1, words)).rstrip(_PARTING) or None
