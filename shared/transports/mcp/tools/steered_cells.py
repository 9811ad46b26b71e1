"""Numbers that a shop steers by, on their way out: from millionths, each rounded once."""

from __future__ import annotations

from fractions import Fraction

from shared.domain.analytics.money import RATE_DIGITS, amount, exponent_of, rounded, share, written
from shared.domain.analytics.steering import MILLION, Unit

COUNT_DIGITS = 2
"""Of what is no whole count: half an order a day."""


def steered_cell(millionths: Fraction | int | None, unit: Unit, currency: str) -> float | None:
    """Give a number in its unit."""
    if millionths is None:
        return None
    match unit:
        case Unit.MONEY:
            return amount(rounded(millionths.numerator, millionths.denominator), currency)
        case Unit.COUNT:
            whole, rest = divmod(millionths, MILLION)
            return share(millionths.numerator, millionths.denominator * MILLION, COUNT_DIGITS) if rest else int(whole)
        case Unit.RATIO:
            return share(millionths.numerator, millionths.denominator * MILLION)


def steered_text(millionths: Fraction | int, unit: Unit, currency: str) -> str:
    """Write a number for people."""
    if unit is Unit.MONEY:
        return written(rounded(millionths.numerator, millionths.denominator), currency)
    return f"{steered_cell(millionths, unit, currency):,}"


def step_of(unit: Unit, currency: str) -> int:
    """Give the millionths of the last digit that is shown."""
    match unit:
        case Unit.MONEY:
            return MILLION // 10 ** exponent_of(currency)
        case Unit.COUNT:
            return MILLION // 10**COUNT_DIGITS
        case Unit.RATIO:
            return MILLION // 10**RATE_DIGITS
