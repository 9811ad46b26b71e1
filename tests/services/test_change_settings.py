"""What a workspace may settle, and what it may not change any more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from shared.domain.errors import Conflict, Invalid
from shared.domain.facts.settings import Settings
from shared.services.change_settings import change_settings
from shared.storage.contracts.audit import AuditFilter
from shared.storage.contracts.streams import Origin
from shared.storage.rows.audit import StoredAudit
from tests.data.merchants import WORKSPACE, Merchant, header, order

NEW_YORK = Settings(timezone="America/New_York", fiscal_year_start=7, k_min=25, payment_fee_ppm=29_000)


def change(merchant: Merchant, settings: Settings) -> None:
    origin = Origin(actor="mem_olivia", request_id=f"request-{uuid4()}")
    imports, figures = merchant.imports, merchant.figures
    change_settings(WORKSPACE, settings, now=merchant.now, origin=origin, imports=imports, figures=figures)


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


def test_what_a_shop_steers_by_is_as_it_was_settled() -> None:
    merchant = Merchant()
    steered = Settings(
        north_star="net_revenue",
        guardrails={"mer": {"at_least": 3_000_000}, "cm3": {"at_least": 5_000_000_000, "at_most": 5_000_000_000}},
        promotions={"2026-11-27": "2026-11-27", "2026-09-01": "2026-12-01"},
        multiples={"2026-11-01": {"sde": [2500, 2500, 3500], "revenue": [0, 1, 100_000]}},
    )
    change(merchant, steered)

    assert merchant.figures.settings(WORKSPACE) == steered


def test_a_change_leaves_one_event_and_what_changes_nothing_leaves_none() -> None:
    merchant = Merchant()
    change(merchant, NEW_YORK)
    merchant.import_lines(header(), order())
    merchant.fold()
    for _ in range(2):
        change(merchant, replace(NEW_YORK, multiples={"2026-11-01": {"sde": (1, 2, 3)}}))

    trail = StoredAudit(merchant.engine).entries(WORKSPACE, matching=AuditFilter(), limit=10, now=merchant.now).items
    told = [row for row in trail if row.type == "workspace.settings_changed"]
    assert sorted((len(row.data), str(row.data["changed"])) for row in told) == [
        (1, "['multiples']"),
        (1, "['timezone', 'fiscal_year_start', 'k_min', 'payment_fee_ppm']"),
    ]
    assert {row.origin.actor for row in told} == {"mem_olivia"}
    assert merchant.figures.marks(WORKSPACE) == [2], "a fold is due for the one change after the import"


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
        ({"north_star": "happiness"}, "north_star"),
        ({"guardrails": {"happiness": {"at_least": 1}}}, "guardrails"),
        ({"guardrails": {"mer": {}}}, "guardrails"),
        ({"guardrails": {"mer": {"more_than": 1}}}, "guardrails"),
        ({"guardrails": {"mer": {"at_least": 2, "at_most": 1}}}, "guardrails"),
        ({"guardrails": {"mer": {"at_most": 10**15 + 1}}}, "guardrails"),
        ({"guardrails": {"cm3": {"at_least": -(10**15) - 1}}}, "guardrails"),
        ({"promotions": {"2026-11-31": "2026-12-01"}}, "promotions"),
        ({"promotions": {"20261127": "2026-12-01"}}, "promotions"),
        ({"promotions": {"2026-11-28": "2026-11-27"}}, "promotions"),
        ({"promotions": {"2026-09-01": "2026-12-02"}}, "promotions"),
        ({"promotions": {"0001-01-01": "9999-12-31"}}, "promotions"),
        ({"promotions": {f"{year}-01-01": f"{year}-01-01" for year in range(2000, 2201)}}, "promotions"),
        ({"multiples": {"yesterday": {}}}, "multiples"),
        ({"multiples": {"2026-11-01": {"dcf": [1, 2, 3]}}}, "multiples"),
        ({"multiples": {"2026-11-01": {"sde": [1, 2]}}}, "multiples"),
        ({"multiples": {"2026-11-01": {"sde": [-1, 2, 3]}}}, "multiples"),
        ({"multiples": {"2026-11-01": {"sde": [3, 2, 4]}}}, "multiples"),
        ({"multiples": {"2026-11-01": {"sde": [1, 2, 100_001]}}}, "multiples"),
    ],
)
def test_a_setting_that_breaks_a_rule_is_refused(wrong: dict[str, Any], field: str) -> None:
    merchant = Merchant()
    with pytest.raises(Invalid) as refused:
        change(merchant, replace(Settings(), **wrong))

    assert refused.value.field == field
    assert merchant.figures.settings(WORKSPACE) == Settings()
