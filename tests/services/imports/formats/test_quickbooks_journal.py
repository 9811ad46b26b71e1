"""The Journal report of QuickBooks, trap by trap. The people in it are invented."""

from __future__ import annotations

import pytest

from shared.domain.facts.settings import Settings
from shared.services.imports.formats.quickbooks_journal import QUICKBOOKS_JOURNAL
from tests.data.sheets import facts_of, in_parts, lines_of, reading, told_of, wrong_of

HEADERS = "Date,Transaction Type,Num,Name,Memo/Description,Account,Debit,Credit"


def of(*rows: str, headers: str = HEADERS) -> str:
    return "\n".join([headers, *rows]) + "\n"


RENT = (
    '10/01/2026,Bill,INV-7,Harbour Street Lofts,October,Rent & Lease,"2,100.00",',
    ',,,,October,Accounts Payable (A/P),,"2,100.00"',
    ',,,,,,"2,100.00","2,100.00"',
)


def test_a_transaction_is_several_rows_of_which_the_first_tells_the_day() -> None:
    (told,) = told_of(QUICKBOOKS_JOURNAL, of(*RENT))
    number, line = told

    assert number == 2
    assert isinstance(line, dict)
    assert {name: cell for name, cell in line.items() if name != "id"} == {
        "type": "expense",
        "date": "2026-10-01",
        "amount": "2100.00",
        "line": "opex",
        "category": "Rent",
        "vendor": "Harbour Street Lofts",
    }


def test_the_other_side_may_come_first() -> None:
    text = of(
        "10/02/2026,Expense,,Packhouse Supply Co,,Checking,,60.00",
        ",,,,,Packaging,45.50,",
        ",,,,,Dues & Subscriptions,14.50,",
    )
    lines = lines_of(told_of(QUICKBOOKS_JOURNAL, text))

    assert [(line["date"], line["line"], line["amount"], line["vendor"]) for line in lines] == [
        ("2026-10-02", "fulfilment", "45.50", "Packhouse Supply Co"),
        ("2026-10-02", "opex", "14.50", "Packhouse Supply Co"),
    ]


def test_a_split_may_have_the_name_of_its_own() -> None:
    text = of("10/02/2026,Expense,,Card Bank,,Checking,,9.00", ",,,Packhouse Supply Co,,Packaging,9.00,")

    assert [line["vendor"] for line in lines_of(told_of(QUICKBOOKS_JOURNAL, text))] == ["Packhouse Supply Co"]


@pytest.mark.parametrize(
    ("debit", "credit", "amount"),
    [
        ("10.00", "", "10.00"),
        ("", "10.00", "-10.00"),
        ("(10.00)", "", "-10.00"),
        ("", "-10.00", "10.00"),
        ("$1045.50", "", "1045.50"),
        ("", "", "0"),
    ],
)
def test_a_credit_takes_cost_back(debit: str, credit: str, amount: str) -> None:
    (line,) = lines_of(told_of(QUICKBOOKS_JOURNAL, of(f"10/02/2026,Vendor Credit,,,,Packaging,{debit},{credit}")))

    assert line["amount"] == amount


def test_the_report_has_a_preamble_a_blank_first_column_and_a_total() -> None:
    text = (
        'Craft Supply Co.,,,,,,,,\nJournal,,,,,,,,\n"January 1 - December 31, 2026",,,,,,,,\n,,,,,,,,\n'
        f",{HEADERS}\n"
        ",10/02/2026,Expense,,Packhouse Supply Co,,Packaging,$45.50,\n"
        ",,,,,,Checking,,$45.50\n"
        ",,,,,,,$45.50,$45.50\n"
        ",TOTAL,,,,,,$45.50,$45.50\n"
    )

    assert [line["amount"] for line in lines_of(told_of(QUICKBOOKS_JOURNAL, text, preamble=4))] == ["45.50"]


