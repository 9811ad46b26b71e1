"""Shopify's export of products, in both of its dialects, and a merchant's own list of costs."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.facts.imports import Declared
from shared.services.imports.formats.costs import COSTS
from shared.services.imports.formats.shopify_products import SHOPIFY_PRODUCTS, SHOPIFY_PRODUCTS_NEW
from tests.data.sheets import facts_of, in_parts, lines_of, reading, told_of, written, wrong_of

HEADERS = (
    "Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags", "Published", "Option1 Name",
    "Option1 Value", "Option2 Name", "Option2 Value", "Option3 Name", "Option3 Value", "Variant SKU", "Variant Grams",
    "Variant Inventory Qty", "Variant Price", "Variant Compare At Price", "Image Src", "Image Position", "Gift Card",
    "Cost per item", "Status",
)  # fmt: skip
RENAMED = {"Handle": "URL handle", "Variant SKU": "SKU", "Variant Price": "Price", "Option1 Value": "Option1 value"}


def first(**cells: str) -> dict[str, str]:
    """Give the first row of a tee in several sizes and colours."""
    plain = {
        "Handle": "crew-tee",
        "Title": "Crew tee",
        "Vendor": "Acme",
        "Type": "Shirts",
        "Option1 Name": "Size",
        "Option2 Name": "Colour",
        "Status": "active",
    }
    return plain | variant(**cells)


def variant(**cells: str) -> dict[str, str]:
    """Give a further variant of it."""
    plain = {
        "Handle": "crew-tee",
        "Option1 Value": "S",
        "Option2 Value": "Black",
        "Variant SKU": "TEE-S",
        "Variant Price": "25.00",
        "Cost per item": "9.40",
    }
    return plain | {name.replace("_", " "): cell for name, cell in cells.items()}


def sheet(*rows: dict[str, str]) -> str:
    return written(rows, headers=HEADERS)


def lines(*rows: dict[str, str], declared: Declared | None = None) -> list[dict[str, Any]]:
    how = reading(declared)
    told = told_of(SHOPIFY_PRODUCTS, sheet(*rows), how)
    facts_of(SHOPIFY_PRODUCTS, told, how)  # every one of them is a fact
    return [{name: value for name, value in line.items() if value is not None} for line in lines_of(told)]


def test_a_variant_is_a_product_and_a_cost_from_the_day_of_the_export() -> None:
    assert lines(first()) == [
        {
            "type": "product",
            "sku": "TEE-S",
            "product_id": "crew-tee",
            "title": "Crew tee - S / Black",
            "category": "Shirts",
            "vendor": "Acme",
            "price": "25.000000",
        },
        {"type": "cost", "sku": "TEE-S", "effective_from": "2026-11-20", "unit_cost": "9.400000"},
    ]


def test_title_vendor_and_type_stand_in_the_first_row_of_a_handle_only() -> None:
    found = lines(
        first(),
        variant(Option1_Value="M", Variant_SKU="TEE-M"),
        first(
            Handle="mug",
            Title="Mug",
            Vendor="",
            Type="",
            Option1_Value="Default Title",
            Option2_Value="",
            Variant_SKU="MUG",
        ),
    )

    products = [line for line in found if line["type"] == "product"]
    assert [(line["sku"], line["title"], line.get("vendor")) for line in products] == [
        ("TEE-S", "Crew tee - S / Black", "Acme"),
        ("TEE-M", "Crew tee - M / Black", "Acme"),
        ("MUG", "Mug", None),
    ]


def test_costs_may_be_declared_to_hold_from_an_earlier_day() -> None:
    _, cost = lines(first(), declared=Declared(costs_from=date(2025, 1, 1)))

    assert cost["effective_from"] == "2025-01-01"


def test_a_variant_without_a_cost_has_none_and_one_that_costs_nothing_costs_nothing() -> None:
    assert [line["type"] for line in lines(first(Cost_per_item=""))] == ["product"]
    assert lines(first(Cost_per_item="0.00"))[1]["unit_cost"] == "0.000000"


def test_rows_of_further_images_are_no_variants() -> None:
    image = {"Handle": "crew-tee", "Image Src": "https://cdn.example.com/2.jpg", "Image Position": "2"}

    assert len(lines(first(), image, variant(Variant_SKU="TEE-M"))) == 4


def test_a_variant_without_a_sku_is_left_out_unless_its_cost_would_be_lost() -> None:
    assert lines(first(Variant_SKU="", Cost_per_item="")) == []
    assert wrong_of(told_of(SHOPIFY_PRODUCTS, sheet(first(), variant(Variant_SKU="")))) == [
        (3, "field_missing", "variant sku")
    ]


def test_without_a_type_the_category_of_shopify_is_the_category() -> None:
    found = lines(first(Type="", Product_Category="Apparel > Shirts"))

    assert found[0]["category"] == "Apparel > Shirts"


def test_the_dialect_with_url_handles_says_the_same() -> None:
    headers = [RENAMED.get(header, header) for header in HEADERS]
    row = {RENAMED.get(name, name): cell for name, cell in first().items()}

    assert SHOPIFY_PRODUCTS_NEW.fits(headers)
    assert not SHOPIFY_PRODUCTS.fits(headers)
    assert not SHOPIFY_PRODUCTS_NEW.fits(HEADERS)
    assert told_of(SHOPIFY_PRODUCTS_NEW, written([row], headers=headers)) == told_of(SHOPIFY_PRODUCTS, sheet(first()))


@given(st.lists(st.integers(1, 3), min_size=1, max_size=4), st.lists(st.integers(0, 12), max_size=3))
def test_wherever_reading_stops_and_goes_on_the_same_is_told(sizes: list[int], cuts: list[int]) -> None:
    rows = [
        row
        for number, size in enumerate(sizes)
        for row in (
            first(Handle=f"p{number}", Title=f"Product {number}", Variant_SKU=f"{number}-0"),
            *(variant(Handle=f"p{number}", Variant_SKU=f"{number}-{place}") for place in range(1, size)),
        )
    ]

    assert in_parts(SHOPIFY_PRODUCTS, sheet(*rows), cuts) == told_of(SHOPIFY_PRODUCTS, sheet(*rows))


@pytest.mark.parametrize(
    ("cells", "code", "field"),
    [
        ({"Variant_Price": "much"}, "wrong_amount", "variant price"),
        ({"Cost_per_item": "-1.00"}, "out_of_range", "cost per item"),
        ({"Variant_SKU": "9.78E+12"}, "rounded_id", "variant sku"),
        ({"Handle": ""}, "field_missing", "handle"),
    ],
)
def test_a_bad_variant_is_told_with_its_line_its_reason_and_its_column(
    cells: dict[str, str], code: str, field: str
) -> None:
    told = told_of(SHOPIFY_PRODUCTS, sheet(first(), variant(**cells), variant(Variant_SKU="TEE-L")))

    assert wrong_of(told) == [(3, code, field)]
    assert len(told) == 5


# --- costs of one's own -----------------------------------------------------------------------------------------------


def test_a_list_of_costs_says_from_when_and_in_what_they_are() -> None:
    text = 'sku,unit_cost,currency,effective_from\nTEE-S,9.40,EUR,2026-01-01\n5E3,"1,200",,\n'

    told = told_of(COSTS, text, reading(Declared(costs_from=date(2025, 7, 1))))

    assert [{name: value for name, value in line.items() if value is not None} for line in lines_of(told)] == [
        {"type": "cost", "sku": "TEE-S", "unit_cost": "9.40", "currency": "EUR", "effective_from": "2026-01-01"},
        {"type": "cost", "sku": "5E3", "unit_cost": "1200", "effective_from": "2025-07-01"},
    ]
    assert [fact.source for fact in facts_of(COSTS, told)] == ["costs"] * 2


def test_a_list_of_two_columns_is_enough() -> None:
    (line,) = lines_of(told_of(COSTS, "Unit_Cost, SKU \n9.40,TEE-S\n"))

    assert (line["effective_from"], line["currency"]) == ("2026-11-20", None)


@pytest.mark.parametrize(
    ("row", "code", "field"),
    [
        (",9.40,,", "field_missing", "sku"),
        ("TEE-S,,,", "field_missing", "unit_cost"),
        ("TEE-S,nine,,", "wrong_amount", "unit_cost"),
        ("TEE-S,9.40,euro,", "wrong_currency", "currency"),
        ("TEE-S,€9.40,USD,", "currency_differs", "unit_cost"),
        ("TEE-S,€9.40,,", "currency_differs", "unit_cost"),
        ("TEE-S,9.40,,1/2/2026", "wrong_date", "effective_from"),
    ],
)
def test_a_bad_cost_is_told_with_its_line_its_reason_and_its_column(row: str, code: str, field: str) -> None:
    told = told_of(COSTS, f"sku,unit_cost,currency,effective_from\nMUG,4,,\n{row}\n")

    assert wrong_of(told) == [(3, code, field)]
