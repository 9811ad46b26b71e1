"""Which days a question is about: period words, ranges of dates, and what they are compared with.

A range is whole days of the workspace's calendar, both ends included. Every word ends yesterday or before, because a
day that is not over has no figures yet; only `today` asks for one that is not.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from shared.domain.errors import Invalid

LONGEST_DAYS = 1830
"""Five years and a leap day or two."""

EARLIEST = date(1970, 1, 1)
"""Nobody's figures begin before; what lies a few years earlier is still a date to compare with."""

ONE_DAY = timedelta(days=1)
MONTHS_OF_YEAR = 12
MONTHS_OF_QUARTER = 3


class PeriodWord(StrEnum):
    """The periods that have a name. A quarter and a year are those of the workspace's fiscal year."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    LAST_7D = "last_7d"
    LAST_14D = "last_14d"
    LAST_28D = "last_28d"
    LAST_30D = "last_30d"
    LAST_90D = "last_90d"
    THIS_WEEK = "this_week"
    LAST_WEEK = "last_week"
    MTD = "mtd"
    LAST_MONTH = "last_month"
    QTD = "qtd"
    LAST_QUARTER = "last_quarter"
    YTD = "ytd"
    LAST_YEAR = "last_year"
    TTM = "ttm"


class Compare(StrEnum):
    """What a period is compared with."""

    NONE = "none"
    PREVIOUS_PERIOD = "previous_period"
    PREVIOUS_YEAR = "previous_year"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True, kw_only=True)
class DateRange:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def each(self) -> Iterator[date]:
        """Give its days, the first one first."""
        return (self.first + timedelta(n) for n in range(self.days))

    def common(self, other: DateRange) -> DateRange | None:
        """Give the days that lie in another range too, if any does."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return DateRange(first=first, last=last) if first <= last else None

    def days_in(self, other: DateRange) -> int:
        """Count its days that lie in another range too."""
        found = self.common(other)
        return 0 if found is None else found.days

    def moments(self, timezone: str) -> tuple[datetime, datetime]:
        """Give the moments between which it lies where the shop is, the second not included."""
        zone = ZoneInfo(timezone)
        return datetime.combine(self.first, time.min, zone), datetime.combine(self.last + ONE_DAY, time.min, zone)

    def __str__(self) -> str:
        return f"{self.first}" if self.first == self.last else f"{self.first} to {self.last}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A period as it was asked for: a word, or two dates."""

    word: PeriodWord = PeriodWord.LAST_30D
    first: date | None = None
    last: date | None = None


def today_in(timezone: str, now: datetime) -> date:
    """Tell what day it is where the shop is."""
    return now.astimezone(ZoneInfo(timezone)).date()


def resolve(asked: Asked, *, today: date, fiscal_start: int = 1) -> DateRange:
    """Find the days that were asked for.

    Raises:
        Invalid: `invalid_date_range` (one date only, reversed, in the future, a unit that began today) or
            `range_too_long`.

    """
    if asked.first is None and asked.last is None:
        return _of_word(asked.word, today, fiscal_start)
    return checked(asked.first, asked.last, today=today, names=("date_from", "date_to"))


_BOTH = {
    "date_from": "Give both, or neither and a period word.",
    "compare_from": "Give both with compare=custom, or another compare.",
}
"""How a range is mended of which an end is missing, by the name of its first day."""


def checked(first: date | None, last: date | None, *, today: date, names: tuple[str, str]) -> DateRange:
    """Make a range of two dates that were given.

    Raises:
        Invalid: as `resolve`.

    """
    from_name, to_name = names
    if first is None or last is None:
        raise Invalid(
            "invalid_date_range",
            f"{from_name} and {to_name} belong together.",
            hint=_BOTH[from_name],
            field=from_name if first is None else to_name,
        )
    if last < first:
        raise Invalid(
            "invalid_date_range", f"{from_name} is after {to_name}.", hint="Exchange the two dates.", field=from_name
        )
    if first < EARLIEST:
        raise Invalid(
            "invalid_date_range",
            f"{from_name} is before {EARLIEST}.",
            hint="get_workspace_context tells where the data begins.",
            field=from_name,
        )
    if last > today:
        raise Invalid(
            "invalid_date_range",
            f"{to_name} is in the future: today is {today} where the shop is.",
            hint=f"Use {to_name}={today} or earlier.",
            field=to_name,
        )
    span = DateRange(first=first, last=last)
    if span.days > LONGEST_DAYS:
        raise Invalid(
            "range_too_long",
            f"The range has {span.days} days; {LONGEST_DAYS} are the most.",
            hint="Ask for a part of it.",
            field=from_name,
        )
    return span


def previous_period(span: DateRange) -> DateRange:
    """Give the range before: as many whole calendar months for whole months, else as many days.

    A month, a quarter and a year are whole months, so that each gets the unit before it.
    """
    if _is_whole_months(span):
        return DateRange(first=_shifted(span.first, -_months(span)), last=span.first - ONE_DAY)
    last = span.first - ONE_DAY
    return DateRange(first=last - timedelta(days=span.days - 1), last=last)


def previous_year(span: DateRange) -> DateRange:
    """Give the same dates a year before; 29 February becomes the 28th, and whole months stay whole."""
    first, last = _shifted(span.first, -MONTHS_OF_YEAR), _shifted(span.last, -MONTHS_OF_YEAR)
    return DateRange(first=first, last=last_of(month_of(last)) if _is_whole_months(span) else last)


