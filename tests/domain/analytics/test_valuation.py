"""Valuations are what their formulas say: in proportion to earnings, and a textbook's where it has a closed form."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.analytics.valuation import (
    USUAL,
    CashFlow,
    Method,
    Multiple,
    by_multiple,
    discounted,
    discounted_between,
)
from shared.domain.errors import Invalid

earnings = st.integers(0, 10**15)
rates = st.floats(0.02, 0.6)
MILLION = 10**12


@given(earnings, st.integers(1, 50), st.sampled_from(list(USUAL.values())))
def test_a_shop_that_earns_several_times_as_much_is_worth_as_many_times_as_much(
    earned: int, times: int, multiple: Multiple
) -> None:
    once, often = by_multiple(earned, multiple), by_multiple(earned * times, multiple)

    for one, other in ((once.low, often.low), (once.mid, often.mid), (once.high, often.high)):
        assert abs(other - one * times) <= times


def test_the_published_band_of_sde_is_the_usual_one() -> None:
    value = by_multiple(100_000 * 10**6, USUAL[Method.SDE])

    assert (value.low, value.mid, value.high) == (240_000 * 10**6, 310_000 * 10**6, 380_000 * 10**6)


@given(st.integers(-(10**15), 0))
def test_a_loss_is_worth_nothing_by_a_multiple(loss: int) -> None:
    assert by_multiple(loss, USUAL[Method.EBITDA]).high == 0


@given(st.fractions(-5, 5))
def test_a_score_moves_the_middle_and_never_out_of_its_band(by: Fraction) -> None:
    usual = USUAL[Method.SDE]
    moved = usual.moved(by)

    assert usual.low <= moved.mid <= usual.high
    assert (moved.low, moved.high) == (usual.low, usual.high)
    assert (moved.mid - usual.mid) * by >= 0


@given(rates, st.integers(1, 12))
def test_without_growth_and_taxes_it_is_an_annuity_and_a_perpetuity_behind_it(rate: float, years: int) -> None:
    flow = CashFlow(ebitda=MILLION, revenue=5 * MILLION, discount_rate=rate, years=years)

    annuity = (1 - (1 + rate) ** -years) / rate * (1 + rate) ** 0.5
    assert isclose(discounted(flow), MILLION * (annuity + (1 + rate) ** -years / rate), rel_tol=1e-9)


@given(rates, st.floats(0, 0.5), st.floats(0, 0.3))
def test_taxes_are_due_on_what_is_left_after_depreciation(rate: float, tax: float, part: float) -> None:
    flow = CashFlow(
        ebitda=MILLION, revenue=MILLION, depreciation=round(part * MILLION), discount_rate=rate, tax_rate=tax
    )

    untaxed = discounted(replace(flow, tax_rate=0.0))
    assert isclose(discounted(flow), untaxed * (1 - tax * (1 - part)), rel_tol=1e-9)


@given(rates, st.floats(0, 1))
def test_what_it_is_worth_goes_up_with_earnings_as_far_as_down(rate: float, shock: float) -> None:
    flow = CashFlow(ebitda=MILLION, revenue=MILLION, discount_rate=rate, capex_rate=0.05)
    at, above, below = (discounted(replace(flow, ebitda=round(MILLION * (1 + by)))) for by in (0.0, shock, -shock))

    assert isclose(above - at, at - below, rel_tol=1e-6, abs_tol=10)


def test_growth_ties_up_working_capital() -> None:
    flow = CashFlow(ebitda=MILLION, revenue=MILLION, growth=0.1, discount_rate=0.2, years=1)

    tied = discounted(flow) - discounted(replace(flow, nwc_rate=0.5))
    assert isclose(tied, 0.05 * MILLION * (1.2**-0.5 + 1 / (0.2 * 1.2)), rel_tol=1e-9)


@given(rates, st.floats(0.01, 0.5))
def test_the_higher_the_discount_rate_the_lower_the_value(rate: float, shock: float) -> None:
    flow = CashFlow(ebitda=MILLION, revenue=MILLION, discount_rate=rate)
    value = discounted_between(flow, shock)

    assert value.low < value.mid == discounted(flow) < value.high


@pytest.mark.parametrize("growth", [0.1, 0.2])
def test_what_grows_for_ever_as_fast_as_it_is_discounted_has_no_value(growth: float) -> None:
    with pytest.raises(Invalid, match="discount_rate is not above"):
        discounted(CashFlow(ebitda=1, revenue=1, discount_rate=0.1, terminal_growth=growth))
