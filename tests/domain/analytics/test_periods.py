from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.analytics.buckets import MOST_POINTS, Granularity, buckets
from shared.domain.analytics.periods import (
    LONGEST_DAYS,
    Asked,
    Compare,
    DateRange,
    PeriodWord,
    compared_with,
    is_like,
    last_of,
    later_month,
    month_of,
    previous_period,
    previous_year,
    quarter_start,
    resolve,
    today_in,
    year_start,
)
from shared.domain.errors import Invalid

A_DAY = timedelta(days=1)
days = st.dates(min_value=date(1997, 1, 1), max_value=date(2035, 12, 31))
fiscal_starts = st.integers(min_value=1, max_value=12)
UNITS_SO_FAR = {PeriodWord.THIS_WEEK, PeriodWord.MTD, PeriodWord.QTD, PeriodWord.YTD}


@st.composite
def ranges(draw: st.DrawFn, longest: int = LONGEST_DAYS) -> DateRange:
    first = draw(days)
    return DateRange(first=first, last=first + timedelta(days=draw(st.integers(0, longest - 1))))


def span(first: str, last: str) -> DateRange:
    return DateRange(first=date.fromisoformat(first), last=date.fromisoformat(last))


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("today", span("2026-11-21", "2026-11-21")),
        ("yesterday", span("2026-11-20", "2026-11-20")),
        ("last_7d", span("2026-11-14", "2026-11-20")),
        ("last_14d", span("2026-11-07", "2026-11-20")),
        ("last_28d", span("2026-10-24", "2026-11-20")),
        ("last_30d", span("2026-10-22", "2026-11-20")),
        ("last_90d", span("2026-08-23", "2026-11-20")),
        ("this_week", span("2026-11-16", "2026-11-20")),
        ("last_week", span("2026-11-09", "2026-11-15")),
        ("mtd", span("2026-11-01", "2026-11-20")),
        ("last_month", span("2026-10-01", "2026-10-31")),
        ("qtd", span("2026-10-01", "2026-11-20")),
        ("last_quarter", span("2026-07-01", "2026-09-30")),
        ("ytd", span("2026-01-01", "2026-11-20")),
        ("last_year", span("2025-01-01", "2025-12-31")),
        ("ttm", span("2025-11-01", "2026-10-31")),
    ],
)
def test_the_words_on_a_saturday_in_november(word: str, expected: DateRange) -> None:
    assert resolve(Asked(word=PeriodWord(word)), today=date(2026, 11, 21)) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("qtd", span("2026-11-01", "2026-11-20")),
        ("last_quarter", span("2026-08-01", "2026-10-31")),
        ("ytd", span("2026-02-01", "2026-11-20")),
        ("last_year", span("2025-02-01", "2026-01-31")),
    ],
)
def test_quarters_and_years_are_those_of_a_fiscal_year_that_begins_in_february(word: str, expected: DateRange) -> None:
    assert resolve(Asked(word=PeriodWord(word)), today=date(2026, 11, 21), fiscal_start=2) == expected


def found_for(word: str, today: date, fiscal_start: int) -> DateRange | Invalid:
    try:
        return resolve(Asked(word=PeriodWord(word)), today=today, fiscal_start=fiscal_start)
    except Invalid as refused:
        return refused


@given(st.sampled_from(PeriodWord), days, fiscal_starts)
def test_every_word_ends_yesterday_or_before_and_only_today_does_not(
    word: PeriodWord, today: date, fiscal_start: int
) -> None:
    found = found_for(word, today, fiscal_start)

    if isinstance(found, Invalid):
        assert (found.code, found.field) == ("invalid_date_range", "period")
        assert word in UNITS_SO_FAR
    else:
        assert found.first <= found.last
        assert found.last == today if word is PeriodWord.TODAY else found.last < today
        assert 1 <= found.days <= 366