def test_newer_reports_have_numbered_sections_other_labels_and_the_day_in_every_row() -> None:
    text = (
        ",Transaction date,Transaction type,Num,Name,Description,Account Name,Debit,Credit\n"
        "25,,,,,,,,\n"
        ",10/02/2026,Expense,,Packhouse Supply Co,,Packaging,$45.50,\n"
        ",10/02/2026,Expense,,Packhouse Supply Co,,Checking,,$45.50\n"
        "Total for 25,,,,,,,$45.50,$45.50\n"
        '"Accrual Basis Wednesday, September 02, 2026 01:27 AM GMT-05:00",,,,,,,,\n'
    )

    (line,) = lines_of(told_of(QUICKBOOKS_JOURNAL, text))
    assert (line["date"], line["amount"], line["vendor"]) == ("2026-10-02", "45.50", "Packhouse Supply Co")


def test_income_and_the_balance_sheet_are_no_expenses() -> None:
    text = of(
        '10/02/2026,Invoice,1001,Jane Doe,,Accounts Receivable (A/R),"1,250.00",',
        ',,,,,Sales:Design Services,,"1,250.00"',
        "10/03/2026,Journal Entry,7,,,Owner Draws,900.00,",
        ",,,,,Checking,,900.00",
        "10/04/2026,Expense,,,,Inventory Asset,300.00,",
        ",,,,,Cost of Goods Sold,20.00,",
    )
    how = reading()

    assert told_of(QUICKBOOKS_JOURNAL, text, how) == []
    assert "unmapped" not in how.carry


def test_the_bookings_of_an_account_that_nobody_has_settled_are_kept_as_such_and_it_is_named() -> None:
    text = of(
        "10/02/2026,Expense,,Meta Ads,,Advertising & Marketing,50.00,",
        ",,,,,Expenses:Merchant Fees,4.50,",
        ",,,,,Ring jane@example.com,1.00,",
        ",,,,,Advertising & Marketing,50.00,",
    )
    how = reading()

    told = lines_of(told_of(QUICKBOOKS_JOURNAL, text, how))
    assert [(line["amount"], line["line"]) for line in told] == [
        ("50.00", "unsettled"), ("4.50", "unsettled"), ("1.00", "unsettled"), ("50.00", "unsettled"),
    ]  # fmt: skip
    assert not any("vendor" in line or "category" in line for line in told)
    assert how.carry["unmapped"] == ["Advertising & Marketing", "Expenses:Merchant Fees", "Ring [redacted] (line 4)"]


def test_accounts_that_are_not_named_are_told_apart_by_where_they_stand() -> None:
    text = of(
        "10/02/2026,Expense,,,,Ann Example,20.00,",
        "10/02/2026,Expense,,,,Jane Doe,3.00,",
        "10/03/2026,Expense,,,,Jane Doe,4.00,",
        "10/03/2026,Expense,,,,Helpers:Bob Roe,5.00,",
    )
    how = reading()

    told_of(QUICKBOOKS_JOURNAL, text, how)

    assert how.carry["unmapped"] == ["[redacted] (line 2)", "[redacted] (line 3)", "Helpers (line 5)"]
    assert "Doe" not in str(how.carry)


def test_what_the_merchant_has_settled_goes_before_the_usual_names() -> None:
    settled = Settings(
        ledger_accounts={
            "Expenses:Merchant Fees": {"line": "payment_fees", "behaviour": "variable"},
            "rent & lease": {"line": "ignore"},
        }
    )
    text = of(*RENT, "10/02/2026,Expense,,Card Bank,,Expenses:Merchant fees,4.50,")
    (line,) = lines_of(told_of(QUICKBOOKS_JOURNAL, text, reading(settings=settled)))

    assert (line["line"], line["behaviour"], line["amount"]) == ("payment_fees", "variable", "4.50")


