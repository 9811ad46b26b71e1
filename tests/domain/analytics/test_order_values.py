"""The gamma-gamma model gives the figures that its authors published."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.analytics.order_values import Spending, ValueModel, correlation, expected_value, fit_values
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
