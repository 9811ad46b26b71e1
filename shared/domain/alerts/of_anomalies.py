"""Alerts of unusual days: one for each run of days of a number on one side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared.domain.alerts.alert import LOOKED_BACK_DAYS, AlertSeverity, Category, Condition, Unit
from shared.domain.analytics.anomalies import Severity
from shared.domain.analytics.anomaly_metrics import MONEY, RATIOS, AnomalyMetric
from shared.domain.facts.anomalies import SHOP, Anomaly, AnomalyMonth, series_key

USUAL_AGAIN_DAYS = 7
"""So many usual days after a run, and it is over."""

CATEGORY: Mapping[AnomalyMetric, Category] = {
    AnomalyMetric.ORDERS: Category.REVENUE,
    AnomalyMetric.NET_REVENUE: Category.REVENUE,
    AnomalyMetric.AOV: Category.REVENUE,
    AnomalyMetric.RETURNS: Category.REVENUE,
    AnomalyMetric.MER: Category.ROAS,
    AnomalyMetric.AD_SPEND: Category.AD_SPEND,
    AnomalyMetric.CM2_MARGIN: Category.PROFIT_MARGIN,
    AnomalyMetric.FULFILMENT_PER_ORDER: Category.FULFILLMENT,
}

_LABELS: Mapping[AnomalyMetric, str] = {
    AnomalyMetric.ORDERS: "Orders",
    AnomalyMetric.NET_REVENUE: "Net revenue",
    AnomalyMetric.AOV: "Average order value",
    AnomalyMetric.RETURNS: "Returns",
    AnomalyMetric.MER: "Revenue for each unit of ad spend",
    AnomalyMetric.AD_SPEND: "Ad spend",
    AnomalyMetric.CM2_MARGIN: "Contribution margin 2",
    AnomalyMetric.FULFILMENT_PER_ORDER: "Fulfilment cost per order",
}
_BETTER_ABOVE = frozenset(
    {
        AnomalyMetric.ORDERS,
        AnomalyMetric.NET_REVENUE,
        AnomalyMetric.AOV,
        AnomalyMetric.MER,
        AnomalyMetric.CM2_MARGIN,
    }
)
_BETTER_BELOW = frozenset({AnomalyMetric.RETURNS, AnomalyMetric.FULFILMENT_PER_ORDER})


def of_anomalies(months: Sequence[AnomalyMonth], last_known: date, timezone: str) -> Iterable[Condition]:
    """Give the runs of unusual days that reach into the last known days, of each number."""
    told = [one for month in months for one in month.told()]
    usual = _judged_days(months)
    runs: dict[tuple[str, str, date], list[Anomaly]] = {}
    for one in told:
        usual[series_key(one.metric, one.scope)].discard(one.day)
        begin = one.day - timedelta(days=one.days - 1)
        runs.setdefault((one.metric, one.scope, begin), []).append(one)
    for (metric, scope, begin), days in runs.items():
        last = max(one.day for one in days)
        worth_acting_on = [one for one in days if one.severity != Severity.INFO]
        if worth_acting_on and last > last_known - timedelta(days=LOOKED_BACK_DAYS):
            worst = max(worth_acting_on, key=lambda one: abs(one.score))
            is_over = sum(day > last for day in usual[series_key(metric, scope)]) >= USUAL_AGAIN_DAYS
            yield _condition(worst, begin, last, timezone, is_over=is_over)


def _judged_days(months: Sequence[AnomalyMonth]) -> dict[str, set[date]]:
    days: dict[str, set[date]] = {}
    for month in months:
        for key, numbers in month.judged.items():
            days.setdefault(key, set()).update(date.fromisoformat(f"{month.month}-{day:02}") for day in numbers)
    return days


def _condition(worst: Anomaly, begin: date, last: date, timezone: str, *, is_over: bool) -> Condition:
    metric, scope, is_above = AnomalyMetric(worst.metric), worst.scope, worst.score > 0
    ran = (last - begin).days + 1
    how_long = f"on {begin}" if ran == 1 else f"from {begin} to {last}"
    of = "" if scope == SHOP else f" of {scope}"
    return Condition(
        category=CATEGORY[metric],
        metric=metric,
        scope=scope,
        since=begin.isoformat(),
        opened_at=datetime.combine(begin + timedelta(days=1), time.min, ZoneInfo(timezone)),
        severity=_severity(metric, worst, is_above=is_above),
        title=f"{_LABELS[metric]}{of} {'above' if is_above else 'below'} what was expected {how_long}",
        value=worst.actual,
        threshold=worst.high if is_above else worst.low,
        unit=Unit.MONEY if metric in MONEY else Unit.RATIO if metric in RATIOS else Unit.COUNT,
        is_over=is_over,
    )


def _severity(metric: AnomalyMetric, worst: Anomaly, *, is_above: bool) -> AlertSeverity:
    """Tell how bad it is; what is better than expected is worth knowing, and no more."""
    if metric in (_BETTER_ABOVE if is_above else _BETTER_BELOW):
        return AlertSeverity.INFO
    return AlertSeverity.ERROR if worst.severity == Severity.CRITICAL else AlertSeverity.WARNING