def test_the_same_booking_twice_on_a_day_is_two_expenses() -> None:
    coffee = ("10/07/2026,Expense,,Starbucks,,Meals,$5.00,", ",,,,,Checking,,$5.00")
    facts = facts_of(QUICKBOOKS_JOURNAL, told_of(QUICKBOOKS_JOURNAL, of(*coffee, *coffee)))

    assert len({fact.key for fact in facts}) == 2


def test_ids_are_the_same_in_the_next_export_that_has_a_mended_memo_and_a_new_row() -> None:
    text = of(*RENT, "10/02/2026,Expense,,Packhouse Supply Co,tape,Packaging,9.00,")
    later = of(
        *RENT, "10/01/2026,Expense,,,,Travel,9.00,", "10/02/2026,Expense,,Packhouse Supply Co,boxes,Packaging,9.00,"
    )
    first, second = (
        {fact.key for fact in facts_of(QUICKBOOKS_JOURNAL, told_of(QUICKBOOKS_JOURNAL, each))} for each in (text, later)
    )

    assert len(first) == 2
    assert first < second


@pytest.mark.parametrize(
    ("kind", "account", "name"),
    [
        ("Paycheck", "Payroll:Wages", "Jane Doe"),
        ("Check", "Payroll:Wages", "Jane Doe"),
        ("Check", "Contractors", "Doe Design Studio"),
        ("Expense", "Travel", "Jane Doe"),
        ("Invoice", "Shipping, Freight & Delivery", "Doe Holding Inc"),
        ("Check", "Officer Compensation", "Doe Holding Inc"),
    ],
)
def test_who_is_or_may_be_a_person_is_in_no_expense(kind: str, account: str, name: str) -> None:
    text = of(f'10/02/2026,{kind},88,{name},for {name},"{account}",10.00,')
    (fact,) = facts_of(QUICKBOOKS_JOURNAL, told_of(QUICKBOOKS_JOURNAL, text))

    assert "doe" not in f"{fact.key}{fact.body}".lower()


def test_rows_behind_a_bad_first_row_are_bad_too() -> None:
    text = of(
        "31/10/2026,Expense,,Packhouse Supply Co,,Packaging,9.00,",
        ",,,,,Travel,9.00,",
        "10/31/2026,Expense,,Packhouse Supply Co,,Packaging,many,",
    )

    assert wrong_of(told_of(QUICKBOOKS_JOURNAL, text)) == [
        (2, "wrong_date", "date"),
        (3, "field_missing", "date"),
        (4, "wrong_amount", "debit"),
    ]


def test_a_report_that_is_not_sorted_by_date_cannot_be_counted() -> None:
    days = ("10/02/2026", "10/03/2026", "10/02/2026")
    text = of(*(f"{day},Expense,,,,Travel,9.00," for day in days))

    assert wrong_of(told_of(QUICKBOOKS_JOURNAL, text)) == [(4, "not_sorted", "date")]
    assert wrong_of(told_of(QUICKBOOKS_JOURNAL, of(*(f"{day},Expense,,,,Travel,9.00," for day in days[1:])))) == []


def test_a_transaction_may_be_cut_between_two_runs() -> None:
    text = of(*RENT, "10/02/2026,Expense,,Packhouse Supply Co,,Checking,,9.00", ",,,,,Packaging,9.00,")

    for cut in range(6):
        assert in_parts(QUICKBOOKS_JOURNAL, text, [cut]) == told_of(QUICKBOOKS_JOURNAL, text)


def test_the_report_holds_all_expenses_of_its_days_whatever_its_first_and_last_row_are() -> None:
    how = reading()
    text = of(
        "10/01/2026,Invoice,1001,,,Accounts Receivable (A/R),9.00,",
        "10/02/2026,Expense,,,,Travel,9.00,",
        "10/05/2026,Deposit,,,,Checking,9.00,",
    )
    told_of(QUICKBOOKS_JOURNAL, text, how)

    assert QUICKBOOKS_JOURNAL.claims(how) == [{"type": "expense", "from": "2026-10-01", "to": "2026-10-05"}]
