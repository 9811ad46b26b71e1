"""The gamma-gamma model gives the figures that its authors published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from math import isclose, log
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.analytics.order_values import (
    Spending,
    ValueModel,
    correlation,
    digamma,
    expected_value,
    fit_values,
)
from tests.data.cdnow_sample import spendings


@pytest.fixture(scope="module")
def customers() -> Mapping[Spending, int]:
    return spendings()


@pytest.fixture(scope="module")
def fitted(customers: Mapping[Spending, int]) -> ValueModel:
    return fit_values(customers)


def test_the_parameters_are_the_published_ones(fitted: ValueModel, customers: Mapping[Spending, int]) -> None:
    assert sum(customers.values()) == 946
    assert (round(fitted.p, 2), round(fitted.q, 2), round(fitted.v, 2)) == (6.25, 3.74, 15.45)


def test_single_customers_have_the_published_expectations(fitted: ValueModel) -> None:
    assert round(expected_value(fitted, Spending(2, 22.35)), 2) == 24.66
    assert round(expected_value(fitted, Spending(1, 11.77)), 2) == 18.91


def test_number_and_mean_of_orders_hardly_go_together(customers: Mapping[Spending, int]) -> None:
    assert 0 < correlation(customers) < 0.2


@given(st.floats(0.5, 20), st.floats(1.1, 20), st.floats(0.5, 200), st.integers(1, 500), st.floats(0.01, 10_000))
def test_an_expectation_lies_between_what_a_customer_spends_and_what_all_do(
    p: float, q: float, v: float, repeats: int, mean: float
) -> None:
    model = ValueModel(p=p, q=q, v=v)
    low, high = sorted([mean, expected_value(model, None)])

    assert low * (1 - 1e-9) <= expected_value(model, Spending(repeats, mean)) <= high * (1 + 1e-9)


def test_what_always_is_the_same_goes_with_nothing() -> None:
    assert correlation({Spending(1, 5.0): 3, Spending(2, 5.0): 2}) == 0.0


def alike(seed: int) -> Mapping[Spending, int]:
    """Give customers each of whose orders comes to 20 on average, and who differ by chance alone."""
    random = Random(seed)
    repeats = [random.choice((1, 2, 3, 5)) for _ in range(300)]
    return Counter(Spending(x, round(sum(random.gammavariate(4, 5) for _ in range(x)) / x, 2)) for x in repeats)


@pytest.mark.parametrize("seed", range(8))
def test_customers_who_hardly_differ_are_expected_to_pay_what_all_do(seed: int) -> None:
    customers = alike(seed)
    model = fit_values(customers)

    paid = sum(x * mean * number for (x, mean), number in customers.items())
    orders = sum(x * number for (x, _), number in customers.items())
    assert isclose(expected_value(model, None), paid / orders, rel_tol=0.01)
    assert isclose(expected_value(model, Spending(2, 30.0)), paid / orders, rel_tol=0.12)


@pytest.mark.parametrize("price", [0.01, 10.0, 5_000_000.0])
def test_where_all_cost_the_same_that_is_expected_in_any_currency(price: float) -> None:
    model = fit_values({Spending(1, price): 200, Spending(3, price): 100})

    assert isclose(expected_value(model, None), price, rel_tol=1e-4)
    assert isclose(expected_value(model, Spending(3, price)), price, rel_tol=1e-4)


@pytest.mark.parametrize(
    ("number", "slope"),
    # At 1 less Euler's constant, at 1/2 that and twice the logarithm of 2 (Abramowitz and Stegun, 6.3.2 and 6.3.3).
    [(1.0, -0.5772156649015329), (0.5, -0.5772156649015329 - 2 * log(2)), (100.0, 4.600161852738087)],
)
def test_the_slope_of_the_gamma_function_is_the_tabulated_one(number: float, slope: float) -> None:
    assert isclose(digamma(number), slope, abs_tol=1e-12)
    assert isclose(digamma(number + 1), slope + 1 / number, abs_tol=1e-12)
