"""Booked expenses of some days, chosen by kind and category and put into groups.

The kinds share all expenses out among them: `ad` is advertising that was booked (not what ad platforms report), the
others are what is left, by how it moves with sales.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from shared.domain.analytics.periods import DateRange, first_of, last_of, month_of
from shared.domain.analytics.pnl import Line
from shared.domain.facts.expenses import ExpenseGroup, ExpenseMonth


class ExpenseKind(StrEnum):
    """Which expenses. The values are on the wire."""

    ALL = "all"
    VARIABLE = "variable"
    FIXED = "fixed"
    AD = "ad"
    ONE_OFF = "one_off"


class GroupBy(StrEnum):
    """What makes a row. The values are on the wire."""

    CATEGORY = "category"
    VENDOR = "vendor"
    LINE = "line"
    """The line of the P&L that it is in."""
    MONTH = "month"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """What one group of expenses came to on one day, or on the days of a range that lie in one month."""

    day: date
    """The first of them."""
    group: ExpenseGroup
    micros: int
    transactions: int


@dataclass(slots=True, kw_only=True)
class Sum:
    """What some bookings came to."""

    micros: int = 0
    transactions: int = 0
    spellings: Counter[str] = field(default_factory=Counter[str])
    """How a name is written, by how much was booked under it."""

    def add(self, booking: Booking, name: str | None = None) -> None:
        """Add a booking, under its name as it is written there."""
        self.micros += booking.micros
        self.transactions += booking.transactions
        if name is not None:
            self.spellings[name] += abs(booking.micros) + 1

    @property
    def name(self) -> str | None:
        """The name as it is mostly written; None: there is none."""
        return min(self.spellings, key=lambda name: (-self.spellings[name], name)) if self.spellings else None


def bookings(
    months: Iterable[ExpenseMonth],
    span: DateRange,
    kind: ExpenseKind = ExpenseKind.ALL,
    category: str | None = None,
    *,
    by_day: bool = False,
) -> Iterator[Booking]:
    """Go through what was booked on the days of a range, month by month or day by day."""
    wanted = None if category is None else category.casefold()
    for month in months:
        start = first_of(month.month)
        first, last = max(span.first, start), min(span.last, last_of(month.month))
        if first > last:
            continue
        for group in month.told():
            if (kind is ExpenseKind.ALL or kind is kind_of(group)) and (
                wanted is None or (group.category or "").casefold() == wanted
            ):
                days = [each for each in group.days if first.day <= each[0] <= last.day]
                for some in [[each] for each in days] if by_day else [days] if days else []:
                    yield Booking(
                        day=start.replace(day=some[0][0]),
                        group=group,
                        micros=sum(micros for _, micros, _ in some),
                        transactions=sum(transactions for _, _, transactions in some),
                    )


def kind_of(group: ExpenseGroup) -> ExpenseKind:
    """Tell of which kind a group of expenses is."""
    return ExpenseKind.AD if group.line == Line.AD_SPEND else ExpenseKind(group.behaviour)


def total(found: Iterable[Booking]) -> Sum:
    """Add everything up."""
    result = Sum()
    for booking in found:
        result.add(booking)
    return result


def by_name(found: Iterable[Booking], group_by: GroupBy) -> dict[str, Sum]:
    """Add up by category or vendor, whatever its capitals, by line or by month; "" is what has none."""
    groups: dict[str, Sum] = {}
    for booking in found:
        name = _name(booking, group_by)
        groups.setdefault((name or "").casefold(), Sum()).add(booking, name)
    return groups


def _name(booking: Booking, group_by: GroupBy) -> str | None:
    match group_by:
        case GroupBy.CATEGORY:
            return booking.group.category
        case GroupBy.VENDOR:
            return booking.group.vendor
        case GroupBy.LINE:
            return booking.group.line
        case GroupBy.MONTH | GroupBy.NONE:
            return month_of(booking.day)
