"""Months as they stand in keys: yyyy-mm."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date


def month_of(day: date) -> str:
    """Give the month of a day."""
    return f"{day.year:04d}-{day.month:02d}"


def length_of(month: str) -> int:
    """Count the days of a month."""
    return monthrange(int(month[:4]), int(month[5:]))[1]


def days_in(month: str) -> Sequence[date]:
    """List the days of a month."""
    return [date(int(month[:4]), int(month[5:]), day) for day in range(1, length_of(month) + 1)]
