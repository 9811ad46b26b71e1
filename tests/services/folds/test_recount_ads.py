"""What is said of ads is what the slow, obvious count of the imported files says, whatever the windows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.analytics.ads import AdMetric, GroupBy, Numbers
from shared.domain.analytics.attribution import Model
from shared.domain.analytics.buckets import Granularity
from shared.domain.analytics.credits import UNKNOWN
from shared.domain.analytics.periods import Asked, Compare
from shared.services.figures.compare_attribution import AttributionQuestion, compare_attribution
from shared.services.figures.get_ad_performance import AdQuestion, AdReport, get_ad_performance
from shared.services.figures.spans import Against
from tests.data.merchants import NOW, WORKSPACE, Line, Merchant, as_file
from tests.data.random_ads import FIRST_DAY, LAST_DAY, ad_histories
from tests.data.recount import Rules
from tests.data.recount_ads import AdDay, ad_days, numbers

EXAMPLES = settings().max_examples // 16
"""An example takes half a second: twenty of them here, two thousand in `make soak`."""

RULES = Rules(zone="UTC")
PARTS_OF_A_CAMPAIGN = {GroupBy.PLATFORM: 1, GroupBy.ACCOUNT: 3, GroupBy.CAMPAIGN: 4}

ranges = st.lists(st.dates(FIRST_DAY, LAST_DAY), min_size=2, max_size=2).map(sorted)


def merchant_of(history: Iterable[Sequence[Line]]) -> Merchant:
    merchant = Merchant()
    for file in history:
        assert merchant.import_bytes(as_file(file)).report is not None
    merchant.fold()
    return merchant


def asked(merchant: Merchant, first: date, last: date, **more: Any) -> AdReport:  # noqa: ANN401 - what a question holds
    question = AdQuestion(period=Asked(first=first, last=last), against=Against(compare=Compare.NONE), **more)
    return get_ad_performance(question, workspace_id=WORKSPACE, now=NOW, figures=merchant.figures)


def said(found: Numbers) -> dict[str, Any]:
    return {
        **{str(metric): value for metric, value in found.values.items()},
        "attribution_window": found.claim.window,
    }


def counted(found: Iterable[AdDay]) -> list[AdDay]:
    return [each for each in found if each.spend is not None]


@settings(max_examples=EXAMPLES)
@given(ad_histories(), st.lists(ranges, min_size=1, max_size=3))
def test_campaigns_accounts_platforms_and_their_claims_are_what_the_slow_count_says_of_any_range(
    history: list[list[dict[str, Any]]], asked_for: list[list[date]]
) -> None:
    merchant, everything = merchant_of(history), ad_days(history, RULES)
    for first, last in asked_for:
        within = [each for each in everything if first <= each.day <= last]
        attribution_reports(merchant, within, first, last)
        for group_by, parts in PARTS_OF_A_CAMPAIGN.items():
            report = asked(merchant, first, last, group_by=group_by)
            groups: dict[tuple[str, ...], list[AdDay]] = {}
            for each in counted(within):
                groups.setdefault(each.campaign[:parts], []).append(each)
            rows = {
                (row.place.platform, row.place.source, row.place.account, row.place.campaign_id)[:parts]: said(
                    row.numbers
                )
                for row in report.rows
            }
            assert rows == {group: numbers(found) for group, found in groups.items()}
            assert said(report.total.numbers()) == numbers(within)
            assert {name: said(sums.numbers()) for name, sums in report.platforms.items()} == {
                platform: numbers(each for each in within if each.campaign[0] == platform)
                for platform in {each.campaign[0] for each in within}
            }
        days = asked(merchant, first, last, group_by=GroupBy.ACCOUNT, granularity=Granularity.DAY)
        for metric in (AdMetric.SPEND, AdMetric.IMPRESSIONS, AdMetric.CLICKS):
            single = sum(row.numbers.values[metric] or 0 for row in days.rows)
            assert single == (numbers(within)[metric] or 0), "single days add up to their range"


def attribution_reports(merchant: Merchant, within: Sequence[AdDay], first: date, last: date) -> None:
    """Compare what attribution tells of each platform; claims of one window only are added up."""
    question = AttributionQuestion(period=Asked(first=first, last=last), models=[Model.PLATFORM_REPORTED])
    report = compare_attribution(question, workspace_id=WORKSPACE, now=NOW, figures=merchant.figures)

    platforms = {each.campaign[0] for each in within}
    by_hand = {name: numbers(each for each in within if each.campaign[0] == name) for name in platforms}
    for row in report.rows:
        expected = by_hand.pop(row.origin.channel if row.origin.channel in by_hand else "other")
        revenue = row.credits.get(Model.PLATFORM_REPORTED, UNKNOWN).revenue
        spend = row.spend_of(Model.PLATFORM_REPORTED)
        assert (row.spend, revenue) == (expected["spend"], expected["platform_revenue"])
        assert (None if revenue is None or not spend else Fraction(revenue, spend)) == expected["platform_roas"]
    assert by_hand == {}
    claiming = [each for each in counted(within) if each.conversions or each.revenue]
    windows = {
        numbers(each for each in within if each.campaign[0] == name)["attribution_window"]
        for name in {each.campaign[0] for each in claiming}
    }
    if len(windows) > 1 and Model.PLATFORM_REPORTED in report.totals:
        assert report.totals[Model.PLATFORM_REPORTED] == UNKNOWN
