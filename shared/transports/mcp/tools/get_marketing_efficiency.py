"""Whether advertising as a whole pays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shared.domain.analytics.ad_definitions import ADS_VERSION, EFFICIENCY
from shared.domain.analytics.efficiency import Efficiency, EfficiencyMetric
from shared.domain.analytics.money import rounded, share, written
from shared.domain.analytics.periods import DateRange
from shared.domain.analytics.pnl import Line, costs_in, not_alike
from shared.domain.facts.families import Family
from shared.domain.text import quoted
from shared.services.figures.frame import Caveat
from shared.services.figures.get_marketing_efficiency import (
    EfficiencyQuestion,
    EfficiencyReport,
    get_marketing_efficiency,
)
from shared.services.tool_catalogue import TOOL_BY_NAME
from shared.transports.mcp.tools.ad_cells import Value, change_of, money_cell, ratio_cell
from shared.transports.mcp.tools.answer import Answer, Cell, Table
from shared.transports.mcp.tools.new_customers_caveats import new_customers_caveats
from shared.transports.mcp.tools.periods import PeriodArguments
from shared.transports.mcp.tools.pnl_caveats import (
    comparison_caveats,
    costs_compared,
    orders_unknown,
    profit_caveats,
    unlike_costs_caveats,
)
from shared.transports.mcp.tools.schemas import (
    FLAG,
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    Schema,
    listing,
    mapping,
    output_schema,
    record,
    table,
)
from shared.transports.mcp.tools.tool import Call, Tool

COSTS = (Line.COGS, Line.FULFILMENT, Line.PAYMENT_FEES, Line.PLATFORM_FEES, Line.AD_SPEND)
"""The costs that these numbers stand on."""

_BEFORE_ADS = costs_in(Line.CM2)
STANDS_ON: Mapping[EfficiencyMetric, Sequence[Line]] = {
    EfficiencyMetric.AD_SPEND: [Line.AD_SPEND],
    EfficiencyMetric.MER: [Line.AD_SPEND],
    EfficiencyMetric.AMER: [Line.AD_SPEND],
    EfficiencyMetric.NCAC: [Line.AD_SPEND],
    EfficiencyMetric.CAC_LOADED: [Line.AD_SPEND, Line.OPEX],
    EfficiencyMetric.CM2_BEFORE_ADS: _BEFORE_ADS,
    EfficiencyMetric.POAS: [*_BEFORE_ADS, Line.AD_SPEND],
    EfficiencyMetric.BREAK_EVEN_MER: _BEFORE_ADS,
}
"""The costs that a number stands on."""

METRIC: dict[str, Schema] = {"metric": TEXT, "label": TEXT, "unit": TEXT, "value": NUMBER}
BUCKET: dict[str, Schema] = {"start": TEXT, "partial": FLAG}
NUMBERS: dict[str, Schema] = {str(metric): NUMBER for metric in EfficiencyMetric}
BESIDE: dict[str, Schema] = {
    "platform_claims": listing(
        record(
            {"platform": TEXT, "revenue": NUMBER, "attribution_window": TEXT_OR_NULL, "share_of_net_revenue": NUMBER}
        )
    ),
    "formulas": mapping(TEXT),
}

OUTPUT = output_schema(
    {"type": "object", "anyOf": [table(METRIC, BESIDE), table(BUCKET, BESIDE, rest=NUMBERS)]},
    totals=record(NUMBERS),
    comparison=record({"data": mapping(NUMBER), "change": mapping(record({"abs": NUMBER, "pct": NUMBER}))}),
)


class EfficiencyArguments(PeriodArguments):
    """The arguments of `get_marketing_efficiency`."""


def run(arguments: EfficiencyArguments, call: Call) -> Answer:
    """Answer with a row for each number, or with a row for each bucket."""
    report = get_marketing_efficiency(
        EfficiencyQuestion(period=arguments.asked, against=arguments.against, granularity=arguments.granularity),
        workspace_id=call.workspace_id,
        now=call.now,
        figures=call.figures,
    )
    currency = report.frame.settings.currency
    totals = _told(report.total, report.spans.period, report)
    rows: list[list[Cell]] = [
        [bucket.start.isoformat(), bucket.partial, *_told(found, bucket.days, report).values()]
        for bucket, found in report.series
    ]
    metrics: list[list[Cell]] = [
        [str(metric), label, unit, totals[metric]] for metric, (label, unit, _) in EFFICIENCY.items()
    ]
    return Answer(
        summary=_summary(report),
        frame=report.frame,
        data=Table(
            columns=(*BUCKET, *NUMBERS) if report.series else tuple(METRIC),
            rows=rows or metrics,
            more={
                "platform_claims": _claims(report.total, currency),
                "formulas": {str(metric): formula for metric, (_, _, formula) in EFFICIENCY.items()},
            },
        ),
        totals=totals,
        comparison=_comparison(report, currency),
        period=report.spans.period,
        comparison_period=report.spans.earlier,
        definition_version=ADS_VERSION,
        sources=report.frame.accounts_with(Family.ORDER, Family.REFUND, Family.AD_DAY, Family.EXPENSE),
        coverage={
            "cogs": share(*report.statement.cost_coverage),
            "customers": share(report.orders_with_customer, report.statement.orders),
        },
        caveats=_caveats(report),
    )


def _cell(value: Value, metric: EfficiencyMetric, currency: str) -> float | None:
    match EFFICIENCY[metric][1]:
        case "money":
            return money_cell(value, currency)
        case "count":
            return None if value is None else value.numerator
        case _:
            return ratio_cell(value)


def _numbers(found: Efficiency, currency: str) -> dict[str, Any]:
    return {str(metric): _cell(value, metric, currency) for metric, value in found.values().items()}


def _told(found: Efficiency, days: DateRange, report: EfficiencyReport) -> dict[str, Any]:
    """Give the numbers of some days; where no order is known, what was spent is all there is."""
    numbers = _numbers(found, report.frame.settings.currency)
    if not report.frame.is_unknown(days):
        return numbers
    return {metric: number if metric == EfficiencyMetric.AD_SPEND else None for metric, number in numbers.items()}


def _claims(found: Efficiency, currency: str) -> list[dict[str, Any]]:
    return [
        {
            "platform": platform,
            "revenue": money_cell(claim.revenue, currency),
            "attribution_window": claim.window,
            "share_of_net_revenue": None if claim.revenue is None else share(claim.revenue, found.net_revenue),
        }
        for platform, claim in found.claims.items()
    ]


def _comparison(report: EfficiencyReport, currency: str) -> dict[str, Any] | None:
    now, before, earlier = report.total, report.before, report.spans.earlier
    if before is None or earlier is None:
        return None
    frame, unlike = report.frame, _not_comparable(report, earlier)
    has_percent = frame.can_compare(report.spans.period, earlier)
    mine, theirs, changes = now.values(), before.values(), dict[str, Any]()
    for metric in EfficiencyMetric:
        difference, percent = (None, None) if metric in unlike else change_of(mine[metric], theirs[metric])
        changes[metric] = {
            "abs": _cell(difference, metric, currency),
            "pct": percent if has_percent else None,
        }
    return {"data": _told(before, earlier, report), "change": changes}


def _not_comparable(report: EfficiencyReport, earlier: DateRange) -> frozenset[EfficiencyMetric]:
    """Find the numbers of which not as much is known of one period as of the other."""
    frame, now, before = report.frame, report.total, report.before
    found: set[EfficiencyMetric] = set()
    if before is not None and _windows(now) != _windows(before):
        # What other windows claim differs because they count differently.
        found |= {EfficiencyMetric.PLATFORM_CLAIMED_REVENUE, EfficiencyMetric.OVERCLAIM_RATIO}
    if not (frame.knows_enough(report.spans.period) and frame.knows_enough(earlier)):
        found |= set(EfficiencyMetric) - {EfficiencyMetric.AD_SPEND}
    if report.statement_before is not None:
        unlike = set(not_alike(report.statement, report.statement_before))
        found |= {metric for metric, costs in STANDS_ON.items() if unlike.intersection(costs)}
    return frozenset(found)


def _windows(found: Efficiency) -> dict[str, str | None]:
    return {platform: claim.window for platform, claim in found.claims.items()}


def _summary(report: EfficiencyReport) -> str:
    found, currency, period = report.total, report.frame.settings.currency, report.spans.period
    if (unknown := orders_unknown(report.frame, period)) is not None:
        return unknown
    sold = written(found.net_revenue, currency)
    if not found.ad_spend:
        known = "nothing is known of ad spend" if found.ad_spend is None else "no ad spend"
        return f"{period}: net revenue {sold}, {known}."
    values = found.values()
    text = f"{period}: {written(found.ad_spend, currency)} of ad spend on net revenue of {sold}, MER "
    mer = ratio_cell(values[EfficiencyMetric.MER])
    text += f"{mer}" if found.is_spend_whole else "unknown, as spend is of some days"
    if (break_even := values[EfficiencyMetric.BREAK_EVEN_MER]) is not None:
        text += f" (break-even {ratio_cell(break_even)})"
    if found.new_customers is None:
        return f"{text}. Orders name no customers, so nobody knows how many were new."
    text += f". {found.new_customers:,} new customers"
    if (ncac := values[EfficiencyMetric.NCAC]) is not None:
        text += f" at {written(rounded(ncac.numerator, ncac.denominator), currency)} each"
    return f"{text}."


def _caveats(report: EfficiencyReport) -> list[Caveat]:
    frame, period, found = report.frame, report.spans.period, report.total
    caveats = [
        *frame.caveats(period),
        *comparison_caveats(frame, period, report.spans.earlier),
        *unlike_costs_caveats(
            report.statement, report.statement_before, costs_compared(frame, period, report.spans.earlier)
        ),
        *frame.late_ads(period),
        *profit_caveats(
            frame, period, report.statement, COSTS if found.marketing_opex is None else (*COSTS, Line.OPEX)
        ),
    ]
    caveats += new_customers_caveats(
        frame, period, found.new_customers, orders=report.statement.orders, with_customer=report.orders_with_customer
    )
    if found.marketing_opex is None and found.new_customers:
        message = f"No operating expense of {period} is known, so cac_loaded is unknown: import expenses."
        caveats.append(Caveat(code="opex_unknown", message=message))
    return [*caveats, *_window_caveats(found)]


def _window_caveats(found: Efficiency) -> list[Caveat]:
    """Say what stands in the way of a sum of claims."""
    differing = [platform for platform, claim in found.claims.items() if claim.differ]
    if differing:
        message = (
            f"Claims of {', '.join(differing)} are of different attribution windows, which are never added; "
            "get_ad_performance with group_by=campaign has them."
        )
        return [Caveat(code="windows_differ", message=message)]
    if found.claim.differ:
        claims = found.claims.items()
        windows = ", ".join(f"{platform} {quoted(claim.window)}" for platform, claim in claims if claim.window)
        message = (
            f"Platforms count in different attribution windows ({windows}), so there is no platform_claimed_revenue; "
            "overclaim_ratio adds up the share that each claims in its own."
        )
        return [Caveat(code="windows_differ", message=message)]
    return []


TOOL = Tool(
    entry=TOOL_BY_NAME["get_marketing_efficiency"],
    description=(
        "Whether advertising as a whole pays, from the shop's own orders: ad spend, net revenue by day of the order, "
        "MER and break-even MER, new customers and what each costs (nCAC, loaded CAC), revenue from new customers, "
        "profit on ad spend, and how much more the platforms claim than was sold. Use it for blended efficiency and "
        "acquisition cost, and with granularity for their course. null is unknown. Not for single campaigns or "
        "platforms (get_ad_performance), and not for which channel deserves the credit (compare_attribution)."
    ),
    arguments=EfficiencyArguments,
    output=OUTPUT,
    run=run,
)
