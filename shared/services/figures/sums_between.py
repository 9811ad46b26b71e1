"""What each of many things came to in ranges of days, from running sums."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count, repeat
from operator import add, sub

from shared.domain.analytics.periods import DateRange, first_of, last_of, later_month, month_of
from shared.domain.facts.running import Running
from shared.storage.contracts.facts import Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanSums:
    """The sums of several ranges of days, in columns: they are those of all SKUs of a large merchant."""

    keys: Sequence[str]
    """Sorted. Which thing a place of the columns is about."""
    spans: Sequence[Mapping[str, Sequence[int]]]
    """For each range: figure -> one number for each key."""


def sums_between(
    of: Running, span: DateRange, *, workspace_id: str, figures: Figures
) -> Mapping[str, Mapping[str, int]]:
    """Give key -> figure -> sum over the days; what is zero may be left out."""
    found = sums_of_spans(of, [span], workspace_id=workspace_id, figures=figures)
    (columns,) = found.spans
    rows = zip(*columns.values(), strict=True) if columns else repeat(())
    return {key: dict(zip(columns, row, strict=True)) for key, row in zip(found.keys, rows, strict=False)}


def sums_of_spans(
    of: Running,
    spans: Sequence[DateRange],
    *,
    workspace_id: str,
    figures: Figures,
    only: Callable[[str], bool] = lambda _: True,
) -> SpanSums:
    """Add up each range, all from one read, for the keys that are wanted.

    It reads a sum for each month that a range touches, and one more where it begins within a month; where a range ends
    on the day before another begins, they share it.
    """
    signs = [{day: sign for sign, day in _sums_needed(span)} for span in spans]
    days = sorted({day for needed in signs for day in needed})
    read = figures.running(workspace_id, of, days)
    keys = sorted(filter(only, {key for sums in read for key in sums.keys}))
    names = sorted({name for sums in read for name in sums.columns})
    found = [{name: [0] * len(keys) for name in names} for _ in spans]
    for day, sums in zip(days, read, strict=True):
        nothing = len(sums.keys)
        places = list(map(dict(zip(sums.keys, count(), strict=False)).get, keys, repeat(nothing)))
        for name, column in sums.columns.items():
            # A column at a time, and no number by itself.
            numbers = list(map([*column, 0].__getitem__, places))
            for needed, columns in zip(signs, found, strict=True):
                if day in needed:
                    columns[name] = list(map(add if needed[day] > 0 else sub, columns[name], numbers))
    return SpanSums(keys=keys, spans=found)


def _sums_needed(span: DateRange) -> Iterator[tuple[int, date]]:
    """Give the days up to which sums are added (1) and taken off (-1)."""
    if span.first.day > 1:
        yield -1, span.first - timedelta(days=1)
    month = month_of(span.first)
    while first_of(month) <= span.last:
        yield 1, min(last_of(month), span.last)
        month = later_month(month, 1)
