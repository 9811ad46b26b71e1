"""The days of one number of a shop, judged one after the other by those before them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.analytics.anomalies import HABIT, LATELY, Scale, Severity, severity, usual_after
from shared.domain.analytics.money import MICROS

LEAST_IMPACT = 0.02
"""Of what the 28 days before brought: less is not worth acting on, however unusual it is."""
LEAST_DENOMINATOR = 0.25
"""Of the mean of the 28 days before: a ratio to less than this is an accident."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A number, day by day; None: nobody knows it, or the day is not to be judged by."""

    begins: int
    """The place of its first day among all days."""
    values: Sequence[float | None]
    scale: Scale = Scale.AMOUNT
    worth: Sequence[float | None] | None = None
    """Day by day, what one more of it is worth in money; None: it is money."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusualDay:
    """A day that is unlike those before it."""

    place: int
    """Days after the first."""
    actual: float
    expected: float
    low: float
    high: float
    """The values between which it would have been usual."""
    score: float
    severity: Severity
    impact: float
    """(actual - expected), in money."""
    days: int
    """The how-manieth day of a run on the same side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What came out."""

    places: Sequence[int]
    """The days that could be judged."""
    unusual: Sequence[UnusualDay]


def judged(series: Series, floors: Sequence[float | None]) -> Judged:
    """Judge every day that has enough days before it; `floors` is the least impact worth acting on, day by day.

    Where there is no floor nothing was brought, and what is unusual for a shop without business nobody can say.
    """
    places: list[int] = []
    unusual: list[UnusualDay] = []
    for nth in range(HABIT, len(series.values)):
        place = series.begins + nth
        value, floor = series.values[nth], floors[place]
        worth = 1.0 if series.worth is None else series.worth[nth]
        if value is None or floor is None or worth is None:
            continue
        usual = usual_after(series.values[nth - HABIT : nth], series.scale)
        if usual is None:
            continue
        places.append(place)
        score, impact = usual.score(value), (value - usual.expected) * worth
        last = unusual[-1] if unusual and unusual[-1].place == place - 1 else None
        found = severity(score, None if last is None else last.score, is_worth_it=abs(impact) >= floor)
        if found is None:
            continue
        low, high = usual.between()
        goes_on = last is not None and (last.score > 0) == (score > 0)
        unusual.append(
            UnusualDay(
                place=place,
                actual=value,
                expected=usual.expected,
                low=low,
                high=high,
                score=score,
                severity=found,
                impact=impact,
                days=last.days + 1 if last is not None and goes_on else 1,
            )
        )
    return Judged(places=places, unusual=unusual)


def lately(values: Sequence[int | None]) -> list[float | None]:
    """Give for each day the mean of the known ones of the 28 days before; None: there is none."""
    means: list[float | None] = []
    total = known = 0
    for place, value in enumerate(values):
        means.append(total / known if known else None)
        for change, sign in ((value, 1), (values[place - LATELY] if place >= LATELY else None, -1)):
            if change is not None:
                total, known = total + sign * change, known + sign
    return means


def floors_of(revenue: Sequence[int | None]) -> list[float | None]:
    """Give the least impact worth acting on each day, in money, by the micros that the 28 days before brought."""
    return [
        LEAST_IMPACT * LATELY * mean / MICROS if mean is not None and mean > 0 else None for mean in lately(revenue)
    ]


def ratio(above: Sequence[int | None], below: Sequence[int | None]) -> list[float | None]:
    """Divide day by day, where there is nearly as much as usual to divide by."""
    return [
        over / under
        if over is not None and under is not None and mean is not None and 0 < under >= mean * LEAST_DENOMINATOR
        else None
        for over, under, mean in zip(above, below, lately(below), strict=True)
    ]
