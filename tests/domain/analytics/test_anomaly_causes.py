"""What is named as a likely cause of an unusual day is what the data shows of that day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from shared.domain.analytics.anomalies import Severity
from shared.domain.analytics.anomaly_causes import Cause, Surroundings, likely_causes
from shared.domain.analytics.anomaly_metrics import AnomalyMetric
from shared.domain.analytics.anomaly_series import UnusualDay
from shared.domain.facts.anomalies import SHOP

DAY = date(2026, 11, 10)
SALES = {AnomalyMetric.ORDERS, AnomalyMetric.NET_REVENUE}


def unusual(score: float, actual: float = 5.0) -> UnusualDay:
    return UnusualDay(
        place=0,
        actual=actual,
        expected=10,
        low=8,
        high=12,
        score=score,
        severity=Severity.WARNING,
        impact=score,
        days=1,
    )


LESS, MORE = unusual(-4), unusual(4)


def told(metric: AnomalyMetric, one: UnusualDay = LESS, *, scope: str = SHOP, **around: Any) -> set[Cause]:  # noqa: ANN401 - fields of Surroundings
    nothing: dict[str, Any] = {"last_told": (), "without_spend": (), "paused": (), "unusual": {}}
    return set(likely_causes(metric, scope, DAY, one, Surroundings(**{**nothing, **around})))


def metrics_with(cause: Cause, one: UnusualDay = LESS, **around: Any) -> set[AnomalyMetric]:  # noqa: ANN401 - as above
    return {metric for metric in AnomalyMetric if cause in told(metric, one, **around)}


@pytest.mark.parametrize(("days_ago", "is_named"), [(0, False), (1, True), (28, True), (29, False)])
def test_a_source_of_orders_that_ended_lately_is_named_where_less_was_sold(days_ago: int, *, is_named: bool) -> None:
    last_told = [DAY - timedelta(days=days_ago)]

    assert metrics_with(Cause.SOURCE_STALE, last_told=last_told) == (SALES if is_named else set())
    assert metrics_with(Cause.SOURCE_STALE, MORE, last_told=last_told) == set()


def test_a_day_without_ads_is_named_where_less_was_sold_and_of_the_spend_itself() -> None:
    assert metrics_with(Cause.NO_AD_SPEND, without_spend=[DAY]) == SALES
    assert metrics_with(Cause.NO_AD_SPEND, MORE, without_spend=[DAY]) == set()
    assert metrics_with(Cause.NO_AD_SPEND, without_spend=[DAY - timedelta(days=1)]) == set()
    assert metrics_with(Cause.NO_AD_SPEND, unusual(-9, actual=0)) == {AnomalyMetric.AD_SPEND}


def test_a_campaign_that_paused_on_the_day_is_named_of_its_platform_and_of_all_spend() -> None:
    paused = [("meta", DAY), ("google", DAY - timedelta(days=1))]

    assert metrics_with(Cause.CAMPAIGN_PAUSED, paused=paused) == {AnomalyMetric.AD_SPEND}
    assert Cause.CAMPAIGN_PAUSED in told(AnomalyMetric.AD_SPEND, scope="meta", paused=paused)
    assert Cause.CAMPAIGN_PAUSED not in told(AnomalyMetric.AD_SPEND, scope="google", paused=paused)
    assert Cause.CAMPAIGN_PAUSED not in told(AnomalyMetric.AD_SPEND, MORE, paused=paused)


@pytest.mark.parametrize("spend", [LESS, MORE])
def test_ad_spend_that_was_unusual_on_the_day_is_named_of_sales_and_of_what_they_cost(spend: UnusualDay) -> None:
    on_it, before = ({(AnomalyMetric.AD_SPEND, SHOP): {day: spend}} for day in (DAY, DAY - timedelta(days=1)))

    assert metrics_with(Cause.AD_SPEND_CHANGED, unusual=on_it) == {*SALES, AnomalyMetric.MER}
    assert metrics_with(Cause.AD_SPEND_CHANGED, unusual=before) == set()


def test_returns_that_rose_are_named_where_less_was_left() -> None:
    rose, fell = ({(AnomalyMetric.RETURNS, SHOP): {DAY: one}} for one in (MORE, LESS))

    assert metrics_with(Cause.RETURNS_ROSE, unusual=rose) == {AnomalyMetric.NET_REVENUE, AnomalyMetric.CM2_MARGIN}
    assert metrics_with(Cause.RETURNS_ROSE, unusual=fell) == set()
    assert metrics_with(Cause.RETURNS_ROSE, MORE, unusual=rose) == set()
