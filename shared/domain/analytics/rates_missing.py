"""How to say that facts are in currencies without a rate: which, on which days, and what to import."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from shared.domain.analytics.periods import DateRange, first_of, last_of, month_of
from shared.domain.errors import Invalid

Spans = Mapping[str, tuple[date, date]]
"""Currency -> first and last day of the facts in it that could not be converted."""

MOST_NAMED = 5


def within(missing: Spans, period: DateRange) -> Spans:
    """Leave out what is of other days."""
    return {
        currency: (first, last)
        for currency, (first, last) in missing.items()
        if first <= period.last and last >= period.first
    }


def named(missing: Spans) -> str:
    """Name currencies and days: `GBP (2026-10-03 to 2026-10-09), SEK (2026-10-05)`."""
    names = [
        f"{currency} ({first})" if first == last else f"{currency} ({first} to {last})"
        for currency, (first, last) in missing.items()
    ]
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def what_to_import(missing: Spans, reporting: str) -> str:
    """Say which lines give the rates."""
    currency, (first, _) = next(iter(missing.items()))
    return (
        f"Import rates into {reporting} for these days (a rate holds for 7 days more) as NDJSON lines such as "
        f'{{"type":"fx","base":"{currency}","quote":"{reporting}","date":"{first}","rate":"…"}}.'
    )


def unconverted(facts: int, period: DateRange, missing: Spans, reporting: str) -> Invalid:
    """Refuse to add up what is of a period, because some of it could not be converted."""
    whole = DateRange(first=first_of(month_of(period.first)), last=last_of(month_of(period.last)))
    found = within(missing, whole) or missing  # an expense of a month counts on days that are not its own
    message = f"{facts} facts of {period} are in a currency without a rate"
    if not found:  # the overview is of an earlier fold: the one that is going on stores it last
        hint = "Import the missing rates as fx lines; pma_inspect_org_data names them."
        return Invalid("fx_rate_missing", f"{message}.", hint=hint)
    return Invalid("fx_rate_missing", f"{message}: {named(found)}.", hint=what_to_import(found, reporting))
