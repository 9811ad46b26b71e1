"""How pages write moments and numbers: the date for the record, and in words how far it is away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

MONTH, YEAR = timedelta(days=30), timedelta(days=365)
DAYS_UNTIL = timedelta(days=60)
"""From here on months say it better than days."""
THOUSAND, TEN = 1000, 9.95
"""Of units, and from where on tenths are not told."""


def iso(at: datetime) -> str:
    """Write a moment for programs, as `<time datetime>` wants it."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def date(at: datetime) -> str:
    """Write the day of a moment in UTC: "4 Dec 2026"."""
    at = at.astimezone(UTC)
    return f"{at.day} {at:%b %Y}"


def clock(at: datetime) -> str:
    """Write a moment in UTC to the minute: "4 Dec 2026, 14:05 UTC"."""
    return f"{date(at)}, {at.astimezone(UTC):%H:%M} UTC"


def relative(at: datetime, now: datetime) -> str:
    """Say how far a moment is from now: "in 12 days", "3 hours ago"."""
    if at <= now:
        span = distance(now - at)
        return f"{span} ago" if span is not None else "just now"
    return f"in {remaining(at - now) or 'a moment'}"


def remaining(span: timedelta) -> str | None:
    """Write what is left, a sixtieth too much at most: who has chosen 30 days reads "in 30 days" for the next hours."""
    return distance(span * 60 // 59)


def distance(span: timedelta) -> str | None:
    """Write a span in its largest whole unit, months and years to the nearest one; None: it is under a minute."""
    if span < timedelta(minutes=1):
        return None
    if span < timedelta(hours=1):
        return count(span // timedelta(minutes=1), "minute")
    if span < timedelta(days=1):
        return count(span // timedelta(hours=1), "hour")
    if span < DAYS_UNTIL:
        return count(span.days, "day")
    if span < YEAR:
        return count(min(round(span / MONTH), 12), "month")
    return count(round(span / YEAR), "year")


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Write a number with its noun: "1 call", "1,284 calls", "2 entries"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def number(value: float) -> str:
    """Write a number with its thousands apart."""
    return f"{value:,}"


def size(octets: int) -> str:
    """Write how large something is, in decimal units: "812 bytes", "1.2 kB", "18 MB"."""
    if octets < THOUSAND:
        return count(octets, "byte")
    value, units = octets / THOUSAND, iter(("kB", "MB", "GB"))
    unit = next(units)
    while value >= THOUSAND - 0.5 and (larger := next(units, "")):
        value, unit = value / THOUSAND, larger
    return f"{value:.1f} {unit}" if value < TEN else f"{value:,.0f} {unit}"


def took(milliseconds: int) -> str:
    """Write how long something took: "85 ms", "1.2 s"."""
    return f"{milliseconds} ms" if milliseconds < THOUSAND else f"{milliseconds / THOUSAND:,.1f} s"


def monogram(name: str) -> str:
    """Give the one or two letters that stand for a name in a picture of it."""
    initials = [word[0] for word in name.split() if word[0].isalnum()]
    return "".join(initials[:2]).upper() or "?"


FILTERS: Mapping[str, Callable[..., str]] = {
    each.__name__: each for each in (iso, date, clock, relative, count, number, size, monogram)
}
"""What templates may write behind a bar."""
