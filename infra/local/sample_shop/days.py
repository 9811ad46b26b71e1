"""The shop's calendar: how busy a day is, and the dice that are thrown for it."""

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

TIMEZONE = "America/New_York"
CURRENCY = "USD"
ZONE = ZoneInfo(TIMEZONE)

Line = dict[str, Any]

TIKTOK_DAYS = 430  # after the opening, the account is lost


def opening(through: date) -> date:
    """Give the first day of a shop whose figures cover the eighteen months to this day, from the first of a month."""
    months = through.year * 12 + through.month - 1 - 18
    return date(months // 12, months % 12 + 1, 1)


def days(first: date, last: date) -> Iterator[date]:
    """List the days from one to another, both inclusive."""
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def dice_of(*about: object) -> random.Random:
    """Give the dice of something: they fall the same way whenever they are asked for."""
    return random.Random(":".join(map(str, about)))  # noqa: S311 - nothing but made-up figures hangs on it


def money(cents: int) -> str:
    """Write cents as an amount."""
    return f"{cents / 100:.2f}"


def sales(year: int) -> Sequence[tuple[date, date, int]]:
    """Give the first and the last day of each sale of a year, and the percent off: a week in May, and Black Friday."""
    thanksgiving = next(d for d in days(date(year, 11, 22), date(year, 11, 28)) if d.weekday() == 3)  # noqa: PLR2004 - a Thursday
    return (
        (date(year, 5, 11), date(year, 5, 17), 15),
        (thanksgiving + timedelta(days=1), thanksgiving + timedelta(days=4), 25),
    )


def percent_off(day: date) -> int:
    """Say how many percent off there are on a day."""
    return next((percent for first, last, percent in sales(day.year) if first <= day <= last), 0)


def cents_of(amount: str) -> int:
    """Read cents off an amount."""
    return int(amount.replace(".", ""))


OUTAGE_EVERY, OUTAGE_AT = 27, 2
"""The checkout fails for most of a day: within any four weeks once, on no weekday in particular."""


def has_outage(day: date) -> bool:
    """Tell whether hardly anybody could order on a day."""
    return day.toordinal() % OUTAGE_EVERY == OUTAGE_AT


def planned(day: date) -> float:
    """How many orders the shop counts on."""
    growth = 1 + (day - date(2025, 1, 1)).days / 900
    season = 1.45 if day.month in {11, 12} else 0.9 if day.month in {1, 2, 7} else 1.0
    weekday = (1.05, 0.95, 0.95, 1.0, 1.05, 1.1, 1.2)[day.weekday()]
    return 14 * growth * season * weekday * (1 + percent_off(day) / 14)


@cache
def demand(day: date) -> int:
    """How many orders a day brings."""
    orders = planned(day) * dice_of("demand", day).gauss(1, 0.14)
    return max(3, round(orders * (0.15 if has_outage(day) else 1)))
