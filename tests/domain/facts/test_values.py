"""What a single value of a line may be. Amounts are exact to the micro, or refused."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.domain.facts import values
from shared.domain.facts.values import EXACT, WrongValue


def refused(read: Callable[[object], object], value: object) -> str:
    with pytest.raises(WrongValue) as wrong:
        read(value)
    return wrong.value.code


@given(st.integers(0, 10**15))
@example(0)
@example(10**15)
def test_an_amount_is_read_to_the_micro_as_text_and_as_a_number(micros: int) -> None:
    amount = f"{micros // 10**6}.{micros % 10**6:06d}"

    assert values.money(amount) == values.money(EXACT.create_decimal(amount)) == micros


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=0, max_value=10**9, places=9))
def test_an_amount_is_exact_or_it_is_refused(amount: Decimal) -> None:
    micros = Fraction(amount) * 10**6

    if micros.denominator == 1:
        assert values.money(amount) == micros
    else:
        assert refused(values.money, amount) == "too_precise"


def as_a_fraction(value: str | int | Decimal, *, most: int) -> Fraction | str:
    """Read an amount by the book: what it comes to in micros, or why it is refused."""
    micros = Fraction(value) * 10**6
    if abs(micros) > most * 10**6:
        return "out_of_range"
    return micros if micros.denominator == 1 else "too_precise"


@given(
    st.from_regex(r"-?[0-9]{1,12}(\.[0-9]{1,12})?", fullmatch=True)
    | st.integers(-(2**80), 2**80)
    | st.tuples(st.integers(-(10**20), 10**20), st.integers(-30, 9)).map(lambda of: Decimal(f"{of[0]}E{of[1]}"))
    | st.sampled_from(["-0", "000.10", "1000000000.0000001", "-1000000000", "999999999.9999990", "0.0000010000"])
)
def test_text_numbers_and_decimals_are_read_as_the_fractions_that_they_are(value: str | int | Decimal) -> None:
    expected = as_a_fraction(value, most=10**9)

    if isinstance(expected, str):
        assert refused(values.signed_money, value) == expected
    else:
        assert values.signed_money(value) == expected


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (True, "wrong_type"),
        (1.5, "wrong_type"),  # a float never gets here: the reader of JSON makes decimals
        ("1,50", "wrong_type"),
        ("1e3", "wrong_type"),
        ("", "wrong_type"),
        ("٣", "wrong_type"),
        ("1_000", "wrong_type"),
        (" 1", "wrong_type"),
        ("1\n", "wrong_type"),
        ("+1", "wrong_type"),
        ("1.", "wrong_type"),
        (".5", "wrong_type"),
        (None, "wrong_type"),
        (-1, "out_of_range"),
        (10**9 + 1, "out_of_range"),
        ("0.0000001", "too_precise"),
        (Decimal("1E-99"), "too_precise"),
    ],
)
def test_what_is_no_amount_is_refused(value: object, code: str) -> None:
    assert refused(values.money, value) == code


def test_a_credit_is_an_amount_only_where_amounts_have_a_sign() -> None:
    assert values.signed_money("-12.50") == -12_500_000
    assert refused(values.money, "-12.50") == "out_of_range"


def test_an_exchange_rate_keeps_nine_places_and_is_above_zero() -> None:
    assert values.rate("1.084300001") == 1_084_300_001
    assert refused(values.rate, "0") == "out_of_range"
    assert refused(values.rate, "1.0000000001") == "too_precise"


def test_an_exchange_rate_is_one_that_there_may_be_either_way_round() -> None:
    assert (values.rate("10000000"), values.rate("0.0000001")) == (10**16, 100)
    assert refused(values.rate, "10000001") == "out_of_range"
    assert refused(values.rate, "0.000000099") == "out_of_range"


@pytest.mark.parametrize("day", ["2026-11-20", "2024-02-29", "1970-01-01", "2099-12-31"])
def test_a_day_is_a_date_of_the_calendar(day: str) -> None:
    assert values.day(day) == day


@pytest.mark.parametrize(
    "value",
    ["2026-02-29", "20261120", "2026-W47-5", "2026-11-20T00:00:00", "20-11-2026", 20261120, None, " 2026-11-20"],
)
def test_what_is_no_date_is_refused(value: object) -> None:
    assert refused(values.day, value) == "wrong_date"


def test_a_moment_needs_its_offset() -> None:
    assert values.microseconds(values.moment("1970-01-02T01:00:00.000001+01:00")) == 86_400_000_001
    assert refused(values.moment, "2026-11-20T09:30:00") == "wrong_moment"
    assert refused(values.moment, "2026-11-20") == "wrong_moment"
    assert refused(values.moment, "1969-12-31T00:00:00Z") == "out_of_range"


def test_an_id_is_the_same_as_a_number_and_as_text() -> None:
    assert values.identifier(1001) == values.identifier("1001") == "1001"


@pytest.mark.parametrize("value", ["", " 1", "a\nb", "a\u202eb", "x" * 129, "\ud800", True, 1.0, -1])
def test_what_cannot_be_printed_in_a_line_is_no_id(value: object) -> None:
    assert refused(values.identifier, value) in {"wrong_id", "wrong_type"}


@pytest.mark.parametrize(
    "value",
    [
        "jane.doe@example.com",
        "Re jane@x.example (2)",
        "jane\uff20example.com",
        "jane%40example.com",
        "+15551112222",
        "to +49 (0) 30-12345",
        "wa:+1 555 12 34 5",
        "+1\u2013555\u2013111\u20132222",
    ],
)
def test_an_id_that_reaches_a_person_is_refused_and_not_shown(value: str) -> None:
    with pytest.raises(WrongValue) as wrong:
        values.identifier(value)

    assert wrong.value.code == "looks_personal"
    assert value not in wrong.value.message
    assert values.hidden_identifier(value) == value


@pytest.mark.parametrize(
    "value", ["4006381333931", "15551112222", "10001+10002000", "A+B", "+1234567", "@brand.us", "2@1.5 mm", "#1001"]
)
def test_numbers_and_signs_of_articles_are_ids(value: str) -> None:
    assert values.identifier(value) == value


@pytest.mark.parametrize("value", ["usd", "US", "USDX", "U$D", 840, "XXY", "XXX", "XAU", "BTC"])
def test_what_nobody_is_paid_in_is_no_currency(value: object) -> None:
    assert refused(values.currency, value) == "wrong_currency"


@pytest.mark.parametrize("value", ["USD", "XCG", "ZWG", "BGN", "HRK"])
def test_young_currencies_are_taken_and_those_of_old_orders(value: str) -> None:
    assert values.currency(value) == value


def test_no_refusal_shows_the_value() -> None:
    readers: list[Callable[[object], object]] = [
        values.money,
        values.rate,
        values.count,
        values.units,
        values.flag,
        values.identifier,
        values.source,
        values.currency,
        values.choice("a", "b"),
        values.day,
        values.moment,
    ]
    for read in readers:
        with pytest.raises(WrongValue) as wrong:
            read("Jane\nDoe")
        assert "Jane" not in wrong.value.message
