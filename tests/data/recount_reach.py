"""The slow, obvious count of the days of which ads and books tell: from the first to the last that they speak of.

Of ads it is the last of the account that speaks least far. None of the histories here is so long that an account has
been silent for months, and none says that one was given up.
"""

from __future__ import annotations

import calendar
from collections.abc import Container, Iterable, Sequence
from datetime import date, timedelta

from tests.data.latest_lines import Fact, Line, facts_now


def days_told(files: Iterable[Sequence[Line]], zone: str, line: str) -> Sequence[date]:
    """List the days of which a cost is told, whatever it came to."""
    history = list(files)
    told = facts_now(history, zone)
    days: list[date] = []
    booked = [fact for fact in told if fact.type == "expense"]
    if line in {fact.line.get("line") or "opex" for fact in booked}:
        days += [day for fact in booked for day in covered(fact)]
        days += days_claimed(history, "expense", {(fact.source, fact.account) for fact in booked})
    last = max(days, default=None)
    if line == "ad_spend":
        advertised = [fact for fact in told if fact.type == "ad_day"]
        by_account = [
            [fact.day for fact in advertised if (fact.source, fact.account) == account]
            + days_claimed(history, "ad_day", {account})
            for account in {(fact.source, fact.account) for fact in advertised}
        ]
        days += [day for of_account in by_account for day in of_account]
        last = min((max(of_account) for of_account in by_account), default=last)
    if last is None:
        return []
    return [min(days) + timedelta(n) for n in range((last - min(days)).days + 1)]


def days_claimed(history: Iterable[Sequence[Line]], family: str, accounts: Container[tuple[str, str]]) -> list[date]:
    """List the first and the last days of which an export of one of these accounts claims to tell everything."""
    return [
        date.fromisoformat(claim[end])
        for header, *_ in history
        for claim in header.get("complete", ())
        if claim["type"] == family
        if (claim.get("source", header["source"]), claim.get("account", header.get("account", "main"))) in accounts
        for end in ("from", "to")
    ]


def is_ever_told(files: Iterable[Sequence[Line]], zone: str, line: str, first: date, last: date) -> bool:
    """Tell whether anything is said of a cost on any day of a range."""
    return any(first <= day <= last for day in days_told(files, zone, line))


def covered(fact: Fact) -> list[date]:
    """List the days that an expense is about."""
    if fact.line.get("covers") != "month":
        return [fact.day]
    length = calendar.monthrange(fact.day.year, fact.day.month)[1]
    return [fact.day.replace(day=n) for n in range(1, length + 1)]
