"""The shop's calendar: how busy a day is, and the dice that are thrown for it."""

import random
from collections.abc import Iterator
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


def percent_off(day: date) -> int:
    """Percent off: four days from Black Friday on, and a week in May."""
    fourth_thursday = next(d for d in days(date(day.year, 11, 22), date(day.year, 11, 28)) if d.weekday() == 3)  # noqa: PLR2004 - a Thursday
    if 1 <= (day - fourth_thursday).days <= 4:  # noqa: PLR2004 - to Cyber Monday
        return 25
    return 15 if date(day.year, 5, 11) <= day <= date(day.year, 5, 17) else 0


def cents_of(amount: str) -> int:
    """Read cents off an amount."""
    return int(amount.replace(".", ""))


@cache
def demand(day: date) -> tuple[int, int]:
    """How many orders a day brings, and how many of them come from new customers."""
    dice = dice_of("demand", day)
    growth = 1 + (day - date(2025, 1, 1)).days / 900
    season = 1.45 if day.month in {11, 12} else 0.9 if day.month in {1, 2, 7} else 1.0
    weekday = (1.05, 0.95, 0.95, 1.0, 1.05, 1.1, 1.2)[day.weekday()]
    orders = 14 * growth * season * weekday * (1 + percent_off(day) / 14) * dice.gauss(1, 0.14)
    count = max(3, round(orders))
    return count, round(count * dice.uniform(0.5, 0.64))
