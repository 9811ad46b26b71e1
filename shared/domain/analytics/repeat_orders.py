"""How often customers order again, and whether they still do: the BG/NBD model.

P. S. Fader, B. G. S. Hardie, K. L. Lee, "Counting Your Customers the Easy Way", Marketing Science 24 (2005). A customer
orders at a rate of their own (gamma with `r` and `alpha`) and, after each order, gives up with a chance of their own
(beta with `a` and `b`). What is known of a customer is three numbers; that is why a shop of a million customers can be
fitted: many have the same three.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, inf, log, log1p
from typing import NamedTuple

from shared.domain.analytics.descent import Found, NotFound, Point, lowest

BEGINNINGS: Sequence[Point] = ((0.0, 1.0, 0.0, 1.0), (0.0, 1.0, -4.0, -4.0))
"""Logarithms of r, alpha, a and b to begin with. Most shops lie within some steps of the first; where customers leave
at once or never, likelihood has a second peak, near the other."""
NO_HIGHER = 1e-9
"""For each customer. Two ways that lead to the same peak end no farther apart."""
SERIES_ENDS = 1e-14
MOST_TERMS = 300_000
LARGEST_EXPONENT = 600.0
"""Of e, that a number can hold."""
FARTHEST = 15.0
"""No logarithm of a parameter is looked for beyond it. Where customers hardly differ, likelihood only grows: it is at
the wall that they are then told alike, and what is expected differs by a millionth from what would be beyond it."""


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
    kinds = _by_repeats(habits)

    def unlikeliness(logarithms: Point) -> Found:
        height, slope = _likelihood(_model(logarithms), kinds)
        by_logarithm = (rise * exp(logarithm) for rise, logarithm in zip(slope, logarithms, strict=True))
        return Found(-height / customers, tuple(-rise / customers for rise in by_logarithm))

    best, found = inf, None
    for begin in BEGINNINGS:
        try:
            end = lowest(unlikeliness, begin, farthest=FARTHEST)
        except NotFound:
            continue
        if (height := unlikeliness(end).height) < best - NO_HIGHER:
            best, found = height, end
    if found is None:
        raise NotFound
    return _model(found)


def _model(logarithms: Point) -> OrderModel:
    r, alpha, a, b = map(exp, logarithms)
    return OrderModel(r=r, alpha=alpha, a=a, b=b)


def log_likelihood(model: OrderModel, habits: Mapping[Habit, int]) -> float:
    """Give the logarithm of the likelihood of all customers together (the paper's equation 6)."""
    return _likelihood(model, _by_repeats(habits)).height


class _Alike(NamedTuple):
    """Customers who ordered again equally often."""

    repeats: int
    customers: int
    times: Sequence[tuple[float, float, int]]
    """When the last of them was, how long they have been watched, and of how many customers that holds."""


def _by_repeats(habits: Mapping[Habit, int]) -> Sequence[_Alike]:
    """Take them together, the fewest repeats first."""
    times: dict[int, list[tuple[float, float, int]]] = {}
    for (repeats, last, known), customers in habits.items():
        times.setdefault(repeats, []).append((last, known, customers))
    return [_Alike(repeats, sum(each for _, _, each in of_them), of_them) for repeats, of_them in sorted(times.items())]


def _likelihood(model: OrderModel, kinds: Sequence[_Alike]) -> Found:
    """Give its logarithm, and how fast that rises with each parameter."""
    r, alpha, a, b = model.r, model.alpha, model.a, model.b
    total = by_r = by_alpha = by_a = by_b = 0.0
    # Gamma functions stand here as (r)_x and (b)_x / (a + b)_x alone: products, and so their logarithms sums.
    product = product_by_r = product_by_a = product_by_b = 0.0
    done = 0
    for repeats, customers, times in kinds:
        for n in range(done, repeats):
            either = a + b + n
            product += log(r + n) + log1p(-a / either)
            product_by_r += 1 / (r + n)
            product_by_a -= 1 / either
            product_by_b += a / (either * (b + n))
        done = repeats
        of_times = _of_times(model, repeats, times)
        total += customers * (r * log(alpha) + product) + of_times.height
        by_r += customers * (log(alpha) + product_by_r) + of_times.by_power
        by_alpha += customers * r / alpha + of_times.by_alpha
        by_a += customers * product_by_a
        by_b += customers * product_by_b
        if repeats:
            by_a += of_times.may_have_left / a
            by_b -= of_times.may_have_left / (b + repeats - 1)
    return Found(total, (by_r, by_alpha, by_a, by_b))


class _OfTimes(NamedTuple):
    """What the times of customers add to a likelihood."""

    height: float
    by_power: float
    by_alpha: float
    may_have_left: float
    """So many of them are likely to have."""


def _of_times(model: OrderModel, repeats: int, times: Sequence[tuple[float, float, int]]) -> _OfTimes:
    alpha, power = model.alpha, model.r + repeats
    if not repeats:
        logarithms = sum([each * log(alpha + known) for _, known, each in times])
        inverses = sum([each / (alpha + known) for _, known, each in times])
        return _OfTimes(-power * logarithms, -logarithms, -power * inverses, 0.0)
    left = model.a / (model.b + repeats - 1)
    height = by_power = by_alpha = may_have_left = 0.0
    for last, known, each in times:
        # Of the two ways in which this came about, the sum without the larger factor of both: nothing can overflow.
        ordered, watched = alpha + last, alpha + known
        since = log(ordered)
        silence = since - log(watched)
        stays = exp(power * silence)
        both = stays + left
        share = each * stays / both
        height += each * (log(both) - power * since)
        by_power += share * silence - each * since
        by_alpha += share * (1 / ordered - 1 / watched) - each / ordered
        may_have_left += each - share
    return _OfTimes(height, by_power, power * by_alpha, may_have_left)


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
    """Give the expectation of equation 10 for who has not given up: it does not ask when they last ordered."""
    return orders_in_each(model, repeats, known, (ahead,))[0]


def orders_in_each(model: OrderModel, repeats: int, known: float, times: Sequence[float]) -> Sequence[float]:
    """Give `orders_while_active` for each of some times ahead, the last of which is the longest.

    If nobody gave up, the number N of orders to come would be negative binomial: P(N = n) = (r + x)_n / n! z^n
    (1 - z)^(r + x) with z = t / (alpha + T + t). Of n such orders, s_0 + ... + s_(n-1) come to pass, where s_k =
    (b + x)_k / (a + b + x)_k is the chance of not having given up after k of them. That is equation 10 as a series of
    which every term is positive: nothing cancels, however large the parameters are or however near to 1 `a` is. Only
    z^n (1 - z)^(r + x) hangs on the time, so that the terms of the longest serve the others. Infinite: it did not end.
    """
    rate, since = model.r + repeats, model.alpha + known
    longest = times[-1]
    silence = rate * log1p(longest / since)
    if len(times) > 1 and silence > LARGEST_EXPONENT:
        # Beside those of the longest time, the first terms are too small for a number.
        return [orders_while_active(model, repeats, known, ahead) for ahead in times]
    terms = _terms(model, repeats, longest / (since + longest), silence)
    if terms is None:
        return [inf] * len(times)
    terms.reverse()
    found: list[float] = []
    for ahead in times:
        part = ahead / longest * ((since + longest) / (since + ahead))
        total = 0.0
        for term in terms:
            total = total * part + term
        found.append(total * part * exp(silence - rate * log1p(ahead / since)))
    return found


def _log_odds_of_having_left(model: OrderModel, repeats: int, last: float, known: float) -> float:
    """Give it as a logarithm: who ordered hundreds of times and then no more has odds beyond any number."""
    silence = log1p((known - last) / (model.alpha + last))
    return log(model.a / (model.b + repeats - 1)) + (model.r + repeats) * silence


def _terms(model: OrderModel, repeats: int, z: float, silence: float) -> list[float] | None:
    """Give the terms of the above series from n = 1; None: they do not end."""
    rate, stays, either = model.r + repeats, model.b + repeats, model.a + model.b + repeats
    terms: list[float] = []
    logarithm, chance = -silence, exp(-silence) if silence <= LARGEST_EXPONENT else 0.0
    survives = 1.0
    come = total = 0.0
    for n in range(MOST_TERMS):
        step = (rate + n) / (n + 1) * z
        if chance:
            chance *= step
        else:
            logarithm += log(step)
            chance = exp(logarithm) if logarithm >= -LARGEST_EXPONENT else 0.0
        come += survives
        survives *= (stays + n) / (either + n)
        term = chance * come
        terms.append(term)
        total += term
        if step < 1 and term <= SERIES_ENDS * total:
            return terms
    return None
