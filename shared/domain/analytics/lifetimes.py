"""What is expected of customers: both models fitted to what is known of them, and held against what came true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite, log2
from typing import NamedTuple

from shared.domain.analytics.descent import NotFound
from shared.domain.analytics.order_values import Spending, ValueModel, fit_values
from shared.domain.analytics.repeat_orders import (
    Habit,
    OrderModel,
    fit_orders,
    log_likelihood,
    orders_in_each,
    orders_while_active,
    still_orders,
)
from shared.domain.facts.lifetimes import HORIZON, WEEKS_A_YEAR, Lifetimes

DIGITS = 10
"""A parameter is stored with so many, and used as it is stored: a fit read back expects what a new one does."""
MONTHS_A_YEAR = 12
DAYS_A_WEEK = 7
LONG_KNOWN = 8.0
"""Weeks."""
ABOUT = 1.02
"""Who orders every day is expected to do so, give or take."""
MILLION = 1_000_000
FEWEST_CUSTOMERS = 300
FEWEST_REPEATERS = 60
LARGEST_ERROR = 0.25
LEAST_Q = 1.0
LARGEST_WITHOUT_SPENDING = 0.1
"""Gates: of fewer, with a larger error in the hold-out, where an order has no mean or where more of those who came back
spent nothing, nothing is expected."""

FEWEST_CUSTOMERS_BEFORE = 60
FEWEST_REPEATERS_BEFORE = 20
"""Of fewer in the first two thirds of the time, a model is not held against the last."""


class Gate(NamedTuple):
    """What has to be so before anything is expected."""

    name: str
    need: float
    have: float | None
    """None: it cannot be told."""
    passes: bool


class Watched(NamedTuple):
    """Customers with one habit, and what all their orders after the first came to, in major units."""

    customers: int
    worth: float
    largest: float
    """Those of whom they came to the most."""


Habits = Mapping[Habit, Watched]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What all customers together will bring by the end of each month ahead."""

    alive: float
    orders: Sequence[float]
    value: Sequence[float]
    """Empty where an order has no expected value."""
    largest: float | None
    """The share of one customer, of the one whose is the largest, in what a year is expected to bring."""


def gates(lifetimes: Lifetimes) -> tuple[Gate, ...]:
    """Hold the models against what has to be so; where the first two do not pass, none have been fitted."""
    error = None if lifetimes.holdout is None else abs(lifetimes.holdout) / MILLION
    without = lifetimes.without_spending / lifetimes.repeaters if lifetimes.repeaters else 0.0
    q = None if lifetimes.values_model is None else float(lifetimes.values_model["q"])
    return (
        Gate("customers", FEWEST_CUSTOMERS, lifetimes.customers, lifetimes.customers >= FEWEST_CUSTOMERS),
        Gate("repeaters", FEWEST_REPEATERS, lifetimes.repeaters, lifetimes.repeaters >= FEWEST_REPEATERS),
        Gate("holdout_error", LARGEST_ERROR, error, error is not None and error <= LARGEST_ERROR),
        Gate("q", LEAST_Q, q, q is not None and q > LEAST_Q),
        Gate("share_without_spending", LARGEST_WITHOUT_SPENDING, without, without <= LARGEST_WITHOUT_SPENDING),
    )


def models_of(lifetimes: Lifetimes) -> tuple[OrderModel, ValueModel] | None:
    """Give the models of a rollup; None where they do not pass."""
    if lifetimes.orders_model is None or lifetimes.values_model is None:
        return None
    if not all(gate.passes for gate in gates(lifetimes)):
        return None
    orders = {name: float(value) for name, value in lifetimes.orders_model.items()}
    values = {name: float(value) for name, value in lifetimes.values_model.items()}
    return OrderModel(**orders), ValueModel(**values)


def weeks_ahead(month: int) -> float:
    """Give the weeks of so many months of the horizon."""
    return month * WEEKS_A_YEAR / MONTHS_A_YEAR


MONTHS_AHEAD = tuple(weeks_ahead(month) for month in range(1, HORIZON + 1))
"""In weeks."""


def fitted_orders(habits: Habits) -> OrderModel | None:
    """Fit BG/NBD; None where no parameters are the likeliest."""
    try:
        model = fit_orders({habit: watched.customers for habit, watched in habits.items()})
    except NotFound:
        return None
    return OrderModel(r=_short(model.r), alpha=_short(model.alpha), a=_short(model.a), b=_short(model.b))


