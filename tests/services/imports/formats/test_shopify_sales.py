"""What the orders of Shopify's export come to: discounts, tax, refunds and cancellations."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.services.imports.formats.shopify_orders import SHOPIFY_ORDERS
from tests.data.sheets import facts_of, told_of, written, wrong_of
from tests.data.shopify_rows import HEADERS, item_row, order_row
from tests.data.shopify_rows import orders_sheet as sheet
from tests.data.shopify_sales import cents, money, net, order, order_and_refund

# --- discounts --------------------------------------------------------------------------------------------------------


def test_the_discount_of_an_order_holds_those_of_its_lines_which_count_once() -> None:
    # 115 + 115 - 46 = 184: both columns tell the same 46.
    first = order_row(
        Lineitem_price="115.00", Lineitem_discount="46.00", Discount_Amount="46.00",
        Subtotal="184.00", Shipping="30.00", Taxes="0.00", Total="214.00",
    )  # fmt: skip

    found = order(first, item_row(Lineitem_price="115.00"))

    assert [line.get("discount", 0) for line in found["lines"]] == [money("46.00"), 0]
    assert [line.get("order_discount", 0) for line in found["lines"]] == [0, 0]
    assert net(found) == money("184.00")


def test_what_no_line_has_of_the_discount_is_spread_over_all() -> None:
    first = order_row(
        Discount_Amount="16.00", Lineitem_discount="4.00", Subtotal="24.00", Shipping="5.00", Taxes="0", Total="29.00"
    )

    found = order(first, item_row())

    assert found["lines"][0]["discount"] == money("4.00")
    assert sum(line["order_discount"] for line in found["lines"]) == money("12.00")
    assert net(found) == money("24.00")


def test_a_discount_on_shipping_lowers_what_shipping_was_charged() -> None:
    found = order(
        order_row(
            Lineitem_price="135.00",
            Discount_Amount="8.00",
            Subtotal="135.00",
            Shipping="8.00",
            Taxes="0",
            Total="135.00",
        )
    )

    assert "shipping" not in found  # zero
    assert net(found) == money("135.00")


def test_an_order_for_nothing_gave_all_of_it_away_goods_and_shipping() -> None:
    found = order(
        order_row(
            Lineitem_price="135.00", Discount_Amount="143.00", Subtotal="0", Shipping="8.00", Taxes="0", Total="0.00"
        )
    )

    assert (net(found), found.get("shipping", 0)) == (0, 0)
    assert found["lines"][0]["order_discount"] == money("135.00")


@pytest.mark.parametrize(
    "cells",
    [
        {"Subtotal": "21.00"},  # more than the lines come to
        {"Subtotal": "15.00", "Discount_Amount": "2.00"},  # 3.00 that no discount explains
        {"Subtotal": "20.00", "Lineitem_discount": "4.00", "Discount_Amount": "4.00"},  # not taken off
    ],
)
def test_a_subtotal_that_the_lines_do_not_come_to_is_a_bad_row(cells: dict[str, str]) -> None:
    assert wrong_of(told_of(SHOPIFY_ORDERS, sheet(order_row(**cells)))) == [(2, "subtotal_mismatch", "subtotal")]


# --- tax --------------------------------------------------------------------------------------------------------------


def test_tax_that_is_in_the_prices_is_taken_out_of_every_amount_in_proportion() -> None:
    # 19 % in 132.80 of goods (142.80 less 10.00) and 5.95 of shipping: 22.15 of 138.75.
    first = order_row(
        Currency="EUR", Lineitem_price="119.00", Discount_Amount="10.00",
        Subtotal="132.80", Shipping="5.95", Taxes="22.15", Total="138.75",
    )  # fmt: skip

    found = order(first, item_row(Lineitem_quantity="2", Lineitem_price="11.90"))

    share = Decimal("116.60") / Decimal("138.75")  # what is left of each euro
    assert [line["price"] for line in found["lines"]] == [
        round(Decimal("119.00") * share * 1_000_000),
        round(Decimal("11.90") * share * 1_000_000),
    ]
    assert found["shipping"] == round(Decimal("5.95") * share * 1_000_000)
    assert abs(net(found) + found["shipping"] + found["tax"] - money("138.75")) <= 3  # a micro for each amount


def test_duties_are_no_revenue_but_are_paid() -> None:
    found = order(order_row(Duties="3.50", Total="30.50"))

    assert (found["tax"], net(found), found["shipping"]) == (money("5.50"), money("20.00"), money("5.00"))


def test_taxes_above_what_they_are_part_of_are_a_bad_row() -> None:
    told = told_of(SHOPIFY_ORDERS, sheet(order_row(Taxes="26.00", Total="25.00")))

    assert wrong_of(told) == [(2, "taxes_too_high", "taxes")]


def test_no_tax_is_in_a_gift_card() -> None:
    card = item_row(
        Lineitem_name="Gift Card", Lineitem_price="50.00", Lineitem_requires_shipping="false", Lineitem_taxable="false"
    )

    found = order(order_row(Lineitem_price="12.00", Subtotal="62.00", Shipping="0", Taxes="2.00", Total="62.00"), card)

    assert [line["price"] for line in found["lines"]] == [money("10.00"), money("50.00")]


# --- refunds and cancellations ----------------------------------------------------------------------------------------


def test_a_refunded_amount_is_a_refund_on_the_day_of_the_order_that_says_its_date_is_assumed() -> None:
    found, refund = order_and_refund(order_row(Refunded_Amount="13.50"))

    # Half of 27.00: half of the tax is in it; the rest are goods first, and then shipping.
    assert (refund["order_id"], refund["at"], refund["date_assumed"]) == ("5001", found["at"], True)
    assert refund["lines"] == [{"sku": "MUG-B", "amount": money("12.50")}]
    assert (refund["tax"], refund.get("shipping", 0)) == (money("1.00"), 0)


def test_a_later_export_tells_a_higher_amount_as_a_new_version_of_the_same_refund() -> None:
    keys = {
        facts_of(SHOPIFY_ORDERS, told_of(SHOPIFY_ORDERS, sheet(order_row(Refunded_Amount=amount))))[1].key
        for amount in ("5.00", "27.00")
    }

    assert keys == {"5001-refunded"}


def test_a_refund_of_everything_gives_back_every_line_shipping_and_tax_and_is_not_back_on_the_shelf() -> None:
    first = order_row(Subtotal="50.00", Total="57.00", Refunded_Amount="57.00")

    _, refund = order_and_refund(first, item_row(Lineitem_quantity="2", Lineitem_price="15.00", Lineitem_sku="TEE-S"))

    assert refund["lines"] == [
        {"sku": "MUG-B", "quantity": 1, "amount": money("20.00")},
        {"sku": "TEE-S", "quantity": 2, "amount": money("30.00")},
    ]
    assert (refund["shipping"], refund["tax"]) == (money("5.00"), money("2.00"))


def test_more_than_everything_is_one_line_more() -> None:
    _, refund = order_and_refund(order_row(Refunded_Amount="30.00"))

    assert [line["amount"] for line in refund["lines"]] == [money("20.00"), money("3.00")]


def test_what_was_rounded_to_the_coins_there_are_is_given_back_whole() -> None:
    _, refund = order_and_refund(
        order_row(Lineitem_price="20.02", Subtotal="20.02", Total="27.00", Refunded_Amount="27.00")
    )

    assert refund["lines"] == [{"sku": "MUG-B", "quantity": 1, "amount": money("20.02")}]


def test_goods_and_shipping_are_given_back_before_gift_cards_with_all_of_their_tax() -> None:
    card = item_row(
        Lineitem_name="Gift Card", Lineitem_price="50.00", Lineitem_requires_shipping="false", Lineitem_taxable="false"
    )

    _, refund = order_and_refund(order_row(Subtotal="70.00", Total="77.00", Refunded_Amount="27.00"), card)

    assert [line["amount"] for line in refund["lines"]] == [money("20.00")]
    assert (refund["shipping"], refund["tax"]) == (money("5.00"), money("2.00"))


def test_a_part_of_several_lines_names_none_of_them() -> None:
    _, refund = order_and_refund(order_row(Subtotal="40.00", Total="47.00", Refunded_Amount="4.70"), item_row())

    assert refund["lines"] == [{"amount": money("4.50")}]


@given(st.integers(1, 9_999), st.integers(0, 2_000), st.integers(0, 3_000), st.integers(1, 15_000), st.booleans())
def test_goods_shipping_and_tax_of_a_refund_add_up_to_what_was_given_back(
    price: int,
    taxes: int,
    shipping: int,
    back: int,
    tax_is_in_prices: bool,  # noqa: FBT001 - Hypothesis draws it
) -> None:
    taxes = min(taxes, price)
    total = price + shipping + (0 if tax_is_in_prices else taxes)
    back = min(back, total)
    told = order_row(
        Lineitem_price=cents(price), Subtotal=cents(price), Shipping=cents(shipping), Taxes=cents(taxes),
        Total=cents(total), Refunded_Amount=cents(back),
    )  # fmt: skip

    _, refund = order_and_refund(told)

    amounts = sum(line["amount"] for line in refund["lines"]) + refund.get("shipping", 0) + refund.get("tax", 0)
    # Where tax was in the prices, each of them was rounded to the micro.
    assert abs(amounts - back * 10_000) <= (2 if tax_is_in_prices else 0)


CANCELLED = {"Cancelled_at": "2026-10-09 09:00:00 -0400", "Lineitem_fulfillment_status": "pending"}


def test_a_cancelled_order_is_sold_on_its_day_and_all_given_back_on_the_day_it_was_cancelled() -> None:
    sold, back = facts_of(
        SHOPIFY_ORDERS, told_of(SHOPIFY_ORDERS, sheet(order_row(Financial_Status="voided", **CANCELLED)))
    )

    refund = json.loads(back.body)
    assert (sold.day, back.day) == ("2026-10-05", "2026-10-09")
    assert "date_assumed" not in refund
    assert refund["lines"] == [{"sku": "MUG-B", "quantity": 1, "amount": money("20.00"), "restocked": True}]
    assert (refund["shipping"], refund["tax"]) == (money("5.00"), money("2.00"))


def test_what_a_cancelled_order_shows_as_refunded_is_not_given_back_twice() -> None:
    _, refund = order_and_refund(order_row(Financial_Status="refunded", Refunded_Amount="27.00", **CANCELLED))

    assert sum(line["amount"] for line in refund["lines"]) == money("20.00")


def test_of_a_cancelled_order_that_was_refunded_in_part_the_rest_was_kept() -> None:
    _, refund = order_and_refund(order_row(Financial_Status="partially_refunded", Refunded_Amount="13.50", **CANCELLED))

    assert (refund["lines"], refund["tax"]) == ([{"sku": "MUG-B", "amount": money("12.50")}], money("1.00"))


def test_the_american_spelling_of_cancelled_is_read_too() -> None:
    headers = ["Canceled at" if header == "Cancelled at" else header for header in HEADERS]
    row = order_row(Canceled_at="2026-10-09 09:00:00 -0400")

    _, (_, refund) = told_of(SHOPIFY_ORDERS, written([row], headers=headers))

    assert isinstance(refund, dict)
    assert refund["at"] == "2026-10-09T09:00:00-04:00"


def test_a_discount_on_a_gift_card_is_a_bad_row() -> None:
    card = {"Lineitem_name": "Gift Card", "Lineitem_requires_shipping": "FALSE", "Lineitem_taxable": "FALSE"}

    told = told_of(SHOPIFY_ORDERS, sheet(order_row(Subtotal="18.00", Total="25.00", Discount_Amount="2.00", **card)))

    assert wrong_of(told) == [(2, "discount_too_high", "discount amount")]


def test_a_gift_card_that_was_given_back_was_no_revenue_and_is_no_return() -> None:
    card = {
        "Lineitem_name": "Gift Card",
        "Lineitem_requires_shipping": "false",
        "Lineitem_taxable": "false",
        "Shipping": "0",
        "Taxes": "0",
        "Total": "20.00",
    }

    assert order(order_row(Refunded_Amount="20.00", **card))["lines"][0]["gift_card"]
    assert order(order_row(Financial_Status="voided", **card, **CANCELLED))["lines"][0]["gift_card"]
