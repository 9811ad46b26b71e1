"""Unusual days are found among real ones, and usual ones are left alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.analytics.anomalies import CRITICAL, HABIT, WARNING, Severity, Usual, severity, usual_after
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


def test_of_real_days_as_they_were_no_more_are_flagged_than_the_rule_is_known_for(revenue: Sequence[float]) -> None:
    assert share_found(revenue, lambda dollars: dollars, WARNING) <= 0.035
    assert share_found(revenue, lambda dollars: dollars, CRITICAL) <= 0.006


def test_of_altered_days_as_many_are_found_as_the_rule_is_known_for(revenue: Sequence[float]) -> None:
    assert share_found(revenue, lambda _: 0.0, CRITICAL) == 1
    assert share_found(revenue, lambda dollars: dollars / 4, WARNING) > 0.85
    assert share_found(revenue, lambda dollars: dollars / 2, WARNING) > 0.33
    assert share_found(revenue, lambda dollars: dollars * 3, WARNING) > 0.69


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

    assert abs(found.score(max(found.expected, 0.0))) < WARNING or found.expected < 0
    assert 0 <= low <= high
    assert isclose(found.score(high), WARNING, rel_tol=1e-6)


@given(st.lists(st.floats(1, 1_000_000), min_size=7, max_size=7), values)
def test_a_shop_with_the_same_week_over_and_over_is_expected_to_have_it_again(week: list[float], value: float) -> None:
    found = usual(week * 8)

    assert isclose(found.expected, week[0], rel_tol=1e-6)
    assert (abs(found.score(value)) >= WARNING) == (not found.between()[0] < value < found.between()[1])


@pytest.mark.parametrize(
    ("score", "before", "judged"),
    [
        (2.4, None, None),
        (2.4, 9.0, None),
        (-2.5, None, Severity.INFO),
        (3.4, 9.0, Severity.INFO),
        (-3.6, None, Severity.WARNING),
        (3.6, 3.4, Severity.WARNING),
        (3.6, -3.6, Severity.WARNING),
        (-3.6, -3.6, Severity.CRITICAL),
        (-5.0, None, Severity.CRITICAL),
    ],
)
def test_a_day_is_critical_when_it_is_far_from_usual_or_the_second_on_the_same_side(
    score: float, before: float | None, judged: Severity | None
) -> None:
    assert severity(score, before) is judged
