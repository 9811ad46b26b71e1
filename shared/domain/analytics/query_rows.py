"""Rows of a query: parts are chosen, put into groups, measured, and put in order. Nothing here knows where they lie."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import groupby
from typing import Generic, Protocol, TypeVar

from shared.domain.analytics.ads import AdMetric, AdSums, together
from shared.domain.analytics.money import amount, rounded, share
from shared.domain.analytics.periods import DateRange, month_of
from shared.domain.analytics.query_fields import OfAds, QueryField, Summed, Unit
from shared.domain.facts.ads import AdFigure
from shared.domain.facts.fields import Role

Value = int | Fraction | None
"""Exact; money in micros. None: unknown."""
Cell = str | float | None
"""As it is given."""
S = TypeVar("S")


class Op(StrEnum):
    """How a filter compares. The values are on the wire."""

    EQ = "eq"
    IN = "in"
    CONTAINS = "contains"
    GT = "gt"
    LT = "lt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A condition on a field; texts are compared whatever their capitals, numbers as they are given."""

    field: QueryField
    op: Op
    values: tuple[str | float, ...]
    """One, but of `in`."""

    def lets_in(self, cell: Cell) -> bool:
        """Tell whether a value meets it; what is unknown meets none."""
        if cell is None:
            return False
        mine, theirs = _comparable(cell), [_comparable(value) for value in self.values]
        match self.op:
            case Op.EQ | Op.IN:
                return mine in theirs
            case Op.CONTAINS:
                return str(theirs[0]) in str(mine)
            case Op.GT:
                return _is_more(mine, theirs[0])
            case Op.LT:
                return _is_more(theirs[0], mine)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A column and its direction; None: by the dimensions."""

    field: QueryField
    is_descending: bool


@dataclass(frozen=True, slots=True)
class Part(Generic[S]):
    """The sums of the smallest thing that is told apart."""

    place: Mapping[str, str | None]
    """Dimension -> its value."""
    sums: S


class Arithmetic(Protocol[S]):
    """How sums are added, and measured."""

    def add(self, parts: Sequence[S]) -> S:
        """Add up."""
        ...

    def value(self, sums: S, metric: QueryField) -> Value:
        """Give a metric of some sums."""
        ...

    def coverage(self, sums: S, metric: QueryField) -> tuple[int, int] | None:
        """Tell of how many things a metric is known, and how many there are; None: nobody counts them."""
        ...


class OfFigures:
    """Sums by figure, and metrics that are sums of them."""

    def __init__(self, metrics: Iterable[QueryField]) -> None:
        self._metrics = {metric.name: metric for metric in metrics if isinstance(metric, Summed)}

    def add(self, parts: Sequence[Mapping[str, int]]) -> Mapping[str, int]:
        """Add up each figure."""
        if len(parts) == 1:
            return parts[0]
        total: Counter[str] = Counter()
        for part in parts:
            total.update(part)
        return total

    def value(self, sums: Mapping[str, int], metric: QueryField) -> Value:
        """Give a metric; unknown if it is known of none of the things that there are."""
        found = self._metrics[metric.name]
        if found.known and found.among and sums.get(found.among, 0) and not sums.get(found.known, 0):
            return None
        return sum(sums.get(name, 0) for name in found.plus) - sum(sums.get(name, 0) for name in found.minus)

    def coverage(self, sums: Mapping[str, int], metric: QueryField) -> tuple[int, int] | None:
        """Count what is known."""
        found = self._metrics[metric.name]
        if found.known is None or found.among is None:
            return None
        return sums.get(found.known, 0), sums.get(found.among, 0)


class OfAdSums:
    """Sums of ads, whose claims of different windows are never added."""

    def __init__(self, metrics: Iterable[QueryField]) -> None:
        self._metrics = {metric.name: metric.metric for metric in metrics if isinstance(metric, OfAds)}

    def add(self, parts: Sequence[AdSums]) -> AdSums:
        """Add up, window by window."""
        return parts[0] if len(parts) == 1 else together(parts)

    def value(self, sums: AdSums, metric: QueryField) -> Value:
        """Give a metric."""
        return sums.numbers().values[self._metrics[metric.name]]

    def coverage(self, sums: AdSums, metric: QueryField) -> tuple[int, int] | None:
        """Count the ad days that tell it."""
        known = _TOLD.get(self._metrics[metric.name])
        return None if known is None else (sums.of(known), sums.of(AdFigure.AD_DAYS))


_TOLD = {
    AdMetric.IMPRESSIONS: AdFigure.IMPRESSIONS_KNOWN,
    AdMetric.CLICKS: AdFigure.CLICKS_KNOWN,
    AdMetric.PLATFORM_CONVERSIONS: AdFigure.CONVERSIONS_KNOWN,
    AdMetric.PLATFORM_REVENUE: AdFigure.REVENUE_KNOWN,
}


@dataclass(frozen=True, slots=True)
class Row(Generic[S]):
    """A group of parts."""

    key: tuple[str | None, ...]
    """The values of the dimensions that were asked for."""
    sums: S


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What the rows are to be."""

    dimensions: Sequence[QueryField]
    metrics: Sequence[QueryField]
    filters: Sequence[Filter]
    order: Order | None
    currency: str

    @property
    def told_apart(self) -> frozenset[str]:
        """Name the dimensions that parts must tell: those of the rows, and those that are filtered by."""
        filtered = (each.field for each in self.filters if each.field.role is Role.DIMENSION)
        return frozenset(each.name for each in (*self.dimensions, *filtered))


