"""What a valuation does when what it stands on moves is what moving it by hand does."""

from __future__ import annotations

from fractions import Fraction
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.analytics.sensitivity import DRIVERS, Case, Driver, beyond, breakeven, grid, tornado
from shared.domain.analytics.valuation import CashFlow, Method, Multiple, by_multiple, discounted

MILLION = 10**12
FLOW = CashFlow(ebitda=MILLION, revenue=5 * MILLION, growth=0.05, discount_rate=0.25, terminal_growth=0.02)

shocks = st.fractions(Fraction(1, 100), Fraction(9, 10), max_denominator=100)
earned = st.integers(1, 10**15)
multiples = st.fractions(0, 20, max_denominator=1000)


def by_times(basis: int, times: Fraction) -> Case:
    return Case(base={Driver.EARNINGS: Fraction(basis), Driver.MULTIPLE: times})


def by_flow(flow: CashFlow = FLOW) -> Case:
    return Case(
        base={
            Driver.EARNINGS: Fraction(flow.ebitda),
            Driver.GROWTH: Fraction(flow.growth),
            Driver.DISCOUNT_RATE: Fraction(flow.discount_rate),
            Driver.TERMINAL_GROWTH: Fraction(flow.terminal_growth),
        },
        flow=flow,
    )


@given(earned, multiples, shocks, st.sampled_from([3, 5, 7, 9]))
def test_the_middle_of_a_grid_is_the_value_as_it_stands(
    basis: int, times: Fraction, shock: Fraction, steps: int
) -> None:
    found = grid(by_times(basis, times), Driver.EARNINGS, Driver.MULTIPLE, steps=steps, shock=shock)

    middle = steps // 2
    assert (found.row_values[middle], found.col_values[middle]) == (basis, times)
    assert found.rows[middle][middle] == by_multiple(basis, Multiple(low=times, mid=times, high=times)).mid
    assert [len(row) for row in found.rows] == [steps] * steps
    assert (found.row_values[0], found.col_values[-1]) == (basis * (1 - shock), times * (1 + shock))


@given(st.floats(-0.2, 0.4), st.floats(0.1, 0.6), st.sampled_from(DRIVERS[Method.DCF]))
def test_the_middle_of_a_grid_of_cash_flows_is_the_value_as_it_stands(
    growth: float, rate: float, driver: Driver
) -> None:
    flow = CashFlow(ebitda=MILLION, revenue=MILLION, growth=growth, discount_rate=rate, terminal_growth=0.01)
    other = Driver.DISCOUNT_RATE if driver is not Driver.DISCOUNT_RATE else Driver.GROWTH

    assert grid(by_flow(flow), driver, other, steps=3, shock=Fraction(1, 5)).rows[1][1] == discounted(flow)


@given(earned, multiples, shocks)
def test_what_a_driver_adds_in_proportion_goes_as_far_up_as_down(basis: int, times: Fraction, shock: Fraction) -> None:
    case = by_times(basis, times)
    value = case.value({})
    assert value is not None

    for each in tornado(case, shock):
        assert each.low is not None
        assert each.high is not None
        assert abs((each.high - value) - (value - each.low)) <= 2  # each is rounded


@given(earned, multiples, shocks)
def test_earnings_and_multiple_move_a_value_by_the_same_to_the_last_micro(
    basis: int, times: Fraction, shock: Fraction
) -> None:
    one, other = tornado(by_times(basis, times), shock)

    assert (one.low, one.high) == (other.low, other.high)


@given(shocks)
def test_the_earnings_of_a_cash_flow_move_it_as_far_up_as_down(shock: Fraction) -> None:
    value = discounted(FLOW)
    (swing,) = [each for each in tornado(by_flow(), shock) if each.driver is Driver.EARNINGS]
    assert swing.low is not None
    assert swing.high is not None

    assert isclose(swing.high - value, value - swing.low, rel_tol=1e-6)


def test_the_largest_swing_comes_first_and_a_higher_discount_rate_lowers_the_value() -> None:
    found = tornado(by_flow(), Fraction(1, 5))
    sizes = [abs(each.swing) for each in found if each.swing is not None]

    assert len(sizes) == len(DRIVERS[Method.DCF])
    assert sizes == sorted(sizes, reverse=True)
    assert [each.driver for each in found if each.swing is not None and each.swing < 0] == [Driver.DISCOUNT_RATE]


def test_growth_of_nothing_moves_by_points_of_the_discount_rate() -> None:
    case = by_flow(CashFlow(ebitda=MILLION, revenue=MILLION, discount_rate=0.25))

    assert [case.moved(Driver.GROWTH, part) for part in (Fraction(-1, 5), Fraction(1, 5))] == [
        Fraction(-1, 20),
        Fraction(1, 20),
    ]


def test_where_growth_for_ever_reaches_the_discount_rate_there_is_no_value() -> None:
    flow = CashFlow(ebitda=MILLION, revenue=MILLION, discount_rate=0.1, terminal_growth=0.09)
    found = grid(by_flow(flow), Driver.DISCOUNT_RATE, Driver.TERMINAL_GROWTH, steps=3, shock=Fraction(1, 5))

    # Rates of 8, 10 and 12 %, against growth of 7, 9 and 11 %.
    assert [[value is None for value in row] for row in found.rows] == [
        [False, True, True],
        [False, False, True],
        [False, False, False],
    ]
    assert tornado(by_flow(flow), Fraction(1, 5))[-1].swing is None


