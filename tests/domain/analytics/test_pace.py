"""Projections are as good as the rule is known to be, and exact where days repeat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.analytics.pace import Daily, Past, Projection, project
from shared.domain.analytics.periods import DateRange, first_of, last_of, later_month
from tests.data.cdnow import purchases
from tests.data.recount_goals import band, each_day, is_of_one_day, share_over

MONTHS = [
    DateRange(first=first_of(month), last=last_of(month)) for month in (later_month("1997-07", n) for n in range(12))
]
OCTOBER = DateRange(first=date(2026, 10, 1), last=date(2026, 10, 31))
NOVEMBER = DateRange(first=date(2026, 11, 1), last=date(2026, 11, 30))
BLACK_FRIDAYS = (date(2025, 11, 28), date(2026, 11, 27))
A_YEAR_KNOWN = date(2025, 9, 7)
"""56 days before the year before November begins."""
EXAMPLES = settings().max_examples // 2
days_of_october = st.dates(OCTOBER.first, OCTOBER.last)
daily = st.dictionaries(st.dates(date(2026, 8, 1), OCTOBER.last), st.integers(0, 10**12))


def projected(period: DateRange, through: date, brought: Daily, *, known_from: date = date(2026, 8, 1)) -> Projection:
    found = project(period, through, Past(daily=brought, known=DateRange(first=known_from, last=through)))
    assert found is not None
    return found


def steady(first: date, last: date, **more: int) -> dict[date, int]:
    """Give a shop that sells for ten on every day but some, which are named d2026_11_05."""
    named = {date.fromisoformat(day[1:].replace("_", "-")): brought for day, brought in more.items()}
    return dict.fromkeys(each_day(first, last), 10) | named


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
        came = sum(sales[day] for day in each_day(month.first, month.last))
        found = projected(month, month.first + timedelta(days - 1), sales, known_from=min(sales))
        errors.append(abs(float(found.value / came) - 1))

    assert round(fmean(errors), 3) == off


@given(st.lists(st.integers(1, 10**9), min_size=7, max_size=7), days_of_october)
def test_where_every_week_is_alike_the_projection_is_what_comes(week: list[int], through: date) -> None:
    brought = {day: week[day.weekday()] for day in each_day(date(2026, 7, 1), OCTOBER.last)}
    found = projected(OCTOBER, through, brought, known_from=date(2026, 7, 1))

    came = sum(brought[day] for day in each_day(OCTOBER.first, OCTOBER.last))
    assert found.value == found.low == found.high == came


@given(daily, days_of_october)
def test_the_share_grows_from_day_to_day(brought: dict[date, int], through: date) -> None:
    past = Past(daily=brought, known=DateRange(first=date(2026, 8, 1), last=OCTOBER.last))
    before, now = (project(OCTOBER, day, past) for day in (through - timedelta(1), through))

    assert 0 <= (Fraction(0) if before is None else before.share) <= (Fraction(0) if now is None else now.share) <= 1


@given(daily)
def test_a_period_that_is_over_comes_to_what_it_came_to(brought: dict[date, int]) -> None:
    found = projected(OCTOBER, OCTOBER.last, brought)

    came = sum(brought.get(day, 0) for day in each_day(OCTOBER.first, OCTOBER.last))
    assert (found.share, found.low, found.value, found.high) == (1, came, came, came)


def test_the_band_reaches_as_far_as_the_rule_was_wrong() -> None:
    september = steady(date(2026, 7, 7), date(2026, 9, 30)) | dict.fromkeys(
        each_day(date(2026, 9, 11), date(2026, 9, 30)), 20
    )
    brought = september | dict.fromkeys(each_day(OCTOBER.first, date(2026, 10, 10)), 31)
    found = projected(OCTOBER, date(2026, 10, 10), brought, known_from=date(2026, 7, 7))

    # The days before September were alike: after ten of its days the rule said 300, and it came to 500.
    assert found.low == found.value
    assert found.high == found.value * Fraction(5, 3)


def test_before_the_first_day_is_over_nothing_can_be_said() -> None:
    assert project(OCTOBER, date(2026, 9, 30), Past(daily={}, known=OCTOBER)) is None


def test_a_day_that_stood_out_a_year_before_is_waited_for_and_counted_as_over_once_it_is() -> None:
    # Ten on every day, a year before and now, and a hundred on Black Friday.
    brought = steady(A_YEAR_KNOWN, NOVEMBER.last) | dict.fromkeys(BLACK_FRIDAYS, 100)
    before, after = (projected(NOVEMBER, date(2026, 11, day), brought, known_from=A_YEAR_KNOWN) for day in (20, 27))

    assert (before.value, before.share) == (390, Fraction(200, 390))
    assert (after.value, after.share, after.leans_on) == (390, Fraction(360, 390), None)


def test_a_shop_that_sells_twice_as_much_as_a_year_ago_expects_twice_as_much_of_the_day_that_stood_out() -> None:
    brought = {day: 5 if day < date(2026, 6, 1) else 10 for day in each_day(A_YEAR_KNOWN, NOVEMBER.last)}
    brought[BLACK_FRIDAYS[0]] = 50

    assert projected(NOVEMBER, date(2026, 11, 20), brought, known_from=A_YEAR_KNOWN).value == 390


def test_a_season_in_which_every_day_brings_more_is_no_reason_to_wait_for_more() -> None:
    brought = steady(A_YEAR_KNOWN, NOVEMBER.last) | dict.fromkeys(each_day(date(2025, 11, 1), date(2025, 11, 30)), 30)

    assert projected(NOVEMBER, date(2026, 11, 20), brought, known_from=A_YEAR_KNOWN).value == 300


def test_a_shop_that_grew_in_the_same_month_of_the_year_before_waits_for_no_day_of_it() -> None:
    grown = each_day(date(2025, 11, 15), NOVEMBER.last)
    brought = steady(A_YEAR_KNOWN, NOVEMBER.last) | dict.fromkeys(grown, 100) | {BLACK_FRIDAYS[0]: 140}

    assert projected(NOVEMBER, date(2026, 11, 10), brought, known_from=A_YEAR_KNOWN).value == 3000


def test_where_nothing_came_before_a_projection_leans_on_the_day_that_brought_something() -> None:
    one_day = {date(2026, 10, 2): 1000}

    assert projected(OCTOBER, date(2026, 10, 10), one_day, known_from=date(2026, 7, 7)).leans_on == date(2026, 10, 2)


@pytest.mark.parametrize(
    ("known_from", "a_year_before", "comes_to"),
    [
        (A_YEAR_KNOWN, 15, 305),
        (A_YEAR_KNOWN, 14, 300),  # not half as much again as on the best of the 56 days before
        (A_YEAR_KNOWN, -100, 300),
        (date(2025, 9, 8), 15, 300),  # of the first of those 56 days nothing is known
    ],
)
def test_a_year_before_counts_where_a_day_stood_out_from_all_of_the_eight_weeks_before(
    known_from: date, a_year_before: int, comes_to: int
) -> None:
    brought = steady(known_from, NOVEMBER.last) | {BLACK_FRIDAYS[0]: a_year_before}

    assert projected(NOVEMBER, date(2026, 11, 20), brought, known_from=known_from).value == comes_to


def test_of_a_goal_of_years_only_what_was_over_when_it_began_tells_what_stands_out() -> None:
    two_years = DateRange(first=date(2025, 1, 1), last=date(2026, 12, 31))
    brought = steady(date(2023, 11, 1), date(2026, 6, 30), d2025_03_03=100)

    # Were the day taken for its own forerunner, 2 March 2026 would weigh as ten.
    found = projected(two_years, date(2025, 12, 31), brought, known_from=date(2023, 11, 1))
    assert found.share == Fraction(365, 730)


@pytest.mark.parametrize(
    ("brought", "leans_on"),
    [
        ({"d2026_11_05": 60}, date(2026, 11, 5)),
        ({"d2026_11_05": 33}, date(2026, 11, 5)),
        ({"d2026_11_05": 32}, None),  # 222 of twenty days: without it a day brings 10 instead of 11.1, no tenth less
        ({"d2026_11_05": -60}, date(2026, 11, 5)),
        ({"d2026_11_05": 60, "d2026_11_06": 90}, date(2026, 11, 6)),
        (dict.fromkeys((f"d2026_11_{day:02}" for day in range(1, 21)), 60), None),  # it sells more, on any day
    ],
)
def test_a_projection_says_on_which_day_it_leans(brought: dict[str, int], leans_on: date | None) -> None:
    known = date(2026, 9, 6)
    found = projected(NOVEMBER, date(2026, 11, 20), steady(known, NOVEMBER.last, **brought), known_from=known)

    assert found.leans_on == leans_on


def test_a_projection_of_one_day_that_stands_out_leans_on_it() -> None:
    known = date(2026, 9, 6)

    first = projected(NOVEMBER, NOVEMBER.first, steady(known, NOVEMBER.first, d2026_11_01=15), known_from=known)
    usual = projected(NOVEMBER, NOVEMBER.first, steady(known, NOVEMBER.first, d2026_11_01=14), known_from=known)

    assert (first.leans_on, usual.leans_on) == (NOVEMBER.first, None)


@st.composite
def shops(draw: st.DrawFn) -> dict[date, int]:
    """Draw what a shop brought on the days of two years: habits, and days unlike them."""
    week = draw(st.lists(st.integers(0, 9), min_size=7, max_size=7))
    odd = draw(st.dictionaries(st.dates(date(2025, 7, 1), NOVEMBER.last), st.integers(-30, 60), max_size=6))
    last_year = draw(st.dictionaries(st.integers(0, 40), st.integers(0, 60), max_size=3))
    brought = {day: week[day.weekday()] for day in each_day(date(2025, 1, 1), NOVEMBER.last)}
    return brought | odd | {date(2025, 10, 25) + timedelta(n): count for n, count in last_year.items()}


@settings(max_examples=EXAMPLES)
@given(
    brought=shops(),
    ends=st.one_of(
        st.just((NOVEMBER.first, NOVEMBER.last)),
        st.tuples(st.dates(date(2026, 10, 25), date(2026, 11, 5)), st.dates(date(2026, 11, 6), NOVEMBER.last)),
    ),
    days=st.integers(0, 29),
    known_from=st.sampled_from([date(2025, 1, 1), A_YEAR_KNOWN, date(2025, 9, 1), date(2026, 5, 1)]),
)
def test_a_projection_is_what_the_slow_count_says(
    brought: dict[date, int], ends: tuple[date, date], days: int, known_from: date
) -> None:
    period = DateRange(first=ends[0], last=ends[1])
    through = min(period.first + timedelta(days), period.last - timedelta(1))
    past = Past(daily=brought, known=DateRange(first=known_from, last=through))

    def came(first: date, last: date) -> Fraction:
        return Fraction(sum(brought.get(day, 0) for day in each_day(first, last)))

    found = project(period, through, past)

    share = share_over(came, *ends, through, known_from)
    assert (Fraction(0) if found is None else found.share) == share
    if found is not None:
        bounds = [found.value * part for part in band(came, ends, through, known_from)]
        assert found.value == came(period.first, through) / share
        assert (found.low, found.high) == (min(bounds, default=None), max(bounds, default=None))
        leans = share < 1 and is_of_one_day(came, *ends, through, known_from)
        assert (found.leans_on is not None) == leans
