"""The activity of a Chase account, trap by trap. The people in it are invented."""

from __future__ import annotations

import pytest

from shared.domain.facts.lines import Line
from shared.services.imports.formats.bank_chase import CHASE
from tests.data.sheets import facts_of, in_parts, lines_of, reading, told_of, wrong_of

HEADERS = "Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #"


def of(*rows: str) -> str:
    return "\n".join([HEADERS, *rows]) + "\n"


def balances(text: str) -> list[tuple[object, object]]:
    return [(line["date"], line["amount"]) for line in lines_of(told_of(CHASE, text)) if line["type"] == "balance"]


def transactions(text: str) -> list[Line]:
    return [line for line in lines_of(told_of(CHASE, text)) if line["type"] == "bank_txn"]


def test_a_row_is_a_transaction_and_ends_with_a_comma() -> None:
    (line,) = transactions(of("DEBIT,09/26/2026,AMEREN MISSOURI,-140.00,ACH_DEBIT,2560.00,,"))

    assert {name: cell for name, cell in line.items() if name != "id"} == {
        "type": "bank_txn",
        "date": "2026-09-26",
        "amount": "-140.00",
        "description": "AMEREN MISSOURI",
        "nature": "operating",
    }


def test_the_newest_row_stands_first_and_has_the_balance_of_the_day() -> None:
    text = of(
        "DEBIT,09/26/2026,AMEREN,-140.00,ACH_DEBIT,2560.00,,",
        "DEBIT,09/25/2026,TAPE,-500.00,DEBIT_CARD,2700.00,,",
        "CREDIT,09/25/2026,PAYOUT,900.00,ACH_CREDIT,3200.00,,",
        "DEBIT,09/24/2026,BOXES,-5.00,DEBIT_CARD,2300.00,,",
    )

    assert balances(text) == [("2026-09-26", "2560.00"), ("2026-09-25", "2700.00"), ("2026-09-24", "2300.00")]


@pytest.mark.parametrize(
    ("row", "days"),
    [
        ("DEBIT,09/25/2026,TAPE,-500.00x,DEBIT_CARD,2700.00,,", ["2026-09-26", "2026-09-24"]),
        ("DEBIT,25/09/2026,TAPE,-500.00,DEBIT_CARD,2700.00,,", ["2026-09-24"]),
        ("DEBIT,09/26/2026,TAPE,-500.00,DEBIT_CARD,much,,", ["2026-09-25", "2026-09-24"]),
    ],
)
@pytest.mark.parametrize("cut", [0, 1, 2])
def test_what_a_day_with_a_rejected_row_ended_with_is_unknown(row: str, days: list[str], cut: int) -> None:
    text = of(
        "DEBIT,09/26/2026,AMEREN,-140.00,ACH_DEBIT,2560.00,,",
        row,
        "CREDIT,09/25/2026,PAYOUT,900.00,ACH_CREDIT,3200.00,,",
        "DEBIT,09/24/2026,BOXES,-5.00,DEBIT_CARD,2300.00,,",
    )
    told = [line for _, line in in_parts(CHASE, text, [cut]) if isinstance(line, dict)]

    assert [line["date"] for line in told if line["type"] == "balance"] == days


def test_in_a_file_that_was_sorted_the_other_way_the_last_row_has_it() -> None:
    text = of(
        "CREDIT,09/25/2026,PAYOUT,900.00,ACH_CREDIT,3200.00,,",
        "DEBIT,09/25/2026,TAPE,-500.00,DEBIT_CARD,2700.00,,",
        "DEBIT,09/25/2026,TAPE,-20.00,DEBIT_CARD,2680.00,,",
    )

    assert balances(text) == [("2026-09-25", "2680.00")]


@pytest.mark.parametrize("last", ["100.00", "3400.00"])
def test_where_the_rows_fit_both_orders_or_none_the_first_is_the_newest(last: str) -> None:
    text = of("CREDIT,09/25/2026,IN,10.00,ACH_CREDIT,110.00,,", f"DEBIT,09/25/2026,OUT,-10.00,DEBIT_CARD,{last},,")

    assert balances(text) == [("2026-09-25", "110.00")]


def test_a_row_that_is_not_posted_yet_has_no_balance() -> None:
    text = of(
        "DEBIT,09/26/2026,TAPE,-5.00,DEBIT_CARD, ,,",
        "DEBIT,09/26/2026,BOXES,-5.00,DEBIT_CARD,2300.00,,",
        "CREDIT,09/25/2026,PAYOUT,900.00,ACH_CREDIT,2305.00,,",
    )

    assert balances(text) == [("2026-09-26", "2300.00"), ("2026-09-25", "2305.00")]
    assert len(transactions(text)) == 3


def test_the_same_row_twice_on_a_day_is_two_transactions() -> None:
    coffee = "DEBIT,09/25/2026,COFFEE,-5.00,DEBIT_CARD,,,"
    facts = facts_of(CHASE, told_of(CHASE, of(coffee, coffee)))

    assert len({fact.key for fact in facts}) == 2


@pytest.mark.parametrize(
    ("kind", "description", "nature"),
    [
        ("ACCT_XFER", "Online Transfer to SAV ...1234 transaction#: 987", "transfer"),
        ("LOAN_PMT", "CHASE LOAN PAYMENT", "financing"),
        ("LOAN_PMT", "Payment to Chase card ending in 1234 09/25", "operating"),
        ("ACH_CREDIT", "SHOPIFY PAYOUT", "operating"),
        ("CHECK_PAID", "CHECK 1028", "operating"),
    ],
)
def test_only_what_the_bank_itself_says_is_no_operation(kind: str, description: str, nature: str) -> None:
    (line,) = transactions(of(f"DEBIT,09/25/2026,{description},-5.00,{kind},,,"))

    assert line["nature"] == nature


