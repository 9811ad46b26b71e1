"""How much a valuation moves with what it stands on: one driver at a time, and two at once.

Earnings, multiples and the discount rate move by a part of themselves. Growth may be nothing, and a part of nothing
moves nothing: growth rates move by that part of the discount rate, in points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from shared.domain.analytics.money import rounded
from shared.domain.analytics.valuation import (
    LIMITS,
    MOST_TIMES,
    CashFlow,
    Method,
    Multiple,
    by_multiple,
    discounted,
)


class Driver(StrEnum):
    """What a valuation stands on. The values are on the wire."""

    EARNINGS = "earnings"
    MULTIPLE = "multiple"
    GROWTH = "growth"
    DISCOUNT_RATE = "discount_rate"
    TERMINAL_GROWTH = "terminal_growth"


DRIVERS: Mapping[Method, Sequence[Driver]] = {
    Method.SDE: (Driver.EARNINGS, Driver.MULTIPLE),
    Method.EBITDA: (Driver.EARNINGS, Driver.MULTIPLE),
    Method.DCF: (Driver.EARNINGS, Driver.GROWTH, Driver.DISCOUNT_RATE, Driver.TERMINAL_GROWTH),
}
"""Which of them a method has; the first two are varied where nobody says which."""

Drivers = Mapping[Driver, Fraction]

_PLACES = 100
"""A break-even is looked for between so many places of a driver's range."""
_AS_NEAR = Fraction(1, 10**12)
_APART = Fraction(1, 10_000)
"""The discount rate and the growth for ever are no nearer than that where a break-even is looked for."""
ALLOWED: Mapping[Driver, tuple[float, float]] = {
    Driver.MULTIPLE: (0, MOST_TIMES),
    **{driver: LIMITS[driver] for driver in (Driver.GROWTH, Driver.DISCOUNT_RATE, Driver.TERMINAL_GROWTH)},
}
"""From where to where a driver may be, as in a question: beyond it nothing is valued, and no break-even looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A valuation that can be asked again with other drivers."""

    base: Drivers
    """Earnings in micros, the others as they are written."""
    flow: CashFlow | None = None
    """Of a discounted cash flow; None: by a multiple."""

    def value(self, moved: Drivers) -> int | None:
        """Value the shop with some drivers moved; None: one is not allowed there, or the value would have no end."""
        if not all(self.allows(driver, place) for driver, place in moved.items()):
            return None
        now = {**self.base, **moved}
        earned = now[Driver.EARNINGS]
        if self.flow is None:
            times = now[Driver.MULTIPLE]
            return by_multiple(earned, Multiple(low=times, mid=times, high=times)).mid
        flow = replace(
            self.flow,
            ebitda=rounded(*earned.as_integer_ratio()),
            growth=float(now[Driver.GROWTH]),
            discount_rate=float(now[Driver.DISCOUNT_RATE]),
            terminal_growth=float(now[Driver.TERMINAL_GROWTH]),
        )
        return discounted(flow) if flow.discount_rate > flow.terminal_growth else None

    def allows(self, driver: Driver, place: Fraction) -> bool:
        """Tell whether a driver may be there."""
        if driver not in ALLOWED:
            return True
        low, high = ALLOWED[driver]
        return low <= float(place) <= high

    def moved(self, driver: Driver, part: Fraction) -> Fraction:
        """Move a driver by a part; a loss grows towards a profit."""
        of = Driver.DISCOUNT_RATE if driver in {Driver.GROWTH, Driver.TERMINAL_GROWTH} else driver
        return self.base[driver] + part * abs(self.base[of])


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The values with two drivers moved at once; None: as of `Case.value`."""

    row_values: Sequence[Fraction]
    col_values: Sequence[Fraction]
    rows: Sequence[Sequence[int | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Swing:
    """What a driver by itself does."""

    driver: Driver
    low: int | None
    """With the driver lower."""
    high: int | None
    """With the driver higher."""

    @property
    def swing(self) -> int | None:
        """From the one to the other; negative: the higher the driver, the lower the value."""
        return None if self.low is None or self.high is None else self.high - self.low


def grid(case: Case, rows: Driver, cols: Driver, *, steps: int, shock: Fraction) -> Grid:
    """Value the shop at so many places of both drivers, from a shock lower to a shock higher, itself in the middle."""
    half = steps // 2
    parts = [shock * place / half for place in range(-half, half + 1)]
    row_values, col_values = ([case.moved(driver, part) for part in parts] for driver in (rows, cols))
    return Grid(
        row_values=row_values,
        col_values=col_values,
        rows=[[case.value({rows: one, cols: other}) for other in col_values] for one in row_values],
    )


def tornado(case: Case, shock: Fraction) -> Sequence[Swing]:
    """Move each driver by itself; the largest swing first, and last what has no end."""
    swings = [
        Swing(
            driver=driver,
            low=case.value({driver: case.moved(driver, -shock)}),
            high=case.value({driver: case.moved(driver, shock)}),
        )
        for driver in case.base
    ]
    return sorted(swings, key=lambda each: (each.swing is None, -abs(each.swing or 0)))


def beyond(case: Case, shock: Fraction) -> Sequence[Driver]:
    """Name the drivers that a shock takes beyond what is allowed."""
    return [
        driver
        for driver in case.base
        if not all(case.allows(driver, case.moved(driver, part)) for part in (-shock, shock))
    ]


def breakeven(case: Case, driver: Driver, target: int) -> Fraction | None:
    """Find where a driver by itself takes the value to a target; None: it takes it there nowhere that is allowed."""
    if case.flow is None:
        other = case.base[Driver.MULTIPLE if driver is Driver.EARNINGS else Driver.EARNINGS]
        needed = target / other if other > 0 else None
        return needed if needed is not None and case.allows(driver, needed) else None
    if driver is Driver.EARNINGS:
        return _in_proportion(case, target)
    return _searched(case, driver, target)


def _in_proportion(case: Case, target: int) -> Fraction | None:
    """Go by two points: the value of a cash flow is a straight line in its earnings."""
    base = case.base[Driver.EARNINGS]
    further = base + max(abs(base), 1_000_000_000)
    here, there = case.value({}), case.value({Driver.EARNINGS: further})
    if here is None or there is None or here == there:
        return None
    return base + (target - here) * (further - base) / (there - here)


def _searched(case: Case, driver: Driver, target: int) -> Fraction | None:
    """Find the place nearest to where the driver stands at which the value crosses the target.

    It may cross it twice: growth that ties up working capital first raises the value, and then lowers it.
    """
    low, high = _range(case, driver)
    places = [low + (high - low) * n / _PLACES for n in range(_PLACES + 1)]
    is_above = [_is_above(case, driver, place, target) for place in places]
    crossings = [ends for n, ends in enumerate(pairwise(places)) if is_above[n] != is_above[n + 1]]
    if not crossings:
        return None
    stands = case.base[driver]
    low, high = min(crossings, key=lambda ends: min(abs(end - stands) for end in ends))
    is_low_above = _is_above(case, driver, low, target)
    while high - low > _AS_NEAR:
        middle = (low + high) / 2
        low, high = (middle, high) if _is_above(case, driver, middle, target) == is_low_above else (low, middle)
    return low


def _range(case: Case, driver: Driver) -> tuple[Fraction, Fraction]:
    """Give from where to where a driver may be, with the discount rate above the growth for ever."""
    low, high = map(_exact, ALLOWED[driver])
    if driver is Driver.DISCOUNT_RATE:
        low = max(low, case.base[Driver.TERMINAL_GROWTH] + _APART)
    if driver is Driver.TERMINAL_GROWTH:
        high = min(high, case.base[Driver.DISCOUNT_RATE] - _APART)
    return low, high


def _is_above(case: Case, driver: Driver, place: Fraction, target: int) -> bool:
    value = case.value({driver: place})
    return value is not None and value > target


def _exact(number: float) -> Fraction:
    """Take a limit as it is written: 0.1 is a tenth."""
    return Fraction(str(number))
