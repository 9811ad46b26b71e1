"""Numbers of ads on their way out, each rounded once."""

from __future__ import annotations

from fractions import Fraction

from shared.domain.analytics.ads import AdMetric
from shared.domain.analytics.money import amount, percent_change, rounded, share

MONEY = frozenset({AdMetric.SPEND, AdMetric.CPM, AdMetric.CPC, AdMetric.PLATFORM_REVENUE, AdMetric.CPA})
COUNTS = frozenset({AdMetric.IMPRESSIONS, AdMetric.CLICKS})

Value = int | Fraction | None
Change = dict[str, float | None]


def ad_cell(value: Value, metric: AdMetric, currency: str) -> float | None:
    """Give a number in the unit of its metric."""
    if metric in MONEY:
        return money_cell(value, currency)
    if metric in COUNTS:
        return None if value is None else value.numerator
    return ratio_cell(value)


def money_cell(value: Value, currency: str) -> float | None:
    """Give an amount in major units."""
    return None if value is None else amount(rounded(value.numerator, value.denominator), currency)


def ratio_cell(value: Value) -> float | None:
    """Give a ratio, or a number of which there may be a part."""
    return None if value is None else share(value.numerator, value.denominator)


def change_of(now: Value, before: Value) -> tuple[Value, float | None]:
    """Give the difference, exactly, and in percent."""
    if now is None or before is None:
        return None, None
    mine, theirs = Fraction(now), Fraction(before)
    over = mine.denominator * theirs.denominator
    return mine - theirs, percent_change((mine * over).numerator, (theirs * over).numerator)
