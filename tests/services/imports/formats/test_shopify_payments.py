"""What Shopify Payments exports: transactions and payouts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.facts.imports import Declared
from shared.services.imports.formats.shopify_payments import SHOPIFY_PAYOUTS, SHOPIFY_TRANSACTIONS
from tests.data.sheets import facts_of, in_parts, lines_of, reading, told_of, written, wrong_of

HEADERS = (
    "Transaction Date", "Type", "Order", "Card Brand", "Card Source", "Payout Status", "Payout Date", "Payout ID",
    "Available On", "Amount", "Fee", "Net", "Checkout", "Payment Method Name", "Presentment Amount",
    "Presentment Currency", "Currency", "VAT",
)  # fmt: skip


def row(**cells: str) -> dict[str, str]:
    """Give a charge of 27.00 for #1001."""
    plain = {
        "Transaction Date": "2026-10-05 21:15:31 -0400",
        "Type": "charge",
        "Order": "#1001",
        "Card Brand": "visa",
        "Payout Status": "pending",
        "Payout Date": "2026-10-08",
        "Amount": "27.00",
        "Fee": "1.08",
        "Net": "25.92",
        "Checkout": "#43736360550558",
        "Presentment Amount": "36.50",
        "Presentment Currency": "CAD",
        "Currency": "USD",
    }
    return plain | {name.replace("_", " "): cell for name, cell in cells.items()}


def refund_row(**cells: str) -> dict[str, str]:
    """Give a refund of 5.00 for #1001, a fortnight later."""
    plain = {"Transaction_Date": "2026-10-19 10:00:00 -0400", "Type": "refund", "Amount": "-5.00", "Fee": "0.00"}
    return row(**plain | cells)


def bodies(*rows: dict[str, str]) -> list[dict[str, Any]]:
    told = told_of(SHOPIFY_TRANSACTIONS, written(rows, headers=HEADERS))
    return [json.loads(fact.body) for fact in facts_of(SHOPIFY_TRANSACTIONS, told)]


def ids(*rows: dict[str, str]) -> list[str]:
    return [body["id"] for body in bodies(*rows)]


def test_a_transaction_has_its_moment_its_order_and_its_fee_in_the_currency_of_the_payout() -> None:
    (charge,) = bodies(row())

    del charge["id"]
    assert charge == {
        "at": 1_791_249_331_000_000,
        "nature": "charge",
        "order_id": "#1001",
        "amount": 27_000_000,
        "fee": 1_080_000,
        "currency": "USD",
    }


def test_a_refund_is_negative_however_the_export_writes_it() -> None:
    assert [body["amount"] for body in bodies(refund_row(), refund_row(Amount="5.00"))] == [-5_000_000] * 2


@pytest.mark.parametrize(
    ("type_", "nature"),
    [
        ("Charge", "charge"),
        ("refund", "refund"),
        ("chargeback", "chargeback"),
        ("chargeback won", "chargeback"),
        ("chargeback_fee", "chargeback"),
        ("dispute", "chargeback"),
        ("adjustment", "adjustment"),
        ("payout", "payout"),
        ("shop cash credit", "other"),
    ],
)
def test_every_type_is_of_a_nature_and_one_that_nobody_knows_is_kept(type_: str, nature: str) -> None:
    assert bodies(row(Type=type_))[0]["nature"] == nature


def test_a_fee_that_is_not_told_is_unknown_and_one_that_was_given_back_is_negative() -> None:
    unknown, back = bodies(row(Fee=""), refund_row(Fee="-0.30"))

    assert "fee" not in unknown
    assert back["fee"] == -300_000


def test_a_transaction_without_an_order_is_one_all_the_same() -> None:
    assert "order_id" not in bodies(row(Type="adjustment", Order=""))[0]


def test_an_export_of_days_only_is_told_by_the_day() -> None:
    (line,) = lines_of(told_of(SHOPIFY_TRANSACTIONS, written([row(Transaction_Date="2026-10-05")], headers=HEADERS)))

    assert (line["date"], "at" in line) == ("2026-10-05", False)


