from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.analytics.bridge import BridgeMetric, Driver, bridge
from shared.domain.analytics.money import shown, shown_parts
from shared.domain.analytics.pnl import Basis, Line, Statement, Told, statement
from shared.domain.facts.rollups import Figure

ALL_TOLD = Told(days=1, known=dict.fromkeys(Line, 1))
NOTHING_TOLD = Told(days=1)

BEFORE = {
    Figure.ORDERS: 10,
    Figure.UNITS: 10,
    Figure.GROSS_SALES: 1000,
    Figure.DISCOUNTS: 100,
    Figure.RETURNS: 50,
    Figure.SHIPPING_CHARGED: 80,
    Figure.COGS: 300,
    Figure.FULFILMENT: 120,
    Figure.PAYMENT_FEES: 30,
    Figure.PLATFORM_FEES: 20,
    Figure.AD_SPEND: 200,
    Figure.OPEX: 90,
}


def of(figures: Mapping[Figure, int], told: Told = ALL_TOLD) -> Statement:
    return statement(figures, Basis.PROCESSED_DATE, told)


def effects(
    changes: Mapping[Figure, int],
    metric: BridgeMetric = BridgeMetric.EBITDA,
    before: Mapping[Figure, int] = BEFORE,
) -> dict[str, int]:
    """Give the effects that are not zero."""
    found = bridge(of(before), of({**before, **changes}), metric)
    return {str(driver): effect for driver, effect in found.items() if effect}


def scaled(by: int) -> dict[Figure, int]:
    fixed = {Figure.AD_SPEND, Figure.OPEX}
    return {figure: value if figure in fixed else value * by for figure, value in BEFORE.items()}


# Before: cm2 is 1000 - 100 - 50 + 80 - 300 - 120 - 30 - 20 = 460: 46 an order, 0.46 of gross sales.


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (scaled(2), {"volume": 460}),
        ({**scaled(2), Figure.ORDERS: 10}, {"price_mix": 460}),
        ({**scaled(2), Figure.ORDERS: 15}, {"volume": 230, "price_mix": 230}),
        ({Figure.ORDERS: 8}, {"volume": -92, "price_mix": 92}),
        ({Figure.DISCOUNTS: 130}, {"discounts": -30}),
        ({Figure.RETURNS: 20}, {"returns": 30}),
        ({Figure.COGS: 350}, {"cogs_rate": -50}),
        ({Figure.SHIPPING_CHARGED: 60}, {"shipping": -20}),
        ({Figure.FULFILMENT: 100}, {"shipping": 20}),
        ({Figure.RETURN_SHIPPING: 5}, {"shipping": -5}),
        ({Figure.PAYMENT_FEES: 31}, {"payment_fees": -1}),
        ({Figure.PLATFORM_FEES: 0}, {"platform_fees": 20}),
        ({Figure.AD_SPEND: 260}, {"ad_spend": -60}),
        ({Figure.OPEX: 60}, {"opex": 30}),
    ],
)
def test_what_changes_alone_is_its_drivers_and_no_others(
    changes: Mapping[Figure, int], expected: dict[str, int]
) -> None:
    assert effects(changes) == expected


def test_a_rate_is_measured_at_the_later_sales() -> None:
    # Sales doubled by orders, discounts tripled: from 10 % of 1000 to 15 % of 2000, which is 5 % of 2000.
    assert effects({**scaled(2), Figure.DISCOUNTS: 300}) == {"volume": 460, "discounts": -100}


def test_operating_expenses_are_no_driver_of_what_stands_above_them() -> None:
    found = bridge(of(BEFORE), of({**BEFORE, Figure.OPEX: 1}), BridgeMetric.CM3)

    assert Driver.OPEX not in found
    assert set(found.values()) == {0}


def test_a_period_that_sold_nothing_has_no_rates_so_each_cost_is_its_plain_change() -> None:
    nothing = {Figure.AD_SPEND: 40, Figure.RETURNS: 15}

    found = bridge(of(nothing), of(BEFORE), BridgeMetric.EBITDA)

    assert {str(driver): effect for driver, effect in found.items()} == {
        "volume": 1000,
        "price_mix": 0,
        "discounts": -100,
        "returns": -35,
        "cogs_rate": -300,
        "shipping": -40,
        "payment_fees": -30,
        "platform_fees": -20,
        "ad_spend": -160,
        "opex": -90,
    }


