"""Which numbers of a shop are watched day by day, and the unusual days of each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

from shared.domain.analytics.anomalies import Scale
from shared.domain.analytics.anomaly_series import Judged, Series, floors_of, judged, lately, ratio
from shared.domain.analytics.money import MICROS
from shared.domain.analytics.periods import ONE_DAY, DateRange
from shared.domain.analytics.pnl import Line
from shared.domain.analytics.steering import Measured, Part
from shared.domain.facts.anomalies import SHOP

LEAST_COSTS_KNOWN = 0.9
"""Of a day's sales: a margin of which less is known moves with what is known, and not with the business."""


class AnomalyMetric(StrEnum):
    """What is watched. The values are on the wire and in stored documents."""

    ORDERS = "orders"
    NET_REVENUE = "net_revenue"
    AOV = "aov"
    RETURNS = "returns"
    AD_SPEND = "ad_spend"
    MER = "mer"
    CM2_MARGIN = "cm2_margin"
    FULFILMENT_PER_ORDER = "fulfilment_per_order"


MONEY = frozenset(
    {
        AnomalyMetric.NET_REVENUE,
        AnomalyMetric.AOV,
        AnomalyMetric.RETURNS,
        AnomalyMetric.AD_SPEND,
        AnomalyMetric.FULFILMENT_PER_ORDER,
    }
)
RATIOS = frozenset({AnomalyMetric.MER, AnomalyMetric.CM2_MARGIN})


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopDay:
    """What is known of a day of the shop."""

    measured: Measured
    fulfilment: int
    """As stated by the day's orders, in micros."""
    fulfilment_orders: int
    """So many of them state it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdAccountDays:
    """What an ad account spent on one platform, in micros; on a day that it reaches and does not name, nothing."""

    platform: str
    reach: DateRange
    """All days that it tells of, on any platform."""
    spend: Mapping[date, int | None]
    """None: in a currency without a rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Everything that is watched, on days that are over and known to the end."""

    shop: DateRange | None
    """The days that orders are known of."""
    days: Mapping[date, ShopDay]
    """A day of these that is not here is one of which not everything is known."""
    ads: Sequence[AdAccountDays]
    promotions: Collection[date] = frozenset()
    """Days on which the shop did something on purpose."""

    @property
    def span(self) -> DateRange | None:
        """From the first to the last day of anything."""
        reaches = [*([] if self.shop is None else [self.shop]), *(each.reach for each in self.ads)]
        if not reaches:
            return None
        return DateRange(first=min(each.first for each in reaches), last=max(each.last for each in reaches))


def promotion_days(promotions: Mapping[str, str], span: DateRange) -> Collection[date]:
    """Give the days of a range that are in a promotion, by its first and last day; no promotion is asked for more."""
    declared = (
        DateRange(first=date.fromisoformat(first), last=date.fromisoformat(last)) for first, last in promotions.items()
    )
    inside = (each.common(span) for each in declared)
    return {day for each in inside if each is not None for day in each.each()}


def unusual_days(watched: Watched) -> Mapping[tuple[AnomalyMetric, str], Judged]:
    """Judge all days of everything that is watched, by metric and scope; places are days after the first of `span`."""
    span = watched.span
    if span is None:
        return {}
    days = [None if day in watched.promotions else watched.days.get(day) for day in span.each()]
    all_spend = spend_between(watched, span, watched.ads)
    by_revenue = floors_of(_column(days, Line.NET_REVENUE))
    by_spend = floors_of(_joined(all_spend, span))
    floors = [spent if brought is None else brought for brought, spent in zip(by_revenue, by_spend, strict=True)]
    found: dict[tuple[AnomalyMetric, str], Judged] = {}
    series = [((metric, SHOP), one) for metric, one in _of_shop(watched.shop, days, span)]
    series += [((AnomalyMetric.MER, SHOP), one) for one in _efficiency(days, all_spend)]
    series += [((AnomalyMetric.AD_SPEND, SHOP), _money(begins, micros)) for begins, micros in all_spend]
    for platform in sorted({each.platform for each in watched.ads}):
        accounts = [each for each in watched.ads if each.platform == platform]
        series += [
            ((AnomalyMetric.AD_SPEND, platform), _money(begins, micros))
            for begins, micros in spend_between(watched, span, accounts)
        ]
    for key, one in series:
        come_out = judged(one, floors)
        before = found.get(key, Judged(places=(), unusual=()))
        found[key] = Judged(places=[*before.places, *come_out.places], unusual=[*before.unusual, *come_out.unusual])
    return found


Spend = tuple[int, Sequence[int | None]]
"""The place of the first day, and micros day by day."""


def spend_between(watched: Watched, span: DateRange, accounts: Sequence[AdAccountDays]) -> Sequence[Spend]:
    """Add up what accounts spent, in stretches of days in which the same accounts tell.

    Where one more begins to tell, or one no longer does, the sum is of something else: its days are not compared.
    """
    bounds = sorted({bound for each in accounts for bound in (each.reach.first, each.reach.last + ONE_DAY)})
    stretches: list[Spend] = []
    for first, end in pairwise(bounds):
        telling = [each for each in accounts if each.reach.first <= first <= each.reach.last]
        if telling:
            days = DateRange(first=first, last=end - ONE_DAY).each()
            micros = [None if day in watched.promotions else _spent(telling, day) for day in days]
            stretches.append(((first - span.first).days, micros))
    return stretches


def _spent(accounts: Sequence[AdAccountDays], day: date) -> int | None:
    parts = [each.spend.get(day, 0) for each in accounts]
    return None if None in parts else sum(part or 0 for part in parts)


def _joined(stretches: Sequence[Spend], span: DateRange) -> list[int | None]:
    """Lay stretches on all days."""
    column: list[int | None] = [None] * span.days
    for begins, micros in stretches:
        column[begins : begins + len(micros)] = micros
    return column


def _money(begins: int, micros: Sequence[int | None]) -> Series:
    return Series(begins=begins, values=[None if each is None else each / MICROS for each in micros])


def _column(days: Sequence[ShopDay | None], part: Line | Part) -> list[int | None]:
    return [None if day is None else day.measured.part(part) for day in days]


def _of_shop(
    known: DateRange | None, days: Sequence[ShopDay | None], span: DateRange
) -> Sequence[tuple[AnomalyMetric, Series]]:
    """Give what orders tell, from the first of their days to the last."""
    if known is None:
        return []
    begins = (known.first - span.first).days
    days = days[begins : begins + known.days]
    revenue, orders = _column(days, Line.NET_REVENUE), _column(days, Part.ORDERS)

    def in_money(value: float | None) -> float | None:
        return None if value is None else value / MICROS

    means = zip(lately(revenue), lately(orders), strict=True)
    an_order = [None if not brought or not counted else brought / counted / MICROS for brought, counted in means]
    fulfilled = [None if day is None else day.fulfilment_orders for day in days]
    fulfilment = [None if day is None else day.fulfilment for day in days]
    of_an_order = ratio(_column(days, Part.SALES), orders)
    margin = ratio([_cm2(day) for day in days], revenue)
    return [
        (AnomalyMetric.ORDERS, Series(begins=begins, values=orders, worth=an_order)),
        (AnomalyMetric.NET_REVENUE, _money(begins, revenue)),
        (AnomalyMetric.AOV, Series(begins=begins, values=list(map(in_money, of_an_order)), worth=orders)),
        (AnomalyMetric.RETURNS, _money(begins, _column(days, Line.RETURNS))),
        (
            AnomalyMetric.CM2_MARGIN,
            Series(begins=begins, values=margin, scale=Scale.MARGIN, worth=list(map(in_money, revenue))),
        ),
        (
            AnomalyMetric.FULFILMENT_PER_ORDER,
            Series(begins=begins, values=list(map(in_money, ratio(fulfilment, fulfilled))), worth=fulfilled),
        ),
    ]


def _cm2(day: ShopDay | None) -> int | None:
    """Give the margin of a day of whose sales the cost is known."""
    if day is None:
        return None
    known, sales = day.measured.processed.cost_coverage
    return day.measured.part(Line.CM2) if known >= sales * LEAST_COSTS_KNOWN else None


def _efficiency(days: Sequence[ShopDay | None], spend: Sequence[Spend]) -> Sequence[Series]:
    """Give revenue by spend, where both are known."""
    brought = _column(days, Part.REVENUE_BY_ORDER)
    return [
        Series(
            begins=begins,
            values=ratio(brought[begins : begins + len(micros)], micros),
            scale=Scale.RATIO,
            worth=[None if each is None else each / MICROS for each in micros],
        )
        for begins, micros in spend
    ]
