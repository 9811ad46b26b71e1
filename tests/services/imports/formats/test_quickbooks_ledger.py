"""The General Ledger report of QuickBooks, trap by trap. The people in it are invented."""

from __future__ import annotations

from shared.domain.facts.settings import Settings
from shared.services.imports.formats.quickbooks_journal import QUICKBOOKS_JOURNAL
from shared.services.imports.formats.quickbooks_ledger import DEEPEST, QUICKBOOKS_LEDGER
from tests.data.sheets import facts_of, in_parts, lines_of, reading, told_of, wrong_of

HEADERS = ",Date,Transaction Type,Num,Name,Memo/Description,Split,Amount,Balance"
PREAMBLE = 'Craft Supply Co.,,,,,,,,\nGeneral Ledger,,,,,,,,\n"January 1 - December 31, 2026",,,,,,,,\n,,,,,,,,\n'

CHECKING = (
    "1010 Checking,,,,,,,,",
    ',Beginning Balance,,,,,,,"48,210.77"',
    ',10/01/2026,Bill Payment (Check),88,Harbour Street Lofts,,Accounts Payable,"(2,100.00)","46,110.77"',
    'Total for 1010 Checking,,,,,,,"(2,100.00)",',
)
MEALS = (
    "5250 Meals & Entertainment,,,,,,,,",
    ",10/01/2026,,,,Beginning Balance,,,0.00",
    ',10/04/2026,Expense,,Acme Catering,Board lunch,1010 Checking,"1,200.00","1,200.00"',
    ',10/09/2026,Expense,,Acme Catering,Refund,1010 Checking,$(200.00),"1,000.00"',
    'Total for 5250 Meals & Entertainment,,,,,,,"1,000.00",',
)


def of(*rows: str, headers: str = HEADERS) -> str:
    return "\n".join([headers, *rows]) + "\n"


def test_accounts_are_sections_and_their_totals_are_dropped() -> None:
    text = PREAMBLE + of(*CHECKING, ",,,,,,,,", *MEALS, "TOTAL,,,,,,,,")
    lines = lines_of(told_of(QUICKBOOKS_LEDGER, text, preamble=4))

    assert [(line["date"], line["amount"], line["category"]) for line in lines] == [
        ("2026-10-04", "1200.00", "Meals"),
        ("2026-10-09", "-200.00", "Meals"),
    ]


def test_an_account_below_another_is_known_by_its_path() -> None:
    settled = Settings(ledger_accounts={"Advertising:Print": {"line": "opex", "category": "Print"}})
    text = of(
        "6100 Advertising,,,,,,,,",
        ",10/02/2026,Expense,,,,Checking,1.00,1.00",
        "6110 Print,,,,,,,,",
        ",10/02/2026,Expense,,,,Checking,2.00,2.00",
        "Total for 6110 Print,,,,,,,2.00,",
        "6120 Fairs,,,,,,,,",
        ",10/02/2026,Expense,,,,Checking,3.00,3.00",
        "Total for 6120 Fairs,,,,,,,3.00,",
        "Total for 6100 Advertising with sub-accounts,,,,,,,6.00,",
        "Travel,,,,,,,,",
        ",10/02/2026,Expense,,,,Checking,4.00,4.00",
        "Total for Travel,,,,,,,4.00,",
    )
    how = reading(settings=settled)

    told = [line for line in lines_of(told_of(QUICKBOOKS_LEDGER, text, how)) if line["line"] != "unsettled"]
    assert [line["amount"] for line in told] == ["2.00", "4.00"]
    assert how.carry["unmapped"] == ["6100 Advertising", "6100 Advertising:6120 Fairs"]


def test_a_section_that_is_closed_hides_nothing_that_follows() -> None:
    text = of(
        "Sales,,,,,,,,",
        "Sales of Product Income,,,,,,,,",
        ",10/02/2026,Invoice,,,,Receivable,9.00,9.00",
        "Total for Sales of Product Income,,,,,,,9.00,",
        "Total for Sales (with sub-accounts),,,,,,,9.00,",
        "Travel,,,,,,,,",
        ",10/02/2026,Expense,,,,Checking,4.00,4.00",
        "Total for Travel,,,,,,,4.00,",
    )
    how = reading()

    assert [line["amount"] for line in lines_of(told_of(QUICKBOOKS_LEDGER, text, how))] == ["4.00"]
    assert how.carry["sections"] == []