def test_the_order_of_steps_is_volume_then_value_then_rates() -> None:
    # Worked out step by step, each from where the last one ended: 12 orders of 100; of 110; then the later rates.
    after = {
        Figure.ORDERS: 12,
        Figure.UNITS: 12,
        Figure.GROSS_SALES: 1320,
        Figure.DISCOUNTS: 198,
        Figure.RETURNS: 33,
        Figure.SHIPPING_CHARGED: 66,
        Figure.COGS: 429,
        Figure.FULFILMENT: 165,
        Figure.PAYMENT_FEES: 33,
        Figure.PLATFORM_FEES: 33,
        Figure.AD_SPEND: 150,
        Figure.OPEX: 100,
    }

    assert effects(after) == {
        "volume": 92,  # 2 x 46
        "price_mix": 55,  # 120 x 0.46 = 55.2, whose fifth goes to a larger remainder
        "discounts": -66,  # 132 - 198
        "returns": 33,  # 66 - 33
        "cogs_rate": -33,  # 396 - 429
        "shipping": -46,  # 52.8 - 99 = -46.2
        "payment_fees": 7,  # 39.6 - 33 = 6.6
        "platform_fees": -7,  # 26.4 - 33 = -6.6
        "ad_spend": 50,
        "opex": -10,
    }


money = st.integers(-(10**13), 10**13)
counts = st.integers(0, 10**6)
periods = st.fixed_dictionaries(
    {
        figure: counts if figure in {Figure.ORDERS, Figure.UNITS} else money
        for figure in (*BEFORE, Figure.SHIPPING_REFUNDED, Figure.COGS_RESTOCKED, Figure.RETURN_SHIPPING)
    }
)
imports = st.sampled_from([ALL_TOLD, NOTHING_TOLD])
metrics = st.sampled_from(BridgeMetric)


@given(periods, periods, imports, imports, metrics)
def test_effects_add_up_to_the_change_whatever_the_figures(
    before: dict[Figure, int], after: dict[Figure, int], told: Told, told_later: Told, metric: BridgeMetric
) -> None:
    earlier, later = of(before, told), of(after, told_later)

    found = bridge(earlier, later, metric)

    assert sum(found.values()) == later.known(Line(metric)) - earlier.known(Line(metric))


@given(periods, metrics, st.sampled_from([Figure.ORDERS, Figure.GROSS_SALES, Figure.UNITS]))
def test_effects_add_up_from_and_to_a_period_without_orders_or_sales(
    figures: dict[Figure, int], metric: BridgeMetric, missing: Figure
) -> None:
    full, empty = of(figures), of({**figures, missing: 0})

    for earlier, later in ((full, empty), (empty, full)):
        change = later.known(Line(metric)) - earlier.known(Line(metric))
        assert sum(bridge(earlier, later, metric).values()) == change


@given(periods, metrics, imports)
def test_where_nothing_changed_every_effect_is_zero(
    figures: dict[Figure, int], metric: BridgeMetric, told: Told
) -> None:
    assert set(bridge(of(figures, told), of(figures, told), metric).values()) == {0}


@given(periods, metrics, money)
def test_where_only_ad_spend_changed_it_is_the_only_driver(
    figures: dict[Figure, int], metric: BridgeMetric, more: int
) -> None:
    after = {**figures, Figure.AD_SPEND: figures[Figure.AD_SPEND] + more}

    found = bridge(of(figures), of(after), metric)

    assert {driver: effect for driver, effect in found.items() if effect} == ({Driver.AD_SPEND: -more} if more else {})


@given(periods, periods)
def test_effects_are_the_written_formulas_to_within_a_micro(
    before: dict[Figure, int], after: dict[Figure, int]
) -> None:
    earlier, later = of(before), of(after)
    orders, orders_later = before[Figure.ORDERS], after[Figure.ORDERS]
    gross, gross_later = before[Figure.GROSS_SALES], after[Figure.GROSS_SALES]
    if not orders or not gross:
        return
    margin = earlier.known(Line.CM2)

    found = bridge(earlier, later, BridgeMetric.EBITDA)

    volume = Fraction((orders_later - orders) * margin, orders)
    price_mix = (gross_later - Fraction(orders_later * gross, orders)) * margin / gross
    cogs = Fraction(earlier.known(Line.COGS) * gross_later, gross) - later.known(Line.COGS)
    assert abs(found[Driver.VOLUME] - volume) < 1
    assert abs(found[Driver.PRICE_MIX] - price_mix) < 1
    assert abs(found[Driver.COGS_RATE] - cogs) < 1


@given(money, st.lists(money, min_size=1, max_size=12), st.sampled_from(["USD", "JPY", "KWD"]))
def test_a_profit_as_written_and_its_effects_as_written_come_to_the_later_one_as_written(
    before: int, parts: list[int], currency: str
) -> None:
    unit = {"USD": 10_000, "JPY": 1_000_000, "KWD": 1_000}[currency]
    ends = shown(before, currency), shown(before + sum(parts), currency)

    written = shown_parts(parts, ends[1] - ends[0], currency)

    assert ends[0] + sum(written) == ends[1]
    assert all(each % unit == 0 for each in (*ends, *written))
    assert all(abs(each - part) <= 2 * unit for each, part in zip(written, parts, strict=True))
    assert all(each == 0 for each, part in zip(written, parts, strict=True) if part == 0)


def test_a_statement_is_not_changed_by_explaining_it() -> None:
    before, after = of(BEFORE), of(scaled(2))
    kept = replace(before), replace(after)

    bridge(before, after, BridgeMetric.CM3)

    assert (before, after) == kept
