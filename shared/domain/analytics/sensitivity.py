"""How much a valuation moves with what it stands on: one driver at a time, and two at once.

Earnings, multiples and the discount rate move by a part of themselves. Growth may be nothing, and a part of nothing
moves nothing: growth rates move by that part of the discount rate, in points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

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

_STEPS_OF_SEARCH = 200
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
        earned = rounded(*now[Driver.EARNINGS].as_integer_ratio())
        if self.flow is None:
            times = now[Driver.MULTIPLE]
            return by_multiple(earned, Multiple(low=times, mid=times, high=times)).mid
        flow = replace(
            self.flow,
            ebitda=earned,
            growth=float(now[Driver.GROWTH]),
            discount_rate=float(now[Driver.DISCOUNT_RATE]),
            terminal_growth=float(now[Driver.TERMINAL_GROWTH]),
        )
        return discounted(flow) if flow.discount_rate > flow.terminal_growth else None

    def allows(self, driver: Driver, place: Fraction) -> bool:
        """Tell whether a driver may be there; where it stands it may, for a workspace may have settled it so."""
        if driver not in ALLOWED or place == self.base[driver]:
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
    """Halve the range until the value is the target's; where it crosses that nowhere or twice, nothing is said."""
    low, high = map(_exact, ALLOWED[driver])
    if driver is Driver.DISCOUNT_RATE:
        low = max(low, case.base[Driver.TERMINAL_GROWTH] + Fraction(1, 10_000))
    if driver is Driver.TERMINAL_GROWTH:
        high = min(high, case.base[Driver.DISCOUNT_RATE] - Fraction(1, 10_000))
    at_low, at_high = _off(case, driver, low, target), _off(case, driver, high, target)
    if at_low is None or at_high is None or (at_low > 0) == (at_high > 0):
        return None
    for _ in range(_STEPS_OF_SEARCH):
        middle = (low + high) / 2
        off = _off(case, driver, middle, target)
        if off is None or off == 0 or high - low < Fraction(1, 10**12):
            return middle
        low, high = (middle, high) if (off > 0) == (at_low > 0) else (low, middle)
    return low


def _exact(number: float) -> Fraction:
    """Take a limit as it is written: 0.1 is a tenth."""
    return Fraction(str(number))


def _off(case: Case, driver: Driver, place: Fraction, target: int) -> int | None:
    value = case.value({driver: place})
    return None if value is None else value - target
