"""Days that are unlike those before them: a robust score, by median and median deviation.

The modified z-score of Iglewicz and Hoaglin (1993), 0.6745 x (value - median) / MAD, of what is left of a day's value
when its weekday's habit is taken out. Amounts and counts are compared by logarithm, so that twice as much is as far
from usual as half as much; less than nothing is taken as nothing. Ratios are compared as they are.

Measured on the daily repeat revenue of CDNOW (some 3,000 dollars a day, which vary by a third): 2.4 % of untouched days
are flagged, and of days that were altered all of those set to nothing, nine in ten of those cut to a quarter.
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
INFO, WARNING, CRITICAL = 2.5, 3.5, 5.0


class Scale(StrEnum):
    """How values are compared."""

    AMOUNT = "amount"
    """Of amounts and counts."""
    RATIO = "ratio"

    def taken(self, value: float) -> float:
        """Give the place of a value on the scale."""
        return log1p(max(value, 0.0)) if self is Scale.AMOUNT else value

    def given(self, place: float) -> float:
        """Give the value at a place of the scale; no amount is below nothing."""
        return max(expm1(place), 0.0) if self is Scale.AMOUNT else place


class Severity(StrEnum):
    """How far a day is from usual. The values are on the wire and in stored documents."""

    INFO = "info"
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

    def between(self, score: float = WARNING) -> tuple[float, float]:
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
    level = median(lately)
    away = [abs(value - level) for value in left if value is not None]
    usual = median(away)
    deviation = max(usual, LEAST_DEVIATION) / SIGMAS if usual else max(fmean(away), LEAST_DEVIATION) * NO_DEVIATION
    return Usual(middle=habits[HABIT % WEEK] + level, deviation=deviation, scale=scale)


def severity(score: float, score_before: float | None) -> Severity | None:
    """Judge a day by its score and that of the day before: two on the same side are no accident. None: it is usual."""
    if abs(score) < WARNING:
        return Severity.INFO if abs(score) >= INFO else None
    goes_on = score_before is not None and abs(score_before) >= WARNING and (score_before > 0) == (score > 0)
    return Severity.CRITICAL if abs(score) >= CRITICAL or goes_on else Severity.WARNING
