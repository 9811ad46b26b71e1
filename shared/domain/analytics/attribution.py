"""Who brought an order: the rules that share it among the touches before it, and the Markov chain of channels.

A touch is on the path of an order if it came before it, by no more whole local days than the lookback. The rules
(last, first, linear, position-based, time decay) are those of the usual analytics tools; a rule is a whole-number
weight for each touch of a path, and an order is split by these weights as running totals, to the last millionth of an
order and the last micro of its revenue.

The Markov model is that of Anderl, Becker, von Wangenheim and Schumann, "Mapping the customer journey" (2016), of the
first order: channels are states, the steps of all paths are counted, and a channel's credit is its part of all removal
effects. A removal effect is 1 - P(conversion if the channel led nowhere) / P(conversion).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum, StrEnum

from shared.domain.facts.checks import apportioned
from shared.domain.facts.running import Running

MILLION = 1_000_000
"""Parts of an order: what credits are counted in."""


class Model(StrEnum):
    """The ways of giving credit."""

    PLATFORM_REPORTED = "platform_reported"
    """What the ad platforms claim."""
    LAST_TOUCH = "last_touch"
    LAST_NON_DIRECT = "last_non_direct"
    """The last touch that was not direct; if all were, the last."""
    FIRST_TOUCH = "first_touch"
    LINEAR = "linear"
    POSITION_BASED = "position_based"
    """40 % to the first touch, 40 % to the last, 20 % to those between; of two touches, a half each."""
    TIME_DECAY = "time_decay"
    """A touch weighs half as much as one that came seven days later."""
    MARKOV = "markov"


RULES = (
    Model.LAST_TOUCH,
    Model.LAST_NON_DIRECT,
    Model.FIRST_TOUCH,
    Model.LINEAR,
    Model.POSITION_BASED,
    Model.TIME_DECAY,
)
"""The models that look at one path at a time."""


def orders_of(rule: Model) -> str:
    """Name the sum of the orders that a rule credits, in millionths."""
    return f"{rule}_orders"


def revenue_of(rule: Model) -> str:
    """Name the sum of the revenue that a rule credits."""
    return f"{rule}_revenue"


ONE_TOUCH = "one_touch"
"""The orders whose only touch it was."""
STEPS = "steps"
REVENUE = "revenue"
"""That of the orders whose path ends with the step."""
UNCONVERTED = "unconverted"
"""Orders and refunds in a currency for which no rate is known: they are in no other sum."""


class Lookback(IntEnum):
    """For how many days before an order a touch is on its path."""

    WEEK = 7
    MONTH = 30
    QUARTER = 90


CHANNELS = {
    Lookback.WEEK: Running.CHANNELS_7,
    Lookback.MONTH: Running.CHANNELS_30,
    Lookback.QUARTER: Running.CHANNELS_90,
}
"""Where the sums of channels and of steps between them are kept."""
CAMPAIGNS = {
    Lookback.WEEK: Running.TOUCHED_7,
    Lookback.MONTH: Running.TOUCHED_30,
    Lookback.QUARTER: Running.TOUCHED_90,
}
"""Where the sums of campaigns are kept."""

HALF_LIFE = 7
_SCALE = 20
_HALVINGS = Lookback.QUARTER // HALF_LIFE

DECAY = tuple(
    round(2 ** (_SCALE - age % HALF_LIFE / HALF_LIFE)) << (_HALVINGS - age // HALF_LIFE)
    for age in range(Lookback.QUARTER + 1)
)
"""The weight of a touch by its age in days: 2^32 on the day of the order, half of it a week before. Between, 2^(-n/7)
is rounded at a millionth (2^-20)."""

DIRECT = ("direct", "(direct)", "none", "(none)", "typed")
"""Channels, in small letters, that say that nobody knows where a visit came from."""

STEP = "\t"
"""Stands between the two channels of a step in a key. No channel has it: what is imported has no control characters."""
START = END = ""
"""Before the first channel of a path, and after the last one. An order without a path is the step from START to END."""

MOST_CHANNELS = 100
"""The work of the Markov model grows with the cube of the channels: so many take a fifth of a second."""


def removal_effects(steps: Mapping[tuple[str, str], int], lost: Mapping[str, int] | None = None) -> dict[str, float]:
    """Give the removal effect of every channel; empty where no path with a channel led to an order.

    `steps` counts the steps of the paths that led to orders, and what more steps those have that did not; `lost` counts
    the latter by their last channel. An order without a path, which no channel can have brought, is left aside.

    A walk that avoids a channel converts in all cases in which a free walk converts, but for those in which it comes
    to that channel and converts from there. So the effect is P(it comes there) x P(conversion from there) /
    P(conversion): one inversion of the chain's matrix serves all channels.
    """
    channels = sorted({end for step, count in steps.items() if count for end in step} - {START, END})
    place = {channel: number for number, channel in enumerate(channels)}
    size = len(channels)
    begins, converts = [0.0] * size, [0.0] * size
    away = [[0.0] * size for _ in channels]
    for (before, after), count in steps.items():
        if before in place and after in place:
            away[place[before]][place[after]] += count
        elif before in place:
            converts[place[before]] += count
        elif after in place:
            begins[place[after]] += count
    for row, out in enumerate(away):
        total = sum(out) + converts[row] + (lost or {}).get(channels[row], 0)
        converts[row] /= total
        away[row] = [(row == column) - count / total for column, count in enumerate(out)]
    visits = _inverse(away)
    conversion = [sum(map(float.__mul__, row, converts)) for row in visits]
    coming = [sum(begins[row] * visits[row][at] for row in range(size)) / visits[at][at] for at in range(size)]
    whole = sum(map(float.__mul__, begins, conversion))
    if not whole:
        return {}
    return {channel: coming[at] * conversion[at] / whole for channel, at in place.items()}


def shared_out(amount: int, effects: Mapping[str, float]) -> dict[str, int]:
    """Split an amount by removal effects into whole numbers that add up to it."""
    weights = [round(effect * 2**40) for effect in effects.values()]
    return dict(zip(effects, apportioned(amount, weights), strict=True)) if any(weights) else {}


def _inverse(matrix: Iterable[list[float]]) -> list[list[float]]:
    """Invert by Gauss and Jordan, without pivoting: every row's diagonal outweighs the rest of it together."""
    rows = [[*row, *(float(place == number) for place in range(len(row)))] for number, row in enumerate(matrix)]
    for at in range(len(rows)):
        pivot = [value / rows[at][at] for value in rows[at]]
        rows[at] = pivot
        for number, row in enumerate(rows):
            factor = row[at]
            if factor and number != at:
                rows[number] = [value - factor * of_pivot for value, of_pivot in zip(row, pivot, strict=True)]
    return [row[len(rows) :] for row in rows]