def test_the_key_outlives_what_changes_between_two_exports() -> None:
    later = row(
        Transaction_Date="2026-10-06 03:15:31 +0200",  # the same moment, as seen from Berlin
        Payout_Status="paid", Payout_ID="148156579998", Fee="1.10", VAT="0.00", Amount="27",
    )  # fmt: skip

    assert ids(row()) == ids(later)


def test_transactions_that_are_alike_in_everything_are_as_many_facts() -> None:
    assert len(set(ids(refund_row(), refund_row(), refund_row(Order="#1002"), row()))) == 4


@given(
    st.lists(st.sampled_from([row(), refund_row(), refund_row(Order="#7"), row(Amount="much")]), max_size=12).map(
        lambda rows: sorted(rows, key=lambda each: each["Transaction Date"])
    ),
    st.lists(st.integers(0, 12), max_size=3),
)
def test_wherever_reading_stops_and_goes_on_the_same_is_told(rows: list[dict[str, str]], cuts: list[int]) -> None:
    text = written(rows, headers=HEADERS)
    whole, parts = told_of(SHOPIFY_TRANSACTIONS, text), in_parts(SHOPIFY_TRANSACTIONS, text, cuts)

    assert [line for _, line in parts if isinstance(line, dict)] == [
        line for _, line in whole if isinstance(line, dict)
    ]
    assert wrong_of(parts) == wrong_of(whole)


@given(st.lists(st.sampled_from([row(), refund_row(), refund_row(Order="#7")]), max_size=12))
def test_a_file_that_is_cut_between_two_moments_holds_the_same_transactions(rows: list[dict[str, str]]) -> None:
    by_time = sorted(rows, key=lambda each: each["Transaction Date"])
    parts = [list(alike) for _, alike in groupby(by_time, key=lambda each: each["Transaction Date"])]

    assert [body for part in parts for body in bodies(*part)] == bodies(*by_time)


@pytest.mark.parametrize(
    ("cells", "code", "field"),
    [
        ({"Transaction_Date": "2026-10-05 21:15:31"}, "wrong_moment", "transaction date"),
        ({"Transaction_Date": "5 October"}, "wrong_date", "transaction date"),
        ({"Type": ""}, "field_missing", "type"),
        ({"Amount": ""}, "field_missing", "amount"),
        ({"Amount": "27,00"}, "wrong_amount", "amount"),
        ({"Currency": "usd"}, "wrong_currency", "currency"),
        ({"Amount": "€27.00"}, "currency_differs", "amount"),
    ],
)
def test_a_bad_row_is_told_with_its_line_its_reason_and_its_column(
    cells: dict[str, str], code: str, field: str
) -> None:
    told = told_of(SHOPIFY_TRANSACTIONS, written([row(), row(**cells), refund_row()], headers=HEADERS))

    assert wrong_of(told) == [(3, code, field)]
    assert len(told) == 3


@pytest.mark.parametrize("day", ["2026-10-05", "2026-10-05 10:00:00 -0400"])
def test_rows_that_are_out_of_order_are_told_and_none_takes_the_place_of_another(day: str) -> None:
    first, other = row(Transaction_Date=day), row(Transaction_Date=day.replace("05", "06", 1))
    told = told_of(SHOPIFY_TRANSACTIONS, written([first, other, first, other], headers=HEADERS))

    assert wrong_of(told) == [(4, "not_sorted", "date")]


def test_payouts_follow_each_other_in_any_order() -> None:
    late, early = row(Payout_Date="2026-10-09"), refund_row(Payout_Date="2026-10-21")

    assert len(set(ids(late, early, row(Transaction_Date="2026-10-06", Payout_Date="2026-10-08")))) == 3


# --- payouts ----------------------------------------------------------------------------------------------------------

