"""Tips of Shopify's orders, in a line and in the total only: they are no goods, no tax and no return."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.facts.settings import Settings
from shared.services.imports.formats.shopify_orders import SHOPIFY_ORDERS
from tests.data.sheets import facts_of, reading, told_of
from tests.data.shopify_rows import item_row, order_row, orders_sheet
from tests.data.shopify_sales import bodies, cents, money, net, order, order_and_refund


def test_a_tip_in_the_total_does_not_turn_tax_on_top_into_tax_in_the_prices() -> None:
    assert net(order(order_row(Total="30.00"))) == money("20.00")


TAXED = {"Lineitem_price": "120.00", "Subtotal": "120.00", "Shipping": "0.00", "Taxes": "20.00"}
"""120.00 is what it came to with tax on top, and 100.00 with the tax in it."""


def nets(*totals: str, prices_include_tax: bool = False) -> dict[str, int]:
    """Read a file of orders that differ in their total only; say what the goods of each came to."""
    how = reading(settings=Settings(prices_include_tax=prices_include_tax))
    rows = [order_row(**TAXED, Name=f"#{number}", Id=str(number), Total=total) for number, total in enumerate(totals)]
    facts = facts_of(SHOPIFY_ORDERS, told_of(SHOPIFY_ORDERS, orders_sheet(*rows), how), how)
    return {total: net(json.loads(fact.body)) for total, fact in zip(totals, facts, strict=True)}


@pytest.mark.parametrize("prices_include_tax", [False, True])
@pytest.mark.parametrize("totals", list(permutations(["120.00", "140.00", "131.00", "145.00"])))
def test_what_an_order_came_to_does_not_depend_on_the_orders_before_it(
    totals: Sequence[str],
    prices_include_tax: bool,  # noqa: FBT001 - a parameter
) -> None:
    alone = {total: nets(total, prices_include_tax=prices_include_tax)[total] for total in totals}

    assert nets(*totals, prices_include_tax=prices_include_tax) == alone


def test_the_shop_says_whether_prices_include_tax_where_a_total_leaves_that_open() -> None:
    # 145.00 is 140.00 and a tip of 5.00, or 120.00 and one of 25.00; the others leave nothing open.
    assert nets("145.00", "140.00", "120.00") == {
        "145.00": money("120.00"), "140.00": money("120.00"), "120.00": money("100.00"),
    }  # fmt: skip
    assert nets("145.00", "140.00", "120.00", prices_include_tax=True) == {
        "145.00": money("100.00"), "140.00": money("120.00"), "120.00": money("100.00"),
    }  # fmt: skip


def test_a_discount_as_high_as_the_taxes_is_read_as_the_shop_says() -> None:
    # Either 5.00 were taken off shipping and came on top again as tax, or neither.
    row = order_row(Taxes="5.00", Discount_Amount="5.00", Total="25.00")
    how = reading(settings=Settings(prices_include_tax=True))
    (included,) = facts_of(SHOPIFY_ORDERS, told_of(SHOPIFY_ORDERS, orders_sheet(row), how), how)

    assert net(order(row)) == money("20.00")
    assert net(json.loads(included.body)) == money("16.00")


def test_a_total_that_was_rounded_to_the_coins_there_are_does_not_turn_tax_on_top_into_tax_in_the_prices() -> None:
    assert net(order(order_row(Taxes="2.03", Total="27.00"))) == money("20.00")


TIP = {
    "Lineitem_name": "Tip",
    "Lineitem_price": "4.00",
    "Lineitem_sku": "",
    "Lineitem_requires_shipping": "false",
    "Lineitem_taxable": "false",
}


@pytest.mark.parametrize("subtotal", ["20.00", "24.00"])
def test_a_tip_that_is_a_line_of_the_order_is_neither_goods_nor_tax_whether_or_not_the_subtotal_holds_it(
    subtotal: str,
) -> None:
    found = order(order_row(Subtotal=subtotal, Total="31.00"), item_row(**TIP))

    assert [line["sku"] for line in found["lines"]] == ["MUG-B"]
    assert (net(found), found["shipping"], found["tax"]) == (money("20.00"), money("5.00"), money("2.00"))


def test_a_tip_that_is_a_line_shows_that_tax_is_in_the_prices_though_it_is_as_high() -> None:
    found = order(order_row(Taxes="4.00", Subtotal="20.00", Shipping="0.00", Total="24.00"), item_row(**TIP))

    assert net(found) == money("16.00")


@pytest.mark.parametrize(
    "cells", [{"Lineitem_sku": "TIP-1"}, {"Lineitem_taxable": "true"}, {"Lineitem_name": "Tip of the iceberg"}]
)
def test_what_is_only_named_like_a_tip_is_goods(cells: dict[str, str]) -> None:
    found = order(order_row(Subtotal="24.00", Total="31.00"), item_row(**(TIP | cells)))

    assert net(found) == money("24.00")


def test_where_there_was_nothing_but_a_tip_nothing_was_sold() -> None:
    assert bodies(order_row(**TIP, Subtotal="0.00", Shipping="0.00", Taxes="0.00", Total="4.00")) == []


@pytest.mark.parametrize("back", ["27.00", "29.00", "30.00"])
def test_a_tip_is_the_last_to_be_given_back_and_is_no_return(back: str) -> None:
    _, refund = order_and_refund(order_row(Total="30.00", Refunded_Amount=back))

    assert [line["amount"] for line in refund["lines"]] == [money("20.00")]
    assert (refund["shipping"], refund["tax"]) == (money("5.00"), money("2.00"))


_CENTS = st.integers(0, 9_999)


@given(st.lists(_CENTS, min_size=5, max_size=5), st.integers(0, 40_000), st.booleans())
def test_no_refund_up_to_the_total_is_more_than_the_sale_and_one_of_the_total_leaves_nothing(
    amounts: list[int],
    back: int,
    tip_is_a_line: bool,  # noqa: FBT001 - Hypothesis draws it
) -> None:
    price, taxes, shipping, tip, card = amounts
    total = sum(amounts)
    cards = item_row(
        Lineitem_name="Gift card", Lineitem_price=cents(card), Lineitem_sku="", Lineitem_requires_shipping="false",
        Lineitem_taxable="false",
    )  # fmt: skip
    tips = [item_row(**(TIP | {"Lineitem_price": cents(tip)}))] if tip_is_a_line else []

    def left(back: int) -> int:
        """Give what is left of goods and shipping after a refund."""
        first = order_row(
            Lineitem_price=cents(price), Subtotal=cents(price + card), Shipping=cents(shipping), Taxes=cents(taxes),
            Total=cents(total), Refunded_Amount=cents(back),
        )  # fmt: skip
        found, *refunds = bodies(first, cards, *tips)
        goods = found["lines"][0]
        given_back = sum(
            sum(line["amount"] for line in refund["lines"]) + refund.get("shipping", 0) for refund in refunds
        )
        return goods["quantity"] * goods["price"] + found.get("shipping", 0) - given_back

    assert left(min(back, total)) >= 0
    assert not total or left(total) == 0