@pytest.mark.parametrize(
    ("so_far", "before"),
    [("this_week", "last_week"), ("mtd", "last_month"), ("qtd", "last_quarter"), ("ytd", "last_year")],
)
@given(days, fiscal_starts)
def test_a_unit_so_far_begins_where_the_complete_one_before_it_ended(
    so_far: str, before: str, today: date, fiscal_start: int
) -> None:
    running, complete = found_for(so_far, today, fiscal_start), found_for(before, today, fiscal_start)

    assert isinstance(complete, DateRange)
    began = complete.last + A_DAY
    assert began == (today if isinstance(running, Invalid) else running.first)


@pytest.mark.parametrize(("word", "instead"), [("mtd", "last_month"), ("qtd", "last_quarter"), ("ytd", "last_year")])
def test_on_its_first_day_a_unit_has_no_figures_and_says_what_to_ask_instead(word: str, instead: str) -> None:
    with pytest.raises(Invalid, match="no complete day yet") as refused:
        resolve(Asked(word=PeriodWord(word)), today=date(2027, 1, 1))
    assert f"period={instead}" in refused.value.hint


@given(ranges(longest=800))
def test_the_previous_period_ends_where_the_period_begins(period: DateRange) -> None:
    before = previous_period(period)

    assert before.last == period.first - A_DAY
    whole_months = period.first.day == 1 and (period.last + A_DAY).day == 1
    assert whole_months or before.days == period.days


@given(days, fiscal_starts)
def test_the_period_before_a_calendar_unit_is_the_unit_before_it(day: date, fiscal_start: int) -> None:
    for months, start in (
        (1, day.replace(day=1)),
        (3, quarter_start(day, fiscal_start)),
        (12, year_start(day, fiscal_start)),
    ):
        unit = DateRange(first=start, last=last_of(later_month(month_of(start), months - 1)))
        before = previous_period(unit)
        assert month_of(before.first) == later_month(month_of(start), -months)
        assert before.first.day == 1


@given(ranges(longest=800))
def test_previous_year_is_the_same_dates_and_29_february_becomes_the_28th(period: DateRange) -> None:
    before = previous_year(period)

    for now, then in ((period.first, before.first), (period.last, before.last)):
        assert (then.year, then.month) == (now.year - 1, now.month)
        if now.month != 2 or now.day < 28:
            assert then.day == now.day
        else:
            assert then.day in {28, 29}


@given(days, st.integers(1, 24))
def test_whole_months_are_compared_with_the_same_months_whole_a_year_before(day: date, months: int) -> None:
    first = day.replace(day=1)
    whole = DateRange(first=first, last=last_of(later_month(month_of(first), months - 1)))
    before = previous_year(whole)

    assert (month_of(before.first), before.first.day) == (later_month(month_of(first), -12), 1)
    assert before.last == last_of(later_month(month_of(whole.last), -12))


@pytest.mark.parametrize(
    ("asked", "before"),
    [
        (("2025-02-01", "2025-02-28"), ("2024-02-01", "2024-02-29")),
        (("2024-12-01", "2025-02-28"), ("2023-12-01", "2024-02-29")),
        (("2024-02-01", "2024-02-29"), ("2023-02-01", "2023-02-28")),
        (("2025-02-02", "2025-02-28"), ("2024-02-02", "2024-02-28")),
        (("2025-02-01", "2025-02-27"), ("2024-02-01", "2024-02-27")),
        (("2024-02-01", "2024-02-28"), ("2023-02-01", "2023-02-28")),
    ],
)
def test_a_leap_day_is_in_the_year_before_where_its_whole_month_is(
    asked: tuple[str, str], before: tuple[str, str]
) -> None:
    assert previous_year(span(*asked)) == span(*before)


def test_29_february_is_compared_with_the_28th() -> None:
    assert previous_year(span("2024-02-29", "2024-02-29")) == span("2023-02-28", "2023-02-28")