PAYOUTS = (
    "Payout Date", "Status", "Charges", "Refunds", "Adjustments", "Reserved Funds", "Fees", "Retried Amount", "Total",
    "Currency", "Bank Reference",
)  # fmt: skip


def payouts(*told: tuple[str, str, str]) -> str:
    """Write payouts by status, total and currency."""
    rows = [
        {"Payout Date": "2026-11-23", "Status": status, "Charges": total, "Total": total, "Currency": currency}
        for status, total, currency in told
    ]
    return written(rows, headers=PAYOUTS)


def balances(text: str, declared: Declared | None = None) -> list[tuple[str, str, str, str]]:
    lines = lines_of(told_of(SHOPIFY_PAYOUTS, text, reading(declared)))
    assert {(line["type"], line["nature"]) for line in lines} == {("balance", "payout_in_transit")}
    return [(str(line["account"]), str(line["date"]), str(line["amount"]), str(line["currency"])) for line in lines]


def test_what_is_on_its_way_to_the_bank_is_a_balance_on_the_day_of_the_export() -> None:
    text = payouts(
        ("paid", "400.00", "USD"), ("scheduled", "100.00", "USD"), ("in_transit", "50.50", "USD"),
        ("pending", "-8.00", "USD"), ("failed", "9.00", "USD"), ("canceled", "3.00", "USD"),
    )  # fmt: skip

    assert balances(text) == [("main payouts USD", "2026-11-20", "142.500000", "USD")]


def test_when_all_is_paid_the_balance_is_zero_and_not_unknown() -> None:
    assert balances(payouts(("paid", "400.00", "USD"))) == [("main payouts USD", "2026-11-20", "0.000000", "USD")]


def test_currencies_are_never_added_up_and_the_account_is_the_declared_one() -> None:
    text = payouts(("scheduled", "100.00", "USD"), ("scheduled", "7.00", "EUR"))

    assert balances(text, Declared(account="us-shop")) == [
        ("us-shop payouts EUR", "2026-11-20", "7.000000", "EUR"),
        ("us-shop payouts USD", "2026-11-20", "100.000000", "USD"),
    ]


def test_the_day_of_the_export_is_the_merchants() -> None:
    how = reading(exported_at=datetime(2026, 11, 20, 3, 0, tzinfo=UTC))

    (line,) = lines_of(told_of(SHOPIFY_PAYOUTS, payouts(("paid", "1.00", "USD")), how))

    assert line["date"] == "2026-11-19"


@given(
    st.lists(st.sampled_from([("paid", "1", "USD"), ("pending", "2", "USD"), ("scheduled", "4", "EUR")]), min_size=1)
)
def test_payouts_add_up_wherever_reading_stops(rows: list[tuple[str, str, str]]) -> None:
    text = payouts(*rows)

    assert in_parts(SHOPIFY_PAYOUTS, text, [len(rows) // 2, len(rows) // 3]) == told_of(SHOPIFY_PAYOUTS, text)


@pytest.mark.parametrize(
    ("payout", "code", "field"),
    [
        (("on its way", "1.00", "USD"), "unknown_choice", "status"),
        (("paid", "", "USD"), "field_missing", "total"),
        (("paid", "1.00", ""), "wrong_currency", "currency"),
    ],
)
def test_a_bad_payout_is_told(payout: tuple[str, str, str], code: str, field: str) -> None:
    told = told_of(SHOPIFY_PAYOUTS, payouts(("scheduled", "5.00", "USD"), payout))

    assert wrong_of(told) == [(3, code, field)]


@pytest.mark.parametrize("cut", [0, 1, 2])
def test_with_a_bad_payout_nobody_knows_what_is_on_its_way(cut: int) -> None:
    text = payouts(("on its way", "90000.00", "USD"), ("scheduled", "5.00", "USD"), ("scheduled", "5.00", "EUR"))

    assert [line for _, line in in_parts(SHOPIFY_PAYOUTS, text, [cut]) if isinstance(line, dict)] == []