def rows_of(parts: Iterable[Part[S]], shape: Shape, arithmetic: Arithmetic[S]) -> list[Row[S]]:
    """Choose parts by their dimensions, group them, choose groups by their metrics, and put them in order."""
    names = [each.name for each in shape.dimensions]
    of_parts = [each for each in shape.filters if each.field.role is Role.DIMENSION]
    of_rows = [each for each in shape.filters if each not in of_parts]
    groups: dict[tuple[str | None, ...], list[S]] = {}
    for part in parts:
        if all(each.lets_in(part.place[each.field.name]) for each in of_parts):
            groups.setdefault(tuple([part.place[name] for name in names]), []).append(part.sums)
    rows = [Row(key, arithmetic.add(sums)) for key, sums in groups.items()]

    def given(row: Row[S], field: QueryField) -> Cell:
        return cell(arithmetic.value(row.sums, field), field.unit, shape.currency)

    kept = [row for row in rows if all(each.lets_in(given(row, each.field)) for each in of_rows)]
    return _in_order(kept, shape, arithmetic)


def _in_order(rows: list[Row[S]], shape: Shape, arithmetic: Arithmetic[S]) -> list[Row[S]]:
    """Sort by the dimensions, and then by the column that was asked for; what is unknown comes last."""
    found = sorted(rows, key=lambda row: [(value is None, value or "") for value in row.key])
    if shape.order is None:
        return found
    field, is_descending = shape.order.field, shape.order.is_descending
    value: Callable[[Row[S]], str | int | Fraction | None]
    if field in shape.dimensions:
        place = list(shape.dimensions).index(field)
        value = lambda row: row.key[place]  # noqa: E731 - one of two ways to the same thing
    else:
        value = lambda row: arithmetic.value(row.sums, field)  # noqa: E731 - the other
    values = [(value(row), row) for row in found]
    known = [(each, row) for each, row in values if each is not None]
    known.sort(key=lambda pair: pair[0], reverse=is_descending)
    return [*(row for _, row in known), *(row for each, row in values if each is None)]


def cell(value: Value, unit: Unit, currency: str) -> float | None:
    """Give a number in its unit, rounded once."""
    if value is None:
        return None
    if unit is Unit.MONEY:
        return amount(rounded(value.numerator, value.denominator), currency)
    if unit is Unit.COUNT:
        return value.numerator
    return share(value.numerator, value.denominator)


def pieces(span: DateRange, told_apart: frozenset[str]) -> list[tuple[DateRange, Mapping[str, str]]]:
    """Cut a range where a dimension of time that is told apart changes; each piece with the values that it has."""
    names = [name for name in _OF_TIME if name in told_apart]
    if not names:
        return [(span, {})]
    days = [span.first + timedelta(days=place) for place in range(span.days)]
    found: list[tuple[DateRange, Mapping[str, str]]] = []
    for values, some in groupby(days, key=lambda day: tuple(_OF_TIME[name](day) for name in names)):
        together_ = list(some)
        found.append((DateRange(first=together_[0], last=together_[-1]), dict(zip(names, values, strict=True))))
    return found


_OF_TIME: Mapping[str, Callable[[date], str]] = {
    "date": date.isoformat,
    "week": lambda day: (day - timedelta(days=day.weekday())).isoformat(),
    "month": month_of,
}


def is_of_time(dimension: str, value: str) -> bool:
    """Tell whether a dimension of time can have this value: any other would be compared as a text, and mean nothing."""
    try:
        day = date.fromisoformat(f"{value}-01" if dimension == "month" else value)
    except ValueError:
        return False
    return _OF_TIME[dimension](day) == value


def _comparable(value: str | float) -> str | float:
    return value.casefold() if isinstance(value, str) else value


def _is_more(one: str | float, other: str | float) -> bool:
    """Compare two dates or two numbers; a query never asks for anything else."""
    if isinstance(one, str) or isinstance(other, str):
        return str(one) > str(other)
    return one > other
