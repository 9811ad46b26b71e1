"""How far from the middle of a multiple a shop stands, by what buyers look at.

Every threshold here is our proposal: what is published names the factors, and no numbers. Each factor moves the
multiple by half a turn at most, because none of them alone makes or breaks a sale, and an unknown one by nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class Factor(StrEnum):
    """What is looked at, in its order. The values are on the wire."""

    GROWTH = "growth"
    """Net revenue of the twelve months against the twelve before."""
    NET_MARGIN = "net_margin"
    """Pre-tax profit in net revenue."""
    MER = "mer"
    """Net revenue by the day of the order for each unit of ad spend."""
    TOP_CHANNEL = "top_channel"
    """Part of the net revenue that came through the largest sales channel."""
    TOP_SKU = "top_sku"
    """Part of the net sales of all SKUs that the best-selling one has."""
    HISTORY_MONTHS = "history_months"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """From a value on, up to that of the next step, the multiple moves so far."""

    above: Fraction | None
    """None: from below everything."""
    adjustment: Fraction


def _steps(*values: str, rising: bool = True) -> tuple[Step, ...]:
    """Lay out four thresholds with half a turn at both ends, a quarter next to them, and nothing in the middle."""
    turns = [Fraction(quarters, 4) for quarters in (-2, -1, 0, 1, 2)]
    edges = [None, *map(Fraction, values)]
    ordered = turns if rising else turns[::-1]
    return tuple(Step(above=edge, adjustment=turn) for edge, turn in zip(edges, ordered, strict=True))


STEPS: Mapping[Factor, Sequence[Step]] = {
    # Prices alone rise by some percent a year: growth below a tenth is standing still, a third more is a new shop.
    Factor.GROWTH: _steps("-0.2", "0", "0.1", "0.3"),
    # Below a twentieth a bad month takes the year's profit; a fifth leaves room for a buyer's mistakes.
    Factor.NET_MARGIN: _steps("0", "0.05", "0.1", "0.2"),
    # With a third of goods and a fifth of other costs, ads pay from about 2 on; above 8 the brand sells by itself.
    Factor.MER: _steps("2", "3", "5", "8"),
    # Most shops sell through their own store alone: that costs little, and two channels that carry each other earn.
    Factor.TOP_CHANNEL: (
        Step(above=None, adjustment=Fraction(1, 2)),
        Step(above=Fraction(1, 2), adjustment=Fraction(1, 4)),
        Step(above=Fraction(7, 10), adjustment=Fraction(0)),
        Step(above=Fraction(9, 10), adjustment=Fraction(-1, 4)),
    ),
    # One article that is half of the sales may be copied or run out; where none is a twentieth, none is missed.
    Factor.TOP_SKU: _steps("0.05", "0.15", "0.3", "0.5", rising=False),
    # Buyers want two years to see one season against another; five have seen a crisis.
    Factor.HISTORY_MONTHS: _steps("12", "24", "36", "60"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A factor, and how far it moves the multiple."""

    factor: Factor
    value: Fraction | None
    """None: unknown."""
    band: str | None
    adjustment: Fraction


def scored(values: Mapping[Factor, Fraction | None]) -> Sequence[Scored]:
    """Find the step of each factor."""
    return [_scored(factor, values.get(factor)) for factor in Factor]


def score(found: Sequence[Scored]) -> Fraction:
    """Add up how far the factors together move a multiple; its own band is the limit (`Multiple.moved`)."""
    return sum((each.adjustment for each in found), Fraction(0))


def _scored(factor: Factor, value: Fraction | None) -> Scored:
    if value is None:
        return Scored(factor=factor, value=None, band=None, adjustment=Fraction(0))
    steps = STEPS[factor]
    place = max(n for n, step in enumerate(steps) if step.above is None or step.above <= value)
    upper = steps[place + 1].above if place + 1 < len(steps) else None
    return Scored(factor=factor, value=value, band=_band(steps[place].above, upper), adjustment=steps[place].adjustment)


def _band(lower: Fraction | None, upper: Fraction | None) -> str:
    if lower is None:
        return f"below {_written(upper)}"
    return f"from {_written(lower)}" if upper is None else f"{_written(lower)} to {_written(upper)}"


def _written(edge: Fraction | None) -> str:
    return "" if edge is None else f"{float(edge):g}"
