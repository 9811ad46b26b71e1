"""The slow, obvious count of ads: what campaigns cost and what is claimed for them, line by line.

It shares nothing with the product: no reader, no SQL, no rollup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.data.latest_lines import Fact, Line, facts_now
from tests.data.recount import Books, Rules, ad_facts, micros, number

Campaign = tuple[str, str, str, str]
"""Platform, source, account, campaign."""

USUAL_WINDOW = {"meta": "7d_click_1d_view", "google": "30d_click", "tiktok": "7d_click_1d_view"}


@dataclass(kw_only=True)
class AdDay:
    """What a platform says of one day of a campaign, an ad group or an ad."""

    campaign: Campaign
    day: date
    spend: int | None
    """None: in a currency that nobody can convert."""
    impressions: int | None
    clicks: int | None
    conversions: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    """By window."""
    revenue: dict[str, int | None] = field(default_factory=dict[str, "int | None"])


def ad_days(files: Iterable[Sequence[Line]], rules: Rules) -> list[AdDay]:
    """Find every day of ads that counts."""
    books = Books(facts=facts_now(files, rules.zone), rules=rules)
    told: dict[tuple[Any, ...], list[Fact]] = {}
    for fact in ad_facts(books):
        parts = [fact.line.get(name) for name in ("campaign_id", "ad_group_id", "ad_id")]
        told.setdefault((fact.source, fact.account, *parts, fact.day), []).append(fact)
    return [_ad_day(facts, books) for facts in told.values()]


def _ad_day(facts: list[Fact], books: Books) -> AdDay:
    """Take spend, impressions and clicks from the latest line that tells them, and the claims of every window."""
    latest_first = sorted(facts, key=lambda fact: (-fact.told_at.timestamp(), fact.line.get("window") or ""))
    one = latest_first[0]
    rate = books.rate(one.line.get("currency"), one.day)
    found = AdDay(
        campaign=(_platform(one, books), one.source, one.account, one.line["campaign_id"]),
        day=one.day,
        spend=None if rate is None else micros(number(one.line, "spend") * rate),
        impressions=next((f.line["impressions"] for f in latest_first if "impressions" in f.line), None),
        clicks=next((f.line["clicks"] for f in latest_first if "clicks" in f.line), None),
    )
    for fact in facts:
        window = fact.line.get("window") or "not_stated"
        if "conversions" in fact.line:
            found.conversions[window] = number(fact.line, "conversions")
        if "revenue" in fact.line:
            its_rate = books.rate(fact.line.get("currency"), fact.day)
            found.revenue[window] = None if its_rate is None else micros(number(fact.line, "revenue") * its_rate)
    return found


def _platform(one: Fact, books: Books) -> str:
    of_campaign = [
        fact
        for fact in books.of("ad_day")
        if (fact.source, fact.account, fact.line["campaign_id"]) == (one.source, one.account, one.line["campaign_id"])
    ]
    latest = max(fact.told_at for fact in of_campaign)
    return min(fact.line["platform"] for fact in of_campaign if fact.told_at == latest)


def numbers(found: Iterable[AdDay]) -> dict[str, Any]:
    """Give every number of some days of ads; null is unknown."""
    counted = [each for each in found if each.spend is not None]
    platforms = {each.campaign[0] for each in counted if each.conversions or each.revenue}
    spend = sum(each.spend or 0 for each in counted)
    is_sold_daily, is_bought_daily = all(each.revenue for each in counted), all(each.conversions for each in counted)
    impressions, all_impressions = _total([each.impressions for each in counted])
    clicks, all_clicks = _total([each.clicks for each in counted])
    window = _window(counted, platforms)
    claims = [each for each in counted if window in each.conversions]
    conversions = sum((each.conversions[window] for each in claims), Decimal(0)) if window and claims else None
    sold = [each.revenue[window] for each in counted if window in each.revenue]
    revenue = sum(value or 0 for value in sold) if window and sold else None
    return {
        "spend": spend if counted else None,
        "impressions": impressions,
        "clicks": clicks,
        "ctr": _ratio(all_clicks, all_impressions),
        "cpm": _ratio(1000 * spend, all_impressions),
        "cpc": _ratio(spend, all_clicks),
        "platform_conversions": conversions if conversions is None else Fraction(conversions),
        "platform_revenue": revenue,
        "platform_roas": _ratio(revenue, spend) if is_sold_daily else None,
        "cpa": _ratio(spend, conversions) if is_bought_daily else None,
        "attribution_window": window,
    }


def _total(told: list[int | None]) -> tuple[int | None, int | None]:
    """Add up what is known, and the same if all of it is."""
    known = [value for value in told if value is not None]
    total = sum(known) if known else None
    return total, total if len(known) == len(told) else None


def _window(counted: list[AdDay], platforms: set[str]) -> str | None:
    """Find the window in which every claim was made: the platform's usual one first, then by name."""
    windows = {window for each in counted for window in (*each.conversions, *each.revenue)}
    whole = [
        window
        for window in windows
        if all(window in each.conversions for each in counted if each.conversions)
        and all(each.revenue.get(window) is not None for each in counted if each.revenue)
        and not (window == "not_stated" and len(platforms) > 1)
    ]
    usual = {USUAL_WINDOW.get(platform) for platform in platforms}
    return min(whole, key=lambda window: (usual != {window}, window == "not_stated", window), default=None)


def _ratio(part: int | Decimal | None, whole: int | Decimal | None) -> Fraction | None:
    return None if part is None or not whole else Fraction(part) / Fraction(whole)
