"""Shopify's export of orders: rows, keys, times, bad rows, persons. What orders come to is in test_shopify_sales.py."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.facts.families import Family
from shared.domain.facts.values import WrongValue
from shared.services.imports.formats.format import Row, Told
from shared.services.imports.formats.shopify_orders import SHOPIFY_ORDERS
from tests.data.sheets import facts_of, in_parts, lines_of, reading, sheet_of, told_of, written, wrong_of
from tests.data.shopify_rows import HEADERS, PERSON, item_row, order_row
from tests.data.shopify_rows import orders_sheet as sheet


def bodies(*rows: dict[str, str]) -> list[dict[str, Any]]:
    return [json.loads(fact.body) for fact in facts_of(SHOPIFY_ORDERS, told_of(SHOPIFY_ORDERS, sheet(*rows)))]


def order(*rows: dict[str, str]) -> dict[str, Any]:
    """Give the one fact of the rows of one order that nothing was given back of."""
    (found,) = bodies(*rows)
    return found


def money(amount: str) -> int:
    return int(Decimal(amount) * 1_000_000)


# --- rows and keys ----------------------------------------------------------------------------------------------------


def test_of_an_order_that_is_not_whole_yet_little_is_kept_however_long_its_cells_are() -> None:
    long = {"Lineitem name": "Mug " + "x" * 60_000}
    how, text = (
        reading(),
        sheet_of(sheet(order_row(Subtotal="240.00", Total="247.00", **long), *[item_row(**long)] * 11)),
    )
    kept: list[int] = []

    def rows() -> Iterator[Row]:
        for row in text.rows:
            yield row
            kept.append(len(json.dumps(how.carry)))

    (told,) = facts_of(SHOPIFY_ORDERS, SHOPIFY_ORDERS.read(replace(text, rows=rows()), how), how)

    assert len(json.loads(told.body)["lines"]) == 12
    assert max(kept) < 12 * 2_000


def test_an_order_is_a_fact_under_its_id_on_its_local_day() -> None:
    (fact,) = facts_of(SHOPIFY_ORDERS, told_of(SHOPIFY_ORDERS, sheet(order_row())))

    assert (fact.family, fact.source, fact.key, fact.day) == (Family.ORDER, "shopify", "5001", "2026-10-05")
    body = json.loads(fact.body)
    assert body.pop("customer").startswith("cus_")
    assert body == {
        "id": "5001",
        "name": "#1001",
        "at": 1_791_249_300_000_000,  # 2026-10-06 01:15 UTC
        "channel": "online_store",
        "currency": "USD",
        "lines": [{"sku": "MUG-B", "quantity": 1, "price": money("20.00")}],
        "shipping": money("5.00"),
        "tax": money("2.00"),
    }


def test_the_rows_of_an_order_are_its_lines_and_what_concerns_it_stands_in_the_first() -> None:
    first = order_row(Subtotal="50.00", Total="57.00")
    second = item_row(Lineitem_quantity="2", Lineitem_price="15.00", Lineitem_sku="TEE-S")

    found = order(first, second)

    assert [(line["sku"], line["quantity"]) for line in found["lines"]] == [("MUG-B", 1), ("TEE-S", 2)]


def test_the_next_name_begins_the_next_order_and_so_does_another_id_under_the_same_name() -> None:
    found = bodies(
        order_row(),
        order_row(Name="#1002", Id="5002"),
        order_row(Name="#1002", Id="5003"),  # a shop may give a name twice
    )

    assert [(each["id"], each["name"]) for each in found] == [("5001", "#1001"), ("5002", "#1002"), ("5003", "#1002")]


def test_what_an_export_repeats_on_every_row_of_an_order_begins_none() -> None:
    repeated = {"Id": "5001", "Email": "jane@example.com", "Created at": "2026-10-05 21:15:00 -0400"}

    assert len(order(order_row(Subtotal="40.00", Total="47.00"), item_row() | repeated)["lines"]) == 2


def test_without_an_id_an_order_goes_by_its_name() -> None:
    assert order(order_row(Id=""))["id"] == "#1001"


def test_headers_are_told_in_any_order_case_and_spacing_and_further_columns_are_left_alone() -> None:
    row = order_row() | {"Something New": "Planted"}
    headers = [f" {header.upper()} " for header in reversed((*HEADERS, "Something New"))]
    strange = written([{f" {name.upper()} ": cell for name, cell in row.items()}], headers=headers)

    assert SHOPIFY_ORDERS.fits(["\ufeff" + headers[0], *headers[1:]])
    assert told_of(SHOPIFY_ORDERS, strange) == told_of(SHOPIFY_ORDERS, sheet(order_row()))


def test_a_line_that_was_taken_out_of_an_order_again_is_none() -> None:
    assert len(order(order_row(), item_row(Lineitem_quantity="0"))["lines"]) == 1


@given(st.lists(st.integers(1, 4), min_size=1, max_size=5), st.lists(st.integers(0, 20), max_size=4))
def test_wherever_reading_stops_and_goes_on_the_same_is_told(sizes: list[int], cuts: list[int]) -> None:
    rows = [
        row
        for number, size in enumerate(sizes)
        for row in (
            order_row(
                Name=f"#{number}",
                Id=str(number),
                Subtotal=str(20 * size),
                Total=str(20 * size + 7),
                Refunded_Amount="9.00" if number % 2 else "0.00",
                Lineitem_sku="x" * (200 if number == 3 else 2),  # too long: a bad row
            ),
            *[item_row(Name=f"#{number}")] * (size - 1),
        )
    ]

    assert _shown(in_parts(SHOPIFY_ORDERS, sheet(*rows), cuts)) == _shown(told_of(SHOPIFY_ORDERS, sheet(*rows)))


def _shown(told: list[Told]) -> list[Any]:
    return [(number, line if isinstance(line, dict) else vars(line)) for number, line in told]


@given(st.lists(st.integers(1, 3), min_size=1, max_size=6), st.sets(st.integers(0, 6)))
def test_a_file_that_is_cut_between_orders_holds_the_same_facts(sizes: list[int], cuts: set[int]) -> None:
    orders = [
        [order_row(Name=f"#{number}", Id=str(number), Subtotal=str(20 * size), Total=str(20 * size + 7))]
        + [item_row(Name=f"#{number}")] * (size - 1)
        for number, size in enumerate(sizes)
    ]
    ends = [0, *sorted(cut for cut in cuts if 0 < cut < len(orders)), len(orders)]
    files = [[row for order in orders[start:end] for row in order] for start, end in pairwise(ends)]

    def facts(rows: list[dict[str, str]]) -> list[Any]:
        return facts_of(SHOPIFY_ORDERS, told_of(SHOPIFY_ORDERS, sheet(*rows)))

    assert [fact for file in files for fact in facts(file)] == facts([row for order in orders for row in order])


# --- times, currencies, channels --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "created",
    [
        "2026-10-05",
        "2026-10-05 21:15:00",
        "10/5/2026 21:15",
        "2026-10-05T21:15:00-04:00",
        "2026-02-30 10:00:00 -0400",
        "",
    ],
)
def test_a_time_that_is_not_one_with_an_offset_is_a_bad_row(created: str) -> None:
    told = told_of(SHOPIFY_ORDERS, sheet(order_row(Created_at=created)))

    assert wrong_of(told) == [(2, "wrong_moment", "created at")]


@pytest.mark.parametrize(
    ("created", "day"), [("2026-10-06 03:59:00 +0000", "2026-10-05"), ("2026-10-06 04:00:00 UTC", "2026-10-06")]
)
def test_the_offset_decides_the_local_day(created: str, day: str) -> None:
    (fact,) = facts_of(SHOPIFY_ORDERS, told_of(SHOPIFY_ORDERS, sheet(order_row(Created_at=created))))

    assert fact.day == day


@pytest.mark.parametrize(
    ("source", "channel"), [("web", "online_store"), ("pos", "pos"), ("shopify_draft_order", "shopify_draft_order")]
)
def test_the_source_is_the_channel(source: str, channel: str) -> None:
    assert order(order_row(Source=source))["channel"] == channel


def test_an_order_is_in_its_own_currency() -> None:
    assert order(order_row(Currency="CAD"))["currency"] == "CAD"


def test_an_order_through_the_gateway_for_tests_is_a_test() -> None:
    assert order(order_row(Payment_Method="(for testing) Bogus Gateway"))["test"] is True


@pytest.mark.parametrize(
    ("cells", "is_gift_card"),
    [
        ({"Lineitem_name": "Gift Card - $50.00"}, True),
        ({"Lineitem_name": "Digital Gift Card"}, True),
        ({"Lineitem_name": "E-Gift Card", "Lineitem_requires_shipping": "FALSE"}, True),
        ({"Lineitem_name": "eGift Cards / 25.00"}, True),
        ({"Lineitem_name": "Harbour Giftcard"}, True),
        ({"Lineitem_name": "Gift cardigan pattern"}, False),
        ({"Lineitem_name": "E-book"}, False),
        ({"Lineitem_name": "Printable Gift Card Template", "Lineitem_taxable": "true"}, False),
        ({"Lineitem_name": "Gift card holder", "Lineitem_requires_shipping": "true"}, False),
        ({"Lineitem_name": "Gift card", "Lineitem_requires_shipping": ""}, False),
    ],
)
def test_a_gift_card_is_told_by_those_words_in_its_name_if_it_is_neither_shipped_nor_taxed(
    cells: dict[str, str],
    is_gift_card: bool,  # noqa: FBT001 - a case of the table
) -> None:
    cells = {"Lineitem_requires_shipping": "false", "Lineitem_taxable": "false", **cells}

    assert order(order_row(**cells))["lines"][0].get("gift_card", False) is is_gift_card


# --- bad rows and persons ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "code", "field"),
    [
        ({"Name": ""}, "field_missing", "name"),
        ({"Subtotal": ""}, "field_missing", "subtotal"),
        ({"Total": ""}, "field_missing", "total"),
        ({"Currency": "dollars"}, "wrong_currency", "currency"),
        ({"Lineitem_quantity": ""}, "field_missing", "lineitem quantity"),
        ({"Lineitem_quantity": "0"}, "field_missing", "lineitem quantity"),
        ({"Lineitem_quantity": "1.5"}, "wrong_type", "lineitem quantity"),
        ({"Lineitem_price": ""}, "field_missing", "lineitem price"),
        ({"Lineitem_price": "twenty"}, "wrong_amount", "lineitem price"),
        ({"Lineitem_price": "-20.00"}, "out_of_range", "lineitem price"),
        ({"Lineitem_discount": "20.01"}, "discount_too_high", "lineitem discount"),
        ({"Lineitem_sku": "9.78312E+12"}, "rounded_id", "lineitem sku"),
        ({"Id": "5.50123E+12"}, "rounded_id", "id"),
        ({"Cancelled_at": "yesterday"}, "wrong_moment", "cancelled at"),
    ],
)
def test_a_bad_row_is_told_with_its_line_its_reason_and_its_column(
    cells: dict[str, str], code: str, field: str
) -> None:
    rows = (order_row(Name="#1000", Id="5000"), order_row(**cells), order_row(Name="#1002", Id="5002"))

    told = told_of(SHOPIFY_ORDERS, sheet(*rows))

    assert wrong_of(told) == [(3, code, field)]
    assert len(told) == 3


def test_a_bad_line_spoils_its_order_and_no_other_and_is_told_once_by_its_own_line() -> None:
    rows = (
        order_row(Refunded_Amount="5.00"),
        item_row(Lineitem_quantity="many"),
        item_row(Lineitem_price="free"),
        order_row(Name="#1002", Id="5002"),
    )

    told = told_of(SHOPIFY_ORDERS, sheet(*rows))

    assert wrong_of(told) == [(3, "wrong_amount", "lineitem quantity")]
    assert [line["id"] for _, line in told if isinstance(line, dict)] == ["5002"]


CHANGED = (
    "Name", "Id", "Subtotal", "Shipping", "Taxes", "Duties", "Total", "Discount Amount", "Refunded Amount",
    "Cancelled at", "Lineitem quantity", "Lineitem name", "Lineitem price", "Lineitem discount",
)  # fmt: skip


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(CHANGED),
            st.sampled_from(["", "0", "3.00", "20.00", "27.00", "-1.00", "1,000", "x", "2026-10-09 09:00:00 -0400"]),
            max_size=5,
        ),
        min_size=1,
        max_size=3,
    )
)
def test_whatever_stands_in_the_cells_is_a_line_or_a_bad_row(changed: list[dict[str, str]]) -> None:
    paper = {"Lineitem name": "Gift Card", "Lineitem requires shipping": "false", "Lineitem taxable": "false"}

    told = told_of(SHOPIFY_ORDERS, sheet(*[order_row() | paper | cells for cells in changed]))

    good = [each for each in told if not isinstance(each[1], WrongValue)]
    assert {fact.family for fact in facts_of(SHOPIFY_ORDERS, good)} <= {Family.ORDER, Family.REFUND}
    assert told


def test_an_order_of_too_many_lines_is_refused_and_not_kept_whole() -> None:
    row = item_row()
    text = sheet(order_row(Subtotal=str(20 * 1_501), Total=str(20 * 1_501 + 7)), *[row] * 1_500)

    assert wrong_of(told_of(SHOPIFY_ORDERS, text)) == [(2, "out_of_range", "name")]


def test_no_fact_and_no_bad_row_knows_who_bought() -> None:
    good, bad = order_row() | PERSON, order_row(Name="#1002", Id="5002", Lineitem_price="Planted") | PERSON

    told = told_of(SHOPIFY_ORDERS, sheet(good, bad))
    facts = facts_of(SHOPIFY_ORDERS, told[:1])
    (wrong,) = [line for _, line in told if isinstance(line, WrongValue)]

    kept = str([fact.body for fact in facts]) + f"{wrong.code} {wrong.message} {wrong.field}"
    assert [mark for mark in ("plant", "5552671", "555 2671") if mark in kept.lower()] == []
    assert json.loads(facts[0].body)["customer"].startswith("cus_")


def test_only_the_customer_of_what_is_known_of_a_person_leaves_the_sheet() -> None:
    (line,) = lines_of(told_of(SHOPIFY_ORDERS, sheet(order_row() | PERSON)))

    assert line["customer"] == {"email": PERSON["Email"]}
    assert "plant" not in str({name: value for name, value in line.items() if name != "customer"}).lower()


@pytest.mark.parametrize("email", ["", "phone customer"])
def test_an_order_without_an_address_has_no_customer(email: str) -> None:
    assert "customer" not in order(order_row(Email=email))
