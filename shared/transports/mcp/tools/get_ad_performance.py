"""What ads cost and what the platforms claim for them."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

from pydantic import Field

from shared.domain.analytics.ad_definitions import ADS_VERSION
from shared.domain.analytics.ads import CLAIMED, AdMetric, AdSums, GroupBy, Numbers
from shared.domain.analytics.buckets import Granularity
from shared.domain.analytics.money import counted, share, written
from shared.domain.analytics.rates_missing import lacking
from shared.domain.facts.ads import AdFigure
from shared.domain.facts.families import Family
from shared.domain.facts.fields import PLATFORMS
from shared.domain.text import quoted
from shared.services.figures.ad_reach import days_of
from shared.services.figures.frame import Caveat
from shared.services.figures.get_ad_performance import AdQuestion, AdReport, AdRow, get_ad_performance
from shared.services.tool_catalogue import TOOL_BY_NAME
from shared.transports.mcp.tools.ad_cells import COUNTS, ad_cell, change_of, money_cell
from shared.transports.mcp.tools.answer import Answer, Cell, Table, Written
from shared.transports.mcp.tools.arguments import Line, ListArguments
from shared.transports.mcp.tools.periods import PeriodArguments
from shared.transports.mcp.tools.rate_caveats import rates_caveat
from shared.transports.mcp.tools.schemas import (
    COUNT_OR_NULL,
    FLAG,
    INTEGER,
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    Schema,
    mapping,
    output_schema,
    record,
    table,
)
from shared.transports.mcp.tools.tool import Call, Tool

Platform = Literal["meta", "google", "tiktok", "snapchat", "other"]

METRICS: dict[str, Schema] = {
    **{str(metric): COUNT_OR_NULL if metric in COUNTS else NUMBER for metric in AdMetric},
    "attribution_window": TEXT_OR_NULL,
}
WHOSE: dict[str, Schema] = {
    "platform": TEXT,
    "account_id": TEXT_OR_NULL,
    "campaign_id": TEXT_OR_NULL,
    "campaign_name": TEXT_OR_NULL,
}
ROW: dict[str, Schema] = {**WHOSE, **METRICS, "spend_before": NUMBER}
IN_BUCKET: dict[str, Schema] = {"start": TEXT, "partial": FLAG, "platform": TEXT, "account_id": TEXT_OR_NULL, **METRICS}
PLATFORM_SUMS = mapping(record(METRICS))

OUTPUT = output_schema(
    {"type": "object", "anyOf": [table(ROW), table(IN_BUCKET)]},
    totals=record({"rows": INTEGER, **METRICS, "platforms": PLATFORM_SUMS}),
    comparison=record(
        {
            "data": record({**METRICS, "platforms": PLATFORM_SUMS}),
            "change": mapping(record({"abs": NUMBER, "pct": NUMBER})),
        }
    ),
)


class AdArguments(PeriodArguments, ListArguments):
    """The arguments of `get_ad_performance`."""

    platforms: list[Platform] = Field(
        default=list(PLATFORMS), min_length=1, description="Only these ad platforms. Default: all."
    )
    group_by: GroupBy | None = Field(
        default=None,
        description=(
            "A row for each platform, account or campaign; single ads are not kept. Default campaign, or platform "
            "where granularity is not total: campaigns have totals only."
        ),
    )
    campaign_query: Line | None = Field(
        default=None, description="Only campaigns with this in their name or id; group_by=campaign."
    )
    sort_by: Literal[
        "spend", "clicks", "impressions", "platform_conversions", "platform_revenue", "platform_roas", "cpa"
    ] = Field(default="spend", description="Highest first, unknown last.")


def run(arguments: AdArguments, call: Call) -> Answer:
    """Answer with a row for each platform, account or campaign, or for each of them and bucket."""
    is_total = arguments.granularity is Granularity.TOTAL
    report = get_ad_performance(
        AdQuestion(
            period=arguments.asked,
            against=arguments.against,
            granularity=arguments.granularity,
            platforms=tuple(arguments.platforms),
            group_by=arguments.group_by or (GroupBy.CAMPAIGN if is_total else GroupBy.PLATFORM),
            campaign_query=arguments.campaign_query,
            sort_by=AdMetric(arguments.sort_by),
        ),
        workspace_id=call.workspace_id,
        now=call.now,
        figures=call.figures,
    )
    total, currency = report.total, report.frame.settings.currency
    return Answer(
        summary=_summary(report),
        frame=report.frame,
        data=Table(
            columns=tuple(ROW if is_total else IN_BUCKET),
            rows=Written(report.rows, partial(_row if is_total else _in_bucket, currency=currency)),
        ),
        totals={
            "rows": len(report.rows),
            **_metrics(report.numbers, currency),
            "platforms": {name: _metrics(sums.numbers(), currency) for name, sums in report.platforms.items()},
        },
        comparison=_comparison(report, currency),
        period=report.spans.period,
        comparison_period=report.spans.earlier,
        definition_version=ADS_VERSION,
        sources=tuple(report.reach.accounts),
        coverage={
            name: share(total.of(known), total.of(AdFigure.AD_DAYS))
            for name, known in (
                ("impressions", AdFigure.IMPRESSIONS_KNOWN),
                ("clicks", AdFigure.CLICKS_KNOWN),
                ("platform_conversions", AdFigure.CONVERSIONS_KNOWN),
                ("platform_revenue", AdFigure.REVENUE_KNOWN),
            )
        },
        caveats=_caveats(report),
    )


def _metrics(numbers: Numbers, currency: str) -> dict[str, Any]:
    cells = {str(metric): ad_cell(value, metric, currency) for metric, value in numbers.values.items()}
    return {**cells, "attribution_window": numbers.claim.window}


def _row(row: AdRow, currency: str) -> list[Cell]:
    place = row.place
    return [
        place.platform,
        place.account or None,
        place.campaign_id or None,
        row.name,
        *_metrics(row.numbers, currency).values(),
        money_cell(row.spend_before, currency),
    ]


def _in_bucket(row: AdRow, currency: str) -> list[Cell]:
    bucket = row.bucket
    start = [None, None] if bucket is None else [bucket.start.isoformat(), bucket.partial]
    return [*start, row.place.platform, row.place.account or None, *_metrics(row.numbers, currency).values()]


def _comparison(report: AdReport, currency: str) -> dict[str, Any] | None:
    now, before = report.numbers, report.numbers_before
    if before is None or report.platforms_before is None or report.spans.earlier is None:
        return None
    is_alike = now.claim.window == before.claim.window
    has_percent = not report.reach.days_before(report.spans.earlier)
    changes = dict[str, Any]()
    for metric in AdMetric:
        # What two windows claim differs because they count differently.
        is_known = is_alike or metric not in CLAIMED
        mine, theirs = (now.values[metric], before.values[metric]) if is_known else (None, None)
        difference, percent = change_of(mine, theirs)
        changes[metric] = {"abs": ad_cell(difference, metric, currency), "pct": percent if has_percent else None}
    platforms = {name: _metrics(sums.numbers(), currency) for name, sums in report.platforms_before.items()}
    return {"data": {**_metrics(before, currency), "platforms": platforms}, "change": changes}


def _summary(report: AdReport) -> str:
    currency, period = report.frame.settings.currency, report.spans.period
    if not report.rows:
        return _nothing(report)
    spent = written(report.total.of(AdFigure.SPEND), currency)
    parts = [
        f"{name} {written(sums.spend, currency)}{_claimed(sums, currency)}"
        for name, sums in report.platforms.items()
        if sums.spend is not None
    ]
    return f"{period}: {spent} spent on ads. {'; '.join(parts)}."


def _nothing(report: AdReport) -> str:
    """Say whether nothing was spent, or why nobody knows."""
    period, reach = report.spans.period, report.reach
    if report.total.of(AdFigure.UNCONVERTED):
        return f"Spend on ads in {period} is unknown: it is in a currency for which no rate is known."
    if not reach.accounts:
        return f"Spend on ads in {period} is unknown: no such ads have been imported."
    none = f"No campaign with this in its name or id ran in {period}"
    for account in reach.lacking(period):
        known = " and ".join(map(str, days_of(account)))
        told = f"{account.source} {quoted(account.account)} ({account.status}) has told of {known} only"
        if report.is_searched:
            return f"{none}, as far as is known: {told}."
        return f"Spend on ads in {period} is unknown, not zero: {told}."
    return f"{none}." if report.is_searched else f"No ads of these ran in {period}."


def _claimed(sums: AdSums, currency: str) -> str:
    claim = sums.claim
    if claim.revenue is None or claim.window is None:
        return ""
    return f", claiming {written(claim.revenue, currency)} ({quoted(claim.window)})"


def _caveats(report: AdReport) -> list[Caveat]:
    total, caveats = report.total, list[Caveat]()
    if not report.reach.accounts:
        message = "No data of such ads has been imported yet: spend is unknown, not zero. Import the platform's report."
        caveats.append(Caveat(code="no_ads", message=message))
    caveats += report.frame.late_ads(report.spans.period, report.reach.accounts)
    caveats += _early(report)
    if unconverted := total.of(AdFigure.UNCONVERTED):
        days = total.of(AdFigure.AD_DAYS)
        told = counted(days + unconverted, "campaign day")
        what = f"{unconverted:,} of {told} are in a currency without a rate, and in no sum"
        missing = lacking(report.frame.unrated(Family.AD_DAY), report.spans.period)
        caveats.append(rates_caveat(report.frame, what, missing, share(days, days + unconverted)))
    return [*caveats, *_windows(report), *_partial(total)]


def _early(report: AdReport) -> list[Caveat]:
    """Say where a period begins before anything is known of ads."""
    reach, earlier, found = report.reach, report.spans.earlier, list[Caveat]()
    period = report.spans.period
    if early := reach.days_before(period):
        message = (
            f"{early:,} of {counted(period.days, 'day')} are before the first day of ads, {reach.begins}: spend then "
            "is unknown. Import earlier reports, or ask for later days."
        )
        found.append(Caveat(code="before_data", message=message, share=share(period.days - early, period.days)))
    if earlier is not None and (unknown := reach.days_before(earlier)):
        message = (
            f"{unknown} of the {earlier.days} days of {earlier} are before the first day of ads, {reach.begins}: "
            "no change in percent is given."
        )
        known = share(earlier.days - unknown, earlier.days)
        found.append(Caveat(code="comparison_before_data", message=message, share=known))
    return found


def _windows(report: AdReport) -> list[Caveat]:
    """Say why claims are null: where those of a row are, the total of them is, too."""
    rows = len(report.rows)
    differing = sum(row.numbers.claim.differ for row in report.rows)
    if differing:
        hint = (
            "ask for a part of the period, for the window was changed within it"
            if report.group_by is GroupBy.CAMPAIGN
            else "use group_by=campaign, without granularity"
        )
        message = f"{differing} rows have claims of different attribution windows, which are never added: {hint}."
        return [Caveat(code="windows_differ", message=message, share=share(rows - differing, rows))]
    if report.total.claim.differ:
        windows = ", ".join(
            f"{name} {quoted(sums.claim.window) if sums.claim.window else 'several'}"
            for name, sums in report.platforms.items()
            if sums.claim.window or sums.claim.differ
        )
        message = f"No total of claims: they are of different attribution windows ({windows}). See rows and platforms."
        return [Caveat(code="windows_differ", message=message)]
    return []


def _partial(total: AdSums) -> list[Caveat]:
    """Say which numbers some days do not tell."""
    days = total.of(AdFigure.AD_DAYS)
    named = (
        ("impressions", AdFigure.IMPRESSIONS_KNOWN),
        ("clicks", AdFigure.CLICKS_KNOWN),
        ("conversions", AdFigure.CONVERSIONS_KNOWN),
        ("claimed revenue", AdFigure.REVENUE_KNOWN),
    )
    return [
        Caveat(
            code="ads_partial",
            message=(
                f"{total.of(known):,} of {counted(days, 'campaign day')} tell {name}; of the others it is unknown, and "
                "so is any ratio of it. Export the reports with that column."
            ),
            share=share(total.of(known), days),
        )
        for name, known in named
        if total.of(known) < days
    ]


TOOL = Tool(
    entry=TOOL_BY_NAME["get_ad_performance"],
    description=(
        "What ads cost and reached, and what the platforms claim that they sold, by campaign, account or platform: "
        "spend, impressions, clicks, CTR, CPM, CPC, conversions, revenue, ROAS and CPA, with totals by platform. Use "
        "it for which campaigns spend most or do best, and with granularity for their course. Claims are those of one "
        "attribution window (attribution_window); where windows differ they are null, for they cannot be added. Not "
        "for what the shop itself earned from ads (get_marketing_efficiency), and not for other attribution models."
    ),
    arguments=AdArguments,
    output=OUTPUT,
    run=run,
)
