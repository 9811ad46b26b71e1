"""What is usual of a day by the published formulas, and the days of a number judged one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from math import expm1, log1p

import pytest

from shared.domain.analytics.anomalies import HABIT, Scale, Severity, Usual, usual_after
from shared.domain.analytics.anomaly_series import Series, UnusualDay, floors_of, judged, lately, ratio

MILLION = 1_000_000


def usual(before: Sequence[float | None], scale: Scale = Scale.MARGIN) -> Usual:
    found = usual_after(before, scale)
    assert found is not None
    return found


def by_turns(away: float) -> list[float]:
    """Give eight weeks whose days lie by turns above and below one, week by week."""
    return [1 + away * (-1) ** (day // 7) for day in range(HABIT)]


def test_days_stray_by_their_median_distance_from_the_habit_of_their_weekday_and_by_a_twentieth_at_least() -> None:
    assert usual(by_turns(0.2)).deviation == pytest.approx(0.2 / 0.6745)
    assert usual(by_turns(0.01)).deviation == pytest.approx(0.05 / 0.6745)


def test_where_more_than_half_of_the_days_are_alike_they_stray_by_their_mean_distance() -> None:
    odd = {0: 8.0, 8: -6.0, 16: 8.0}  # three of the 56 days, each of another weekday: their habit is not moved

    strayed = usual([1 + odd.get(day, 0.0) for day in range(HABIT)])

    assert strayed.deviation == pytest.approx(1.2533 * (8 + 6 + 8) / 56)
    assert usual([1.0] * HABIT).deviation == pytest.approx(1.2533 * 0.05)


def test_what_is_expected_is_the_weekdays_habit_at_the_level_of_the_last_28_days() -> None:
    week = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]

    risen = [habit + (10 if day >= 28 else 0) for day, habit in enumerate(week * 8)]

    # Half of the days lie five below their habit, the later half five above it.
    assert usual(risen).middle == pytest.approx(1 + 5 + 5)
    assert usual(week * 8).middle == pytest.approx(1)


def test_a_day_is_judged_by_four_known_days_of_each_weekday_and_fourteen_of_the_last_28() -> None:
    def known(first: int, days: int) -> list[float | None]:
        return [1.0 if first <= day < first + days else None for day in range(HABIT)]

    assert usual_after(known(0, 42)) is not None  # of the last 28 days fourteen are known
    assert usual_after(known(0, 41)) is None
    assert usual_after(known(28, 28)) is not None  # of each weekday four
    assert usual_after(known(29, 27)) is None


def of(value: float | None, *, worth: float = 2.0, floor: float | None = 0.0) -> list[UnusualDay]:
    """Judge the day after eight weeks that strayed by a twentieth of the logarithm."""
    before: list[float | None] = [expm1(log1p(100) + 0.05 * (-1) ** (day // 7)) for day in range(HABIT)]
    series = Series(begins=3, values=[*before, value], worth=[worth] * (HABIT + 1))
    return list(judged(series, [floor] * (HABIT + 4)).unusual)


def test_an_unusual_day_is_told_with_its_place_its_bounds_and_what_it_amounts_to() -> None:
    (one,) = of(50)

    away = 3.5 * 0.05 / 0.6745
    assert (one.place, one.actual, one.expected) == (3 + HABIT, 50, pytest.approx(100))
    assert (log1p(one.low), log1p(one.high)) == pytest.approx((log1p(100) - away, log1p(100) + away))
    assert one.score == pytest.approx(0.6745 * (log1p(50) - log1p(100)) / 0.05)
    assert one.impact == pytest.approx((50 - 100) * 2)


def test_a_day_is_worth_acting_on_from_its_floor_on_and_not_judged_where_there_is_none() -> None:
    (impact,) = (-one.impact for one in of(50))

    assert [one.severity for one in of(50, floor=impact)] == [Severity.CRITICAL]
    assert [one.severity for one in of(50, floor=impact * 1.001)] == [Severity.INFO]
    assert of(50, floor=None) == of(None) == []


def test_a_run_goes_on_from_day_to_day_on_one_side_alone() -> None:
    values = [*(1 + 0.2 * (-1) ** (day // 7) for day in range(HABIT)), 9.0, 9.0, -9.0, 1.0, -9.0]

    found = judged(Series(begins=0, values=values, scale=Scale.MARGIN), [0.0] * len(values)).unusual

    assert [(one.place - HABIT, one.days) for one in found] == [(0, 1), (1, 2), (2, 1), (4, 1)]


def test_a_mean_is_of_the_known_ones_of_the_28_days_before() -> None:
    means = lately([100, None, *[1] * 27, 5, 5])

    assert means[:3] == [None, 100, 100]
    assert means[28] == pytest.approx((100 + 26) / 27)
    assert means[29] == pytest.approx(1)  # the first day is 29 days ago
    assert means[30] == pytest.approx((27 + 5) / 28)


def test_two_in_a_hundred_of_what_28_days_brought_are_worth_acting_on_where_they_brought_anything() -> None:
    assert floors_of([100 * MILLION, 0, 0]) == [None, pytest.approx(0.02 * 28 * 100), pytest.approx(0.02 * 28 * 50)]
    assert floors_of([0, -MILLION, 0]) == [None, None, None]


def test_a_ratio_needs_a_quarter_of_the_usual_to_divide_by() -> None:
    assert ratio([1, 10, 10, 10, None], [100, 100, 25, 18, 100]) == [None, 0.1, 0.4, None, None]
    assert ratio([1, 1], [100, 0]) == [None, None]