@pytest.mark.parametrize(
    ("first", "last", "code", "field"),
    [
        ("2026-11-01", None, "invalid_date_range", "date_to"),
        (None, "2026-11-01", "invalid_date_range", "date_from"),
        ("2026-11-02", "2026-11-01", "invalid_date_range", "date_from"),
        ("2026-11-01", "2026-11-22", "invalid_date_range", "date_to"),
        ("0001-01-01", "0001-01-02", "invalid_date_range", "date_from"),
        ("2021-11-17", "2026-11-21", "range_too_long", "date_from"),
    ],
)
def test_dates_that_make_no_range_are_refused_by_name(
    first: str | None, last: str | None, code: str, field: str
) -> None:
    asked = Asked(
        first=None if first is None else date.fromisoformat(first),
        last=None if last is None else date.fromisoformat(last),
    )

    with pytest.raises(Invalid) as refused:
        resolve(asked, today=date(2026, 11, 21))
    assert (refused.value.code, refused.value.field) == (code, field)


def test_the_longest_range_has_1830_days_and_may_end_today() -> None:
    asked = Asked(first=date(2021, 11, 18), last=date(2026, 11, 21))

    assert resolve(asked, today=date(2026, 11, 21)).days == 1830


@pytest.mark.parametrize(
    ("compare", "expected"),
    [
        (Compare.NONE, None),
        (Compare.PREVIOUS_PERIOD, span("2026-10-12", "2026-10-31")),
        (Compare.PREVIOUS_YEAR, span("2025-11-01", "2025-11-20")),
        (Compare.CUSTOM, span("2026-01-05", "2026-01-09")),
    ],
)
def test_a_period_is_compared_with_what_was_asked_for(compare: Compare, expected: DateRange | None) -> None:
    found = compared_with(
        span("2026-11-01", "2026-11-20"),
        compare,
        today=date(2026, 11, 21),
        first=date(2026, 1, 5),
        last=date(2026, 1, 9),
    )

    assert found == expected


def test_a_custom_comparison_needs_both_its_dates() -> None:
    with pytest.raises(Invalid, match="belong together") as refused:
        compared_with(
            span("2026-11-01", "2026-11-20"), Compare.CUSTOM, today=date(2026, 11, 21), first=date(2026, 1, 5)
        )
    assert (refused.value.field, refused.value.hint) == (
        "compare_to",
        "Give both with compare=custom, or another compare.",
    )


# --- days, where the shop is ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("timezone", "moment", "expected"),
    [
        ("America/New_York", "2026-11-21T04:59:59+00:00", "2026-11-20"),
        ("America/New_York", "2026-11-21T05:00:00+00:00", "2026-11-21"),
        ("America/New_York", "2026-07-21T03:59:59+00:00", "2026-07-20"),  # daylight saving: an hour earlier
        ("America/New_York", "2026-07-21T04:00:00+00:00", "2026-07-21"),
        ("Pacific/Auckland", "2026-11-20T11:00:00+00:00", "2026-11-21"),
        ("Asia/Kathmandu", "2026-11-20T18:15:00+00:00", "2026-11-21"),
    ],
)
def test_a_day_begins_at_midnight_where_the_shop_is(timezone: str, moment: str, expected: str) -> None:
    assert today_in(timezone, datetime.fromisoformat(moment)).isoformat() == expected


@pytest.mark.parametrize(
    ("timezone", "since", "until"),
    [
        ("UTC", "2026-03-07T00:00:00Z", "2026-03-09T00:00:00Z"),
        ("America/New_York", "2026-03-07T05:00:00Z", "2026-03-09T04:00:00Z"),  # clocks go forward on the 8th
        ("Pacific/Auckland", "2026-03-06T11:00:00Z", "2026-03-08T11:00:00Z"),
    ],
)
def test_a_range_lies_between_midnights_of_the_shop(timezone: str, since: str, until: str) -> None:
    span = DateRange(first=date(2026, 3, 7), last=date(2026, 3, 8))

    assert span.moments(timezone) == (datetime.fromisoformat(since), datetime.fromisoformat(until))


