"""Columns that become nothing are told by their headers: those that nobody knows, and those of persons apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, ValuesView
from dataclasses import dataclass, field, replace

import pytest

from shared.domain.facts.imports import ImportReport, ImportStatus
from shared.services.imports.formats.catalogue import FORMATS
from shared.services.imports.formats.format import Format, Row, Sheet
from shared.services.imports.formats.unread import LONGEST_HEADER, MOST_COLUMNS, Unread, unread_of
from shared.services.imports.stage_facts import MOST_CONNECTORS
from tests.data.merchants import Merchant, as_file, header, order
from tests.data.sheets import reading, sheet_of, written
from tests.data.shopify_rows import HEADERS as SHOPIFY_HEADERS
from tests.data.shopify_rows import PERSON, order_row, orders_sheet
from tests.services.imports.formats.test_catalogue import IN_THE_FIELD

FORMAT: Mapping[str, Format] = {each.name: each for each in FORMATS}

ROWS: Mapping[str, Mapping[str, str]] = {
    "shopify_payments_transactions": {
        "Transaction Date": "2026-10-05 21:15:00 -0400",
        "Type": "charge",
        "Order": "#1001",
        "Payout Date": "2026-10-07",
        "Amount": "27.00",
        "Fee": "0.90",
        "Currency": "USD",
    },
    "shopify_payouts": {"Status": "pending", "Total": "5.00", "Currency": "USD"},
    "shopify_products": {"Handle": "mug", "Title": "Mug", "Variant SKU": "M-1", "Cost per item": "4.00"},
    "shopify_products_by_url_handle": {"URL handle": "mug", "Title": "Mug", "SKU": "M-1", "Cost per item": "4.00"},
    "costs": {"sku": "M-1", "unit_cost": "4.00", "currency": "USD", "effective_from": "2026-10-01"},
    "meta_ads": {
        "Reporting starts": "2026-10-01",
        "Reporting ends": "2026-10-01",
        "Campaign name": "Brand",
        "Amount spent (EUR)": "4.00",
    },
    "google_ads": {"Day": "2026-10-01", "Campaign": "Brand", "Currency code": "USD", "Cost": "4.00", "Impr.": "9"},
    "tiktok_ads": {"By Day": "2026-10-01", "Campaign name": "Brand", "Cost": "4.00", "Clicks (destination)": "1"},
    "snapchat_ads": {
        "Start Time": "2026-10-01 00:00:00",
        "End Time": "2026-10-02 00:00:00",
        "Paid Impressions": "9",
        "Swipe Ups": "1",
        "Spend": "4.00",
    },
    "quickbooks_journal": {
        "Date": "10/01/2026",
        "Transaction Type": "Expense",
        "Name": "Acme Inc",
        "Account": "Travel",
        "Debit": "4.00",
    },
    "quickbooks_ledger": {"Date": "10/01/2026", "Transaction Type": "Expense", "Split": "Checking", "Amount": "4.00"},
    "bank_chase": {
        "Details": "DEBIT",
        "Posting Date": "10/01/2026",
        "Description": "TAPE",
        "Amount": "-4.00",
        "Type": "DEBIT_CARD",
        "Balance": "1.00",
    },
    "shopify_orders": order_row(),
}
"""Format -> a row that it can read."""


@dataclass(frozen=True)
class Watched(Mapping[str, str]):
    """Cells that note which of them somebody asks for."""

    cells: Mapping[str, str]
    asked: set[str] = field(default_factory=set[str])

    def __getitem__(self, header: str) -> str:
        if header in self.cells:
            self.asked.add(header)
        return self.cells[header]

    def __iter__(self) -> Iterator[str]:
        return iter(self.cells)

    def __len__(self) -> int:
        return len(self.cells)

    def values(self) -> ValuesView[str]:
        """Give all cells, among which rows of totals are looked for: that is no look at a column."""
        return self.cells.values()


def headers_of(name: str) -> list[str]:
    return SHOPIFY_HEADERS if name == "shopify_orders" else IN_THE_FIELD[name].removeprefix("\ufeff").split(",")


@pytest.mark.parametrize("name", FORMAT)
def test_a_format_looks_at_the_columns_that_it_says_it_reads_and_at_no_others(name: str) -> None:
    known, watched = FORMAT[name], list[Watched]()

    def rows(of: Sheet) -> Iterator[Row]:
        for row in of.rows:
            watched.append(Watched(row.cells))
            yield replace(row, cells=watched[-1])

    sections = [{"": "Travel"}] if name == "quickbooks_ledger" else []
    sheet = sheet_of(written([*sections, ROWS[name]], headers=headers_of(name)))
    told = list(known.read(replace(sheet, rows=rows(sheet)), reading()))

    assert [line for line in told if not isinstance(line[1], dict)] == [], "the row of this test is a good one"
    assert {header for row in watched for header in row.asked} - known.reads <= {"", "amount spent (eur)"}
    assert not known.reads & (known.personal | known.unneeded)


@pytest.mark.parametrize("name", FORMAT)
def test_nothing_of_a_plain_export_is_unmapped(name: str) -> None:
    assert unread_of(FORMAT[name], headers_of(name)).unmapped == ()


def test_persons_are_told_apart_from_what_nobody_knows() -> None:
    headers = [*SHOPIFY_HEADERS, "Loyalty points", "Customer e-mail", "Date of birth", "Delivery Notes", "Ends"]

    unread = unread_of(FORMAT["shopify_orders"], headers)

    assert unread.unmapped == ("Loyalty points", "Ends")
    assert {*PERSON} - {"Email"} <= {*unread.personal}, "the address of the customer becomes a reference"
    assert {"Customer e-mail", "Date of birth", "Delivery Notes"} <= {*unread.personal}


@pytest.mark.parametrize(
    "header",
    ["Customer", "Client", "Payee", "Donor", "Attendee", "Ship To", "IP", "SSN", "IBAN", "Kundenname", "E-mail adres"],
)
def test_a_header_that_says_that_persons_stand_below_it_is_told_apart(header: str) -> None:
    assert unread_of(FORMAT["costs"], [header, "Billing Phone 2"]).personal == (header, "Billing Phone 2")


@pytest.mark.parametrize(
    "header",
    ["Jane Doe", "Customer: Jane Doe", "JANE DOE", "Jane Doe +49 170 1234567", "Doe, Jane (EUR)", "Jane Doe Draw"],
)
def test_a_header_that_is_a_persons_name_is_told_by_its_place(header: str) -> None:
    unread = unread_of(FORMAT["shopify_orders"], ["Colour", header, "Loyalty points"])

    assert unread.unmapped == ("Colour", "[redacted] (column 2)", "Loyalty points")


@pytest.mark.parametrize("header", ["Campaign Group", "Payment Terms", "Ad recall lift", "loyalty_points", "Margin"])
def test_a_header_with_words_of_exports_is_told_as_it_stands(header: str) -> None:
    assert unread_of(FORMAT["costs"], [header]).unmapped == (header,)


@pytest.mark.parametrize(
    "header", ["Post comments", "Mobile app installs", "Phone impressions", "Website purchase ROAS", "Cost (USD)"]
)
def test_a_figure_is_not_taken_for_a_person(header: str) -> None:
    assert unread_of(FORMAT["meta_ads"], [header]) == Unread(unmapped=(header,))


def test_the_currency_behind_a_header_says_nothing_about_what_it_is() -> None:
    headers = ["Amount spent (CHF)", "Cost per results (CHF)", "Clicks (all)", "Ad recall lift (CHF)"]

    assert unread_of(FORMAT["meta_ads"], headers) == Unread(unmapped=("Ad recall lift (CHF)",))


def test_headers_are_cleaned_cut_and_only_so_many() -> None:
    odd = ["\u202eevil\x1b[31m\nrow", "ask jane@example.com", "x" * 500, "\u200b", "", "Odd  one"]

    shown = unread_of(FORMAT["costs"], odd).unmapped

    assert shown == ("evil[31m row", "ask [redacted]", "x" * LONGEST_HEADER, "Odd one")
    assert len(unread_of(FORMAT["costs"], [f"Column {number}" for number in range(900)]).unmapped) == MOST_COLUMNS


def imported(content: str, merchant: Merchant | None = None) -> ImportReport:
    record = (merchant or Merchant()).import_bytes(content.encode())
    assert record.report is not None
    return record.report


def test_an_import_tells_the_columns_that_became_nothing() -> None:
    report = imported("sku,unit_cost,Colour,Buyer's Name\nM-1,4.00,planted,Planted Person\n")

    assert (report.unmapped_columns, report.personal_columns) == (("Colour",), ("Buyer's Name",))
    assert "lanted" not in str(report)


def test_so_does_one_that_was_refused_and_one_that_took_many_runs() -> None:
    refused = imported("sku,unit_cost,Colour\nM-1,dear,\n")
    assert refused.refusal is not None
    assert (refused.unmapped_columns, refused.connectors) == (("Colour",), ("costs",))

    rows = "".join(f"M-{number},4.00,blue\n" for number in range(50))
    merchant = Merchant(part_bytes=200)
    parts = imported(f"sku,unit_cost,Colour\n{rows}", merchant)
    assert merchant.imports.last_generation("wks_1") == 1
    assert (parts.unmapped_columns, parts.connectors) == (("Colour",), ("costs",))


def test_ndjson_tells_whose_data_it_held_and_of_very_many_some() -> None:
    several = [header(), order(1), {**order(2), "source": "erp"}]
    many = [header(), *({**order(number), "source": f"shop_{number}"} for number in range(MOST_CONNECTORS + 9))]

    assert imported(as_file(several).decode()).connectors == ("erp", "shop")
    assert len(imported(as_file(many).decode()).connectors) == MOST_CONNECTORS


def test_who_bought_is_told_to_be_dropped_and_never_named() -> None:
    merchant = Merchant()
    record = merchant.import_bytes(orders_sheet(order_row() | PERSON).encode())

    assert record.status is ImportStatus.FINISHED
    assert record.report is not None
    assert {"Billing Name", "Phone", "Notes"} <= {*record.report.personal_columns}
    assert "lanted" not in str(record)
