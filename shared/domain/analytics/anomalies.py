"""Days that are unlike those before them: a robust score, by median and median deviation.

The modified z-score of Iglewicz and Hoaglin (1993), 0.6745 x (value - median) / MAD, of what is left of a day's value
when its weekday's habit is taken out. Amounts and counts are compared by logarithm, so that twice as much is as far
from usual as half as much; less than nothing is taken as nothing. Ratios are compared as they are.

What is expected follows the level of the last four weeks. How far days stray is measured from their weekday's habit,
and not from that level: days that lie about the habit of eight weeks do not lie about the middle of the last four, and
a deviation from that comes out too large, so that shocks go unnoticed.

Measured on the daily repeat revenue of CDNOW (462 days of some 3,000 dollars, which vary by a third): of the days as
they were 3.2 % are unusual; of days altered alone all of those set to nothing, 95.0 % of those cut to a quarter, 40.5 %
of those halved and 74.5 % of those tripled. At `CRITICAL` these are 0.9, 100, 73, 12 and 46 %. ADR 16 compares rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import expm1, log1p
from statistics import fmean, median

HABIT = 56
"""Days before that say what is usual of a weekday, and how far days stray from it."""
LATELY = 28
"""Days before that say where the level lies now."""
LEAST_OF_A_WEEKDAY = 4
"""Of the eight days of a weekday so many must be known, for its habit to be one."""
LEAST_LATELY = 14
WEEK = 7
SIGMAS = 0.6745
"""What makes of a median deviation the standard deviation of what is normally distributed."""
LEAST_DEVIATION = 0.05
"""A shop whose days hardly differ must not be told of a day that differs by some hundredths."""
NO_DEVIATION = 1.2533
"""What makes it of the mean deviation, where more than half of the days are alike."""
UNUSUAL, CRITICAL = 3.5, 5.0


class Scale(StrEnum):
    """How values are compared."""

    AMOUNT = "amount"
    """Of amounts and counts."""
    RATIO = "ratio"
    """Of one amount to another."""
    MARGIN = "margin"
    """Of what is left to what was sold: it alone may be less than nothing."""

    def taken(self, value: float) -> float:
        """Give the place of a value on the scale."""
        return log1p(max(value, 0.0)) if self is Scale.AMOUNT else value

    def given(self, place: float) -> float:
        """Give the value at a place of the scale."""
        value = expm1(place) if self is Scale.AMOUNT else place
        return value if self is Scale.MARGIN else max(value, 0.0)


class Severity(StrEnum):
    """What an unusual day calls for. The values are on the wire and in stored documents."""

    INFO = "info"
    """Unusual, and too small to act on."""
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """What a day is expected to bring, from the days before it; both numbers are on the scale."""

    middle: float
    deviation: float
    """As a standard deviation; above zero."""
    scale: Scale = Scale.AMOUNT

    @property
    def expected(self) -> float:
        """The value in the middle."""
        return self.scale.given(self.middle)

    def score(self, value: float) -> float:
        """Tell how far from usual a value is; negative: below it."""
        return (self.scale.taken(value) - self.middle) / self.deviation

    def between(self, score: float = UNUSUAL) -> tuple[float, float]:
        """Give the values at which this score begins, below and above."""
        away = score * self.deviation
        return self.scale.given(self.middle - away), self.scale.given(self.middle + away)


def usual_after(before: Sequence[float | None], scale: Scale = Scale.AMOUNT) -> Usual | None:
    """Work out what is usual on the day after these days, the oldest first; a day of which nobody knows is None.

    None: too few of the last `HABIT` days are known.
    """
    if len(before) < HABIT:
        return None
    taken = [None if value is None else scale.taken(value) for value in before[-HABIT:]]
    by_weekday = [[value for value in taken[weekday::WEEK] if value is not None] for weekday in range(WEEK)]
    if min(map(len, by_weekday)) < LEAST_OF_A_WEEKDAY:
        return None
    habits = [median(values) for values in by_weekday]
    left = [None if value is None else value - habits[place % WEEK] for place, value in enumerate(taken)]
    lately = [value for value in left[-LATELY:] if value is not None]
    if len(lately) < LEAST_LATELY:
        return None
    away = [abs(value) for value in left if value is not None]
    usual = median(away)
    deviation = max(usual, LEAST_DEVIATION) / SIGMAS if usual else max(fmean(away), LEAST_DEVIATION) * NO_DEVIATION
    return Usual(middle=habits[HABIT % WEEK] + median(lately), deviation=deviation, scale=scale)


def severity(score: float, score_before: float | None, *, is_worth_it: bool) -> Severity | None:
    """Judge a day by its score and that of the day before: two on the same side are no accident. None: it is usual."""
    if abs(score) < UNUSUAL:
        return None
    if not is_worth_it:
        return Severity.INFO
    goes_on = score_before is not None and abs(score_before) >= UNUSUAL and (score_before > 0) == (score > 0)
    return Severity.CRITICAL if abs(score) >= CRITICAL or goes_on else Severity.WARNING
