"""What an order of Shopify's export came to without tax, from columns that say it in overlapping ways.

Two identities hold between the columns, and they decide wherever a column may mean two things:

    subtotal = lines - the discounts on goods
    total    = subtotal + shipping - the discount on shipping + duties [+ taxes, where prices are without them]

`Discount Amount` is all discounts of the order, with those that `Lineitem discount` tells again and those on shipping.
Shopify says that a tip is a line of the order, in `total` and not in `subtotal`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from shared.domain.facts.checks import apportioned
from shared.domain.facts.values import MICROS, WrongValue

ROUNDING = MICROS // 2
"""How far a total may be from what was to pay where the smallest coin is one unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A line of an order. Money in micros."""

    sku: str | None
    quantity: int
    price: int
    discount: int
    is_gift_card: bool
    is_tip: bool
    has_left: bool
    """It was sent, so that it is not back on the shelf only because its money is given back."""

    @property
    def value(self) -> int:
        """What it came to after its own discount."""
        return self.quantity * self.price - self.discount


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """What the export says of an order as a whole."""

    subtotal: int
    shipping: int
    taxes: int
    duties: int
    total: int
    discount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """An order without the tax in its prices."""

    items: tuple[Item, ...]
    discount: int
    """On the whole order, beside those of its lines; never on gift cards."""
    shipping: int
    tax: int
    """Duties are as little revenue as taxes."""
    total: int
    """What the export says was paid: `paid`, with a tip in it, or rounded to what coins there are."""

    @property
    def worth(self) -> list[int]:
        """Give what each line came to after every discount."""
        before = [0 if item.is_gift_card else item.value for item in self.items]
        shares = apportioned(self.discount, before) if self.discount else [0] * len(before)
        return [item.value - share for item, share in zip(self.items, shares, strict=True)]

    @property
    def goods(self) -> int:
        """Give what its lines came to, without gift cards."""
        return sum(worth for item, worth in zip(self.items, self.worth, strict=True) if not item.is_gift_card)

    @property
    def paid(self) -> int:
        """Give what the customer paid, but for a tip."""
        return sum(self.worth) + self.shipping + self.tax


def sale_of(lines: Sequence[Item], columns: Columns, *, prices_include_tax: bool) -> Sale:
    """Work out what was sold; `prices_include_tax` says whether they do where the columns leave that open.

    Raises:
        WrongValue: the columns contradict each other.

    """
    items = tuple(line for line in lines if not line.is_tip)
    tip = sum(line.value for line in lines if line.is_tip)
    on_lines = sum(item.discount for item in items)
    on_goods = sum(item.quantity * item.price for item in items) - columns.subtotal
    if on_goods < on_lines:  # The subtotal is above what the goods came to: here, the tip is in it.
        columns = replace(columns, subtotal=columns.subtotal - tip)
        on_goods += tip
    if not on_lines <= on_goods <= on_lines + columns.discount:
        raise WrongValue("subtotal_mismatch", "is not what the lines come to after their discounts", field="subtotal")
    if on_goods - on_lines > sum(item.value for item in items if not item.is_gift_card):
        raise WrongValue("discount_too_high", "must not be on gift cards", field="discount amount")
    without_tip = replace(columns, total=columns.total - tip)
    rest = max(columns.discount - on_goods, 0)
    shipping, taxes_added = _shipping_and_taxes(without_tip, rest, prices_include_tax=prices_include_tax)
    sale = Sale(
        items=items,
        discount=on_goods - on_lines,
        shipping=shipping,
        tax=columns.taxes + columns.duties,
        total=columns.total,
    )
    return sale if taxes_added else _without_tax(sale, columns.taxes)


def _shipping_and_taxes(columns: Columns, rest: int, *, prices_include_tax: bool) -> tuple[int, bool]:
    """Find what shipping came to, and whether taxes come on top; `rest` is what no discount on goods accounts for.

    A total that no reading explains holds something else too, such as a tip that is no line, or was rounded. One that
    is too low for taxes on top holds none; else either may be. Other orders are not asked: how a file is sorted or cut
    must not decide what an order came to.
    """
    off = min(rest, columns.shipping)
    either = (0, columns.taxes) if prices_include_tax else (columns.taxes, 0)
    readings = [(less, added) for added in either for less in (off, 0)]
    beyond = columns.total - columns.subtotal - columns.shipping - columns.duties
    for less, added in readings:
        if beyond == added - less:
            return columns.shipping - less, added == columns.taxes
    return columns.shipping - off, not prices_include_tax and beyond + off >= columns.taxes - ROUNDING


def _without_tax(sale: Sale, taxes: int) -> Sale:
    """Take the tax out of every amount in proportion, each rounded to the micro; there is none in a gift card."""
    taxed = sale.goods + sale.shipping
    if taxes > taxed:
        raise WrongValue("taxes_too_high", "must not be above what they are part of", field="taxes")

    def net(gross: int) -> int:
        return (gross * (taxed - taxes) + taxed // 2) // taxed if taxed else 0

    items = tuple(
        item if item.is_gift_card else _net_item(item, net(item.price), net(item.discount)) for item in sale.items
    )
    left = sum(item.value for item in items if not item.is_gift_card)
    return replace(sale, items=items, discount=min(net(sale.discount), left), shipping=net(sale.shipping))


def _net_item(item: Item, price: int, discount: int) -> Item:
    return replace(item, price=price, discount=min(discount, item.quantity * price))
