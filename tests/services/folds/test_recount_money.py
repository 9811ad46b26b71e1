"""Expenses and the bank of random merchants are what the slow, obvious count of their files says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.analytics.expenses import ExpenseKind, GroupBy
from shared.domain.analytics.periods import Asked, Compare
from shared.domain.facts.cash import CARD, CASH, PAYOUT_IN_TRANSIT
from shared.domain.facts.expenses import ExpenseMonth
from shared.domain.facts.imports import ImportStatus
from shared.services.figures.get_cash_position import CashQuestion, get_cash_position
from shared.services.figures.list_expenses import ExpenseQuestion, ExpenseReport, list_expenses
from shared.services.figures.spans import Against
from tests.data.merchants import WORKSPACE, Merchant, as_file
from tests.data.random_books import FIRST_DAY, LAST_DAY, banks, books
from tests.data.recount import Rules
from tests.data.recount_money import Bank, Booked, booked, kind_of, unsettled

RULES = Rules(zone="UTC")
EXAMPLES = settings().max_examples // 20
"""An example takes a second: ten of them here, a thousand in `make soak`."""

ranges = st.lists(st.dates(FIRST_DAY, LAST_DAY), min_size=2, max_size=2).map(sorted)


def imported(history: Sequence[Sequence[dict[str, Any]]]) -> Merchant:
    merchant = Merchant()
    for file in history:
        record = merchant.import_bytes(as_file(file))
        assert record.status is ImportStatus.FINISHED, record.report
    merchant.fold()
    return merchant


# --- expenses ---------------------------------------------------------------------------------------------------------


def asked(merchant: Merchant, question: ExpenseQuestion) -> ExpenseReport:
    return list_expenses(question, workspace_id=WORKSPACE, now=merchant.now, figures=merchant.figures)


def summed(found: Iterable[Booked], group_by: GroupBy) -> dict[str, tuple[int, int]]:
    sums: dict[str, tuple[int, int]] = {}
    for each in found:
        name = {"category": each.category, "vendor": each.vendor, "line": each.line, "month": f"{each.day:%Y-%m}"}[
            group_by
        ]
        amount, transactions = sums.get((name or "").lower(), (0, 0))
        sums[(name or "").lower()] = (amount + each.micros, transactions + each.transactions)
    return sums


@settings(max_examples=EXAMPLES)
@given(books, ranges, ranges, st.sampled_from(ExpenseKind), st.sampled_from([None, "SOFTWARE", "payroll", "nothing"]))
def test_expenses_of_any_range_kind_and_category_are_what_the_slow_count_says(
    history: list[list[dict[str, Any]]],
    span: list[date],
    earlier: list[date],
    kind: ExpenseKind,
    category: str | None,
) -> None:
    merchant = imported(history)
    every, without_rate = booked(history, RULES)
    matching = [
        each
        for each in every
        if kind in {ExpenseKind.ALL, kind_of(each)}
        and (category is None or (each.category or "").lower() == category.lower())
    ]
    chosen = [each for each in matching if span[0] <= each.day <= span[1]]
    before = [each for each in matching if earlier[0] <= each.day <= earlier[1]]
    question = ExpenseQuestion(
        period=Asked(first=span[0], last=span[1]),
        against=Against(compare=Compare.CUSTOM, first=earlier[0], last=earlier[1]),
        kind=kind,
        category=category,
    )
    for group_by in (GroupBy.CATEGORY, GroupBy.VENDOR, GroupBy.LINE, GroupBy.MONTH):
        report = asked(merchant, replace(question, group_by=group_by))

        assert {
            (row.name or "").lower(): (row.amount, row.transactions)
            for row in report.rows
            if row.amount or row.transactions
        } == {name: sums for name, sums in summed(chosen, group_by).items() if any(sums)}
        assert report.total.micros == sum(each.micros for each in chosen) == sum(row.amount for row in report.rows)
        assert report.total.transactions == sum(each.transactions for each in chosen)
        assert report.unsettled == unsettled(history, RULES, *span)
        assert (report.converted is not None) == any(span[0] <= day <= span[1] for day in without_rate)
        if report.earlier is None:
            assert before == []
        else:
            assert report.earlier.micros == sum(each.micros for each in before)
        if report.earlier is not None and group_by is not GroupBy.MONTH:
            assert {(row.name or "").lower(): row.prior for row in report.rows if row.prior} == {
                name: amount for name, (amount, _) in summed(before, group_by).items() if amount
            }

    single = asked(merchant, replace(question, group_by=GroupBy.NONE)).single
    assert {(each.day, each.group.line, each.group.category, each.group.vendor) for each in single} == {
        (each.day, each.line, each.category, each.vendor) for each in chosen if each.micros or each.transactions
    }
    assert sum(each.micros for each in single) == sum(each.micros for each in chosen)


@settings(max_examples=EXAMPLES)
@given(books, ranges)
def test_single_days_add_up_to_their_range_and_groups_to_the_lines_of_the_profit_and_loss(
    history: list[list[dict[str, Any]]], span: list[date]
) -> None:
    first, last = span
    merchant = imported(history)
    alone = Against(compare=Compare.NONE)
    whole = asked(merchant, ExpenseQuestion(period=Asked(first=first, last=last), against=alone)).total
    days = [
        asked(merchant, ExpenseQuestion(period=Asked(first=day, last=day), against=alone)).total
        for place in range((last - first).days + 1)
        for day in [first + timedelta(place)]
    ]
    assert (whole.micros, whole.transactions) == (
        sum(day.micros for day in days),
        sum(day.transactions for day in days),
    )
    by_line: Counter[tuple[str, int, str]] = Counter()
    for month in merchant.figures.rollups(WORKSPACE, ExpenseMonth):
        for group in month.told():
            for day, micros, _ in group.days:
                by_line[month.month, day, FIGURES[group.line]] += micros
    shop = Counter(
        {
            (month.month, day, figure): micros
            for month in merchant.months()
            for figure, column in month.days.items()
            if figure in FIGURES.values()
            for day, micros in enumerate(column, start=1)
        }
    )
    assert {place: micros for place, micros in by_line.items() if micros} == {
        place: micros for place, micros in shop.items() if micros
    }


FIGURES = {
    "opex": "opex",
    "fulfilment": "fulfilment_invoiced",
    "ad_spend": "ad_spend_invoiced",
    "interest": "interest",
}


# --- the bank ---------------------------------------------------------------------------------------------------------

as_of_days = st.one_of(
    st.sampled_from([date(2026, 3, 31), date(2026, 4, 5)]),  # a steady bank covers the months before
    st.dates(date(2026, 2, 20), date(2026, 6, 30)),
)


@settings(max_examples=EXAMPLES)
@given(banks(), as_of_days, st.sampled_from([1, 1, 2, 3]))
def test_cash_burn_and_weeks_are_what_the_slow_count_says(
    history: list[list[dict[str, Any]]], as_of: date, months: int
) -> None:
    merchant = imported(history)
    bank = Bank.of(history, RULES)
    question = CashQuestion(as_of=as_of, burn_window_months=months)

    report = get_cash_position(question, workspace_id=WORKSPACE, now=merchant.now, figures=merchant.figures)

    assert {held.account.latest.account: held.micros for held in report.held} == {
        account: bank.worth(bank.balance(account, as_of)) for account in bank.told_until(as_of)
    }
    for nature in (CASH, CARD, PAYOUT_IN_TRANSIT):
        assert report.total(nature) == bank.total(nature, as_of)
    assert report.burn.micros == bank.burn(as_of, last_complete(as_of, months))
    assert [(week.day, week.micros) for week in report.trend] == [
        (day, known_sum(bank, as_of, day)) for day in sundays_up_to(as_of)
    ]


def known_sum(bank: Bank, as_of: date, day: date) -> int | None:
    worths = [bank.worth(bank.balance(account, day)) for account in bank.cash_accounts(as_of)]
    known = [worth for worth in worths if worth is not None]
    return sum(known) if known else None


def last_complete(as_of: date, count: int) -> list[tuple[date, date]]:
    """Give the first and last days of the last months that were over at the end of a day."""
    end = as_of
    while (end + timedelta(1)).day != 1:
        end -= timedelta(1)
    months: list[tuple[date, date]] = []
    for _ in range(count):
        months.insert(0, (end.replace(day=1), end))
        end = end.replace(day=1) - timedelta(1)
    return months


def sundays_up_to(as_of: date) -> list[date]:
    """Give thirteen ends of weeks, the last of which is the day itself."""
    ends = [as_of]
    day = as_of - timedelta(1)
    while len(ends) < 13:
        if day.isoweekday() == 7:
            ends.insert(0, day)
        day -= timedelta(1)
    return ends
