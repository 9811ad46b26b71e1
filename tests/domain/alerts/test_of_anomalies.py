"""A run of unusual days becomes one alert."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.domain.alerts.alert import AlertSeverity, Condition
from shared.domain.alerts.of_anomalies import CATEGORY, of_anomalies
from shared.domain.analytics.anomaly_metrics import AnomalyMetric
from shared.domain.facts.anomalies import AnomalyMonth

LAST = date(2026, 11, 30)
ERROR, WARNING, INFO = AlertSeverity.ERROR, AlertSeverity.WARNING, AlertSeverity.INFO


def unusual(day: int, score: int, *, severity: str = "warning", days: int = 1, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of a stored day
    """Give a day of which 10 were expected; its score is in thousandths."""
    return {
        "day": f"2026-11-{day:02}",
        "metric": "orders",
        "scope": "shop",
        "actual": day * 1_000_000,
        "expected": 10_000_000,
        "low": 8_000_000,
        "high": 12_000_000,
        "score": score,
        "severity": severity,
        "impact": 0,
        "days": days,
        "causes": [],
        **more,
    }


def alerts(*days: dict[str, Any], last: date = LAST) -> list[Condition]:
    """Work them out of a month each of whose days could be judged."""
    every = list(range(1, 31))
    month = AnomalyMonth(
        month="2026-11",
        currency="USD",
        generation=1,
        judged={str(metric): every for metric in AnomalyMetric},
        unusual=days,
    )
    return list(of_anomalies([month], last, "America/New_York"))


def test_a_run_is_told_from_its_first_day_to_its_last_with_its_worst_day_worth_acting_on() -> None:
    (run,) = alerts(
        unusual(20, -3_600),
        unusual(21, -5_200, severity="critical", days=2),
        unusual(22, -9_000, severity="info", days=3),
    )

    assert run.title == "Orders below what was expected from 2026-11-20 to 2026-11-22"
    assert (run.value, run.threshold, run.severity, run.since) == (21_000_000, 8_000_000, ERROR, "2026-11-20")
    assert run.opened_at == datetime(2026, 11, 21, tzinfo=ZoneInfo("America/New_York"))


def test_of_a_run_that_began_in_a_month_that_is_not_read_the_name_is_the_same() -> None:
    (whole,) = alerts(unusual(20, -4_000), unusual(21, -4_000, days=2))
    (rest,) = alerts(unusual(21, -4_000, days=2))

    assert rest.alert_id == whole.alert_id


def test_a_turn_to_the_other_side_is_another_run_and_its_bound_the_upper_one() -> None:
    below, above = alerts(unusual(20, -4_000), unusual(21, 4_000))

    assert (below.threshold, above.threshold) == (8_000_000, 12_000_000)
    assert below.alert_id != above.alert_id


@pytest.mark.parametrize(("ended", "is_over"), [(23, True), (24, False)])
def test_a_run_is_over_after_seven_usual_days(ended: int, *, is_over: bool) -> None:
    (run,) = alerts(unusual(ended, -4_000))

    assert run.is_over is is_over


def test_a_run_is_told_as_long_as_it_reaches_into_the_last_28_known_days() -> None:
    days = [unusual(20, -4_000), unusual(21, -4_000, days=2)]

    assert alerts(*days, last=date(2026, 11, 21) + timedelta(days=27))
    assert alerts(*days, last=date(2026, 11, 21) + timedelta(days=28)) == []


BAD_ABOVE = {"returns": WARNING, "ad_spend": WARNING, "fulfilment_per_order": WARNING}
BAD_BELOW = {"orders": WARNING, "net_revenue": WARNING, "aov": WARNING, "mer": WARNING, "cm2_margin": WARNING}


def test_what_is_better_than_expected_is_worth_knowing_and_spend_is_no_better_below_than_above() -> None:
    found = {score: {each.metric: each.severity for each in of_all(score)} for score in (-4_000, 4_000)}

    assert found[4_000] == {**dict.fromkeys(AnomalyMetric, INFO), **BAD_ABOVE}
    assert found[-4_000] == {**dict.fromkeys(AnomalyMetric, INFO), **BAD_BELOW, "ad_spend": WARNING}


def of_all(score: int) -> list[Condition]:
    return alerts(*(unusual(20, score, metric=str(metric)) for metric in AnomalyMetric))


def test_every_number_that_is_watched_has_a_category() -> None:
    assert CATEGORY.keys() == set(AnomalyMetric)
    assert len(of_all(4_000)) == len(AnomalyMetric)
