"""Months of the bank, worked out by hand from what it told."""

from __future__ import annotations

from typing import Any

from shared.domain.facts.cash import Balance, CashMonth, Flow
from tests.data.merchants import WORKSPACE, Line, Merchant, header

EUR_RATE = {"type": "fx", "date": "2026-10-01", "base": "EUR", "quote": "USD", "rate": "1.5"}


def balance(date: str, amount: str = "100.00", account: str = "a", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - what JSON holds
    return {"type": "balance", "source": "bank", "account": account, "date": date, "amount": amount, **more}


def line(id_: str, date: str, amount: str, account: str = "a", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    return {"type": "bank_txn", "source": "bank", "account": account, "id": id_, "date": date, "amount": amount, **more}


def months(*lines: Line) -> list[CashMonth]:
    merchant = Merchant()
    merchant.import_lines(header(), *lines)
    return list(merchant.figures.rollups(WORKSPACE, CashMonth))


def test_a_month_holds_what_each_account_held_before_it_and_what_was_told_in_it() -> None:
    september, october = months(
        balance("2026-09-30", name="Main"),
        balance("2026-10-02", "90.00", currency="EUR", name="Renamed"),
        EUR_RATE,
        line("1", "2026-10-02", "-10.00"),
        line("2", "2026-10-02", "3.00"),
        line("3", "2026-10-02", "50.00", nature="financing"),
        line("4", "2026-10-03", "7.00", currency="JPY"),
        balance("2026-10-05", "-20.00", account="b", nature="card"),
    )

    (before,) = september.told()
    first, second = october.told()
    opening = Balance("2026-09-30", "cash", "USD", 100_000_000, 100_000_000)
    assert (before.name, before.opening, list(before.balances), list(before.flows)) == ("Main", None, [opening], [])
    assert (first.source, first.account, first.name, first.opening) == ("bank", "a", "Renamed", opening)
    assert list(first.balances) == [Balance("2026-10-02", "cash", "EUR", 90_000_000, 135_000_000)]
    assert list(first.flows) == [
        Flow("2026-10-02", "financing", 50_000_000, 0),
        Flow("2026-10-02", "operating", -7_000_000, 0),
        Flow("2026-10-03", "operating", 0, 1),
    ]
    assert (second.account, second.opening) == ("b", None)
    assert list(second.balances) == [Balance("2026-10-05", "card", "USD", -20_000_000, -20_000_000)]


def test_a_month_in_which_the_bank_was_silent_still_says_what_was_held() -> None:
    found = months(balance("2026-07-31"), balance("2026-10-01", "70.00"))

    assert [month.month for month in found] == ["2026-07", "2026-08", "2026-09", "2026-10"]
    assert [[account.opening and account.opening.day for account in month.told()] for month in found] == [
        [None],
        ["2026-07-31"],
        ["2026-07-31"],
        ["2026-07-31"],
    ]


def test_a_balance_without_a_rate_is_known_in_its_own_currency_only() -> None:
    (month,) = months(balance("2026-10-01", currency="JPY"))

    assert list(month.told()[0].balances) == [Balance("2026-10-01", "cash", "JPY", 100_000_000, None)]
