"""The unusual days of a shop, month by month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shared.domain.analytics.anomaly_causes import Surroundings, likely_causes
from shared.domain.analytics.anomaly_metrics import (
    AdAccountDays,
    AnomalyMetric,
    ShopDay,
    Watched,
    promotion_days,
    spend_between,
    unusual_days,
)
from shared.domain.analytics.anomaly_series import UnusualDay
from shared.domain.analytics.figures import sums_of
from shared.domain.analytics.money import MICROS
from shared.domain.analytics.periods import ONE_DAY, DateRange
from shared.domain.analytics.pnl import Told
from shared.domain.analytics.steering import Measured
from shared.domain.facts.anomalies import AnomalyMonth, series_key
from shared.domain.facts.rollups import Figure, ShopMonth
from shared.domain.facts.settings import Settings
from shared.services.folds.duck import Duck
from shared.services.folds.fold_holdings import reach_of_orders
from shared.services.folds.fold_shop import fold_shop
from shared.services.folds.months import month_of

THOUSAND = 1_000


def fold_anomalies(duck: Duck, settings: Settings, generation: int) -> Iterable[AnomalyMonth]:
    """Give each month of which a day could be judged."""
    zone = ZoneInfo(settings.timezone)
    shop = _shop_reach(duck, zone)
    watched = Watched(
        shop=shop,
        days={} if shop is None else _shop_days(duck, fold_shop(duck, settings, generation), shop, zone),
        ads=_ad_accounts(duck, zone),
    )
    span = watched.span
    if span is None:
        return
    watched = replace(watched, promotions=promotion_days(settings.promotions, span))
    found = unusual_days(watched)
    by_day = {key: {span.first + timedelta(one.place): one for one in each.unusual} for key, each in found.items()}
    around = _surroundings(duck, watched, span, by_day)
    judged: dict[str, dict[str, list[int]]] = defaultdict(dict)
    unusual: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for (metric, scope), each in found.items():
        for day in (span.first + timedelta(place) for place in each.places):
            judged[month_of(day)].setdefault(series_key(metric, scope), []).append(day.day)
        for day, one in by_day[metric, scope].items():
            causes = [str(cause) for cause in likely_causes(metric, scope, day, one, around)]
            unusual[month_of(day)].append(_as_stored(metric, scope, day, one, causes))
    for month, series in sorted(judged.items()):
        yield AnomalyMonth(
            month=month,
            currency=settings.currency,
            generation=generation,
            judged=dict(sorted(series.items())),
            unusual=sorted(unusual[month], key=lambda one: (one["day"], one["metric"], one["scope"])),
        )


def _as_stored(
    metric: AnomalyMetric, scope: str, day: date, one: UnusualDay, causes: Sequence[str]
) -> Mapping[str, Any]:
    return {
        "day": day.isoformat(),
        "metric": str(metric),
        "scope": scope,
        **{name: round(getattr(one, name) * MICROS) for name in ("actual", "expected", "low", "high", "impact")},
        "score": round(one.score * THOUSAND),
        "severity": str(one.severity),
        "days": one.days,
        "causes": causes,
    }


INVOICED = frozenset({Figure.FULFILMENT_INVOICED, Figure.PAYMENT_FEES_INVOICED, Figure.PLATFORM_FEES_INVOICED})
"""Costs of weeks that stand on the day of their invoice: they say nothing about that day."""


def _shop_reach(duck: Duck, zone: ZoneInfo) -> DateRange | None:
    """Give the days that orders are known of, up to the last that was over when an export left the shop."""
    first, last = reach_of_orders(duck)
    ((exported_at,),) = duck.rows("SELECT max(exported_at) FROM order_rows")
    return None if first is None or last is None else _until(first, last, exported_at, zone)


def _until(first: date, last: date, exported_at: int, zone: ZoneInfo) -> DateRange | None:
    last = min(last, _day_in(zone, exported_at) - ONE_DAY)
    return DateRange(first=first, last=last) if first <= last else None


def _day_in(zone: ZoneInfo, micros: int) -> date:
    return datetime.fromtimestamp(micros / MICROS, UTC).astimezone(zone).date()


def _shop_days(duck: Duck, months: Iterable[ShopMonth], known: DateRange, zone: ZoneInfo) -> Mapping[date, ShopDay]:
    """Work out each day of which all sales and refunds are known; where nothing is said of one, it is nothing."""
    by_month = {month.month: month for month in months}
    unknown = _unknown_days(duck, known, zone)
    found: dict[date, ShopDay] = {}
    for day in known.each():
        if day not in unknown:
            month = by_month.get(month_of(day))
            sums = {} if month is None else sums_of([month], DateRange(first=day, last=day))
            found[day] = ShopDay(
                measured=Measured.of({of: sum_ for of, sum_ in sums.items() if of not in INVOICED}, Told(days=1)),
                fulfilment=sums.get(Figure.FULFILMENT, 0),
                fulfilment_orders=sums.get(Figure.FULFILMENT_KNOWN_ORDERS, 0),
            )
    return found


def _unknown_days(duck: Duck, known: DateRange, zone: ZoneInfo) -> Collection[date]:
    """Give the days of which some amounts have no rate, and those that were not over when their account was exported.

    What an account sold later on such a day is in no export, though one of another account tells of days after it.
    """
    unknown = {day for (day,) in duck.rows("SELECT DISTINCT day FROM uncounted")}
    for told, exported_at in duck.rows(_TOLD):
        partial = DateRange(first=_day_in(zone, exported_at), last=told).common(known)
        unknown.update(() if partial is None else partial.each())
    return unknown


# An account that claims to be complete tells of its days also where nothing was sold on them.
_TOLD = "SELECT max(coalesce(until, day)), max(exported_at) FROM order_rows GROUP BY source, account"


def _ad_accounts(duck: Duck, zone: ZoneInfo) -> Sequence[AdAccountDays]:
    spend: dict[tuple[str, str, str], dict[date, int | None]] = defaultdict(dict)
    for source, account, platform, day, micros in duck.rows(_SPEND):
        spend[source, account, platform][day] = micros
    reaches = {
        (source, account): _until(first, last, exported_at, zone)
        for source, account, first, last, exported_at in duck.rows(_REACHES)
    }
    return [
        AdAccountDays(platform=platform, reach=reach, spend=days)
        for (source, account, platform), days in spend.items()
        for reach in [reaches[source, account]]
        if reach is not None
    ]


_SPEND = """
    SELECT source, account, platform, day, CASE WHEN count(*) = count(amount) THEN stored(sum(amount)) END
    FROM spend GROUP BY ALL ORDER BY ALL
