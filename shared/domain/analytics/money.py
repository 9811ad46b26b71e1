"""Amounts and rates on their way out: rounded once, exactly, and half away from zero."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor

from shared.domain.currencies import CURRENCIES

MICROS = 1_000_000
"""Micros in one major unit of any currency."""

RATE_DIGITS = 4


def exponent_of(currency: str) -> int:
    """Tell how many digits a currency has after the point."""
    return CURRENCIES.get(currency, 2)


def amount(micros: int, currency: str) -> float:
    """Give an amount in major units, as a number that JSON writes with the currency's digits and no others.

    The rounding is done on whole numbers; the division by a power of ten then gives the double next to that decimal,
    whose shortest text is the decimal again, up to 15 digits.
    """
    scale: int = 10 ** exponent_of(currency)
    return _in_major(rounded(micros * scale, MICROS), scale)


def shown(micros: int, currency: str) -> int:
    """Round an amount to the digits of its currency, still in micros: what is added to it as written adds up."""
    unit = MICROS // 10 ** exponent_of(currency)
    return rounded(micros, unit) * unit


def shown_parts(micros: Sequence[int], total: int, currency: str) -> list[int]:
    """Round amounts so that they add up to a total that is a unit off their sum at most; the largest takes that."""
    unit = MICROS // 10 ** exponent_of(currency)
    parts = apportioned([Fraction(part, unit) for part in micros], rounded(sum(micros), unit))
    largest = max(range(len(parts)), key=lambda place: abs(parts[place]))
    parts[largest] += total // unit - sum(parts)
    return [part * unit for part in parts]


def apportioned(parts: Sequence[Fraction], total: int) -> list[int]:
    """Round parts so that they add up to their rounded sum: the largest remainders are rounded up, the others down.

    Each stays within one of what it was, and a whole one stays as it is.
    """
    whole = [floor(part) for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda place: whole[place] - parts[place])
    for place in by_remainder[: total - sum(whole)]:
        whole[place] += 1
    return whole


def written(micros: int, currency: str) -> str:
    """Write an amount for people: with thousands set apart and all the digits of its currency."""
    return f"{amount(micros, currency):,.{exponent_of(currency)}f} {currency}"


def counted(number: int, thing: str, things: str | None = None) -> str:
    """Write a number of things: 1 order, 2,000 orders, 2 categories."""
    return f"{number:,} {thing if number == 1 else things or f'{thing}s'}"


def share(part: int, whole: int, digits: int = RATE_DIGITS) -> float | None:
    """Give a part of a whole as a fraction; None: the whole is zero, so nobody knows."""
    if whole == 0:
        return None
    scale: int = 10**digits
    return rounded(part * scale, whole) / scale


def percent_change(now: int, before: int) -> float | None:
    """Give the change in percent of what was before, one digit after the point; None: that was not above zero.

    Of nothing, or of a loss, no change is a percentage: 50 after -1 would be 5,100 % more.
    """
    if before <= 0:
        return None
    return rounded((now - before) * 1000, before) / 10


def _in_major(minor: int, scale: int) -> float:
    return minor if scale == 1 else minor / scale


def rounded(numerator: int, denominator: int) -> int:
    """Divide and round to a whole number, halves away from zero."""
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    whole = (2 * abs(numerator) + denominator) // (2 * denominator)
    return whole if numerator >= 0 else -whole
