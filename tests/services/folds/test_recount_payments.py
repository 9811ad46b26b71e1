"""The figures of random merchants with payments are what the slow, obvious count of their files says."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.facts.imports import ImportStatus
from shared.domain.facts.settings import Settings
from tests.data.merchants import Merchant, as_file
from tests.data.random_payments import paid_histories
from tests.data.recount import Rules
from tests.data.recount_payments import count_paid
from tests.services.folds.test_recount import NEW_YORK, by_day, cells, expected_cells

EXAMPLES = settings().max_examples // 16
"""An example takes half a second."""


@settings(max_examples=EXAMPLES)
@given(paid_histories(), st.booleans())
def test_every_day_and_every_cohort_is_what_the_slow_count_says(
    history: list[list[dict[str, Any]]],
    has_fee_rule: bool,  # noqa: FBT001 - Hypothesis draws it
) -> None:
    settled, rules = Settings(timezone=NEW_YORK), Rules(zone=NEW_YORK)
    if has_fee_rule:
        settled = replace(settled, payment_fee_ppm=29_000, payment_fee_fixed=300_000)
        rules = replace(rules, payment_fee_rate=Decimal("0.029"), payment_fee_fixed=Decimal("0.30"))
    merchant = Merchant()
    merchant.settle(settled)
    for file in history:
        record = merchant.import_bytes(as_file(file))
        assert record.status is ImportStatus.FINISHED, record.report
    merchant.fold()

    days, cohorts = count_paid(history, rules)

    assert by_day(merchant.months()) == days
    assert cells(merchant.cohorts()) == expected_cells(cohorts)
