"""What an order of a customer is worth on average: the gamma-gamma model.

P. S. Fader, B. G. S. Hardie, "The Gamma-Gamma Model of Monetary Value" (2013). What a customer's orders come to varies
around a mean of their own, and means vary among customers. The model holds where the mean does not go with the number
of orders; `correlation` tells whether it does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import exp, lgamma, log, sqrt
from typing import NamedTuple

from shared.domain.analytics.descent import Found, Point, lowest

BEGIN: Point = (1.0, 1.0, 0.0)
"""Logarithms of p, q, and v in what is spent on average: the wall below is as far in any currency."""
SERIES_BEGINS = 10.0
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

    def unlikeliness(logarithms: Point) -> Found:
        height, slope = _likelihood(_model(logarithms), in_units)
        by_logarithm = (rise * exp(logarithm) for rise, logarithm in zip(slope, logarithms, strict=True))
        return Found(-height / customers, tuple(-rise / customers for rise in by_logarithm))

    found = _model(lowest(unlikeliness, BEGIN, farthest=FARTHEST))
    return replace(found, v=found.v * unit)


def _model(logarithms: Point) -> ValueModel:
    p, q, v = map(exp, logarithms)
    return ValueModel(p=p, q=q, v=v)


def _likelihood(model: ValueModel, spendings: Mapping[Spending, int]) -> Found:
    """Give its logarithm (the note's equation 1a), and how fast that rises with each parameter.

    Terms in which there is none are left out.
    """
    p, q, v = model.p, model.q, model.v
    constant, by_q_of_each = q * log(v) - lgamma(q), log(v) - digamma(q)
    of_repeats: dict[int, tuple[float, float, float]] = {}
    total = by_p = by_q = by_v = 0.0
    for (repeats, mean), customers in spendings.items():
        px = p * repeats
        if (common := of_repeats.get(repeats)) is None:
            rise = digamma(px + q)
            common = constant + lgamma(px + q) - lgamma(px), rise - digamma(px), by_q_of_each + rise
            of_repeats[repeats] = common
        spent = mean * repeats
        of_all, of_theirs = log(v + spent), log(spent)
        total += customers * (common[0] + px * of_theirs - (px + q) * of_all)
        by_p += customers * repeats * (common[1] + of_theirs - of_all)
        by_q += customers * (common[2] - of_all)
        by_v += customers * (q / v - (px + q) / (v + spent))
    return Found(total, (by_p, by_q, by_v))


def digamma(number: float) -> float:
    """Give the slope of the logarithm of the gamma function, of a number above zero.

    Where it is large, by its asymptotic series (Abramowitz and Stegun, 6.3.18), to which its recurrence leads.
    """
    found = 0.0
    while number < SERIES_BEGINS:
        found -= 1 / number
        number += 1
    square = 1 / number**2
    series = square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square * (1 / 240 - square / 132))))
    return found + log(number) - 1 / (2 * number) - series


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
