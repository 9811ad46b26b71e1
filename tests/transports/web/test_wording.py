from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.transports.web.wording import clock, count, date, iso, monogram, relative, size, took

NOW = datetime(2026, 11, 22, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (timedelta(0), "just now"),
        (timedelta(seconds=-59), "just now"),
        (timedelta(seconds=1), "in a moment"),
        (timedelta(minutes=-1), "1 minute ago"),
        (timedelta(minutes=59, seconds=59), "in 1 hour"),
        (timedelta(hours=-3, minutes=-40), "3 hours ago"),
        (timedelta(hours=23, minutes=59), "in 1 day"),
        (timedelta(days=12, hours=23), "in 13 days"),
        (timedelta(days=12, hours=12), "in 12 days"),
        (timedelta(days=30) - timedelta(seconds=3), "in 30 days"),
        (timedelta(days=29, hours=12), "in 30 days"),
        (timedelta(days=29, hours=11, minutes=59), "in 29 days"),
        (timedelta(days=-40), "40 days ago"),
        (timedelta(days=59, hours=23), "in 2 months"),
        (timedelta(days=60), "in 2 months"),
        (timedelta(days=179), "in 6 months"),
        (timedelta(days=364), "in 1 year"),
        (timedelta(days=355), "in 12 months"),
        (timedelta(days=365), "in 1 year"),
        (timedelta(days=-731), "2 years ago"),
    ],
)
def test_a_moment_is_told_by_how_far_away_it_is(away: timedelta, words: str) -> None:
    assert relative(NOW + away, NOW) == words


@given(st.timedeltas(min_value=timedelta(minutes=1), max_value=timedelta(days=58)))
def test_nobody_is_told_of_a_sixtieth_more_time_than_is_left(left: timedelta) -> None:
    number, unit = relative(NOW + left, NOW).removeprefix("in ").split()
    told = int(number) * timedelta(**{unit.removesuffix("s") + "s": 1})
    assert told * 59 / 60 <= left < told + timedelta(days=1)


def test_a_moment_is_written_in_utc_wherever_it_was_taken() -> None:
    berlin = datetime(2026, 12, 4, 0, 5, tzinfo=timezone(timedelta(hours=1)))
    assert date(berlin) == "3 Dec 2026"
    assert clock(berlin) == "3 Dec 2026, 23:05 UTC"
    assert iso(berlin) == "2026-12-03T23:05:00Z"


def test_a_number_stands_with_its_noun_in_the_right_form() -> None:
    assert [count(each, "call") for each in (0, 1, 2, 1284)] == ["0 calls", "1 call", "2 calls", "1,284 calls"]
    assert count(2, "entry", "entries") == "2 entries"


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1_000, "1.0 kB"),
        (1_249, "1.2 kB"),
        (9_949, "9.9 kB"),
        (9_990, "10 kB"),
        (999_499, "999 kB"),
        (999_501, "1.0 MB"),
        (18_231_044, "18 MB"),
        (5_000_000_000_000, "5,000 GB"),
    ],
)
def test_a_size_is_told_with_two_or_three_digits(octets: int, words: str) -> None:
    assert size(octets) == words


@pytest.mark.parametrize(
    ("milliseconds", "words"), [(0, "0 ms"), (999, "999 ms"), (1_234, "1.2 s"), (61_000, "61.0 s")]
)
def test_a_duration_is_told_in_the_unit_that_it_is_felt_in(milliseconds: int, words: str) -> None:
    assert took(milliseconds) == words


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Nordlicht Outdoor", "NO"),
        ("Fjell & Faden", "FF"),
        ("élan", "É"),
        ("Ann of the Hills", "AO"),
        ("  ", "?"),
        ("<b>", "?"),
    ],
)
def test_a_name_is_pictured_by_at_most_two_of_its_letters(name: str, letters: str) -> None:
    assert monogram(name) == letters
