"""What is expected of all customers together is what is expected of each."""

from __future__ import annotations

from math import isclose

from shared.domain.analytics.lifetimes import Watched, expect, holdout_error
from shared.domain.analytics.order_values import Spending, ValueModel, expected_value
from shared.domain.analytics.repeat_orders import Habit, OrderModel, expected_orders

ORDERS = OrderModel(r=0.25, alpha=4.5, a=0.8, b=2.5)
VALUES = ValueModel(p=6.0, q=3.7, v=15.0)
HABITS = {
    Habit(repeats, last / 7, known / 7): Watched(1, repeats * 20.0, repeats * 20.0)
    for known in range(1, 400, 3)
    for repeats, last in ((0, 0), (1, known // 2), (3, known))
    if last or not repeats
}


def test_customers_of_any_age_are_expected_to_order_as_each_of_them_is() -> None:
    expected = expect(ORDERS, VALUES, HABITS, days=1)

    assert expected is not None
    for months in (1, 12, 36):
        ahead = {habit: expected_orders(ORDERS, habit, months * 52 / 12) for habit in HABITS}
        value = sum(
            each * expected_value(VALUES, Spending(habit.repeats, 20.0) if habit.repeats else None)
            for habit, each in ahead.items()
        )
        assert isclose(expected.orders[months - 1], sum(ahead.values()), rel_tol=3e-4)
        assert isclose(expected.value[months - 1], value, rel_tol=3e-4)


def test_the_largest_share_of_one_customer_is_that_of_what_is_expected_of_each() -> None:
    rich = Habit(1, 20.0, 50.0)
    watched = {**HABITS, rich: Watched(3, 3 * 20.0 + 1_000_000.0, 1_000_020.0)}

    expected = expect(ORDERS, VALUES, watched, days=1)

    theirs = expected_orders(ORDERS, rich, 52.0) * expected_value(VALUES, Spending(1, 1_000_020.0))
    assert expected is not None
    assert expected.largest is not None
    assert isclose(expected.largest, theirs / expected.value[11], rel_tol=0.02)
    assert expected.largest > 0.9


def test_where_nothing_came_true_an_error_cannot_be_told() -> None:
    assert holdout_error(ORDERS, HABITS, weeks=4.0, came_true=0) is None
