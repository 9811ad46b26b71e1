"""Unusual days are found among real ones, and usual ones are left alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.analytics.anomalies import CRITICAL, HABIT, UNUSUAL, Scale, Severity, Usual, severity, usual_after
from tests.data.cdnow import FIRST_DAY, LAST_DAY, purchases

values = st.floats(0, 1_000_000)
histories = st.lists(values, min_size=HABIT, max_size=HABIT + 20)


def usual(before: Sequence[float]) -> Usual:
    found = usual_after(before)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def revenue() -> Sequence[float]:
    """What customers who had ordered before spent on each day of CDNOW's history."""
    first: dict[str, str] = {}
    spent: defaultdict[str, float] = defaultdict(float)
    for customer, day, _, dollars in purchases():
        if first.setdefault(customer, day) != day:
            spent[day] += float(dollars)
    begin, end = map(date.fromisoformat, (FIRST_DAY, LAST_DAY))
    return [spent[(begin + timedelta(n)).isoformat()] for n in range((end - begin).days + 1)]


def share_found(revenue: Sequence[float], alter: Callable[[float], float], score: float) -> float:
    """Alter each day alone, with those before it as they were; the first weeks are of a shop that has just opened."""
    days = range(84, len(revenue))
    found = [abs(usual(revenue[:day]).score(alter(revenue[day]))) >= score for day in days]
    return sum(found) / len(days)


# The rates of the rule that was measured when the product was designed: docs/adr/0016-days-that-are-unusual.md.
def test_of_real_days_as_they_were_no_more_are_unusual_than_was_measured(revenue: Sequence[float]) -> None:
    assert share_found(revenue, lambda dollars: dollars, UNUSUAL) <= 0.035


@pytest.mark.parametrize(
    ("share", "unusual", "critical"), [(0.0, 1.0, 1.0), (0.25, 0.95, 0.68), (0.5, 0.33, 0.11), (3.0, 0.7, 0.45)]
)
def test_of_altered_days_as_many_are_found_as_were_measured(
    revenue: Sequence[float], share: float, unusual: float, critical: float
) -> None:
    assert share_found(revenue, lambda dollars: dollars * share, UNUSUAL) >= unusual
    assert share_found(revenue, lambda dollars: dollars * share, CRITICAL) >= critical


def test_the_rates_that_are_published_are_those_that_come_out(revenue: Sequence[float]) -> None:
    def percents(score: float) -> list[float]:
        return [round(100 * share_found(revenue, lambda d, k=k: d * k, score), 1) for k in (1.0, 0.0, 0.25, 0.5, 3.0)]

    assert percents(UNUSUAL) == [3.2, 100.0, 95.0, 40.5, 74.5]
    assert [round(percent) for percent in percents(CRITICAL)[1:]] == [100, 73, 12, 46]
    assert percents(CRITICAL)[0] == 0.9


def test_a_shop_that_doubles_in_two_months_is_not_told_so_again_and_again(revenue: Sequence[float]) -> None:
    grown = [dollars * 1.012**nth for nth, dollars in enumerate(revenue)]

    assert share_found(grown, lambda dollars: dollars, UNUSUAL) <= 0.035


@given(st.lists(values, max_size=HABIT - 1))
def test_of_fewer_days_nobody_can_say_what_is_usual(before: list[float]) -> None:
    assert usual_after(before) is None


@given(histories, st.lists(values, max_size=30))
def test_what_lies_further_back_than_the_habit_says_nothing(before: list[float], long_ago: list[float]) -> None:
    assert usual(long_ago + before[-HABIT:]) == usual(before)


@given(histories)
def test_the_middle_is_no_anomaly_and_the_bounds_are_where_one_begins(before: list[float]) -> None:
    found = usual(before)
    low, high = found.between()

    assert abs(found.score(max(found.expected, 0.0))) < UNUSUAL or found.expected < 0
    assert 0 <= low <= high
    assert isclose(found.score(high), UNUSUAL, rel_tol=1e-6)


@given(st.lists(st.floats(1, 1_000_000), min_size=7, max_size=7), values)
def test_a_shop_with_the_same_week_over_and_over_is_expected_to_have_it_again(week: list[float], value: float) -> None:
    found = usual(week * 8)

    assert isclose(found.expected, week[0], rel_tol=1e-6)
    assert (abs(found.score(value)) >= UNUSUAL) == (not found.between()[0] < value < found.between()[1])


@pytest.mark.parametrize(
    ("score", "before", "judged"),
    [
        (2.4, None, None),
        (3.4, 9.0, None),
        (-3.5, None, Severity.WARNING),
        (3.6, 3.4, Severity.WARNING),
        (3.6, -3.6, Severity.WARNING),
        (-3.6, -3.6, Severity.CRITICAL),
        (-5.0, None, Severity.CRITICAL),
    ],
)
def test_a_day_is_critical_when_it_is_far_from_usual_or_the_second_on_the_same_side(
    score: float, before: float | None, judged: Severity | None
) -> None:
    assert severity(score, before, is_worth_it=True) is judged


@given(st.floats(-100, 100), st.one_of(st.none(), st.floats(-100, 100)))
def test_what_is_too_small_to_act_on_is_told_as_such_however_unusual_it_is(score: float, before: float | None) -> None:
    judged = severity(score, before, is_worth_it=False)

    assert judged is (Severity.INFO if abs(score) >= UNUSUAL else None)


def test_a_band_begins_at_nothing_unless_a_value_can_be_less() -> None:
    bands = {scale: Usual(middle=0.05, deviation=0.1, scale=scale).between(1) for scale in Scale}

    assert (bands[Scale.AMOUNT][0], bands[Scale.RATIO][0]) == (0, 0)
    assert bands[Scale.MARGIN] == pytest.approx((-0.05, 0.15))
