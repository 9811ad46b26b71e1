"""A range cut into days, weeks, months or quarters; a bucket that the range cuts short says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from shared.domain.analytics.periods import (
    MONTHS_OF_QUARTER,
    ONE_DAY,
    DateRange,
    first_of,
    later_month,
    month_of,
    quarter_start,
)
from shared.domain.errors import Invalid


class Granularity(StrEnum):
    """The size of a bucket. Weeks begin on Monday; quarters are those of the fiscal year."""

    TOTAL = "total"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


MOST_POINTS = {Granularity.DAY: 92, Granularity.WEEK: 106, Granularity.MONTH: 60}
"""So many buckets make an answer that can still be read."""

_COARSER = {
    Granularity.DAY: Granularity.WEEK,
    Granularity.WEEK: Granularity.MONTH,
    Granularity.MONTH: Granularity.QUARTER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A part of a range."""

    start: date
    """Where the whole bucket begins, which may be before the range does."""
    days: DateRange
    """The days of it that lie in the range."""
    partial: bool


def buckets(span: DateRange, granularity: Granularity, *, fiscal_start: int = 1) -> tuple[Bucket, ...]:
    """Cut a range; every day of it is in exactly one bucket.

    Raises:
        Invalid: `range_too_long`: more buckets than the granularity allows.

    """
    if granularity is Granularity.TOTAL:
        return (Bucket(start=span.first, days=span, partial=False),)
    found: list[Bucket] = []
    start = _start_of(span.first, granularity, fiscal_start)
    while start <= span.last:
        following = _next(start, granularity)
        days = DateRange(first=max(start, span.first), last=min(following - ONE_DAY, span.last))
        found.append(Bucket(start=start, days=days, partial=days.days < (following - start).days))
        start = following
    most = MOST_POINTS.get(granularity)
    if most is not None and len(found) > most:
        raise Invalid(
            "range_too_long",
            f"The range has {len(found)} buckets of a {granularity}; {most} are the most.",
            hint=f"Use granularity={_COARSER[granularity]}, or a shorter range.",
            field="granularity",
        )
    return tuple(found)


def months_of(span: DateRange) -> list[str]:
    """List the months (yyyy-mm) that a range touches."""
    months = [month_of(span.first)]
    while months[-1] < month_of(span.last):
        months.append(later_month(months[-1], 1))
    return months


def _start_of(day: date, granularity: Granularity, fiscal_start: int) -> date:
    match granularity:
        case Granularity.WEEK:
            return day - timedelta(days=day.weekday())
        case Granularity.MONTH:
            return day.replace(day=1)
        case Granularity.QUARTER:
            return quarter_start(day, fiscal_start)
        case Granularity.DAY | Granularity.TOTAL:
            return day


def _next(start: date, granularity: Granularity) -> date:
    match granularity:
        case Granularity.WEEK:
            return start + timedelta(days=7)
        case Granularity.MONTH:
            return first_of(later_month(month_of(start), 1))
        case Granularity.QUARTER:
            return first_of(later_month(month_of(start), MONTHS_OF_QUARTER))
        case Granularity.DAY | Granularity.TOTAL:
            return start + ONE_DAY
