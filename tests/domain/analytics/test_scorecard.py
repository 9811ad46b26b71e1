"""The scorecard moves a multiple as far as its thresholds say, and never by what nobody knows."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.analytics.scorecard import STEPS, Factor, score, scored

values = st.dictionaries(st.sampled_from(Factor), st.fractions(-3, 200))


@pytest.mark.parametrize(
    ("factor", "value", "band", "adjustment"),
    [
        (Factor.GROWTH, "-0.5", "below -0.2", "-0.5"),
        (Factor.GROWTH, "-0.2", "-0.2 to 0", "-0.25"),
        (Factor.GROWTH, "0", "0 to 0.1", "0"),
        (Factor.GROWTH, "0.3", "from 0.3", "0.5"),
        (Factor.NET_MARGIN, "0.12", "0.1 to 0.2", "0.25"),
        (Factor.MER, "1.99", "below 2", "-0.5"),
        (Factor.TOP_CHANNEL, "1", "from 0.9", "-0.25"),
        (Factor.TOP_CHANNEL, "0.45", "below 0.5", "0.5"),
        (Factor.TOP_SKU, "0.6", "from 0.5", "-0.5"),
        (Factor.TOP_SKU, "0.01", "below 0.05", "0.5"),
        (Factor.HISTORY_MONTHS, "24", "24 to 36", "0"),
    ],
)
def test_a_value_falls_into_one_band_and_its_lower_end_belongs_to_it(
    factor: Factor, value: str, band: str, adjustment: str
) -> None:
    (found,) = [each for each in scored({factor: Fraction(value)}) if each.factor is factor]

    assert (found.band, found.adjustment) == (band, Fraction(adjustment))


def test_what_is_unknown_moves_nothing() -> None:
    found = scored({Factor.MER: None})

    assert [each.factor for each in found] == list(Factor)
    assert {(each.value, each.band) for each in found} == {(None, None)}
    assert score(found) == 0


@given(values)
def test_no_factor_moves_a_multiple_by_more_than_half_a_turn(known: dict[Factor, Fraction | None]) -> None:
    found = scored(known)

    assert all(abs(each.adjustment) <= Fraction(1, 2) for each in found)
    assert score(found) == sum(each.adjustment for each in found)


@pytest.mark.parametrize("factor", Factor)
def test_thresholds_rise_and_what_they_move_goes_one_way(factor: Factor) -> None:
    edges = [step.above for step in STEPS[factor][1:]]
    moves = [step.adjustment for step in STEPS[factor]]

    assert edges == sorted(set(edges), key=lambda edge: edge or 0)
    assert moves in (sorted(moves), sorted(moves, reverse=True))
