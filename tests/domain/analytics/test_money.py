from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.analytics.money import amount, exponent_of, percent_change, rounded, share, written

micros = st.integers(min_value=-(10**18), max_value=10**18)
"""Up to a million millions."""
currencies = st.sampled_from(["USD", "EUR", "JPY", "KRW", "KWD", "TND", "CHF"])


@pytest.mark.parametrize(
    ("value", "currency", "written"),
    [
        (0, "USD", "0.0"),
        (1_230_000, "USD", "1.23"),
        (1_234_999, "USD", "1.23"),
        (1_235_000, "USD", "1.24"),
        (-1_235_000, "USD", "-1.24"),
        (4_999, "USD", "0.0"),
        (1_500_000, "JPY", "2"),
        (-1_499_999, "JPY", "-1"),
        (1_234_500, "KWD", "1.235"),
        (2_500_315_630_000, "USD", "2500315.63"),
    ],
)
def test_an_amount_is_written_in_major_units_with_the_digits_of_its_currency(
    value: int, currency: str, written: str
) -> None:
    assert json.dumps(amount(value, currency)) == written


def test_for_people_an_amount_has_all_its_digits() -> None:
    assert written(56_203_900_000, "USD") == "56,203.90 USD"
    assert written(-1_500_000_000, "JPY") == "-1,500 JPY"
    assert written(1_234_500, "KWD") == "1.235 KWD"


@given(micros, currencies)
def test_what_json_says_is_the_exact_amount_rounded_once(value: int, currency: str) -> None:
    # The decimal module rounds by the same rule (away from zero at the half) and knows nothing of our arithmetic.
    step = Decimal(1).scaleb(-exponent_of(currency))
    exact = (Decimal(value) / Decimal(1_000_000)).quantize(step, rounding=ROUND_HALF_UP)

    assert Decimal(json.dumps(amount(value, currency))) == exact


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**12))
def test_a_share_is_a_fraction_with_four_digits(part: int, whole: int) -> None:
    found = share(part, whole)

    exact = (Decimal(part) / Decimal(whole)).quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP)
    assert found is not None
    assert abs(Decimal(repr(found)) - exact) <= Decimal("0.0001")  # the decimal division is itself rounded at 28 digits
    assert rounded(part * 10_000, whole) == round(found * 10_000)


@pytest.mark.parametrize("part", [0, 5, -5])
def test_a_share_of_nothing_is_unknown(part: int) -> None:
    assert share(part, 0) is None


@pytest.mark.parametrize(
    ("now", "before", "percent"),
    [
        (110, 100, 10.0),
        (90, 100, -10.0),
        (-50, 100, -150.0),
        (50, -1, None),
        (-150, -100, None),
        (1, 3, -66.7),
        (5, 0, None),
        (0, 0, None),
    ],
)
def test_a_change_is_in_percent_of_what_was_before_if_that_was_above_zero(
    now: int, before: int, percent: float | None
) -> None:
    assert percent_change(now, before) == percent
