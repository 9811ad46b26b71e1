"""What the accounts of a merchant's books are to its profit."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from shared.domain.facts.ledger import LONGEST_NAME, MOST_ACCOUNTS, Ledger, check_accounts
from shared.domain.facts.values import WrongValue


def line_of(account: str, **settled: str) -> str | None:
    entry = Ledger({name.replace("_", " "): {"line": line} for name, line in settled.items()}).entry(account)
    return None if entry is None else entry["line"]


@pytest.mark.parametrize(
    ("account", "line"),
    [
        ("Rent & Lease", "opex"),
        ("  rent &  LEASE ", "opex"),
        ("6400 Legal & Professional Services", "opex"),
        ("6400-10 Legal & Professional Services", "opex"),
        ("6400 · Legal & Professional Services", "opex"),
        ("Payroll Expenses:Wages:Warehouse", "opex"),
        ("Expenses:Travel", "opex"),
        ("Officers\N{RIGHT SINGLE QUOTATION MARK} Salaries", "opex"),
        ("Shipping, Freight & Delivery - COS", "fulfilment"),
        ("Depreciation Expense", "depreciation"),
        ("Interest Paid", "interest"),
        ("Income Tax Expense", "income_tax"),
        ("Sales", "ignore"),
        ("Sales of Product Income", "ignore"),
        ("Sales:Design Services", "ignore"),
        ("Accounts Receivable (A/R)", "ignore"),
        ("Accounts Payable (A/P)", "ignore"),
        ("Sales Tax Payable", "ignore"),
        ("1010 Huntington Checking", "ignore"),
        ("Inventory Asset", "ignore"),
        ("Prepaid Expenses:Insurance", "ignore"),
        ("Cost of Goods Sold", "ignore"),
        ("Supplies & Materials - COGS", "ignore"),
        ("Owner's Pay & Personal Expenses", "ignore"),
        ("Accumulated Depreciation", "ignore"),
        ("Loan from Jane Doe", "ignore"),
    ],
)
def test_accounts_are_known_by_their_usual_names(account: str, line: str) -> None:
    assert line_of(account) == line


@pytest.mark.parametrize(
    "account",
    ["Advertising & Marketing", "Merchant Account Fees", "Stripe Fees", "Uncategorized Expense", "Ask My Accountant"],
)
def test_what_another_source_may_tell_and_what_nobody_knows_is_not_guessed(account: str) -> None:
    assert line_of(account) is None


def test_what_is_settled_goes_before_every_usual_name() -> None:
    assert line_of("Sales", sales="opex") == "opex"
    assert line_of("Rent & Lease", **{"rent & lease": "ignore"}) == "ignore"


def test_the_nearest_account_that_is_settled_counts() -> None:
    settled = {"advertising": "ad_spend", "advertising:fairs": "opex", "print": "ignore"}

    assert line_of("Advertising:Search", **settled) == "ad_spend"
    assert line_of("6100 Advertising:6110 Fairs", **settled) == "opex"
    assert line_of("Advertising:Print", **settled) == "ignore"
    assert line_of("Advertising:Fairs:Print", **settled) == "ignore"


def test_more_accounts_than_are_remembered_are_still_told() -> None:
    ledger = Ledger({})

    assert all(ledger.entry(f"Travel:Trip {number}") == ledger.entry("Travel") for number in range(2_500))


@pytest.mark.parametrize(
    ("entry", "code", "field"),
    [
        ({}, "field_missing", "1.line"),
        ({"line": "rent"}, "unknown_choice", "1.line"),
        ({"line": "opex", "behaviour": "sometimes"}, "unknown_choice", "1.behaviour"),
        ({"line": "opex", "addback": "yes"}, "unknown_choice", "1.addback"),
        ({"line": "opex", "vendor": "Jane"}, "unknown_field", "1"),
        ({"line": "opex", "category": 7}, "wrong_type", "1.category"),
    ],
)
def test_what_no_expense_can_say_cannot_be_settled(entry: Mapping[str, str], code: str, field: str) -> None:
    with pytest.raises(WrongValue) as refused:
        check_accounts({"Travel": entry})

    assert (refused.value.code, refused.value.field) == (code, field)


@pytest.mark.parametrize("name", ["", " ", "x" * (LONGEST_NAME + 1)])
def test_an_account_has_a_name(name: str) -> None:
    with pytest.raises(WrongValue, match="must have a name"):
        check_accounts({name: {"line": "opex"}})


def test_only_so_many_accounts_are_settled() -> None:
    check_accounts({f"Account {number}": {"line": "opex"} for number in range(MOST_ACCOUNTS)})
    with pytest.raises(WrongValue, match="must not be more than"):
        check_accounts({f"Account {number}": {"line": "opex"} for number in range(MOST_ACCOUNTS + 1)})
