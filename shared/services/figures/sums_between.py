"""What each of many things came to in a range of days, from running sums."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import repeat
from operator import add, sub

from shared.domain.analytics.periods import DateRange, first_of, last_of, later_month, month_of
from shared.domain.facts.running import Running
from shared.storage.contracts.facts import Figures


def sums_between(
    of: Running, span: DateRange, *, workspace_id: str, figures: Figures
) -> Mapping[str, Mapping[str, int]]:
    """Give key -> figure -> sum over the days; what is zero may be left out.

    One read for all: a sum for each month that the range touches, and one more where it begins within a month.
    """
    signs, days = zip(*_sums_needed(span), strict=True)
    read = figures.running(workspace_id, of, days)
    names = sorted({figure for sums in read for figure in sums.columns})
    found: dict[str, tuple[int, ...]] = {}
    nothing = (0,) * len(names)
    for sign, sums in zip(signs, read, strict=True):
        columns = [sums.columns.get(figure, repeat(0)) for figure in names]
        together = add if sign > 0 else sub
        for key, *row in zip(sums.keys, *columns, strict=False):
            # A row at a time: these are all SKUs of a large merchant, once for each month.
            found[key] = tuple(map(together, found.get(key, nothing), row))
    return {key: dict(zip(names, row, strict=True)) for key, row in found.items()}


def _sums_needed(span: DateRange) -> Iterator[tuple[int, date]]:
    """Give the days up to which sums are added (1) and taken off (-1)."""
    if span.first.day > 1:
        yield -1, span.first - timedelta(days=1)
    month = month_of(span.first)
    while first_of(month) <= span.last:
        yield 1, min(last_of(month), span.last)
        month = later_month(month, 1)
