"""How to say that facts are in currencies without a rate: which, on which days, and what to import."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from shared.domain.analytics.periods import DateRange, first_of, last_of, month_of
from shared.domain.errors import Invalid
from shared.domain.facts.families import Family

Spans = Mapping[str, tuple[date, date]]
"""Currency -> first and last day of the facts in it that could not be converted."""

MOST_NAMED = 5


OF_THE_PROFIT = (Family.ORDER, Family.REFUND, Family.PAYMENT, Family.AD_DAY, Family.EXPENSE)
"""The families that the months of the shop add up."""
OF_THE_BANK = (Family.BALANCE, Family.BANK_TXN)


def of_families(unrated: Mapping[str, Spans], families: Collection[str]) -> Spans:
    """Put together what lacks rates in some families."""
    together: dict[str, tuple[date, date]] = {}
    for family in families:
        for currency, (first, last) in unrated.get(family, {}).items():
            known = together.get(currency, (first, last))
            together[currency] = (min(known[0], first), max(known[1], last))
    return dict(sorted(together.items()))


def within(missing: Spans, period: DateRange) -> Spans:
    """Leave out what is of other days."""
    return {
        currency: (first, last)
        for currency, (first, last) in missing.items()
        if first <= period.last and last >= period.first
    }


def lacking(missing: Spans, period: DateRange) -> Spans:
    """Give what is of the months of a period, else all: an expense of a month counts on days that are not its own."""
    whole = DateRange(first=first_of(month_of(period.first)), last=last_of(month_of(period.last)))
    return within(missing, whole) or missing


def named(missing: Spans) -> str:
    """Name currencies and days: `GBP (2026-10-03 to 2026-10-09), SEK (2026-10-05)`."""
    names = [
        f"{currency} ({first})" if first == last else f"{currency} ({first} to {last})"
        for currency, (first, last) in missing.items()
    ]
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def what_to_import(missing: Spans, reporting: str) -> str:
    """Say which lines give the rates; nothing may be known of them where the fold that is going on stores it last."""
    if not missing:
        return "Import the missing rates as fx lines; pma_inspect_org_data names them."
    currency, (first, _) = next(iter(missing.items()))
    return (
        f"Import rates into {reporting} for these days (a rate holds for 7 days more) as NDJSON lines such as "
        f'{{"type":"fx","base":"{currency}","quote":"{reporting}","date":"{first}","rate":"…"}}.'
    )


def sentence(what: str, missing: Spans) -> str:
    """End a sentence with the names, where they are known."""
    return f"{what}: {named(missing)}." if missing else f"{what}."


def unconverted(facts: int, period: DateRange, missing: Spans, reporting: str) -> Invalid:
    """Refuse to add up what is of a period, because some of it could not be converted."""
    found = lacking(missing, period)
    message = sentence(f"{facts} facts of {period} are in a currency without a rate", found)
    return Invalid("fx_rate_missing", message, hint=what_to_import(found, reporting))
