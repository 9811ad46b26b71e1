"""A name that a row tells in a column of persons is kept from no other column of it."""

from __future__ import annotations

import pytest

from shared.services.imports.formats.catalogue import FORMATS
from shared.services.imports.formats.format import Format, Row
from shared.services.imports.formats.told_names import ToldNames

FORMAT = {each.name: each for each in FORMATS}
ORDERS = FORMAT["shopify_orders"]


def _read(format_: Format, cells: dict[str, str]) -> dict[str, str]:
    (row,) = ToldNames(format_, cells).redacted(iter([Row(2, {name.casefold(): cell for name, cell in cells.items()})]))
    return dict(row.cells)


@pytest.mark.parametrize("column", ["Billing Name", "Shipping Name", "Employee", "Customer name", "buyer_name"])
@pytest.mark.parametrize(
    "source",
    [
        "Zebulon Plantedperson",
        "zebulon PLANTEDPERSON",
        "Plantedperson, Zebulon",
        "wholesale for Zebulon J. Plantedperson (west)",
        "zebulon_plantedperson-shop",
        "Zebu\u200blon Plantedperson",
    ],
)
def test_a_source_that_holds_the_name_of_who_bought_is_redacted(column: str, source: str) -> None:
    assert _read(ORDERS, {"Name": "#1", "Source": source, column: "Zebulon Plantedperson"})["source"] == "[redacted]"


def test_a_name_of_two_columns_is_one() -> None:
    named = {"First Name": "Summer", "Last Name": "Plantedperson"}

    assert _read(ORDERS, {"Source": "Plantedperson, Summer", **named})["source"] == "[redacted]"
    assert _read(ORDERS, {"Source": "Summer sale", **named})["source"] == "Summer sale"


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("web", "Zebulon Web"),
        ("web", "Web"),
        ("pos", "POS"),
        ("plan b", "B"),
        ("plantedpersonal", "Plantedperson"),
        ("", "Zebulon Plantedperson"),
        ("Zebulon Other", "Zebulon Plantedperson"),
        ("web", ""),
    ],
)
def test_other_sources_stay(source: str, name: str) -> None:
    assert _read(ORDERS, {"Source": source, "Billing Name": name})["source"] == source


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("Plantedperson", "Plantedperson"),
        ("for Plantedperson", "J. Plantedperson"),
        ("Zebulon Plantedperson", "Dr. Zebulon Plantedperson"),
        ("Zoe Plantedperson", "Zoe\u0308 Plantedperson"),
        ("\u738b \u4f1f", "\u738b \u4f1f"),
    ],
)
def test_names_are_found_with_their_titles_accents_and_initials_or_without(source: str, name: str) -> None:
    assert _read(ORDERS, {"Source": source, "Billing Name": name})["source"] == "[redacted]"


def test_nothing_but_text_is_touched() -> None:
    cells = {"name": "Jane Doe", "lineitem sku": "Jane Doe", "billing name": "Jane Doe", "source": "web"}

    assert _read(ORDERS, cells) == cells


def test_a_supplier_who_is_the_employee_of_the_row_is_redacted() -> None:
    cells = {
        "Name": "Plantedperson",
        "Transaction type": "Bill",
        "Debit": "",
        "Credit": "",
        "Employee": "Plantedperson",
    }

    assert _read(FORMAT["quickbooks_journal"], cells)["name"] == "[redacted]"


@pytest.mark.parametrize("header", ["Product Category", "Vendor", "Title", "Type"])
def test_formats_without_columns_of_persons_mind_those_that_stand_beside_theirs(header: str) -> None:
    cells = {header: "by Jane Doe", "Contact name": "Jane Doe"}

    assert _read(FORMAT["shopify_products"], cells)[header.casefold()] == "[redacted]"
