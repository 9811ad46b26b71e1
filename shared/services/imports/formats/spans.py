"""From which day to which a file tells of an account, and the claim that it tells everything between them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from shared.domain.facts.families import Family
from shared.domain.facts.header import LONGEST_SPAN
from shared.domain.facts.lines import Line
from shared.domain.facts.values import WrongValue
from shared.services.imports.formats.format import Reading

MOST_ACCOUNTS = 1_000
"""In one file; what is remembered of a file has to stay small."""


def widen_span(reading: Reading, day: str, *, account: str | None = None) -> None:
    """Take note of a day of an account; None is the file's own.

    Raises:
        WrongValue: the file tells of too many accounts.

    """
    spans = cast("dict[str, list[str]]", reading.carry.setdefault("spans", {}))
    name = account or ""
    first, last = spans.get(name, (day, day))
    if name not in spans and len(spans) == MOST_ACCOUNTS:
        raise WrongValue("too_many_accounts", f"A file must not have more than {MOST_ACCOUNTS:,} accounts.")
    spans[name] = [min(first, day), max(last, day)]


def claim_spans(reading: Reading, *families: Family) -> Sequence[Line]:
    """Claim each account's days from its first to its last, as far as the day of the export."""
    spans = cast("dict[str, list[str]]", reading.carry.get("spans", {}))
    today = reading.exported_at.astimezone(ZoneInfo(reading.settings.timezone)).date()
    claims: list[Line] = []
    for account, (first, last) in spans.items():
        end = min(date.fromisoformat(last), today)
        start = date.fromisoformat(first)
        while start <= end:
            until = min(end, start + LONGEST_SPAN)
            of: Line = {"account": account} if account else {}
            span = {"from": start.isoformat(), "to": until.isoformat(), **of}
            claims += [{"type": str(family), **span} for family in families]
            start = until + timedelta(days=1)
    return claims
