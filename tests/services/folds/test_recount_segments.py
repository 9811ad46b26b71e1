"""Cohorts of segments are what the slow, obvious count of random merchants' files says, of any range of months."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.analytics.cohorts import CohortMetric, Grain
from shared.domain.facts.segments import Dimension, SegmentCohort, Segments
from shared.domain.facts.settings import Settings, SettingsChanged
from shared.services.figures.get_cohort_retention import CohortQuestion, CohortReport, get_cohort_retention
from shared.storage.contracts.streams import Origin
from tests.data.merchants import NOW, WORKSPACE, Line, Merchant, as_file
from tests.data.random_merchants import histories
from tests.data.recount import Rules
from tests.data.recount_segments import count_segments

RULES = Rules()
EXAMPLES = settings().max_examples // 20
MONTHS = ("2026-01", "2026-02", "2026-03")
QUARTER = "2026-01"
PRODUCTS = {"A": "shirt"}
COLUMNS = {
    CohortMetric.RETENTION: "who",
    CohortMetric.ORDERS_PER_CUSTOMER: "orders",
    CohortMetric.CUMULATIVE_NET_REVENUE: "net_revenue",
    CohortMetric.CUMULATIVE_CM2: "cm2",
}

channels = st.lists(st.sampled_from([None, "web", "web", "other", "(unknown)"]), min_size=1, max_size=5)


def with_channels(history: list[list[Line]], named: Sequence[str | None]) -> list[list[Line]]:
    """Give each order a channel, turn by turn, or none."""
    turns = iter(range(10_000))
    return [
        [
            {**line, "channel": channel}
            if line["type"] == "order" and not line.get("deleted") and (channel := named[next(turns) % len(named)])
            else line
            for line in file
        ]
        for file in history
    ]


def grown(history: list[list[Line]], k_min: int) -> Merchant:
    merchant = Merchant()
    # Past the rule that no shop may go under ten customers: random merchants have six.
    merchant.imports.set_settings(
        WORKSPACE,
        Settings(timezone=RULES.zone, k_min=k_min),
        SettingsChanged(changed=("k_min",), at=NOW),
        before=Settings(),
        origin=Origin(actor="operator:tests", request_id="request-1"),
    )
    goods: list[Line] = [{"type": "product", "sku": sku, "product_id": name} for sku, name in PRODUCTS.items()]
    for number, file in enumerate(history):
        merchant.import_bytes(as_file([*file, *goods] if number == 0 else file))
    merchant.fold()
    return merchant


def cells(cohorts: Mapping[str, Any], months: Sequence[str], column: str, *, through: date) -> list[int | None]:
    """Add up what the customers of some months did in each month since, as far as all of these months are over."""
    found: list[int | None] = []
    for offset in range(4):
        ends = [_end(month, offset) for month in months]
        parts = [cohorts.get(month, {"cells": {}})["cells"].get(offset, {}).get(column, 0) for month in months]
        numbers: list[int] = [part if isinstance(part, int) else len(part) for part in parts]
        before = (found[-1] or 0) if found and column in {"net_revenue", "cm2"} else 0
        found.append(before + sum(numbers) if all(end <= through for end in ends) else None)
    return found


def _end(month: str, offset: int) -> date:
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + offset, 12)
    return date(year, number + 1, monthrange(year, number + 1)[1])


def answer(merchant: Merchant, segment: str, metric: CohortMetric, grain: Grain, span: Sequence[str]) -> CohortReport:
    question = CohortQuestion(first=span[0], last=span[-1], metric=metric, grain=grain, segment=segment, max_offset=3)
    return get_cohort_retention(question, workspace_id=WORKSPACE, now=NOW, figures=merchant.figures)


@settings(max_examples=EXAMPLES)
@given(
    history=histories(),
    named=channels,
    metric=st.sampled_from(CohortMetric),
    ends=st.tuples(st.integers(0, 2), st.integers(0, 2)),
)
def test_every_segment_is_what_the_slow_count_says(
    history: list[list[Line]], named: list[str | None], metric: CohortMetric, ends: tuple[int, int]
) -> None:
    history = [[line for line in file if line["type"] != "payment"] for file in with_channels(history, named)]
    merchant = grown(history, k_min=1)
    expected = count_segments(history, RULES, products=PRODUCTS, k_min=1)
    months = MONTHS[min(ends) : max(ends) + 1]
    everybody = sorted({month for cohorts in expected.values() for month in cohorts})

    for segment, cohorts in expected.items():
        report = answer(merchant, segment, metric, Grain.MONTH, months)
        assert {group.start: (group.size, list(group.cells)) for group in report.groups} == {
            month: (cohorts[month]["size"], cells(cohorts, [month], COLUMNS[metric], through=report.through))
            for month in months
            if month in cohorts
        }
        report = answer(merchant, segment, metric, Grain.QUARTER, months)
        assert [(group.size, list(group.cells)) for group in report.groups] == [
            (
                sum(cohort["size"] for cohort in cohorts.values()),
                cells(cohorts, everybody, COLUMNS[metric], through=report.through),
            )
        ]
        assert report.customers == sum(cohort["size"] for cohort in cohorts.values())


@settings(max_examples=EXAMPLES)
@given(history=histories(), named=channels, k_min=st.integers(1, 3))
def test_the_segments_that_there_are_and_their_customers_are_those_of_the_slow_count(
    history: list[list[Line]], named: list[str | None], k_min: int
) -> None:
    history = with_channels(history, named)
    merchant = grown(history, k_min)

    sizes = {
        segment: {month: cohort["size"] for month, cohort in cohorts.items()}
        for segment, cohorts in count_segments(history, RULES, products=PRODUCTS, k_min=k_min).items()
    }

    heads = merchant.figures.rollups(WORKSPACE, Segments)
    told = {name: months for head in heads for dimension in Dimension for name, months in head.of(dimension).items()}
    assert {name: {month: n for month, n in months.items() if n} for name, months in told.items()} == sizes
    everybody = {cohort.month: cohort.size for cohort in merchant.cohorts()}
    for head in heads:
        for dimension in Dimension:
            of_all = {month: sum(months[month] for months in head.of(dimension).values()) for month in head.months}
            assert of_all == everybody
    rows = merchant.figures.rollups(WORKSPACE, SegmentCohort)
    assert {(row.segment, row.month): row.size for row in rows} == {
        (name, month): size for name, months in sizes.items() for month, size in months.items()
    }
