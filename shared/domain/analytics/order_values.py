"""What an order of a customer is worth on average: the gamma-gamma model.

P. S. Fader, B. G. S. Hardie, "The Gamma-Gamma Model of Monetary Value" (2013). What a customer's orders come to varies
around a mean of their own, and means vary among customers. The model holds where the mean does not go with the number
of orders; `correlation` tells whether it does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, inf, lgamma, log, sqrt
from typing import NamedTuple

from shared.domain.analytics.simplex import Point, lowest

BEGIN: Point = (1.0, 1.0, 0.0)
"""Logarithms of p, q, and v in what is spent on average: the wall below is as far in any currency."""
TOLERANCE = 1e-7
FARTHEST = 15.0
"""No logarithm of a parameter is looked for beyond it. Where all of a customer's orders come to the same, or customers
hardly differ, likelihood only grows: they are told alike at the wall."""


class Spending(NamedTuple):
    """What is known of a customer who came back."""

    repeats: int
    """Days with an order after the first one; at least one."""
    mean: float
    """What these came to on average; above zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueModel:
    """The three parameters. An expectation exists where q is above 1; `v` is in the unit of money of the means."""

    p: float
    q: float
    v: float


def fit_values(spendings: Mapping[Spending, int]) -> ValueModel:
    """Find the parameters under which these, each with its number of customers, are the likeliest.

    Raises:
        NotFound: no parameters are.

    """
    customers = sum(spendings.values())
    unit = sum(mean * number for (_, mean), number in spendings.items()) / customers
    in_units = {Spending(repeats, mean / unit): number for (repeats, mean), number in spendings.items()}

    def unlikeliness(logarithms: Point) -> float:
        if any(abs(logarithm) > FARTHEST for logarithm in logarithms):
            return inf
        p, q, v = map(exp, logarithms)
        return -log_likelihood(ValueModel(p=p, q=q, v=v), in_units) / customers

    p, q, v = map(exp, lowest(unlikeliness, BEGIN, tolerance=TOLERANCE))
    return ValueModel(p=p, q=q, v=v * unit)


def log_likelihood(model: ValueModel, spendings: Mapping[Spending, int]) -> float:
    """Give the logarithm of the likelihood of all customers together (the note's equation 1a)."""
    p, q, v = model.p, model.q, model.v
    constant = q * log(v) - lgamma(q)
    of_repeats: dict[int, float] = {}
    total = 0.0
    for (repeats, mean), customers in spendings.items():
        px = p * repeats
        if (common := of_repeats.get(repeats)) is None:
            common = constant + lgamma(px + q) - lgamma(px) + px * log(repeats)
            of_repeats[repeats] = common
        total += customers * (common + (px - 1) * log(mean) - (px + q) * log(v + mean * repeats))
    return total


def expected_value(model: ValueModel, spending: Spending | None) -> float:
    """Give the mean that is expected of a customer's orders; None: of one of whom none is known (its equation 5)."""
    repeats, mean = spending or (0, 0.0)
    return model.p * (model.v + repeats * mean) / (model.p * repeats + model.q - 1)


def correlation(spendings: Mapping[Spending, int]) -> float:
    """Give Pearson's correlation of number and mean: near 0, or the model does not hold. 0 where nothing varies."""
    customers = sum(spendings.values())
    of_repeats = sum(x * n for (x, _), n in spendings.items()) / customers
    of_means = sum(m * n for (_, m), n in spendings.items()) / customers
    spread = sum(n * (x - of_repeats) ** 2 for (x, _), n in spendings.items())
    spread *= sum(n * (m - of_means) ** 2 for (_, m), n in spendings.items())
    together = sum(n * (x - of_repeats) * (m - of_means) for (x, m), n in spendings.items())
    return together / sqrt(spread) if spread else 0.0
