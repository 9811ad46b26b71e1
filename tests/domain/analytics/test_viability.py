"""Unit economics and the score, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.analytics.viability import Term, Unit, Verdict, assess, sales_rank

MUG = Unit(
    price=Fraction(25),
    discount=Fraction(5),
    return_rate=Fraction(10, 100),
    unit_cost=Fraction(6),
    restock_rate=Fraction(0),
    shipping=Fraction(3),
    fee_rate=Fraction(5, 100),
    units_per_order=Fraction(2),
    cpa=Fraction(8),
    sales_rank=Fraction(60, 100),
)
FIFTEEN = Fraction(15, 100)


def test_the_economics_of_a_piece_and_of_an_order() -> None:
    found = assess(MUG, target_cm3_margin=FIFTEEN)

    # 20 are paid for it, and 2 of them go back; 6 + 3 + 1 are spent on it; an order holds two.
    assert (found.unit_net, found.cogs, found.shipping, found.fees, found.unit_cm2) == (18, 6, 3, 1, 8)
    assert found.cm2_margin == Fraction(8, 18)
    assert found.break_even_cpa == 16
    assert found.break_even_roas == Fraction(18, 8)
    assert found.max_cpa_at_target == 16 - FIFTEEN * 36


def test_the_score_and_its_verdict() -> None:
    found = assess(MUG, target_cm3_margin=FIFTEEN)

    # The margin is above 40 %; half of what an order may cost is spent; a third of the bad return rate; 60 % sell less.
    assert found.score == 40 + 30 * Fraction(1, 2) + 15 * Fraction(2, 3) + 15 * Fraction(60, 100)
    assert (found.verdict, found.missing) == (Verdict.VIABLE, [])


def test_terms_that_are_unknown_are_named_and_the_others_weigh_more() -> None:
    found = assess(replace(MUG, cpa=None, sales_rank=None), target_cm3_margin=FIFTEEN)

    assert found.missing == [Term.AD_HEADROOM, Term.SALES_RANK]
    assert found.score == 100 * (40 + 15 * Fraction(2, 3)) / (40 + 15)


def test_without_a_cost_there_is_no_verdict() -> None:
    found = assess(replace(MUG, unit_cost=None), target_cm3_margin=FIFTEEN)

    assert (found.unit_cm2, found.break_even_cpa, found.break_even_roas, found.max_cpa_at_target) == (None,) * 4
    assert (found.score, found.verdict) == (None, None)
    assert found.unit_net == 18


@pytest.mark.parametrize("cost", [14, 15])
def test_a_piece_that_leaves_nothing_is_not_viable_however_well_it_sells(cost: int) -> None:
    found = assess(replace(MUG, unit_cost=Fraction(cost), sales_rank=Fraction(1)), target_cm3_margin=FIFTEEN)

    assert (found.unit_cm2, found.score, found.verdict) == (14 - cost, 0, Verdict.NOT_VIABLE)
    assert found.break_even_roas is None


def test_what_nobody_knows_of_shipping_and_fees_is_not_taken_off() -> None:
    found = assess(replace(MUG, shipping=None, fee_rate=None), target_cm3_margin=FIFTEEN)

    assert (found.shipping, found.fees, found.unit_cm2) == (None, None, 12)


@pytest.mark.parametrize("unknown", ["return_rate", "shipping", "fee_rate", "cpa"])
def test_nothing_is_called_viable_while_a_cost_of_selling_it_is_unknown(unknown: str) -> None:
    known = replace(MUG, sales_rank=Fraction(1), cpa=Fraction(0))
    found = assess(replace(known, **{unknown: None}), target_cm3_margin=FIFTEEN)
    loss = assess(replace(known, unit_cost=Fraction(30), **{unknown: None}), target_cm3_margin=FIFTEEN)

    assert assess(known, target_cm3_margin=FIFTEEN).verdict is Verdict.VIABLE
    assert (found.score is not None, found.verdict) == (True, None)
    assert loss.verdict is Verdict.NOT_VIABLE  # whatever else it costs


def test_the_cost_of_what_goes_back_on_the_shelf_is_not_lost() -> None:
    assert assess(replace(MUG, restock_rate=Fraction(1, 12)), target_cm3_margin=FIFTEEN).cogs == Fraction(11, 2)


@pytest.mark.parametrize(
    ("rank", "verdict"),
    [(Fraction(1), Verdict.VIABLE), (Fraction(999, 1000), Verdict.MARGINAL)],
)
def test_seventy_points_are_viable_and_less_is_not(rank: Fraction, verdict: Verdict) -> None:
    # 40 of the margin and 15 of returns are sure; no point for advertising that costs all that an order leaves.
    unit = replace(MUG, return_rate=Fraction(0), cpa=Fraction(20), sales_rank=rank)
    found = assess(unit, target_cm3_margin=FIFTEEN)

    assert found.score == 55 + 15 * rank
    assert found.verdict is verdict


def test_forty_points_are_marginal_and_less_is_not_viable() -> None:
    unit = replace(MUG, return_rate=Fraction(30, 100), cpa=Fraction(100), sales_rank=Fraction(0))
    at_forty = replace(unit, unit_cost=Fraction(0), shipping=Fraction(0))

    found = assess(at_forty, target_cm3_margin=FIFTEEN)
    assert (found.score, found.verdict) == (40, Verdict.MARGINAL)
    less = assess(replace(at_forty, unit_cost=Fraction(8)), target_cm3_margin=FIFTEEN)
    assert less.score == 40 * Fraction(5, 14) / Fraction(40, 100)
    assert less.verdict is Verdict.NOT_VIABLE


positive = st.fractions(Fraction(1, 100), 1000, max_denominator=100)


@given(positive, st.lists(st.fractions(0, 2000, max_denominator=100), min_size=2, max_size=6))
def test_dearer_advertising_never_scores_higher(price: Fraction, cpas: list[Fraction]) -> None:
    unit = replace(MUG, price=price + 20, discount=Fraction(0))
    scores = [assess(replace(unit, cpa=cpa), target_cm3_margin=FIFTEEN).score for cpa in sorted(cpas)]

    assert all(now is not None and later is not None and later <= now for now, later in pairwise(scores))
    assert all(score is not None and 0 <= score <= 100 for score in scores)


def test_the_rank_is_the_part_of_the_sold_skus_that_sold_no_more() -> None:
    sold = [[1, 3], [4, 2], [9, 1]]

    assert [sales_rank(units, sold) for units in (0, 1, 3, 4, 9, 20)] == [
        0,
        Fraction(3, 6),
        Fraction(3, 6),
        Fraction(5, 6),
        1,
        1,
    ]
    assert sales_rank(5, []) is None
