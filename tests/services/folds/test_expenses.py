"""Months of expenses, worked out by hand from what was booked."""

from __future__ import annotations

import json
from typing import Any

from shared.domain.facts.expenses import ExpenseMonth
from tests.data.merchants import WORKSPACE, Line, Merchant, header
from tests.data.rollups import length

ROW = 300_000
"""Bytes: what a stored row may have, with room to its limit."""


def expense(id_: str = "1", date: str = "2026-10-05", amount: str = "31.00", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - what JSON holds
    return {"type": "expense", "id": id_, "date": date, "amount": amount, **more}


def months(*lines: Line) -> list[ExpenseMonth]:
    merchant = Merchant()
    merchant.import_lines(header(), *lines)
    return list(merchant.figures.rollups(WORKSPACE, ExpenseMonth))


def test_expenses_of_one_kind_are_one_group_with_a_sum_and_a_count_for_each_day() -> None:
    alike: dict[str, Any] = {"category": "Software", "vendor": "Acme Inc.", "behaviour": "variable"}

    (month,) = months(
        expense("1", **alike),
        expense("2", amount="-1.50", **alike),
        expense("3", date="2026-10-07", **alike),
        expense("4", line="interest", addback="discretionary"),
    )

    assert [list(group) for group in month.told()] == [
        ["interest", None, None, "fixed", "discretionary", [[5, 31_000_000, 1]]],
        ["opex", "Software", "Acme Inc.", "variable", None, [[5, 29_500_000, 2], [7, 31_000_000, 1]]],
    ]
    assert (month.month, month.part, month.currency) == ("2026-10", 0, "USD")


def test_what_covers_a_month_is_spread_over_it_and_is_one_transaction_of_its_own_day() -> None:
    (month,) = months(expense(covers="month", date="2026-10-17"))

    (group,) = month.told()
    assert [list(day) for day in group.days] == [[day, 1_000_000, int(day == 17)] for day in range(1, 32)]


def test_an_expense_of_nothing_is_a_transaction() -> None:
    (month,) = months(expense(amount="0"))

    assert [list(day) for day in month.told()[0].days] == [[5, 0, 1]]


def test_an_expense_without_a_rate_is_in_no_group_and_its_days_say_so() -> None:
    (month,) = months(expense("1", currency="EUR"), expense("2", currency="EUR", covers="month"), expense("3"))

    assert [[list(day) for day in group.days] for group in month.told()] == [[[5, 31_000_000, 1]]]
    assert [list(day) for day in month.unconverted] == [[day, 2 if day == 5 else 0] for day in range(1, 32)]


def test_people_are_numbered_as_the_books_tell_of_them_and_stay_so_in_every_month() -> None:
    found = months(
        expense("1", date="2026-09-30", vendor="Zoe Abel"),
        expense("2", date="2026-10-02", vendor="ABEL, ZOE"),
        expense("3", date="2026-10-03", vendor="Adam Zorn", category="Contractors:Adam Zorn"),
        expense("4", date="2026-10-04", vendor="Cher", category="Salaries"),
        expense("5", date="2026-10-04", vendor="Cher", category="Software"),
        expense("6", date="2026-10-05", vendor="Cher", addback="owner_pay"),
        expense("7", date="2026-10-06", vendor="Zoe Abel"),
    )

    assert [(group.category, group.vendor, len(group.days)) for month in found for group in month.told()] == [
        (None, "person 1", 1),
        (None, "person 1", 2),
        (None, "person 3", 1),
        ("Contractors", "person 2", 1),
        ("Salaries", "person 3", 1),
        ("Software", "Cher", 1),
    ]
    stored = json.dumps([month.groups for month in found])
    assert "Abel" not in stored
    assert "Zorn" not in stored


def test_many_groups_lie_in_several_rows_each_small_enough_to_be_stored() -> None:
    lines = [
        expense(f"{place}", category=f"Category {place:04}", vendor=f"Vendor {place} Inc.", covers="month")
        for place in range(900)
    ]

    found = months(*lines)

    assert len(found) > 1
    assert [month.place for month in found] == [f"2026-10#{part:02}" for part in range(len(found))]
    assert all(len(json.dumps(month.groups)) < ROW for month in found)
    groups = [group for month in found for group in month.told()]
    assert len({group.category for group in groups}) == len(groups) == 900
    assert {len(group.days) for group in groups} == {length("2026-10")}


def test_what_nobody_has_settled_is_in_no_group_and_is_told_by_its_days() -> None:
    (month,) = months(
        expense("1", line="unsettled"),
        expense("2", line="unsettled", amount="9.00"),
        expense("3", line="unsettled", amount="-40.00"),
        expense("4", line="unsettled", date="2026-10-07", amount="-1.00"),
    )

    assert month.told() == []
    assert [list(day) for day in month.unsettled] == [[5, 40_000_000, 3, 0], [7, 0, 1, 0]]


def test_what_nobody_has_settled_and_has_no_rate_is_counted_apart() -> None:
    (month,) = months(expense("1", line="unsettled"), expense("2", line="unsettled", currency="GBP", amount="100.00"))

    assert [list(day) for day in month.unsettled] == [[5, 31_000_000, 2, 1]]
    assert (month.told(), month.unconverted) == ([], [])
