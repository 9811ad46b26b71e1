"""Valuations are what their formulas say: in proportion to earnings, and a textbook's where it has a closed form."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from math import isclose
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.analytics.valuation import (
    USUAL,
    USUAL_SINCE,
    CashFlow,
    Held,
    Method,
    Multiple,
    Source,
    Value,
    by_multiple,
    discounted,
    discounted_between,
    in_the_middle,
    multiples_held,
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
        assert abs((other or 0) - (one or 0) * times) <= times


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


def test_a_plan_of_everything_at_once_is_discounted_as_by_hand() -> None:
    flow = CashFlow(
        ebitda=100_000_000,
        revenue=1_000_000_000,
        depreciation=10_000_000,
        growth=0.1,
        discount_rate=0.25,
        terminal_growth=0.05,
        tax_rate=0.2,
        capex_rate=0.02,
        nwc_rate=0.1,
        years=2,
    )

    # In millions: 110 less a fifth, a fifth of 11 back, 22 invested and 10 tied up by 100 more of revenue.
    first = 88 + 2.2 - 22 - 10
    # And 121 less a fifth, a fifth of 12.1 back, 24.2 invested and 11 tied up by 110 more.
    second = 96.8 + 2.42 - 24.2 - 11
    after = second * 1.05 / 0.2
    by_hand = first / 1.25**0.5 + second / 1.25**1.5 + after / 1.25**2
    assert isclose(discounted(flow), by_hand * 10**6, rel_tol=1e-8)


@given(rates, st.floats(0.01, 0.5))
def test_the_higher_the_discount_rate_the_lower_the_value(rate: float, shock: float) -> None:
    flow = CashFlow(ebitda=MILLION, revenue=MILLION, discount_rate=rate)
    value = discounted_between(flow, shock)

    assert value.low is not None
    assert value.high is not None
    assert value.low < value.mid == discounted(flow) < value.high


@pytest.mark.parametrize("growth", [0.1, 0.2])
def test_what_grows_for_ever_as_fast_as_it_is_discounted_has_no_value(growth: float) -> None:
    with pytest.raises(Invalid, match="discount_rate is not above"):
        discounted(CashFlow(ebitda=1, revenue=1, discount_rate=0.1, terminal_growth=growth))


# --- on whose word ----------------------------------------------------------------------------------------------------

THREE, FOUR = (Multiple(low=Fraction(n - 1), mid=Fraction(n), high=Fraction(n + 1)) for n in (3, 4))
SETTLED = {
    "2026-07-01": {"sde": [3000, 4000, 5000]},
    "2026-01-01": {"sde": [2000, 3000, 4000], "revenue": [100, 200, 300]},
}
"""As they may stand in the settings: the one that was settled last need not be the last."""


@pytest.mark.parametrize(
    ("day", "held"),
    [
        (date(2025, 12, 31), Held(multiple=USUAL[Method.SDE], source=Source.USUAL, since=USUAL_SINCE)),
        (date(2026, 1, 1), Held(multiple=THREE, source=Source.SETTINGS, since=date(2026, 1, 1))),
        (date(2026, 6, 30), Held(multiple=THREE, source=Source.SETTINGS, since=date(2026, 1, 1))),
        (date(2026, 7, 1), Held(multiple=FOUR, source=Source.SETTINGS, since=date(2026, 7, 1))),
    ],
)
def test_a_multiple_holds_from_the_day_on_that_it_was_settled_for(day: date, held: Held) -> None:
    assert multiples_held(day, given={}, settled=SETTLED)[Method.SDE] == held


def test_each_method_has_the_multiple_that_was_settled_last_for_it() -> None:
    held = multiples_held(date(2026, 12, 31), given={}, settled=SETTLED)

    assert held[Method.REVENUE].since == date(2026, 1, 1)
    assert held[Method.EBITDA].source is Source.USUAL


def test_what_is_given_with_the_question_goes_before_all_else() -> None:
    held = multiples_held(date(2026, 12, 31), given={Method.SDE: THREE}, settled=SETTLED)

    assert held[Method.SDE] == Held(multiple=THREE, source=Source.GIVEN)


# --- together ---------------------------------------------------------------------------------------------------------


below, above = (st.integers(-MILLION, 0), st.integers(1, MILLION))
all_below, around, all_above = (
    st.tuples(*parts).map(sorted) for parts in ([below] * 3, [below, st.one_of(below, above), above], [above] * 3)
)


@given(st.lists(around, min_size=1, max_size=4))
def test_methods_that_agree_are_together_their_median_of_each_end(found: list[list[int]]) -> None:
    together = in_the_middle([Value(low=low, mid=mid, high=high) for low, mid, high in found])

    assert together is not None
    for place, value in enumerate((together.low, together.mid, together.high)):
        assert value is not None
        assert abs(value - median(each[place] for each in found)) <= 0.5


@given(all_below, all_above, st.lists(around, max_size=2))
def test_methods_that_have_nothing_in_common_are_together_all_that_they_say(
    one: list[int], other: list[int], more: list[list[int]]
) -> None:
    found = [one, other, *more]
    together = in_the_middle([Value(low=low, mid=mid, high=high) for low, mid, high in found])

    assert together is not None
    assert (together.low, together.high) == (min(low for low, _, _ in found), max(high for _, _, high in found))


def test_where_one_has_no_end_all_together_have_none() -> None:
    values = [Value(low=1, mid=2, high=3), Value(low=3, mid=4, high=None)]

    assert in_the_middle(values) == Value(low=2, mid=3, high=None)
    assert in_the_middle([*values, Value(low=None, mid=-4, high=-2)]) == Value(low=None, mid=2, high=None)
    assert in_the_middle([]) is None


def test_a_lower_discount_rate_at_which_it_would_grow_for_ever_gives_no_high() -> None:
    flow = CashFlow(ebitda=MILLION, revenue=MILLION, discount_rate=0.1, terminal_growth=0.09)
    value = discounted_between(flow, 0.2)

    assert (value.mid, value.high) == (discounted(flow), None)
    assert value.low is not None
    assert value.low < value.mid


def test_a_loss_that_would_go_on_for_ever_at_a_lower_discount_rate_has_no_low() -> None:
    flow = CashFlow(ebitda=-MILLION, revenue=MILLION, discount_rate=0.1, terminal_growth=0.09)
    value = discounted_between(flow, 0.2)

    assert (value.low, value.mid) == (None, discounted(flow))
    assert value.high is not None
    assert value.mid < value.high < 0


def test_a_plan_changes_what_it_names_and_nothing_else() -> None:
    flow = CashFlow(ebitda=MILLION, revenue=MILLION, depreciation=5).planned({"growth": 0.1, "years": 3.0})

    assert flow == CashFlow(ebitda=MILLION, revenue=MILLION, depreciation=5, growth=0.1, years=3)
    assert flow.plan["years"] == 3
