"""Projections are as good as the rule is known to be, and exact where days repeat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.analytics.pace import project, reached, share_over
from shared.domain.analytics.periods import DateRange, first_of, last_of, later_month
from tests.data.cdnow import purchases

MONTHS = [
    DateRange(first=first_of(month), last=last_of(month)) for month in (later_month("1997-07", n) for n in range(12))
]
OCTOBER = DateRange(first=date(2026, 10, 1), last=date(2026, 10, 31))
days_of_october = st.dates(OCTOBER.first, OCTOBER.last)
daily = st.dictionaries(st.dates(date(2026, 8, 1), OCTOBER.last), st.integers(0, 10**12))


@pytest.fixture(scope="module")
def sales() -> Mapping[date, int]:
    """What each day of CDNOW came to, in cents."""
    cents: Counter[date] = Counter()
    for _, day, _, dollars in purchases():
        cents[date.fromisoformat(day)] += round(float(dollars) * 100)
    return cents


@pytest.mark.parametrize(("days", "off"), [(5, 0.147), (10, 0.126), (20, 0.079)])
def test_months_of_cdnow_are_projected_as_well_as_the_rule_is_known_for(
    sales: Mapping[date, int], days: int, off: float
) -> None:
    errors: list[float] = []
    for month in MONTHS:
        projection = project(month, month.first + timedelta(days - 1), sales, like=[])
        assert projection is not None
        errors.append(abs(float(projection.value / reached(month, month.last, sales)) - 1))

    assert round(fmean(errors), 3) == off


@given(st.lists(st.integers(1, 10**9), min_size=7, max_size=7), days_of_october)
def test_where_every_week_is_alike_the_projection_is_what_comes(week: list[int], through: date) -> None:
    brought = {day: week[day.weekday()] for n in range(92) if (day := date(2026, 8, 1) + timedelta(n))}
    projection = project(OCTOBER, through, brought, like=[DateRange(first=date(2026, 9, 30), last=date(2026, 9, 30))])

    assert projection is not None
    assert projection.value == reached(OCTOBER, OCTOBER.last, brought)
    assert projection.low is not None
    assert projection.high is not None
    assert projection.low <= projection.value <= projection.high


@given(daily, days_of_october)
def test_the_share_grows_from_day_to_day_and_is_whole_with_the_last(brought: dict[date, int], through: date) -> None:
    before = share_over(OCTOBER, through - timedelta(1), brought)

    assert 0 <= before <= share_over(OCTOBER, through, brought) <= 1
    assert share_over(OCTOBER, OCTOBER.last, brought) == 1


@given(daily)
def test_a_period_that_is_over_comes_to_what_it_came_to(brought: dict[date, int]) -> None:
    september = DateRange(first=date(2026, 9, 1), last=date(2026, 9, 30))
    projection = project(OCTOBER, OCTOBER.last, brought, like=[september])

    assert projection is not None
    assert projection.low == projection.value == projection.high == reached(OCTOBER, OCTOBER.last, brought)


def test_the_band_reaches_as_far_as_the_rule_was_wrong() -> None:
    september = DateRange(first=date(2026, 9, 1), last=date(2026, 9, 30))
    brought = {september.first + timedelta(n): 10 if n < 10 else 20 for n in range(30)}
    brought |= {OCTOBER.first + timedelta(n): 31 for n in range(10)}
    projection = project(OCTOBER, date(2026, 10, 10), brought, like=[september])

    # Days before September weigh alike: after ten of its days the rule said 300, and it came to 500.
    assert projection is not None
    assert projection.low == projection.value
    assert projection.high == projection.value * Fraction(5, 3)


def test_before_the_first_day_is_over_nothing_can_be_said() -> None:
    assert project(OCTOBER, date(2026, 9, 30), {}, like=[]) is None
