"""The rollups of random merchants are what the slow, obvious count of their files says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.facts.imports import ImportStatus
from shared.domain.facts.rollups import Cohort, ShopMonth
from shared.domain.facts.settings import Settings
from tests.data.merchants import Merchant, as_file
from tests.data.random_merchants import histories
from tests.data.recount import Rules, count

NEW_YORK = "America/New_York"
EXAMPLES = settings().max_examples // 16
"""An example takes half a second: twenty of them here, two thousand in `make soak`."""


def by_day(months: Sequence[ShopMonth]) -> Counter[tuple[date, str]]:
    return Counter(
        {
            (date(int(month.month[:4]), int(month.month[5:]), place), figure): value
            for month in months
            for figure, column in month.days.items()
            for place, value in enumerate(column, start=1)
            if value
        }
    )


def cells(cohorts: Sequence[Cohort]) -> dict[str, Any]:
    return {
        cohort.month: {
            "size": cohort.size,
            "new": Counter(dict(_by_day_of(cohort.month, cohort.new_by_day))),
            "revenue": dict(_by_day_of(cohort.month, cohort.new_revenue_by_day)),
            "cells": [
                (active, orders, revenue, cm2, sales, known)
                for active, orders, revenue, cm2, sales, known in zip(
                    cohort.active,
                    cohort.orders,
                    cohort.net_revenue,
                    cohort.cm2,
                    cohort.sales,
                    cohort.cost_known_sales,
                    strict=True,
                )
            ],
        }
        for cohort in cohorts
    }


def _by_day_of(month: str, column: Sequence[int]) -> list[tuple[date, int]]:
    return [
        (date(int(month[:4]), int(month[5:]), place), value) for place, value in enumerate(column, start=1) if value
    ]


def expected_cells(counted: dict[str, Any]) -> dict[str, Any]:
    nothing: dict[str, Any] = {"who": set(), "orders": 0, "net_revenue": 0, "cm2": 0, "sales": 0, "known": 0}
    return {
        month: {
            "size": cohort["size"],
            "new": cohort["new"],
            "revenue": {day: value for day, value in cohort["revenue"].items() if value},
            "cells": [
                (len(at["who"]), at["orders"], at["net_revenue"], at["cm2"], at["sales"], at["known"])
                for offset in range(max(cohort["cells"]) + 1)
                for at in [cohort["cells"].get(offset, nothing)]
            ],
        }
        for month, cohort in counted.items()
    }


@settings(max_examples=EXAMPLES)
@given(histories(), st.booleans())
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
    days, cohorts = count(history, rules)
    assert by_day(merchant.months()) == days
    assert cells(merchant.cohorts()) == expected_cells(cohorts)
