"""What moved a number adds up to what it moved by, whatever the shop did."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.analytics.inputs import inputs_of
from shared.domain.analytics.pnl import Line, Told
from shared.domain.analytics.steering import STEERABLE, Measured, value_of
from shared.domain.facts.rollups import Figure

MONTH = Told(days=30, known={Line.AD_SPEND: 30, Line.OPEX: 30})
SUMMED = [figure for figure in Figure if "known" not in figure and "unsettled" not in figure]
sums = st.dictionaries(st.sampled_from(SUMMED), st.integers(0, 10**12))
measured = st.builds(Measured.of, sums, st.just(MONTH), st.one_of(st.none(), st.integers(0, 10**6)))
WITHOUT_INPUTS = {"ad_spend", "opex", "depreciation", "interest", "income_tax", "orders", "new_customers"}

BEFORE: Mapping[Figure, int] = {
    Figure.ORDERS: 10,
    Figure.UNITS: 20,
    Figure.GROSS_SALES: 1_000_000_000,
    Figure.COGS: 400_000_000,
    Figure.COST_KNOWN_UNITS: 20,
    Figure.AD_SPEND: 200_000_000,
}
AFTER: Mapping[Figure, int] = {
    Figure.ORDERS: 12,
    Figure.UNITS: 24,
    Figure.GROSS_SALES: 1_500_000_000,
    Figure.COGS: 750_000_000,
    Figure.COST_KNOWN_UNITS: 24,
    Figure.AD_SPEND: 250_000_000,
}


@pytest.mark.parametrize("key", [key for key in STEERABLE if key not in WITHOUT_INPUTS])
@given(before=measured, after=measured)
def test_contributions_add_up_to_the_change_of_whatever_is_known_of_both_periods(
    key: str, before: Measured, after: Measured
) -> None:
    metric = STEERABLE[key]
    was, is_ = value_of(metric, before), value_of(metric, after)

    found = inputs_of(metric, before, after)

    if was is None or is_ is None:
        return
    assert sum((each.contribution for each in found), Fraction(0)) == is_ - was


def test_a_profit_comes_from_orders_their_value_the_rates_of_costs_and_ads() -> None:
    found = inputs_of(STEERABLE["cm3"], Measured.of(BEFORE, MONTH), Measured.of(AFTER, MONTH))

    # Worked out by hand: from 1000 - 400 - 200 to 1500 - 750 - 250. Two more orders at the earlier 60 each; 300 more
    # than twelve orders were worth, at the earlier margin of 60 %; and goods that cost ten points more of 1500.
    million = 1_000_000
    assert {each.key: (each.before, each.after, each.contribution) for each in found if each.contribution} == {
        "orders": (10 * million, 12 * million, 120 * million),
        "gross_sales_per_order": (100 * million, 125 * million, 180 * million),
        "cogs_per_gross_sales": (400_000, 500_000, -150 * million),
        "ad_spend": (200 * million, 250 * million, -50 * million),
    }


def test_what_sales_bring_comes_from_orders_and_what_each_brings() -> None:
    found = inputs_of(STEERABLE["net_revenue"], Measured.of(BEFORE, MONTH), Measured.of(AFTER, MONTH))

    million = 1_000_000
    assert [(each.key, each.before, each.after, each.contribution) for each in found] == [
        ("orders", 10 * million, 12 * million, 200 * million),
        ("net_revenue_per_order", 100 * million, 125 * million, 300 * million),
    ]


def test_a_ratio_comes_from_its_two_sides() -> None:
    found = inputs_of(STEERABLE["cm3_margin"], Measured.of(BEFORE, MONTH), Measured.of(AFTER, MONTH))

    # From 400 / 1000 to 500 / 1500: a tenth for the profit, and what is left for the sales.
    million = 1_000_000
    assert [(each.key, each.change, each.contribution) for each in found] == [
        ("cm3", 100 * million, 100_000),
        ("net_revenue", 500 * million, Fraction(million, 3) - 500_000),
    ]


@pytest.mark.parametrize("key", sorted(WITHOUT_INPUTS))
def test_what_comes_from_nothing_that_is_known_has_no_inputs(key: str) -> None:
    assert not inputs_of(STEERABLE[key], Measured.of(BEFORE, MONTH), Measured.of(AFTER, MONTH))
