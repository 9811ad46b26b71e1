"""What ads came to: spend and reach, and what the platforms claim in one attribution window.

Claims of different windows count the same purchases by different rules, so they are never added: those of a group are
of one window in which every one of its claims was made, or unknown. Nothing is rounded here.

The platforms' default windows are those of ppl.studio/glossary/attribution-window and adbid.me; that of Snapchat is not
verified.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from shared.domain.analytics.periods import DateRange, first_of, last_of
from shared.domain.facts.ads import NO_WINDOW, SEPARATOR, AdFigure, AdMonth

DEFAULT_WINDOWS = {
    "meta": ("7d_click_1d_view", "7-day click or 1-day view"),
    "google": ("30d_click",),
    "tiktok": ("7d_click_1d_view",),
}
"""What each platform counts by unless it is told otherwise, as NDJSON says it and as its own exports do."""

MILLION = 1_000_000
"""Conversions are told in millionths."""

Sums = Mapping[str, int]
"""`AdFigure` -> its sum."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Whose figures they are; empty: of all that there are."""

    platform: str
    source: str = ""
    account: str = ""
    campaign_id: str = ""


class GroupBy(StrEnum):
    """What a row is of."""

    PLATFORM = "platform"
    ACCOUNT = "account"
    CAMPAIGN = "campaign"


class AdMetric(StrEnum):
    """The numbers of a row, in their order. The values are on the wire."""

    SPEND = "spend"
    IMPRESSIONS = "impressions"
    CLICKS = "clicks"
    CTR = "ctr"
    CPM = "cpm"
    CPC = "cpc"
    PLATFORM_CONVERSIONS = "platform_conversions"
    PLATFORM_REVENUE = "platform_revenue"
    PLATFORM_ROAS = "platform_roas"
    CPA = "cpa"


CLAIMED = frozenset({AdMetric.PLATFORM_CONVERSIONS, AdMetric.PLATFORM_REVENUE, AdMetric.PLATFORM_ROAS, AdMetric.CPA})
"""These belong to an attribution window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What platforms say that they sold, in one window."""

    window: str | None = None
    """None: nothing is claimed, or not in one window."""
    conversions: int | None = None
    """Millionths."""
    revenue: int | None = None
    differ: bool = False
    """There are claims, but no window that all of them were made in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """The numbers of some ads, exactly. None: unknown."""

    values: Mapping[AdMetric, int | Fraction | None]
    """Money in micros."""
    claim: Claim
    """What the claimed ones of them stand on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdSums:
    """Figures of some ads over some days; money in micros of the reporting currency."""

    platforms: frozenset[str]
    """Whose claims they are."""
    figures: Sums
    claims: Mapping[str, Sums] = field(default_factory=dict[str, Sums])
    """Attribution window -> figures."""

    def of(self, figure: AdFigure) -> int:
        """Give a figure."""
        return self.figures.get(figure, 0)

    @property
    def spend(self) -> int | None:
        """What they cost; None: nobody told of a day of them, or in a currency without a rate."""
        return self.of(AdFigure.SPEND) if self.of(AdFigure.AD_DAYS) else None

    def is_told_daily(self, known: AdFigure) -> bool:
        """Tell whether every day tells a figure: a ratio of what two sets of days tell would be of neither."""
        return self.of(known) == self.of(AdFigure.AD_DAYS)

    @property
    def has_claims(self) -> bool:
        """Tell whether anything is claimed, in whatever window."""
        return self.of(AdFigure.CONVERSIONS_KNOWN) > 0 or self.of(AdFigure.REVENUE_KNOWN) > 0

    @property
    def claim(self) -> Claim:
        """Find what is claimed: in the platform's default window if all claims were made in it, else the first such."""
        if not self.has_claims:
            return Claim()
        told = (self.of(AdFigure.CONVERSIONS_KNOWN), self.of(AdFigure.REVENUE_KNOWN))
        whole = [
            window
            for window, sums in self.claims.items()
            if (sums.get(AdFigure.CONVERSIONS_KNOWN, 0), sums.get(AdFigure.REVENUE_KNOWN, 0)) == told
            # Two platforms that name no window need not mean the same one.
            and (window != NO_WINDOW or len(self.platforms) == 1)
        ]
        if not whole:
            return Claim(differ=True)
        window = min(whole, key=self._rank)
        sums = self.claims[window]
        return Claim(
            window=window,
            conversions=sums.get(AdFigure.CONVERSIONS, 0) if told[0] else None,
            revenue=sums.get(AdFigure.REVENUE, 0) if told[1] else None,
        )

    def numbers(self) -> Numbers:
        """Give every number; what is known of a part of the days only is no ratio."""
        claim, spend = self.claim, self.of(AdFigure.SPEND)
        impressions = self.of(AdFigure.IMPRESSIONS) if self.is_told_daily(AdFigure.IMPRESSIONS_KNOWN) else None
        clicks = self.of(AdFigure.CLICKS) if self.is_told_daily(AdFigure.CLICKS_KNOWN) else None
        conversions = claim.conversions if self.is_told_daily(AdFigure.CONVERSIONS_KNOWN) else None
        revenue = claim.revenue if self.is_told_daily(AdFigure.REVENUE_KNOWN) else None
        values = {
            AdMetric.SPEND: self.spend,
            AdMetric.IMPRESSIONS: self.of(AdFigure.IMPRESSIONS) if self.of(AdFigure.IMPRESSIONS_KNOWN) else None,
            AdMetric.CLICKS: self.of(AdFigure.CLICKS) if self.of(AdFigure.CLICKS_KNOWN) else None,
            AdMetric.CTR: divided(clicks, impressions),
            AdMetric.CPM: divided(1000 * spend, impressions),
            AdMetric.CPC: divided(spend, clicks),
            AdMetric.PLATFORM_CONVERSIONS: divided(claim.conversions, MILLION),
            AdMetric.PLATFORM_REVENUE: claim.revenue,
            AdMetric.PLATFORM_ROAS: divided(revenue, spend),
            AdMetric.CPA: divided(MILLION * spend, conversions),
        }
        return Numbers(values=values, claim=claim)

    def _rank(self, window: str) -> tuple[bool, bool, str]:
        is_default = all(window in DEFAULT_WINDOWS.get(platform, ()) for platform in self.platforms)
        return not is_default, window == NO_WINDOW, window


