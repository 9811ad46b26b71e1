"""What is expected of a customer is the integral that it stands for, however alike or different customers are."""

from __future__ import annotations

from math import exp, expm1, isclose, isinf, lgamma, log, log1p, sqrt

import pytest

from shared.domain.analytics.lifetimes import Watched, expect
from shared.domain.analytics.repeat_orders import Habit, OrderModel, log_likelihood, orders_in_each
from shared.domain.analytics.repeat_orders import orders_while_active as expected

TIMES = (4.0, 52.0, 156.0)
PARTS = 4_000


def integral(model: OrderModel, repeats: int, known: float, ahead: float) -> float:
    """Add up, over the chance p to leave after an order, the orders until then: (1 - L(p t)) / p, L of a gamma rate.

    By the trapezoidal rule over the log odds of p, whose density falls to nothing on both sides.
    """
    leaves, stays = model.a, model.b + repeats
    middle, width = log(leaves / stays), sqrt(1 / leaves + 1 / stays)
    low = middle - max(12 * width, 45 / min(leaves, 1))
    high = middle + max(12 * width, 45 / min(stays, 1))
    constant = lgamma(leaves + stays) - lgamma(leaves) - lgamma(stays)
    total = weight = 0.0
    for part in range(PARTS + 1):
        odds = low + (high - low) * part / PARTS
        log_p = -log1p(exp(-odds))
        density = exp(leaves * log_p + stays * (log_p - odds) + constant)
        p = exp(log_p)
        total += density * -expm1(-(model.r + repeats) * log1p(p * ahead / (model.alpha + known))) / p
        weight += density
    return total / weight


MODELS = [
    OrderModel(r=r, alpha=r / weekly, a=a, b=b)
    for r in (0.25, 5.0, 5_000.0, 1e7)
    for weekly in (0.05, 7.0)
    for a, b in ((0.79, 2.43), (1.0, 20.0), (1 + 1e-9, 3.0), (1.5, 300.0), (50.0, 60.0), (1e4, 1e5))
]


@pytest.mark.parametrize("model", MODELS)
def test_it_is_the_integral_for_customers_who_hardly_differ_and_for_others(model: OrderModel) -> None:
    for repeats, known in ((0, 0.0), (10, 30.0), (200, 40.0)):
        each = orders_in_each(model, repeats, known, TIMES)
        for ahead, found in zip(TIMES, each, strict=True):
            assert isclose(found, integral(model, repeats, known, ahead), rel_tol=1e-5)
            assert isclose(found, expected(model, repeats, known, ahead), rel_tol=1e-9)


def test_it_is_what_was_worked_out_by_other_means() -> None:
    # Mean of (1 - ((alpha + T) / (alpha + T + p t))^(r + x)) / p over a beta distribution of p
    assert round(expected(OrderModel(r=5000, alpha=700, a=1.5, b=300), 10, 30, 156), 2) == 326.75


def test_customers_beyond_what_can_be_added_up_have_no_expectation() -> None:
    model = OrderModel(r=0.01, alpha=1e-6, a=0.8, b=3.0)
    daily = OrderModel(r=1e6, alpha=1e4, a=1e-6, b=1.0)

    assert isinf(expected(model, 0, 0.0, 52))
    assert expect(model, None, {Habit(0, 0.0, 0.0): Watched(300, 0.0, 0.0)}, days=1) is None
    # A hundred orders a week are more than there are days for.
    assert expect(daily, None, {Habit(3, 1.0, 1.0): Watched(300, 0.0, 0.0)}, days=1) is None


def test_who_never_came_back_has_a_likelihood_however_unlikely_it_is() -> None:
    assert log_likelihood(OrderModel(r=1e6, alpha=1e-6, a=1.0, b=1.0), {Habit(0, 0.0, 50.0): 1}) < -1e6
