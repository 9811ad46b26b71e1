"""The slow, obvious count of the days of which ads and books tell: from the first to the last that they speak of."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from tests.data.latest_lines import Fact, Line, facts_now


def days_told(files: Iterable[Sequence[Line]], zone: str, line: str) -> Sequence[date]:
    """List the days of which a cost is told, whatever it came to."""
    history = list(files)
    told = facts_now(history, zone)
    claims = [claim for header, *_ in history for claim in header.get("complete", ()) if claim["type"] == "expense"]
    days: list[date] = []
    booked = [fact for fact in told if fact.type == "expense"]
    if line in {fact.line.get("line") or "opex" for fact in booked}:
        days += [day for fact in booked for day in covered(fact)]
        days += [date.fromisoformat(claim[end]) for claim in claims for end in ("from", "to")]
    if line == "ad_spend":
        days += [fact.day for fact in told if fact.type == "ad_day"]
    if not days:
        return []
    return [min(days) + timedelta(n) for n in range((max(days) - min(days)).days + 1)]


def is_ever_told(files: Iterable[Sequence[Line]], zone: str, line: str, first: date, last: date) -> bool:
    """Tell whether anything is said of a cost on any day of a range."""
    return any(first <= day <= last for day in days_told(files, zone, line))


def covered(fact: Fact) -> list[date]:
    """List the days that an expense is about."""
    if fact.line.get("covers") != "month":
        return [fact.day]
    length = calendar.monthrange(fact.day.year, fact.day.month)[1]
    return [fact.day.replace(day=n) for n in range(1, length + 1)]