def compared_with(
    span: DateRange, compare: Compare, *, today: date, first: date | None = None, last: date | None = None
) -> DateRange | None:
    """Find the range to compare with; None: there is nothing to compare.

    Raises:
        Invalid: `invalid_date_range` or `range_too_long` of a custom range.

    """
    match compare:
        case Compare.NONE:
            return None
        case Compare.PREVIOUS_PERIOD:
            return previous_period(span)
        case Compare.PREVIOUS_YEAR:
            return previous_year(span)
        case Compare.CUSTOM:
            return checked(first, last, today=today, names=("compare_from", "compare_to"))


def is_nearly_all(known: int, days: int) -> bool:
    """Tell whether no more than a tenth of some days is missing, or one of a week: the rest can be compared."""
    return days - known <= max(days // 10, min(1, days // 7))


def is_like(span: DateRange, earlier: DateRange) -> bool:
    """Tell whether a range is a fair one to compare with: the unit before, the year before, or as long and apart."""
    if earlier in (previous_period(span), previous_year(span)):
        return True
    return span.days == earlier.days and (earlier.last < span.first or span.last < earlier.first)


def month_of(day: date) -> str:
    """Name the month of a day as rollups do: yyyy-mm."""
    return f"{day.year:04}-{day.month:02}"


def first_of(month: str) -> date:
    """Give the first day of a month (yyyy-mm)."""
    return date(int(month[:4]), int(month[5:]), 1)


def last_of(month: str) -> date:
    """Give the last day of a month (yyyy-mm)."""
    first = first_of(month)
    return first.replace(day=monthrange(first.year, first.month)[1])


def later_month(month: str, months: int) -> str:
    """Give the month that is so many months later (or earlier)."""
    return month_of(_shifted(first_of(month), months))


def quarter_start(day: date, fiscal_start: int) -> date:
    """Give the first day of the fiscal quarter that a day lies in."""
    return _shifted(day.replace(day=1), -((day.month - fiscal_start) % MONTHS_OF_QUARTER))


def year_start(day: date, fiscal_start: int) -> date:
    """Give the first day of the fiscal year that a day lies in."""
    return _shifted(day.replace(day=1), -((day.month - fiscal_start) % MONTHS_OF_YEAR))


_DAYS_BACK = {
    PeriodWord.YESTERDAY: 1,
    PeriodWord.LAST_7D: 7,
    PeriodWord.LAST_14D: 14,
    PeriodWord.LAST_28D: 28,
    PeriodWord.LAST_30D: 30,
    PeriodWord.LAST_90D: 90,
}


_COMPLETE = {
    PeriodWord.THIS_WEEK: PeriodWord.LAST_WEEK,
    PeriodWord.MTD: PeriodWord.LAST_MONTH,
    PeriodWord.QTD: PeriodWord.LAST_QUARTER,
    PeriodWord.YTD: PeriodWord.LAST_YEAR,
}
"""The words for a unit so far, and the word for the one before it, which is complete."""


def _of_word(word: PeriodWord, today: date, fiscal_start: int) -> DateRange:
    last = today - ONE_DAY
    week = today - timedelta(days=today.weekday())
    month = today.replace(day=1)
    quarter = quarter_start(today, fiscal_start)
    year = year_start(today, fiscal_start)
    match word:
        case PeriodWord.TODAY:
            first, last = today, today
        case (
            PeriodWord.YESTERDAY
            | PeriodWord.LAST_7D
            | PeriodWord.LAST_14D
            | PeriodWord.LAST_28D
            | PeriodWord.LAST_30D
            | PeriodWord.LAST_90D
        ):
            first = today - timedelta(days=_DAYS_BACK[word])
        case PeriodWord.THIS_WEEK:
            first = week
        case PeriodWord.LAST_WEEK:
            first, last = week - timedelta(days=7), week - ONE_DAY
        case PeriodWord.MTD:
            first = month
        case PeriodWord.LAST_MONTH:
            first, last = _shifted(month, -1), month - ONE_DAY
        case PeriodWord.QTD:
            first = quarter
        case PeriodWord.LAST_QUARTER:
            first, last = _shifted(quarter, -MONTHS_OF_QUARTER), quarter - ONE_DAY
        case PeriodWord.YTD:
            first = year
        case PeriodWord.LAST_YEAR:
            first, last = _shifted(year, -MONTHS_OF_YEAR), year - ONE_DAY
        case PeriodWord.TTM:
            first, last = _shifted(month, -MONTHS_OF_YEAR), month - ONE_DAY
    if last < first:
        raise Invalid(
            "invalid_date_range",
            f"{word} has no complete day yet: it began today, {today}.",
            hint=f"Use period={_COMPLETE[word]}, or period=today for the day so far.",
            field="period",
        )
    return DateRange(first=first, last=last)


def _shifted(day: date, months: int) -> date:
    """Move a day by months; a day that the month does not have becomes its last."""
    year, month = divmod(day.year * MONTHS_OF_YEAR + day.month - 1 + months, MONTHS_OF_YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _months(span: DateRange) -> int:
    first, last = span.first, span.last
    return (last.year - first.year) * MONTHS_OF_YEAR + last.month - first.month + 1


def _is_whole_months(span: DateRange) -> bool:
    return span.first.day == 1 and span.last == last_of(month_of(span.last))