@given(
    st.datetimes(min_value=datetime(2015, 1, 1), max_value=datetime(2035, 1, 1)),  # noqa: DTZ001 - the zone is added below
    st.sampled_from(["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Tokyo", "America/Sao_Paulo"]),
)
def test_the_day_never_runs_backwards_not_even_when_clocks_do(naive: datetime, timezone: str) -> None:
    moment = naive.replace(tzinfo=UTC)

    assert today_in(timezone, moment) <= today_in(timezone, moment + timedelta(minutes=30))
    assert today_in(timezone, moment) == moment.astimezone(ZoneInfo(timezone)).date()


# --- buckets ---------------------------------------------------------------------------------------------------------


@given(ranges(longest=90), st.sampled_from(Granularity), fiscal_starts)
def test_every_day_of_a_range_is_in_exactly_one_bucket(
    period: DateRange, granularity: Granularity, fiscal_start: int
) -> None:
    cut = buckets(period, granularity, fiscal_start=fiscal_start)

    assert cut[0].days.first == period.first
    assert cut[-1].days.last == period.last
    assert all(later.days.first == earlier.days.last + A_DAY for earlier, later in pairwise(cut))
    assert sum(bucket.days.days for bucket in cut) == period.days


@given(ranges(longest=400), st.sampled_from([Granularity.WEEK, Granularity.MONTH, Granularity.QUARTER]), fiscal_starts)
def test_a_bucket_is_partial_exactly_where_the_range_cuts_it(
    period: DateRange, granularity: Granularity, fiscal_start: int
) -> None:
    for bucket in buckets(period, granularity, fiscal_start=fiscal_start):
        after = {
            Granularity.WEEK: bucket.start + timedelta(days=7),
            Granularity.MONTH: last_of(month_of(bucket.start)) + A_DAY,
            Granularity.QUARTER: last_of(later_month(month_of(bucket.start), 2)) + A_DAY,
        }[granularity]
        assert bucket.partial == (bucket.start < period.first or after - A_DAY > period.last)
        if granularity is Granularity.WEEK:
            assert bucket.start.weekday() == 0
        else:
            assert bucket.start.day == 1


def test_fiscal_quarters_begin_with_the_fiscal_year() -> None:
    cut = buckets(span("2026-01-15", "2026-08-10"), Granularity.QUARTER, fiscal_start=2)

    assert [(f"{bucket.start}", bucket.partial) for bucket in cut] == [
        ("2025-11-01", True),
        ("2026-02-01", False),
        ("2026-05-01", False),
        ("2026-08-01", True),
    ]


@pytest.mark.parametrize(
    ("granularity", "most", "longest"),
    [
        (Granularity.DAY, 92, span("2026-01-01", "2026-04-02")),
        (Granularity.WEEK, 106, span("2024-01-01", "2026-01-11")),
        (Granularity.MONTH, 60, span("2021-01-01", "2025-12-31")),
    ],
)
def test_more_buckets_than_can_be_read_are_refused_with_the_next_coarser_size(
    granularity: Granularity, most: int, longest: DateRange
) -> None:
    assert len(buckets(longest, granularity)) == most == MOST_POINTS[granularity]

    with pytest.raises(Invalid, match=f"{most + 1} buckets") as refused:
        buckets(DateRange(first=longest.first, last=longest.last + A_DAY), granularity)
    assert refused.value.code == "range_too_long"
    assert "granularity=" in refused.value.hint


def test_the_longest_range_fits_into_quarters() -> None:
    assert len(buckets(span("2021-11-18", "2026-11-21"), Granularity.QUARTER)) == 21


@pytest.mark.parametrize("word", [PeriodWord.LAST_MONTH, PeriodWord.YTD, PeriodWord.LAST_30D])
def test_the_unit_before_and_the_year_before_are_fair_to_compare_with_whatever_their_lengths(word: PeriodWord) -> None:
    span = resolve(Asked(word=word), today=date(2028, 3, 15))  # after a leap day

    assert is_like(span, previous_period(span))
    assert is_like(span, previous_year(span))
    assert not is_like(span, span)