@pytest.mark.parametrize(
    ("description", "shown"),
    [
        ("Zelle payment to Jane Planted 12345678901", "Zelle payment to [redacted]"),
        ("Zelle payment from PLANTED JANE BACabcdef", "Zelle payment from [redacted]"),
        ("QuickPay with Zelle payment to Jane Planted", "QuickPay with Zelle payment to [redacted]"),
        ("ONLINE TRANSFER TO PLANTED J CHECKING", "ONLINE TRANSFER TO [redacted]"),
        ("Online RealTime payment to Jane Planted", "Online RealTime payment to [redacted]"),
        ("ONLINE DOMESTIC WIRE TRANSFER VIA: BANK A/C: JANE PLANTED", "ONLINE DOMESTIC WIRE TRANSFER [redacted]"),
        ("FEDWIRE CREDIT VIA: BANK B/O: 1/JANE PLANTED", "FEDWIRE CREDIT [redacted]"),
        ("VENMO *Jane-Planted", "VENMO [redacted]"),
        (
            "ORIG CO NAME:GUSTO SEC:PPD IND ID:77 IND NAME:JANE PLANTED TRN: 1",
            "ORIG CO NAME:GUSTO SEC:PPD IND ID: [redacted]",
        ),
        ("REAL TIME PAYMENT CREDIT RECD FROM JANE PLANTED", "REAL TIME PAYMENT CREDIT [redacted]"),
        ("Book Transfer\nto Jane Planted", "Book Transfer to [redacted]"),
        ("CHECK 1028 TO JANE PLANTED", "CHECK 1028 TO [redacted]"),
        ("Checkers store to go", "Checkers store to go"),
        ("CHECK 1028 JANE PLANTED", "CHECK 1028 [redacted]"),
        ("CHECK 1028", "CHECK 1028"),
        ("ZELLE JANE PLANTED", "ZELLE [redacted]"),
        ("Zelle Jane Planted to go", "Zelle [redacted]"),
        ("QuickPay with Zelle payment Jane Planted", "QuickPay with Zelle payment [redacted]"),
        ("ORIG CO NAME:JANE PLANTED ORIG ID:1", "ORIG CO NAME: [redacted]"),
        ("ORIG CO NAME:SHOPIFY ORIG ID:1", "ORIG CO NAME:SHOPIFY ORIG ID:1"),
        ("DIRECT DEP JANE PLANTED", "DIRECT DEP [redacted]"),
        ("GUSTO PAYROLL JANE PLANTED", "GUSTO PAYROLL [redacted]"),
        ("BILL PAY JANE PLANTED", "BILL PAY [redacted]"),
        ("REALTIME PAYMENT CREDIT JANE PLANTED", "REALTIME PAYMENT CREDIT [redacted]"),
        ("SQC*CASHAPP JANE PLANTED", "SQC*CASHAPP [redacted]"),
        ("Deposit from Jane Planted", "Deposit from [redacted]"),
        ("DOMESTIC WIRE FEE", "DOMESTIC WIRE FEE"),
        ("Payment to Chase card ending in 1234", "Payment to Chase card ending in 1234"),
        ("WIRELESS SHOP 12", "WIRELESS SHOP 12"),
    ],
)
def test_who_is_paid_or_pays_is_in_no_description(description: str, shown: str) -> None:
    (line,) = transactions(of(f'DEBIT,09/25/2026,"{description}",-5.00,ACH_DEBIT,,,'))

    assert line["description"] == shown


def test_ids_do_not_tell_names_either() -> None:
    jane, john = (
        transactions(of(f"DEBIT,09/25/2026,Zelle payment to {name},-5.00,QUICKPAY_DEBIT,,,"))
        for name in ("Jane", "John")
    )

    assert jane == john


def test_bad_rows_are_told_and_name_nobody() -> None:
    text = of(
        "DEBIT,25/09/2026,Zelle payment to Jane,-5.00,QUICKPAY_DEBIT,1.00,,",
        "DEBIT,09/25/2026,Zelle payment to Jane,Jane,QUICKPAY_DEBIT,1.00,,",
        "DEBIT,09/25/2026,Zelle payment to Jane,,QUICKPAY_DEBIT,1.00,,",
        "DEBIT,09/25/2026,Zelle payment to Jane,-5.00,QUICKPAY_DEBIT,Jane,,",
    )
    told = told_of(CHASE, text)

    assert wrong_of(told) == [
        (2, "wrong_date", "posting date"),
        (3, "wrong_amount", "amount"),
        (4, "field_missing", "amount"),
        (5, "wrong_amount", "balance"),
    ]
    assert "Jane" not in str(told)


def test_the_file_holds_all_of_its_days() -> None:
    how = reading()
    told_of(CHASE, of("DEBIT,09/26/2026,A,-1.00,X,1.00,,", "DEBIT,09/24/2026,A,-1.00,X,2.00,,"), how)

    assert CHASE.claims(how) == [
        {"type": "bank_txn", "from": "2026-09-24", "to": "2026-09-26"},
        {"type": "balance", "from": "2026-09-24", "to": "2026-09-26"},
    ]


def test_a_day_may_be_cut_between_two_runs() -> None:
    rows = [f"DEBIT,09/{day}/2026,A,-1.00,X,{100 + number}.00,," for number, day in enumerate((26, 26, 26, 25, 25, 24))]
    text = of(*rows)

    for cut in range(7):
        assert in_parts(CHASE, text, [cut]) == told_of(CHASE, text)
