"""Whether a product is worth advertising: what one piece leaves, what may be paid for an order, and a score.

Unit economics: a piece's net price less all that it costs to sell it is what an order may cost at most in advertising.
The score and its weights are our own convention; no published rule stands behind them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

GOOD_MARGIN = Fraction(40, 100)
"""A margin of contribution (CM2) that earns all its points."""
BAD_RETURN_RATE = Fraction(30, 100)
"""A return rate that earns none."""
VIABLE, MARGINAL = 70, 40


class Verdict(StrEnum):
    """What to make of it."""

    VIABLE = "viable"
    MARGINAL = "marginal"
    NOT_VIABLE = "not_viable"


class Term(StrEnum):
    """What the score is made of."""

    CM2_MARGIN = "cm2_margin"
    AD_HEADROOM = "ad_headroom"
    RETURN_RATE = "return_rate"
    SALES_RANK = "sales_rank"


WEIGHTS: Mapping[Term, int] = {
    Term.CM2_MARGIN: 40,
    Term.AD_HEADROOM: 30,
    Term.RETURN_RATE: 15,
    Term.SALES_RANK: 15,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One piece as it is sold; money in micros. None: unknown."""

    price: Fraction
    """Before discounts, without tax."""
    discount: Fraction
    return_rate: Fraction | None
    """The part of its price after discounts that goes back to customers."""
    unit_cost: Fraction | None
    restock_rate: Fraction
    """The part of its cost that comes back with returns."""
    shipping: Fraction | None
    """What it costs to send it and to take it back, as an average over all pieces."""
    fee_rate: Fraction | None
    """Payment and platform fees, as a part of its price after discounts."""
    units_per_order: Fraction
    cpa: Fraction | None
    """What advertising an order costs."""
    sales_rank: Fraction | None
    """The part of the SKUs sold of late that sold no more pieces than this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Viability:
    """What comes of it, not rounded. None: unknown."""

    unit_net: Fraction
    cogs: Fraction | None
    shipping: Fraction | None
    fees: Fraction | None
    unit_cm2: Fraction | None
    """What is not known of shipping and fees is not taken off."""
    cm2_margin: Fraction | None
    break_even_cpa: Fraction | None
    break_even_roas: Fraction | None
    max_cpa_at_target: Fraction | None
    score: Fraction | None
    """Of a hundred; nothing where a piece leaves nothing."""
    verdict: Verdict | None
    """Only what is known to be worth it is called so: none where any cost of selling a piece is unknown."""
    missing: Sequence[Term]
    """Terms of the score that are unknown; the others weigh more."""


def assess(unit: Unit, *, target_cm3_margin: Fraction) -> Viability:
    """Work out the economics of a piece and the score (`viability.v1`)."""
    paid = unit.price - unit.discount
    unit_net = paid * (1 - (unit.return_rate or 0))
    cogs = None if unit.unit_cost is None else unit.unit_cost * (1 - unit.restock_rate)
    fees = None if unit.fee_rate is None else paid * unit.fee_rate
    cm2 = None if cogs is None else unit_net - cogs - (unit.shipping or 0) - (fees or 0)
    margin = None if cm2 is None or unit_net <= 0 else cm2 / unit_net
    break_even = None if cm2 is None else cm2 * unit.units_per_order
    terms = _terms(unit, margin, break_even)
    score = None if cm2 is None else _score(terms) if cm2 > 0 else Fraction(0)
    is_whole = None not in {unit.return_rate, unit.shipping, unit.fee_rate, unit.cpa}
    return Viability(
        unit_net=unit_net,
        cogs=cogs,
        shipping=unit.shipping,
        fees=fees,
        unit_cm2=cm2,
        cm2_margin=margin,
        break_even_cpa=break_even,
        break_even_roas=unit_net / cm2 if cm2 is not None and cm2 > 0 else None,
        max_cpa_at_target=(
            None if break_even is None else break_even - target_cm3_margin * unit_net * unit.units_per_order
        ),
        score=score,
        verdict=None if score is None or not (is_whole or score == 0) else _verdict(score),
        missing=[term for term, points in terms.items() if points is None],
    )


def sales_rank(units: int, sold: Sequence[Sequence[int]]) -> Fraction | None:
    """Give the part of the SKUs that sold no more pieces; `sold` are [units, how many SKUs], ascending."""
    everyone = sum(count for _, count in sold)
    if not everyone:
        return None
    place = bisect_right([each for each, _ in sold], units)
    return Fraction(sum(count for _, count in sold[:place]), everyone)


def _terms(unit: Unit, margin: Fraction | None, break_even: Fraction | None) -> dict[Term, Fraction | None]:
    """Give what each term has earned of its points, from 0 to 1."""
    headroom = None
    if unit.cpa is not None and break_even is not None and break_even > 0:
        headroom = _clip(1 - unit.cpa / break_even)
    return {
        Term.CM2_MARGIN: None if margin is None else _clip(margin / GOOD_MARGIN),
        Term.AD_HEADROOM: headroom,
        Term.RETURN_RATE: None if unit.return_rate is None else _clip(1 - unit.return_rate / BAD_RETURN_RATE),
        Term.SALES_RANK: unit.sales_rank,
    }


def _score(terms: Mapping[Term, Fraction | None]) -> Fraction:
    known = {term: points for term, points in terms.items() if points is not None}
    earned = sum((WEIGHTS[term] * points for term, points in known.items()), Fraction(0))
    return 100 * earned / sum(WEIGHTS[term] for term in known)


def _verdict(score: Fraction) -> Verdict:
    if score < MARGINAL:
        return Verdict.NOT_VIABLE
    return Verdict.VIABLE if score >= VIABLE else Verdict.MARGINAL


def _clip(value: Fraction) -> Fraction:
    return min(max(value, Fraction(0)), Fraction(1))
