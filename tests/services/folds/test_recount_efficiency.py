"""Marketing efficiency is what the slow, obvious count of the imported files says, of any range of days."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.analytics.buckets import Granularity
from shared.domain.analytics.efficiency import Efficiency, EfficiencyMetric
from shared.domain.analytics.periods import Asked, Compare
from shared.domain.errors import Invalid
from shared.domain.facts.settings import Settings
from shared.services.figures.get_marketing_efficiency import EfficiencyQuestion, get_marketing_efficiency
from shared.services.figures.spans import Against
from tests.data.merchants import NOW, WORKSPACE, Merchant, as_file
from tests.data.random_merchants import FIRST_DAY, LAST_DAY, Line, histories
from tests.data.recount import Rules, count
from tests.data.recount_ads import ad_days, numbers
from tests.data.recount_reach import days_told, is_ever_told

EXAMPLES = settings().max_examples // 16
"""An example takes half a second: twenty of them here, two thousand in `make soak`."""

RULES = Rules()
SUMS = (
    EfficiencyMetric.AD_SPEND,
    EfficiencyMetric.NET_REVENUE,
    EfficiencyMetric.NEW_CUSTOMERS,
    EfficiencyMetric.NEW_CUSTOMER_REVENUE,
    EfficiencyMetric.CM2_BEFORE_ADS,
)

ranges = st.lists(st.dates(FIRST_DAY, LAST_DAY), min_size=2, max_size=2).map(sorted)


def without_currencies(history: list[list[Line]]) -> list[list[Line]]:
    """Leave the currencies out, so that everything counts."""
    return [[{name: line[name] for name in line if name != "currency"} for line in file] for file in history]


mostly_convertible = st.one_of(histories(), histories().map(without_currencies), histories().map(without_currencies))


def by_hand(of: Callable[[str], int], cohorts: Mapping[str, Any], claimed: Mapping[str, Any], *, told: Any) -> Any:  # noqa: ANN401 - numbers by name
    """Work the numbers out from sums of days; `told` names what was ever told of."""
    first, last, is_spend_whole, is_spend_told, is_opex_told = told
    returns = of("returns_by_order") + of("shipping_refunded_by_order")
    net_revenue = of("gross_sales") - of("discounts") + of("shipping_charged") - returns
    costs = of("cogs") - of("cogs_restocked_by_order")
    costs += of("fulfilment") + of("fulfilment_invoiced") + of("return_shipping_by_order")
    costs += of("payment_fees") + of("payment_fees_invoiced") + of("platform_fees_invoiced")
    spent = of("ad_spend") + of("ad_spend_invoiced")
    spend = spent if is_spend_whole else None
    loaded = None if spend is None or not is_opex_told else spend + of("opex_marketing")
    named = of("orders_with_customer") > 0 or not of("orders")
    customers = sum(n for cohort in cohorts.values() for day, n in cohort["new"].items() if first <= day <= last)
    revenue = sum(n for cohort in cohorts.values() for day, n in cohort["revenue"].items() if first <= day <= last)
    cost_known = of("cost_known_units") or of("cogs") or of("cogs_restocked_by_order") or not of("units")
    cm2 = net_revenue - costs
    revenues = [each["platform_revenue"] for each in claimed.values()]
    is_told = any(each is not None for each in revenues) and all(
        each["attribution_window"] for each in claimed.values()
    )
    overclaims = is_told and net_revenue > 0
    return {
        "ad_spend": spent if is_spend_told or spent else None,
        "net_revenue": net_revenue,
        "mer": ratio(net_revenue, spend),
        "new_customers": customers if named else None,
        "new_customer_revenue": revenue if named else None,
        "amer": ratio(revenue, spend) if named else None,
        "ncac": ratio(spend, customers) if named else None,
        "cac_loaded": ratio(loaded, customers) if named else None,
        "cm2_before_ads": cm2,
        "poas": ratio(cm2, spend) if cost_known else None,
        "break_even_mer": ratio(net_revenue, cm2) if cost_known and cm2 > 0 else None,
        "platform_claims": revenues,
        "overclaim_ratio": ratio(sum(each or 0 for each in revenues), net_revenue) if overclaims else None,
    }


def ratio(part: int | None, whole: int | None) -> Fraction | None:
    return None if part is None or not whole else Fraction(part, whole)


def said(found: Efficiency) -> dict[str, Any]:
    values = {str(metric): value for metric, value in found.values().items()}
    del values["platform_claimed_revenue"]
    return {**values, "platform_claims": [claim.revenue for claim in found.claims.values()]}


@settings(max_examples=EXAMPLES)
@given(mostly_convertible, st.lists(ranges, max_size=3))
def test_every_range_is_what_the_slow_count_says_and_days_add_up_to_it(
    history: list[list[dict[str, Any]]], asked_for: list[list[date]]
) -> None:
    merchant = Merchant()
    merchant.settle(Settings(timezone=RULES.zone))
    for file in history:
        merchant.import_bytes(as_file(file))
    merchant.fold()
    days, cohorts = count(history, RULES)
    ads = ad_days(history, RULES)
    for first, last in [[FIRST_DAY, LAST_DAY], *asked_for]:

        def of(figure: str, first: date = first, last: date = last) -> int:
            return sum(value for (day, name), value in days.items() if name == figure and first <= day <= last)

        def asked(granularity: Granularity, first: date = first, last: date = last) -> Any:  # noqa: ANN401 - a report
            question = EfficiencyQuestion(
                period=Asked(first=first, last=last), against=Against(compare=Compare.NONE), granularity=granularity
            )
            return get_marketing_efficiency(question, workspace_id=WORKSPACE, now=NOW, figures=merchant.figures)

        if of("unconverted"):
            with pytest.raises(Invalid) as refused:
                asked(Granularity.TOTAL)
            assert refused.value.code == "fx_rate_missing"
            continue
        report = asked(Granularity.TOTAL)
        claiming = [each for each in ads if first <= each.day <= last and (each.conversions or each.revenue)]
        platforms = {each.campaign[0] for each in claiming}
        claimed = {name: numbers(each for each in claiming if each.campaign[0] == name) for name in platforms}
        told = [is_ever_told(history, RULES.zone, line, first, last) for line in ("ad_spend", "opex")]
        spoken_of = set(days_told(history, RULES.zone, "ad_spend"))
        is_whole = all(first + timedelta(n) in spoken_of for n in range((last - first).days + 1))
        assert said(report.total) == by_hand(of, cohorts, claimed, told=(first, last, is_whole, *told))
        singles = [found.values() for _, found in asked(Granularity.DAY).series]
        for metric in SUMS:
            together = sum(values[metric] or 0 for values in singles)
            assert together == (report.total.values()[metric] or 0), "single days add up to their range"