def together(parts: Iterable[AdSums]) -> AdSums:
    """Add up figures, and claims window by window."""
    platforms: set[str] = set()
    figures: dict[str, int] = {}
    claims: dict[str, dict[str, int]] = {}
    for part in parts:
        if part.has_claims:
            platforms |= part.platforms
        _add(figures, part.figures)
        for window, sums in part.claims.items():
            _add(claims.setdefault(window, {}), sums)
    return AdSums(platforms=frozenset(platforms), figures=figures, claims=claims)


def _add(total: dict[str, int], sums: Sums) -> None:
    """Add to each figure. There may be a day of a campaign for each part, and a Counter takes twice as long."""
    for name, value in sums.items():
        total[name] = total.get(name, 0) + value


def account_sums(months: Iterable[AdMonth], span: DateRange) -> dict[Place, AdSums]:
    """Add up the days of a range for each account."""
    parts: dict[Place, list[AdSums]] = {}
    for month in months:
        first, last = max(span.first, first_of(month.month)), min(span.last, last_of(month.month))
        if first > last:
            continue
        days = slice(first.day - 1, last.day)
        sums = AdSums(
            platforms=frozenset({month.platform}),
            figures={figure: sum(column[days]) for figure, column in month.days.items()},
            claims={
                window: {figure: sum(column[days]) for figure, column in columns.items()}
                for window, columns in month.claims.items()
            },
        )
        place = Place(platform=month.platform, source=month.source, account=month.account)
        parts.setdefault(place, []).append(sums)
    return {place: together(each) for place, each in parts.items()}


def campaign_sums(running: Mapping[str, Sums]) -> dict[Place, AdSums]:
    """Give the sums of each campaign, from sums by campaign and by campaign and window."""
    return sums_of_places((place_of(key), sums) for key, sums in running.items())


def place_of(key: str) -> tuple[Place, str | None]:
    """Read the campaign, and the window if there is one, that running sums are about."""
    platform, source, account, campaign_id, *window = key.split(SEPARATOR)
    place = Place(platform=platform, source=source, account=account, campaign_id=campaign_id)
    return place, window[0] if window else None


def sums_of_places(told: Iterable[tuple[tuple[Place, str | None], Sums]]) -> dict[Place, AdSums]:
    """Put the claims of each campaign beside its figures."""
    figures: dict[Place, Sums] = {}
    claims: dict[Place, dict[str, Sums]] = {}
    for (place, window), sums in told:
        if window is None:
            figures[place] = sums
        else:
            claims.setdefault(place, {})[window] = sums
    alone = {platform: frozenset({platform}) for platform in {place.platform for place in figures}}
    return {
        place: AdSums(platforms=alone[place.platform], figures=sums, claims=claims.get(place, {}))
        for place, sums in figures.items()
    }


def by_platform(sums: Mapping[Place, AdSums], platforms: Collection[str]) -> dict[str, AdSums]:
    """Take together what is of one platform, in the order of these."""
    parts: dict[str, list[AdSums]] = {}
    for place, each in sums.items():
        parts.setdefault(place.platform, []).append(each)
    found = {platform: together(parts[platform]) for platform in platforms if platform in parts}
    return {platform: sums for platform, sums in found.items() if any(sums.figures.values())}


def divided(part: int | None, whole: int | None) -> Fraction | None:
    """Divide what is known; by nothing, nobody can."""
    return None if part is None or not whole else Fraction(part, whole)