@given(earned, st.fractions(Fraction(1, 10), 20, max_denominator=1000), st.integers(10**9, 10**15))
def test_at_its_breakeven_a_multiple_or_what_was_earned_gives_the_target(
    basis: int, times: Fraction, target: int
) -> None:
    case = by_times(basis, times)

    assert (breakeven(case, Driver.MULTIPLE, target) is None) == (target > 100 * basis)
    for driver in DRIVERS[Method.SDE]:
        needed = breakeven(case, driver, target)
        if driver is Driver.MULTIPLE and needed is None:
            continue
        value = None if needed is None else case.value({driver: needed})
        assert value is not None
        assert abs(value - target) <= 1 + times


@pytest.mark.parametrize("driver", DRIVERS[Method.DCF])
@pytest.mark.parametrize("part", [0.8, 1.3])
def test_at_its_breakeven_a_driver_of_a_cash_flow_gives_the_target(driver: Driver, part: float) -> None:
    target = round(discounted(FLOW) * part)
    needed = breakeven(by_flow(), driver, target)
    value = None if needed is None else by_flow().value({driver: needed})

    assert value is not None
    assert isclose(value, target, rel_tol=1e-6)


@pytest.mark.parametrize("driver", [Driver.TERMINAL_GROWTH, Driver.DISCOUNT_RATE])
def test_where_growth_for_ever_is_next_to_the_discount_rate_a_breakeven_is_no_place_without_a_value(
    driver: Driver,
) -> None:
    case = by_flow(CashFlow(ebitda=MILLION, revenue=MILLION, discount_rate=0.25, terminal_growth=0.2))
    target = (case.value({}) or 0) // 3

    needed = breakeven(case, driver, target)

    assert needed is not None
    assert isclose(case.value({driver: needed}) or 0, target, rel_tol=1e-9)


@pytest.mark.parametrize(("growth", "is_below_the_best"), [(0.0, True), (0.5, False)])
def test_growth_that_ties_up_money_meets_a_target_twice_and_the_nearer_place_is_told(
    growth: float, *, is_below_the_best: bool
) -> None:
    # Each further unit of revenue ties up half a unit: the value rises up to a growth of about a fifth, and then falls.
    case = by_flow(CashFlow(ebitda=MILLION, revenue=5 * MILLION, nwc_rate=0.5, growth=growth))
    target = 4_500_000_000_000

    needed = breakeven(case, Driver.GROWTH, target)

    assert needed is not None
    assert isclose(case.value({Driver.GROWTH: needed}) or 0, target, rel_tol=1e-9)
    assert (needed < Fraction(1, 5)) == is_below_the_best


@pytest.mark.parametrize(
    ("plan", "driver", "part", "is_allowed"),
    [
        # Growth from -0.9 to 3, moved by points of the discount rate.
        ({"growth": -0.5, "discount_rate": 1.0}, Driver.GROWTH, Fraction(-4, 10), True),
        ({"growth": -0.5, "discount_rate": 1.0}, Driver.GROWTH, Fraction(-5, 10), False),
        ({"growth": 2.5, "discount_rate": 1.0}, Driver.GROWTH, Fraction(6, 10), False),
        # Growth for ever from -0.9 to 0.5, and rates from 0.01 to 2.
        ({"terminal_growth": 0.4, "discount_rate": 1.0}, Driver.TERMINAL_GROWTH, Fraction(2, 10), False),
        ({"terminal_growth": -0.5, "discount_rate": 1.0}, Driver.TERMINAL_GROWTH, Fraction(-6, 10), False),
        ({"terminal_growth": -0.5, "discount_rate": 1.5}, Driver.DISCOUNT_RATE, Fraction(5, 10), False),
        ({"terminal_growth": -0.5, "discount_rate": 1.5}, Driver.DISCOUNT_RATE, Fraction(3, 10), True),
    ],
)
def test_a_driver_is_moved_no_further_than_a_question_may_put_it(
    plan: dict[str, float], driver: Driver, part: Fraction, *, is_allowed: bool
) -> None:
    case = by_flow(CashFlow(ebitda=MILLION, revenue=MILLION).planned(plan))

    assert (case.value({driver: case.moved(driver, part)}) is not None) == is_allowed
    assert (driver not in beyond(case, abs(part))) == is_allowed


def test_what_no_driver_can_reach_has_no_breakeven() -> None:
    target = 10**21

    assert breakeven(by_times(-5, Fraction(3)), Driver.MULTIPLE, target) is None
    assert breakeven(by_times(MILLION, Fraction(0)), Driver.EARNINGS, target) is None
    assert breakeven(by_flow(), Driver.DISCOUNT_RATE, target) is None
    assert breakeven(by_flow(), Driver.TERMINAL_GROWTH, target) is None
    assert breakeven(by_flow(), Driver.GROWTH, target) is None


@given(st.integers(-(10**15), -1), shocks)
def test_a_loss_that_moves_up_is_a_smaller_one(loss: int, shock: Fraction) -> None:
    case = by_times(loss, Fraction(3))

    assert case.moved(Driver.EARNINGS, -shock) < loss < case.moved(Driver.EARNINGS, shock)