def fitted_values(spendings: Mapping[Spending, int]) -> ValueModel | None:
    """Fit the gamma-gamma model; None where no parameters are the likeliest."""
    try:
        model = fit_values(spendings)
    except NotFound:
        return None
    return ValueModel(p=_short(model.p), q=_short(model.q), v=_short(model.v))


def likelihood(model: OrderModel, habits: Habits) -> float:
    """Give the logarithm of the likelihood of all customers."""
    return log_likelihood(model, {habit: watched.customers for habit, watched in habits.items()})


def expect(model: OrderModel, values: ValueModel | None, habits: Habits, *, days: int) -> Expected | None:
    """Expect orders and what they bring, month by month; `days` is to how many days of the habits are taken together.

    None: what is expected cannot be, so that there is no model.

    How many orders one expects of a customer who still orders hangs on two of the three numbers of a habit. Customers
    are added up over the third, for each expectation is a series of its own. Of those known for long, the ones of a
    week or more are taken together: what is expected of their mean differs from the mean of what is by less than one in
    a thousand.
    """
    groups: dict[tuple[int, int, int], _Group] = {}
    for habit, watched in habits.items():
        chance = still_orders(model, habit)
        known = int(habit.known * DAYS_A_WEEK + 0.5)
        length = max(days, _days_alike(habit.known))
        group = groups.setdefault((habit.repeats, length, known // length), _Group())
        group.customers += watched.customers
        group.known += watched.customers * habit.known
        group.alive += watched.customers * chance
        if values is not None and values.q > LEAST_Q:
            # Linear in what a customer spent, so that it can be told of all of a habit at once.
            part = chance * values.p / (values.p * habit.repeats + values.q - 1)
            group.worth += part * (watched.customers * values.v + watched.worth)
            group.largest = max(group.largest, part * (values.v + watched.largest))
    orders, value, largest = [0.0] * HORIZON, [0.0] * HORIZON, 0.0
    for (repeats, _, _), group in groups.items():
        each = orders_in_each(model, repeats, group.known / group.customers, MONTHS_AHEAD)
        if not isfinite(each[-1]):
            return None
        for month, number in enumerate(each):
            orders[month] += number * group.alive
            value[month] += number * group.worth
        largest = max(largest, each[MONTHS_A_YEAR - 1] * group.largest)
    alive = sum(group.alive for group in groups.values())
    if not (_can_be(orders, alive) and isfinite(value[-1])):
        return None
    if not any(value):
        return Expected(alive=alive, orders=orders, value=(), largest=None)
    return Expected(alive=alive, orders=orders, value=value, largest=largest / value[MONTHS_A_YEAR - 1])


def _days_alike(known: float) -> int:
    """Give the days that make no difference to who is known so long: the more, the longer."""
    if known <= LONG_KNOWN:
        return 1
    return DAYS_A_WEEK << max(0, int(log2(known / LONG_KNOWN)) - 1)


def _can_be(orders: Sequence[float], alive: float) -> bool:
    """Tell whether customers order more the longer the time, and not on more days than there are."""
    days = [DAYS_A_WEEK * weeks * alive * ABOUT for weeks in MONTHS_AHEAD]
    return all(0 <= before <= upto <= most for (before, upto), most in zip(pairwise((0, *orders)), days, strict=True))


@dataclass(slots=True)
class _Group:
    """Customers of whom, if they still order, as many orders are expected."""

    customers: int = 0
    known: float = 0.0
    alive: float = 0.0
    worth: float = 0.0
    """What one order of each of those who still order comes to."""
    largest: float = 0.0
    """The part of it of one customer."""


def holdout_error(model: OrderModel, habits: Habits, *, weeks: float, came_true: int) -> float | None:
    """Give expected / actual - 1 for the weeks after a model was fitted; None: nothing came true, or it cannot be."""
    expected = sum(
        orders_while_active(model, habit.repeats, habit.known, weeks) * still_orders(model, habit) * watched.customers
        for habit, watched in habits.items()
    )
    return expected / came_true - 1 if came_true and isfinite(expected) else None


def _short(number: float) -> float:
    return float(f"{number:.{DIGITS}g}")
