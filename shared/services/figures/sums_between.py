"""What each of many things came to in a range of days, from running sums."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from shared.domain.analytics.periods import DateRange, first_of, last_of, later_month, month_of
from shared.domain.facts.running import Running
from shared.storage.contracts.facts import Figures


def sums_between(
    of: Running, span: DateRange, *, workspace_id: str, figures: Figures
) -> Mapping[str, Mapping[str, int]]:
    """Give key -> figure -> sum over the days; what is zero may be left out.

    One read for each month that the range touches, and one more where it begins within a month.
    """
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for sign, day in _sums_needed(span):
        sums = figures.running(workspace_id, of, day)
        for figure, column in sums.columns.items():
            for key, value in zip(sums.keys, column, strict=True):
                if value:
                    found[key][figure] += sign * value
    return found


def _sums_needed(span: DateRange) -> Iterator[tuple[int, date]]:
    """Give the days up to which sums are added (1) and taken off (-1)."""
    if span.first.day > 1:
        yield -1, span.first - timedelta(days=1)
    month = month_of(span.first)
    while first_of(month) <= span.last:
        yield 1, min(last_of(month), span.last)
        month = later_month(month, 1)
