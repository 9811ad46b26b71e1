from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.domain.facts.values import WrongValue
from shared.services.imports.formats.cells import (
    american_day,
    amount,
    check_sign,
    count,
    english_day,
    iso_day,
    platform_id,
)
from shared.services.imports.formats.format import Row


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("12.50", "12.50"),
        ("1,204.50", "1204.50"),
        ("1,000,000", "1000000"),
        ("$1,045.50", "1045.50"),
        ("-$5.00", "-5.00"),
        ("\N{MINUS SIGN}5.00", "-5.00"),
        ("(420.81)", "-420.81"),
        ("$(250.00)", "-250.00"),
        ("1\N{NO-BREAK SPACE}204.50", "1204.50"),
        ("0", "0"),
        ("", None),
        ("--", None),
        ("\N{EM DASH}", None),
    ],
)
def test_an_amount_is_read_as_bookkeepers_write_it(cell: str, said: str | None) -> None:
    assert amount(cell) == said


@pytest.mark.parametrize("cell", ["12,50", "1.204,50", "1,20,000", "(5.00", "5.00)", "1e3", "n/a", "1.2.3", "Jane"])
def test_what_may_mean_two_amounts_is_none(cell: str) -> None:
    with pytest.raises(WrongValue) as refused:
        amount(cell)
    assert cell not in refused.value.message


@pytest.mark.parametrize(
    ("cell", "currency", "fits"),
    [
        ("5.00", "EUR", True),
        ("$5.00", "USD", True),
        ("-$5.00", "CAD", True),
        ("€1,204.50", "EUR", True),
        ("£5", "GBP", True),
        ("€5.00", "USD", False),
        ("(€5.00)", "GBP", False),
        ("$5.00", "EUR", False),
        ("£5.00", "USD", False),
        ("$5.00", "JPY", False),
    ],
)
def test_an_amount_may_not_have_the_sign_of_another_currency(cell: str, currency: str, *, fits: bool) -> None:
    row = Row(line=2, cells={"cost": cell})
    if fits:
        check_sign(row, "cost", currency)
    else:
        with pytest.raises(WrongValue) as refused:
            check_sign(row, "cost", currency)
        assert (refused.value.code, refused.value.field) == ("currency_differs", "cost")


@pytest.mark.parametrize("read", [amount, count])
@pytest.mark.parametrize("cell", ["9" * 16, "9" * 5_000, "9,999,999,999,999,999", "1" + ",000" * 2_000], ids=len)
def test_what_has_more_digits_than_any_amount_is_none(read: Callable[[str], object], cell: str) -> None:
    with pytest.raises(WrongValue):
        read(cell)


def test_a_count_has_no_decimals() -> None:
    assert [count(cell) for cell in ("48,210", "12.0", "", "--")] == [48_210, 12, None, None]
    with pytest.raises(WrongValue):
        count("1.5")


@pytest.mark.parametrize(
    ("read", "cell", "day"),
    [
        (iso_day, "2026-09-01", "2026-09-01"),
        (iso_day, "2026-09-01 00:00:00", "2026-09-01"),
        (english_day, "2026-09-01", "2026-09-01"),
        (english_day, "Sep 1, 2026", "2026-09-01"),
        (english_day, "Tue, Sep 1, 2026", "2026-09-01"),
        (english_day, "September 30, 2026", "2026-09-30"),
        (american_day, "09/01/2026", "2026-09-01"),
        (american_day, "9/1/2026", "2026-09-01"),
        (american_day, "2026-09-01", "2026-09-01"),
    ],
)
def test_a_day_is_read_in_the_spellings_of_its_export(read: Callable[[str], str], cell: str, day: str) -> None:
    assert read(cell) == day


@pytest.mark.parametrize(
    ("read", "cell"),
    [
        (iso_day, "09/01/2026"),
        (iso_day, ""),
        (english_day, "1/9/2026"),
        (english_day, "Foo 1, 2026"),
        (english_day, "Feb 30, 2026"),
        (american_day, "31/12/2026"),
        (american_day, "02/30/2026"),
        (american_day, "1/2/26"),
    ],
)
def test_a_day_that_would_be_a_guess_is_refused(read: Callable[[str], str], cell: str) -> None:
    with pytest.raises(WrongValue, match=r"day|date"):
        read(cell)


def test_an_id_that_a_spreadsheet_rounded_is_refused() -> None:
    assert platform_id("120208123456789012") == "120208123456789012"
    with pytest.raises(WrongValue, match="spreadsheet"):
        platform_id("1.20208E+17")
