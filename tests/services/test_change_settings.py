"""What a workspace may settle, and what it may not change any more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shared.domain.errors import Conflict, Invalid
from shared.domain.facts.settings import Settings
from shared.services.change_settings import change_settings
from tests.data.merchants import WORKSPACE, Merchant, header, order

NEW_YORK = Settings(timezone="America/New_York", fiscal_year_start=7, k_min=25, payment_fee_ppm=29_000)


def change(merchant: Merchant, settings: Settings) -> None:
    change_settings(WORKSPACE, settings, imports=merchant.imports, figures=merchant.figures)


def test_settings_are_as_they_were_settled() -> None:
    merchant = Merchant()
    change(merchant, NEW_YORK)
    change(merchant, replace(NEW_YORK, timezone="Europe/Berlin"))

    assert merchant.figures.settings(WORKSPACE) == replace(NEW_YORK, timezone="Europe/Berlin")
    assert merchant.fold() is None, "there is nothing to fold yet"


def test_after_the_first_import_all_but_the_time_zone_may_change() -> None:
    merchant = Merchant()
    change(merchant, NEW_YORK)
    merchant.import_lines(header(), order())
    change(merchant, replace(NEW_YORK, k_min=30, payment_fee_ppm=100_000))
    merchant.fold()

    assert sum(merchant.month("2026-10").days["payment_fees_estimated"]) == 1_000_000
    with pytest.raises(Conflict) as refused:
        change(merchant, replace(NEW_YORK, timezone="Europe/Berlin"))
    assert (refused.value.code, refused.value.field) == ("timezone_fixed", "timezone")
    assert merchant.figures.settings(WORKSPACE).k_min == 30


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"timezone": "New York"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"currency": "dollars"}, "currency"),
        ({"currency": "XXY"}, "currency"),
        ({"fiscal_year_start": 13}, "fiscal_year_start"),
        ({"k_min": 9}, "k_min"),
        ({"payment_fee_ppm": 500_001}, "payment_fee_ppm"),
        ({"platform_fee_ppm": -1}, "platform_fee_ppm"),
        ({"payment_fee_fixed": -1}, "payment_fee_fixed"),
        ({"ledger_accounts": {"Travel": {"line": "trips"}}}, "ledger_accounts"),
    ],
)
def test_a_setting_that_breaks_a_rule_is_refused(wrong: dict[str, Any], field: str) -> None:
    merchant = Merchant()
    with pytest.raises(Invalid) as refused:
        change(merchant, replace(Settings(), **wrong))

    assert refused.value.field == field
    assert merchant.figures.settings(WORKSPACE) == Settings()
