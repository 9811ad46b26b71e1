"""Everything a shop can steer by is worked out as the tools that tell it do."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.analytics.pnl import Line, Told
from shared.domain.analytics.steering import (
    STEERABLE,
    Direction,
    Measured,
    Part,
    figures_in,
    is_cost_unknown,
    is_metric,
    value_of,
)
from shared.domain.facts.rollups import Figure

MONTH = Told(days=30, known={Line.AD_SPEND: 30, Line.OPEX: 30})
SUMS = {
    Figure.ORDERS: 8,
    Figure.UNITS: 20,
    Figure.ORDERS_REFUNDED: 2,
    Figure.GROSS_SALES: 1_100_000_000,
    Figure.DISCOUNTS: 100_000_000,
    Figure.RETURNS: 200_000_000,
    Figure.RETURNS_BY_ORDER: 100_000_000,
    Figure.COGS: 300_000_000,
    Figure.COST_KNOWN_UNITS: 20,
    Figure.AD_SPEND: 180_000_000,
    Figure.OPEX: 120_000_000,
}


@pytest.mark.parametrize(
    ("key", "millionths"),
    [
        ("net_revenue", 800_000_000),
        ("cm1", 500_000_000),
        ("cm3", 320_000_000),
        ("ebitda", 200_000_000),
        ("orders", 8_000_000),
        ("aov", 125_000_000),
        ("refund_rate", 250_000),
        ("cm3_margin", 400_000),
        ("mer", 5_000_000),
        ("new_customers", 6_000_000),
        ("ncac", 30_000_000),
    ],
)
def test_a_number_is_worked_out_in_millionths(key: str, millionths: int) -> None:
    found = value_of(STEERABLE[key], Measured.of(SUMS, MONTH, 6))

    assert found == Fraction(millionths)


@pytest.mark.parametrize("key", ["aov", "refund_rate", "cm3_margin", "mer", "new_customers", "ncac", "ad_spend"])
def test_where_nothing_is_known_nothing_is_told(key: str) -> None:
    assert value_of(STEERABLE[key], Measured.of({}, Told(days=30))) is None


def test_what_a_metric_stands_on_is_told_with_it() -> None:
    assert STEERABLE["cm1_margin"].costs == [Line.COGS]
    assert Line.OPEX not in STEERABLE["cm3"].costs
    assert STEERABLE["mer"].costs == [Line.AD_SPEND]
    assert not STEERABLE["ad_spend"].needs_orders
    assert STEERABLE["ncac"].needs_orders


@pytest.mark.parametrize(
    ("key", "untold", "looks_better"),
    [
        ("cm1", Figure.COGS, True),
        ("ebitda", Figure.OPEX, True),
        ("ebitda_margin", Figure.OPEX, True),
        ("cm3", Figure.OPEX, False),
        ("net_revenue", Figure.COGS, False),
        ("ebitda", Figure.AD_SPEND, False),
    ],
)
def test_a_profit_looks_better_than_it_is_without_goods_or_expenses_and_a_shop_may_have_no_ads(
    key: str, untold: Figure, *, looks_better: bool
) -> None:
    sums = {figure: value for figure, value in SUMS.items() if figure is not untold}
    if untold is Figure.COGS:
        del sums[Figure.COST_KNOWN_UNITS]

    assert is_cost_unknown(STEERABLE[key], Measured.of(sums, Told(days=30))) == looks_better


def test_less_of_a_cost_is_better_and_more_of_a_profit() -> None:
    assert STEERABLE["ad_spend"].direction is Direction.AT_MOST
    assert STEERABLE["discounts"].direction is Direction.AT_MOST
    assert STEERABLE["net_profit"].direction is Direction.AT_LEAST


def test_only_what_is_listed_can_be_steered_by() -> None:
    assert is_metric("cm3")
    assert not is_metric("followers")


@given(st.dictionaries(st.sampled_from(Figure), st.integers(-1000, 1000)), st.sampled_from([*Line, *Part]))
def test_a_part_of_a_day_is_as_many_times_each_figure_as_is_said(sums: dict[Figure, int], part: Line | Part) -> None:
    times = figures_in(part)

    assert (Measured.of(sums, Told(days=1)).part(part) or 0) == sum(
        times.get(figure, 0) * count for figure, count in sums.items()
    )
