"""What else happened on an unusual day that may be behind it: only what the data itself shows, never a guess."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from shared.domain.analytics.anomalies import LATELY
from shared.domain.analytics.anomaly_metrics import AnomalyMetric
from shared.domain.analytics.anomaly_series import UnusualDay
from shared.domain.facts.anomalies import SHOP


class Cause(StrEnum):
    """All causes there are. The values are on the wire and in stored documents."""

    SOURCE_STALE = "source_stale"
    """A source of orders told of the days before, and of no later one than these."""
    NO_AD_SPEND = "no_ad_spend"
    """Nothing was spent on ads, though it usually is."""
    CAMPAIGN_PAUSED = "campaign_paused"
    """A campaign that had spent on each of seven days spent nothing."""
    AD_SPEND_CHANGED = "ad_spend_changed"
    """Ad spend was unusual on the same day."""
    RETURNS_ROSE = "returns_rose"
    """Unusually much was refunded on the same day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What causes are read off."""

    last_told: Collection[date]
    """The last day that each source of orders tells of."""
    without_spend: Collection[date]
    """Days on which ads are known to have cost nothing."""
    paused: Collection[tuple[str, date]]
    """Platform and day: a campaign spent on each of the seven days before, and nothing on it."""
    unusual: Mapping[tuple[AnomalyMetric, str], Mapping[date, UnusualDay]]


_OF_ORDERS = frozenset({AnomalyMetric.ORDERS, AnomalyMetric.NET_REVENUE})


def likely_causes(
    metric: AnomalyMetric, scope: str, day: date, unusual: UnusualDay, around: Surroundings
) -> Sequence[Cause]:
    """Name what may be behind an unusual day."""
    spend = around.unusual.get((AnomalyMetric.AD_SPEND, SHOP), {}).get(day)
    returns = around.unusual.get((AnomalyMetric.RETURNS, SHOP), {}).get(day)
    is_less = unusual.score < 0
    ended = any(last < day <= last + timedelta(days=LATELY) for last in around.last_told)
    paused = any(day == when and scope in {SHOP, platform} for platform, when in around.paused)
    told = {
        Cause.SOURCE_STALE: metric in _OF_ORDERS and is_less and ended,
        Cause.NO_AD_SPEND: (metric in _OF_ORDERS and is_less and day in around.without_spend)
        or (metric is AnomalyMetric.AD_SPEND and unusual.actual == 0),
        Cause.CAMPAIGN_PAUSED: metric is AnomalyMetric.AD_SPEND and is_less and paused,
        Cause.AD_SPEND_CHANGED: metric in {*_OF_ORDERS, AnomalyMetric.MER} and spend is not None,
        Cause.RETURNS_ROSE: metric in {AnomalyMetric.NET_REVENUE, AnomalyMetric.CM2_MARGIN}
        and is_less
        and returns is not None
        and returns.score > 0,
    }
    return [cause for cause, holds in told.items() if holds]