"""

# Of a complete export the days that it claims are known, too; of what was taken back nothing is left but the claim.
_REACHES = """
    SELECT source, account, min(first), max(last), max(exported_at)
    FROM (
        SELECT source, account, day AS first, day AS last, exported_at FROM ad_day_facts
        UNION ALL
        SELECT source, account, day, until, exported_at FROM ad_day_rows WHERE kind = 'complete'
    ) SEMI JOIN ad_day_facts USING (source, account)
    GROUP BY ALL
"""


def _surroundings(
    duck: Duck,
    watched: Watched,
    span: DateRange,
    unusual: Mapping[tuple[AnomalyMetric, str], Mapping[date, UnusualDay]],
) -> Surroundings:
    return Surroundings(
        last_told=[told for told, _ in duck.rows(_TOLD)],
        without_spend={
            span.first + timedelta(begins + n)
            for begins, micros in spend_between(watched, span, watched.ads)
            for n, spent in enumerate(micros)
            if spent == 0
        },
        paused=set(duck.rows(_PAUSED)),
        unusual=unusual,
    )


_PAUSED = """
    WITH spent AS (
        SELECT platform, source, account, campaign_id, day FROM spend WHERE amount > 0 GROUP BY ALL
    ), runs AS (
        SELECT *, lead(day) OVER campaign AS next, lag(day, 6) OVER campaign AS sixth_before
        FROM spent WINDOW campaign AS (PARTITION BY platform, source, account, campaign_id ORDER BY day)
    )
    SELECT DISTINCT platform, day + 1 FROM runs WHERE sixth_before = day - 6 AND next IS DISTINCT FROM day + 1
"""
