"""Tips of Shopify's orders, in a line and in the total only: they are no goods, no tax and no return."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.shopify_rows import item_row, order_row
from tests.data.shopify_sales import bodies, cents, money, net, order, order_and_refund


def test_a_tip_in_the_total_does_not_turn_tax_on_top_into_tax_in_the_prices() -> None:
    assert net(order(order_row(Total="30.00"))) == money("20.00")


def test_what_one_order_shows_of_taxes_decides_where_the_next_with_a_tip_in_its_total_shows_nothing() -> None:
    prices = {"Lineitem_price": "24.00", "Subtotal": "24.00", "Shipping": "0.00", "Taxes": "4.00"}

    found = bodies(
        order_row(**prices, Total="29.00"),
        order_row(**prices, Name="#1002", Id="5002", Total="24.00"),
        order_row(**prices, Name="#1003", Id="5003", Total="29.00"),
    )

    # 24.00 holds no 4.00 on top: of the third, 5.00 are a tip.
    assert [net(each) for each in found] == [money("24.00"), money("20.00"), money("20.00")]


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
