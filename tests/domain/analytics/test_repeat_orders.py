"""BG/NBD gives the figures that its authors published, and keeps to what they mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from math import exp, isclose
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.analytics.repeat_orders import (
    Habit,
    OrderModel,
    expected_orders,
    fit_orders,
    log_likelihood,
    orders_of_new_customer,
    orders_while_active,
    still_orders,
)
from tests.data.cdnow_sample import habits

parameters = st.floats(0.05, 20, allow_subnormal=False)
models = st.builds(OrderModel, r=parameters, alpha=parameters, a=parameters, b=parameters)


@st.composite
def habit(draw: st.DrawFn) -> Habit:
    repeats = draw(st.integers(0, 60))
    known = draw(st.floats(1, 160))
    return Habit(repeats, draw(st.floats(0.1, 1)) * known if repeats else 0.0, known)


@pytest.fixture(scope="module")
def customers() -> Mapping[Habit, int]:
    return habits()


@pytest.fixture(scope="module")
def fitted(customers: Mapping[Habit, int]) -> OrderModel:
    return fit_orders(customers)


def test_the_parameters_are_the_published_ones(fitted: OrderModel, customers: Mapping[Habit, int]) -> None:
    assert sum(customers.values()) == 2_357
    assert (round(fitted.r, 3), round(fitted.alpha, 3)) == (0.243, 4.414)
    assert (round(fitted.a, 3), round(fitted.b, 3)) == (0.793, 2.426)
    assert round(log_likelihood(fitted, customers), 1) == -9582.4


@pytest.mark.parametrize(
    ("customer", "alive", "expected"),
    [(Habit(2, 30.43, 38.86), 0.73, 1.226), (Habit(7, 29.43, 38.86), 0.64, 3.34), (Habit(0, 0.0, 38.86), 1.0, 0.195)],
)
def test_single_customers_have_the_published_expectations(
    fitted: OrderModel, customer: Habit, alive: float, expected: float
) -> None:
    digits = len(str(expected).partition(".")[2])

    assert round(still_orders(fitted, customer), 2) == alive
    assert round(expected_orders(fitted, customer, 39), digits) == expected


def test_a_single_customer_has_the_published_likelihood(fitted: OrderModel) -> None:
    assert round(log_likelihood(fitted, {Habit(2, 30.43, 38.86): 1}), 2) == -9.46


def test_no_parameters_near_are_likelier(fitted: OrderModel, customers: Mapping[Habit, int]) -> None:
    here = log_likelihood(fitted, customers)
    for by in (0.98, 1.02):
        for near in (
            OrderModel(r=fitted.r * by, alpha=fitted.alpha, a=fitted.a, b=fitted.b),
            OrderModel(r=fitted.r, alpha=fitted.alpha * by, a=fitted.a, b=fitted.b),
            OrderModel(r=fitted.r, alpha=fitted.alpha, a=fitted.a * by, b=fitted.b),
            OrderModel(r=fitted.r, alpha=fitted.alpha, a=fitted.a, b=fitted.b * by),
        ):
            assert log_likelihood(near, customers) < here


@given(models, habit())
def test_whether_a_customer_still_orders_is_a_chance(model: OrderModel, customer: Habit) -> None:
    assert 0 <= still_orders(model, customer) <= 1


@given(models, habit(), st.floats(1, 150), st.floats(1, 150))
def test_the_longer_the_time_ahead_the_more_orders_are_expected(
    model: OrderModel, customer: Habit, weeks: float, more: float
) -> None:
    soon, late = (expected_orders(model, customer, ahead) for ahead in (weeks, weeks + more))

    assert 0 <= soon <= late * (1 + 1e-9)  # as far as the series goes


@given(models, st.floats(1, 150))
def test_a_new_customer_orders_at_most_as_often_as_one_who_never_gives_up(model: OrderModel, weeks: float) -> None:
    assert 0 < orders_of_new_customer(model, weeks) <= model.r / model.alpha * weeks * (1 + 1e-9)


@given(parameters, parameters, parameters, habit(), st.floats(1, 150))
def test_nothing_is_lost_where_a_is_near_one(r: float, alpha: float, b: float, customer: Habit, weeks: float) -> None:
    below, at, above = (
        expected_orders(OrderModel(r=r, alpha=alpha, a=a, b=b), customer, weeks) for a in (1 - 1e-9, 1.0, 1 + 1e-9)
    )

    assert isclose(below, at, rel_tol=1e-6)
    assert isclose(above, at, rel_tol=1e-6)


@given(models, st.floats(0.02, 0.9), habit(), st.floats(1, 160))
def test_where_all_customers_give_up_alike_orders_come_as_often_as_that_lets_them(
    like: OrderModel, leaves: float, customer: Habit, ahead: float
) -> None:
    model = replace(like, a=leaves * 1e9, b=(1 - leaves) * 1e9)

    expected = orders_while_active(model, customer.repeats, customer.known, ahead)

    # Orders of one who stays come at a gamma rate, and each of them is the last with the same chance.
    silence = (like.alpha + customer.known) / (like.alpha + customer.known + leaves * ahead)
    assert isclose(expected, (1 - silence ** (like.r + customer.repeats)) / leaves, rel_tol=1e-4)


def test_where_customers_leave_at_once_or_never_the_likelier_of_two_peaks_is_found() -> None:
    chance = Random(32)
    r, alpha, a, b = (exp(chance.uniform(*ends)) for ends in ((-2.5, 1.5), (0, 4.5), (-3, -1), (-1, 0)))
    weeks = chance.choice([12, 40, 80])
    habits = Counter(_of_somebody(OrderModel(r=r, alpha=alpha, a=a, b=b), weeks, chance) for _ in range(320))
    at_once_or_never = OrderModel(r=0.116, alpha=3.04, a=3e-7, b=2.25e-6)

    found = fit_orders(habits)

    assert log_likelihood(found, habits) > log_likelihood(at_once_or_never, habits)


def _of_somebody(model: OrderModel, weeks: int, chance: Random) -> Habit:
    """Let somebody order and give up as the model says; of a day one order counts."""
    rate, gives_up = chance.gammavariate(model.r, 1 / model.alpha), chance.betavariate(model.a, model.b)
    at, known, days = 0.0, chance.uniform(0, weeks), set[int]()
    while (at := at + chance.expovariate(rate)) <= known:
        days |= {int(at * 7)} - {0}
        if chance.random() < gives_up:
            break
    return Habit(len(days), max(days, default=0) / 7, int(known * 7) / 7)