def test_the_account_may_stand_in_a_column() -> None:
    headers = "Date,Transaction Type,Num,Name,Memo/Description,Split,Amount,Balance,Account"
    text = of("10/02/2026,Expense,,,,Checking,4.00,4.00,Travel", headers=headers)

    assert [line["category"] for line in lines_of(told_of(QUICKBOOKS_LEDGER, text))] == ["Travel"]


def test_newer_reports_have_other_labels_and_a_last_word() -> None:
    text = of(
        "Travel,,,,,,,",
        ",,10/02/2026,Expense,7,Acme Catering,lunch,Checking,4.00",
        "Total for Travel,,,,,,,,4.00",
        '"Accrual Basis Wednesday, September 02, 2026 01:27 AM GMT-05:00",,,,,,,,',
        headers=",,Transaction date,Transaction type,Num,Name,Description,Split,Amount",
    )

    assert [(line["date"], line["amount"]) for line in lines_of(told_of(QUICKBOOKS_LEDGER, text))] == [
        ("2026-10-02", "4.00")
    ]


def test_the_account_may_stand_first_in_every_row() -> None:
    headers = "Distribution account,Transaction date,Transaction type,Num,Name,Description,Split,Amount,Balance"
    text = of("Travel,10/02/2026,Expense,,,,Checking,4.00,4.00", headers=headers)

    assert [line["category"] for line in lines_of(told_of(QUICKBOOKS_LEDGER, text))] == ["Travel"]


def test_an_expense_has_the_id_that_it_has_in_the_journal() -> None:
    journal = "Date,Transaction Type,Num,Name,Memo/Description,Account,Debit,Credit\n"
    journal += (
        "10/02/2026,Bill,7,Acme Catering,lunch,Meals,12.00,\n10/03/2026,Vendor Credit,8,Acme Catering,,Meals,,2.00\n"
    )
    ledger = of(
        "Meals,,,,,,,,",
        ",10/02/2026,Bill,7,Acme Catering,lunch,Accounts Payable,12.00,12.00",
        ",10/03/2026,Vendor Credit,8,Acme Catering,,Accounts Payable,-2.00,10.00",
    )

    assert facts_of(QUICKBOOKS_LEDGER, told_of(QUICKBOOKS_LEDGER, ledger)) == facts_of(
        QUICKBOOKS_JOURNAL, told_of(QUICKBOOKS_JOURNAL, journal)
    )


def test_the_same_day_comes_again_in_each_section() -> None:
    text = of(*MEALS, "Travel,,,,,,,,", ",10/04/2026,Expense,,,,Checking,4.00,4.00", "Total for Travel,,,,,,,4.00,")

    assert len(lines_of(told_of(QUICKBOOKS_LEDGER, text))) == 3


def test_the_same_booking_twice_on_a_day_is_two_expenses() -> None:
    twice = ",10/04/2026,Expense,,,,Checking,4.00,4.00"
    facts = facts_of(QUICKBOOKS_LEDGER, told_of(QUICKBOOKS_LEDGER, of("Travel,,,,,,,,", twice, twice)))

    assert len({fact.key for fact in facts}) == 2


def test_bad_rows_are_told_and_name_nobody() -> None:
    text = of(
        ",10/04/2026,Expense,,Jane Doe,,Checking,4.00,4.00",
        "Travel,,,,,,,,",
        ",Jane Doe,Expense,,Jane Doe,,Checking,4.00,4.00",
        ",10/04/2026,Expense,,Jane Doe,,Checking,Jane Doe,4.00",
    )
    told = told_of(QUICKBOOKS_LEDGER, text)

    assert wrong_of(told) == [(2, "field_missing", "account"), (4, "wrong_date", "date"), (5, "wrong_amount", "amount")]
    assert "Jane" not in str(told)


def test_sections_that_never_end_are_not_remembered_for_ever() -> None:
    how = reading()
    told_of(QUICKBOOKS_LEDGER, of(*(f"Account {number},,,,,,,," for number in range(50))), how)

    assert how.carry["sections"] == [f"Account {number}" for number in range(50 - DEEPEST, 50)]


def test_a_section_may_be_cut_between_two_runs() -> None:
    text = of(*CHECKING, *MEALS, "TOTAL,,,,,,,,")

    for cut in range(11):
        assert in_parts(QUICKBOOKS_LEDGER, text, [cut]) == told_of(QUICKBOOKS_LEDGER, text)
