"""Every query of random merchants answers what the slow, obvious count of their files says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.analytics.names import UnknownName
from shared.domain.analytics.periods import Asked
from shared.domain.analytics.query_rows import Op
from shared.domain.analytics.query_shape import Condition, CustomQuestion
from shared.domain.facts.settings import Settings
from shared.services.figures.query_custom import CustomReport, query_custom
from tests.data import random_ads, random_merchants
from tests.data.merchants import NOW, WORKSPACE, Merchant, as_file
from tests.data.recount import Rules
from tests.data.recount_query import (
    METRICS,
    OF_ADS,
    Key,
    ads_by,
    ads_of,
    by_window,
    grouped,
    in_cents,
    place_of,
    records,
    said_of_ads,
)

NEW_YORK = "America/New_York"
EXAMPLES = settings().max_examples // 20
"""An example takes a second: ten of them here, a thousand in `make soak`."""

DIMENSIONS = {
    "order": ("date", "week", "month"),
    "refund": ("date", "week", "month"),
    "product": ("month", "sku"),
    "expense": ("date", "week", "month", "line", "category", "vendor", "behaviour"),
}
ADS = ("date", "week", "month", "platform", "account_id", "campaign_id")


def some_of(names: Sequence[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(names), unique=True, max_size=4).map(tuple)


def ranges(first: date, last: date) -> st.SearchStrategy[list[date]]:
    return st.lists(st.dates(first, last), min_size=2, max_size=2).map(sorted)


def grown(history: list[list[dict[str, Any]]], zone: str) -> Merchant:
    merchant = Merchant()
    merchant.settle(Settings(timezone=zone))
    for file in history:
        merchant.import_bytes(as_file(file))
    merchant.fold()
    return merchant


def asked(merchant: Merchant, span: Sequence[date], **more: Any) -> CustomReport | None:  # noqa: ANN401 - what a question holds
    """Ask; None: the connector has no such report."""
    question = CustomQuestion(period=Asked(first=span[0], last=span[1]), **more)
    try:
        return query_custom(question, workspace_id=WORKSPACE, now=NOW, figures=merchant.figures)
    except UnknownName:
        return None


def told(report: CustomReport | None) -> dict[Key, dict[str, Any]]:
    if report is None:
        return {}
    rows = {row.key: {each.name: report.value(row, each) for each in report.metrics} for row in report.rows}
    assert len(rows) == len(report.rows)
    return rows


def total(report: CustomReport | None) -> dict[str, Any] | None:
    if report is None or report.total is None:
        return None
    return {each.name: report.total_of(each) for each in report.metrics}


@settings(max_examples=EXAMPLES)
@given(
    random_merchants.histories(),
    ranges(random_merchants.FIRST_DAY - timedelta(days=5), random_merchants.LAST_DAY + timedelta(days=5)),
    st.fixed_dictionaries({name: some_of(of) for name, of in DIMENSIONS.items()}),
    st.dates(random_merchants.FIRST_DAY, random_merchants.LAST_DAY),
    st.integers(0, 90),
)
def test_orders_refunds_products_and_expenses_are_what_the_slow_count_says(
    history: list[list[dict[str, Any]]],
    span: list[date],
    chosen: dict[str, tuple[str, ...]],
    after: date,
    least: int,
) -> None:
    merchant = grown(history, NEW_YORK)
    for report_type, dimensions in chosen.items():
        metrics = METRICS[report_type]
        found = [each for each in records(report_type, history, Rules(zone=NEW_YORK)) if span[0] <= each.day <= span[1]]
        question: dict[str, Any] = {
            "connector": "shop",
            "report_type": report_type,
            "dimensions": dimensions,
            "metrics": tuple(metrics),
        }
        report = asked(merchant, span, **question)
        expected = grouped(report_type, found, dimensions)

        assert told(report) == {
            key: {name: metric(sums) for name, metric in metrics.items()} for key, sums in expected.items()
        }
        whole = grouped(report_type, found, ())
        assert total(report) == ({name: of(whole[()]) for name, of in metrics.items()} if whole else None)

        time, limit = ("month", f"{after:%Y-%m}") if report_type == "product" else ("date", after.isoformat())
        money = next(name for name in metrics if name not in {"orders", "units", "refunds"})
        filters = (Condition(field=time, op=Op.GT, value=limit), Condition(field=money, op=Op.GT, value=least))
        later = [each for each in found if (each.place[time] or "") > limit]
        kept = {
            key: sums
            for key, sums in grouped(report_type, later, dimensions).items()
            if (value := metrics[money](sums)) is not None and in_cents(value) > Decimal(least)
        }
        filtered = asked(merchant, span, **question, filters=filters, order_by=f"{money} desc")
        assert told(filtered) == {
            key: {name: metric(sums) for name, metric in metrics.items()} for key, sums in kept.items()
        }
        of_kept = sum(kept.values(), Counter[str]()) if all(min(s.values()) >= 0 for s in kept.values()) else None
        if of_kept:
            assert total(filtered) == {name: metric(of_kept) for name, metric in metrics.items()}
        values = [each[money] for each in told(filtered).values()]
        assert values == sorted(values, reverse=True)


@settings(max_examples=EXAMPLES)
@given(
    random_ads.ad_histories(),
    ranges(random_ads.FIRST_DAY, random_ads.LAST_DAY),
    some_of(ADS),
    st.sampled_from(["c1", "c2"]),
)
def test_ads_are_what_the_slow_count_says_whatever_the_windows(
    history: list[list[dict[str, Any]]], span: list[date], dimensions: tuple[str, ...], campaign: str
) -> None:
    merchant = grown(history, "UTC")
    for connector in ("meta_ads", "google_ads"):
        found = [each for each in ads_of(connector, history, Rules(zone="UTC")) if span[0] <= each.day <= span[1]]
        question: dict[str, Any] = {"connector": connector, "report_type": "ad_day", "dimensions": dimensions}
        report = asked(merchant, span, **question, metrics=tuple(OF_ADS))

        assert told(report) == {key: said_of_ads(days) for key, days in ads_by(found, dimensions).items()}
        assert total(report) == (said_of_ads(found) if found else None)

        of_one = asked(
            merchant,
            span,
            **question,
            metrics=("spend", "roas"),
            filters=(Condition(field="campaign_id", op=Op.EQ, value=campaign.upper()),),
        )
        theirs = [each for each in found if place_of(each)["campaign_id"] == campaign]
        assert told(of_one) == {
            key: {name: said_of_ads(days)[name] for name in ("spend", "roas")}
            for key, days in ads_by(theirs, dimensions).items()
        }

        windows = asked(
            merchant, span, **{**question, "dimensions": ("window", *dimensions)}, metrics=("conversions", "revenue")
        )
        assert {key: tuple(row.values()) for key, row in told(windows).items()} == by_window(found, dimensions)
