"""How often customers order again, and whether they still do: the BG/NBD model.

P. S. Fader, B. G. S. Hardie, K. L. Lee, "Counting Your Customers the Easy Way", Marketing Science 24 (2005). A customer
orders at a rate of their own (gamma with `r` and `alpha`) and, after each order, gives up with a chance of their own
(beta with `a` and `b`). What is known of a customer is three numbers; that is why a shop of a million customers can be
fitted: many have the same three.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, expm1, inf, lgamma, log, log1p
from typing import NamedTuple

from shared.domain.analytics.simplex import Point, lowest

BEGIN: Point = (0.0, 1.0, 0.0, 1.0)
"""Logarithms of r, alpha, a and b to begin with: shops lie within some steps of it."""
TOLERANCE = 1e-7
SERIES_ENDS = 1e-14
MOST_TERMS = 100_000
LARGEST_EXPONENT = 700.0
"""Of e, that a number can hold."""
FARTHEST = 30.0
"""No logarithm of a parameter is looked for beyond it: where likelihood only grows, there are none."""


class Habit(NamedTuple):
    """What is known of a customer; times in one unit, such as weeks, since their first order."""

    repeats: int
    """Days with an order after the first one."""
    last: float
    """When the last of them was; 0 where there is none."""
    known: float
    """How long they have been watched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderModel:
    """The four parameters. All are positive; `alpha` is in the unit of time of the habits."""

    r: float
    alpha: float
    a: float
    b: float


def fit_orders(habits: Mapping[Habit, int]) -> OrderModel:
    """Find the parameters under which these habits, each with its number of customers, are the likeliest.

    Raises:
        NotFound: no parameters are.

    """
    customers = sum(habits.values())

    def unlikeliness(logarithms: Point) -> float:
        if any(abs(logarithm) > FARTHEST for logarithm in logarithms):
            return inf
        r, alpha, a, b = map(exp, logarithms)
        return -log_likelihood(OrderModel(r=r, alpha=alpha, a=a, b=b), habits) / customers

    r, alpha, a, b = map(exp, lowest(unlikeliness, BEGIN, tolerance=TOLERANCE))
    return OrderModel(r=r, alpha=alpha, a=a, b=b)


def log_likelihood(model: OrderModel, habits: Mapping[Habit, int]) -> float:
    """Give the logarithm of the likelihood of all customers together (the paper's equation 6)."""
    r, alpha, a, b = model.r, model.alpha, model.a, model.b
    constant = r * log(alpha) - lgamma(r) + lgamma(a + b) - lgamma(b)
    total = 0.0
    of_repeats: dict[int, tuple[float, float, float]] = {}
    for (repeats, last, known), customers in habits.items():
        if (common := of_repeats.get(repeats)) is None:
            gamma = constant + lgamma(r + repeats) + lgamma(b + repeats) - lgamma(a + b + repeats)
            common = gamma, r + repeats, a / (b + repeats - 1) if repeats else 0.0
            of_repeats[repeats] = common
        gamma, power, left = common
        # Of the two ways in which this came about, the sum without the larger factor of both: none of it can overflow.
        since = alpha + last
        total += customers * (gamma - power * log(since) + log((since / (alpha + known)) ** power + left))
    return total


def still_orders(model: OrderModel, habit: Habit) -> float:
    """Give the chance that a customer has not given up. Who never came back had no occasion to."""
    if not habit.repeats:
        return 1.0
    return 1 / (1 + exp(min(_log_odds_of_having_left(model, *habit), LARGEST_EXPONENT)))


def expected_orders(model: OrderModel, habit: Habit, ahead: float) -> float:
    """Give the number of order days that are expected of a customer in the time ahead (the paper's equation 10)."""
    return orders_while_active(model, habit.repeats, habit.known, ahead) * still_orders(model, habit)


def orders_of_new_customer(model: OrderModel, ahead: float) -> float:
    """Give the number of order days after the first that are expected of a customer of whom nothing else is known."""
    return orders_while_active(model, 0, 0.0, ahead)


def orders_while_active(model: OrderModel, repeats: int, known: float, ahead: float) -> float:
    """Give the expectation of equation 10 for a customer who has not given up: it does not ask when they last ordered.

    With C = a + b + x - 1, e = a - 1 and z = t / (alpha + T + t), Euler's transform of its 2F1(r + x, b + x; C; z)
    makes it C (1 - (1 - z)^e F) / e with F = 2F1(C - r - x, e; C; z) = 1 + e S. Both parts can be divided by e before
    they are subtracted, so that nothing is lost where a is near 1.
    """
    e, c, rate = model.a - 1, model.a + model.b + repeats - 1, model.r + repeats
    z = ahead / (model.alpha + known + ahead)
    if e > max(rate, 1):
        # Where customers hardly differ in when they give up, a and b are huge, and the transform would be nothing times
        # something without end. Nothing is lost without it: e is not near 0.
        return c / e * (1 - _untransformed(rate, c - e, c, z))
    stays = e * log1p(-z)
    first = -expm1(stays) / e if e else -log1p(-z)
    return c * (first - exp(stays) * _series(c - rate, e, c, z))


def _log_odds_of_having_left(model: OrderModel, repeats: int, last: float, known: float) -> float:
    """Give it as a logarithm: who ordered hundreds of times and then no more has odds beyond any number."""
    silence = log1p((known - last) / (model.alpha + last))
    return log(model.a / (model.b + repeats - 1)) + (model.r + repeats) * silence


def _untransformed(rate: float, upper: float, lower: float, z: float) -> float:
    """Add up (1 - z)^rate 2F1(rate, upper; lower; z), the part of equation 10 that is taken from 1."""
    term = total = exp(rate * log1p(-z))
    for n in range(MOST_TERMS):
        term *= (rate + n) * (upper + n) / ((lower + n) * (n + 1)) * z
        total += term
        if term <= SERIES_ENDS * total:
            break
    return total


def _series(upper: float, e: float, lower: float, z: float) -> float:
    """Add up S of the above: the hypergeometric series without its first term, divided by e."""
    term = total = upper / lower * z
    for n in range(1, MOST_TERMS):
        term *= (upper + n) * (e + n) / ((lower + n) * (n + 1)) * z
        total += term
        if abs(term) <= SERIES_ENDS * abs(total):
            break
    return total
