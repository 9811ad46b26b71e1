"""Attribution models side by side."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from shared.domain.analytics.ads import together
from shared.domain.analytics.attribution import MILLION, Lookback, Model
from shared.domain.analytics.credits import UNKNOWN, Credit, total
from shared.domain.analytics.definitions import ATTRIBUTION_VERSION, MODEL_FORMULAS, ROAS_FORMULA
from shared.domain.analytics.money import amount, counted, share, written
from shared.domain.analytics.rates_missing import lacking
from shared.domain.facts.ads import AdFigure
from shared.domain.facts.families import Family
from shared.domain.text import quoted
from shared.services.figures.compare_attribution import (
    AttributionQuestion,
    AttributionReport,
    AttributionRow,
    GroupBy,
    compare_attribution,
)
from shared.services.figures.frame import Caveat
from shared.services.tool_catalogue import TOOL_BY_NAME
from shared.transports.mcp.tools.answer import Answer, Cell, Table
from shared.transports.mcp.tools.arguments import ListArguments
from shared.transports.mcp.tools.periods import SpanArguments
from shared.transports.mcp.tools.rate_caveats import rates_caveat
from shared.transports.mcp.tools.schemas import (
    FLAG,
    INTEGER,
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    TEXTS,
    listing,
    mapping,
    or_null,
    output_schema,
    record,
)
from shared.transports.mcp.tools.tool import Call, Tool

ORDER_DIGITS = 2

FIXED = {"channel": TEXT, "campaign": TEXT_OR_NULL, "spend": NUMBER}
CREDIT = record({"orders": NUMBER, "revenue": NUMBER, "roas": NUMBER})
ROW = {"type": "array", "prefixItems": list(FIXED.values()), "minItems": len(FIXED), "items": NUMBER}

OUTPUT = output_schema(
    record(
        {
            "columns": TEXTS,
            "rows": listing(ROW),
            "availability": listing(record({"model": TEXT, "available": FLAG, "reason": TEXT_OR_NULL})),
            "conflicts": or_null(
                record(
                    {
                        "claimed_orders": NUMBER,
                        "claimed_revenue": NUMBER,
                        "store_orders": INTEGER,
                        "store_revenue": NUMBER,
                        "overclaim_ratio": NUMBER,
                        "windows": mapping(TEXT_OR_NULL),
                    }
                )
            ),
            "formulas": mapping(TEXT),
        }
    ),
    totals=record(
        {
            "orders": INTEGER,
            "revenue": NUMBER,
            "attributed_orders": INTEGER,
            "attributed_revenue": NUMBER,
            "unattributed_order_share": NUMBER,
            "unattributed_revenue_share": NUMBER,
            "spend": NUMBER,
            "models": mapping(CREDIT),
        }
    ),
)


class AttributionArguments(SpanArguments, ListArguments):
    """The arguments of `compare_attribution`."""

    models: Annotated[tuple[Model, ...], Field(min_length=1, max_length=len(Model))] = Field(
        default=tuple(Model), description="The models to set side by side; rows come in the order of the first."
    )
    group_by: GroupBy = Field(
        default=GroupBy.CHANNEL,
        description=(
            "channel: with the channels of one ad platform taken together. campaign: at most 400 days, with the "
            "campaigns of a platform that have one name taken together."
        ),
    )
    lookback_days: Literal[7, 30, 90] = Field(
        default=30,
        description="A touch counts if it was at most so many days before the order; kept for 7, 30 and 90 only.",
    )


def run(arguments: AttributionArguments, call: Call) -> Answer:
    """Answer with a row for each channel or campaign, and three columns for each model that is available."""
    report = compare_attribution(
        AttributionQuestion(
            period=arguments.asked,
            models=tuple(dict.fromkeys(arguments.models)),
            group_by=arguments.group_by,
            lookback=Lookback(arguments.lookback_days),
        ),
        workspace_id=call.workspace_id,
        now=call.now,
        figures=call.figures,
    )
    asked = dict.fromkeys(arguments.models)
    columns = (*FIXED, *(f"{model}_{what}" for model in report.totals for what in ("orders", "revenue", "roas")))
    paths = report.paths
    return Answer(
        summary=_summary(report, arguments.lookback_days),
        frame=report.frame,
        data=Table(
            columns=columns,
            rows=[_row(row, report) for row in report.rows],
            more={
                "availability": [_availability(model, report) for model in asked],
                "conflicts": _conflicts(report),
                "formulas": {**{str(model): MODEL_FORMULAS[model] for model in asked}, "roas": ROAS_FORMULA},
            },
        ),
        totals=_totals(report),
        period=report.period,
        definition_version=ATTRIBUTION_VERSION,
        sources=report.frame.accounts_with(Family.ORDER, Family.TOUCH, Family.AD_DAY),
        coverage={"attribution": share(paths.touched, paths.orders)},
        caveats=[
            *report.frame.caveats(report.period),
            *report.frame.late_ads(report.period),
            *_caveats(report, arguments.lookback_days),
        ],
    )


def _row(row: AttributionRow, report: AttributionReport) -> list[Cell]:
    cells: list[Cell] = [row.origin.channel, row.origin.campaign or None, _money(row.spend, report)]
    for model in report.totals:
        cells += _credit(row.credits.get(model, UNKNOWN), row.spend_of(model), report).values()
    return cells


def _credit(credit: Credit, spend: int | None, report: AttributionReport) -> dict[str, float | None]:
    return {
        "orders": None if credit.orders is None else share(credit.orders, MILLION, ORDER_DIGITS),
        "revenue": _money(credit.revenue, report),
        "roas": _roas(credit, spend),
    }


def _roas(credit: Credit, spend: int | None) -> float | None:
    return None if credit.revenue is None or spend is None else share(credit.revenue, spend)


def _money(micros: int | None, report: AttributionReport) -> float | None:
    return None if micros is None else amount(micros, report.frame.settings.currency)


def _totals(report: AttributionReport) -> dict[str, Any]:
    """Give sums over all rows; a ROAS is of the rows that cost something, and of a model that has something to say."""
    paths = report.paths
    models: dict[str, dict[str, float | None]] = {}
    for model, credit in report.totals.items():
        paid = [row for row in report.rows if row.spend and (model in row.credits or model is Model.PLATFORM_REPORTED)]
        spent = [row.spend_of(model) for row in paid]
        brought = UNKNOWN if credit == UNKNOWN or None in spent else total(row.credits[model] for row in paid)
        roas = _roas(brought, sum(spend or 0 for spend in spent))
        models[str(model)] = {**_credit(credit, None, report), "roas": roas}
    return {
        "orders": paths.orders,
        "revenue": _money(paths.revenue, report),
        "attributed_orders": paths.touched,
        "attributed_revenue": _money(paths.touched_revenue, report),
        "unattributed_order_share": share(paths.orders - paths.touched, paths.orders),
        "unattributed_revenue_share": share(paths.revenue - paths.touched_revenue, paths.revenue),
        "spend": _money(report.spend, report),
        "models": models,
    }


def _availability(model: Model, report: AttributionReport) -> dict[str, Any]:
    reason = report.missing.get(model)
    if reason is None and model is not Model.PLATFORM_REPORTED and _all_agree(report):
        return {"model": model, "available": True, "reason": "Every path has one touch: all models of paths agree."}
    return {"model": model, "available": reason is None, "reason": reason}


def _all_agree(report: AttributionReport) -> bool:
    return report.paths.touched == report.paths.one_touch


def _claimed(report: AttributionReport) -> Credit:
    claims = [sums.claim for sums in report.platforms.values()]
    return total(Credit(orders=claim.conversions, revenue=claim.revenue) for claim in claims)


def _conflicts(report: AttributionReport) -> dict[str, Any] | None:
    """Set what the platforms claim, each by its own window, beside what the store sold."""
    claimed, paths = _claimed(report), report.paths
    if not paths.orders or claimed == UNKNOWN:
        return None
    return {
        "claimed_orders": None if claimed.orders is None else share(claimed.orders, MILLION, ORDER_DIGITS),
        "claimed_revenue": _money(claimed.revenue, report),
        "store_orders": paths.orders,
        "store_revenue": _money(paths.revenue, report),
        "overclaim_ratio": _overclaim(report),
        "windows": {platform: sums.claim.window for platform, sums in report.platforms.items()},
    }


def _overclaim(report: AttributionReport) -> float | None:
    """Set all that is claimed against the store; the claims of a platform that were left out are unknown."""
    claimed = _claimed(report).revenue
    if claimed is None or any(sums.claim.differ for sums in report.platforms.values()):
        return None
    return share(claimed, max(report.paths.revenue, 0))


def _summary(report: AttributionReport, lookback: int) -> str:
    paths, currency = report.paths, report.frame.settings.currency
    if not paths.orders and not report.rows:
        return f"No orders and no ads in {report.period}."
    text = (
        f"{report.period}: {paths.touched:,} of {paths.orders:,} orders ({written(paths.touched_revenue, currency)}) "
        f"have a touch in the {lookback} days before them."
    )
    dearest = max(report.rows, key=lambda row: row.spend or 0, default=None)
    if dearest is None or not dearest.spend:
        return text
    told = [
        f"{roas:.2f} by {model}"
        for model, credit in dearest.credits.items()
        if (roas := _roas(credit, dearest.spend_of(model))) is not None
    ]
    name = quoted(f"{dearest.origin.channel} {dearest.origin.campaign}")
    roas = f": ROAS {', '.join(told)}" if told else ""
    return f"{text} {name} cost most, {written(dearest.spend, currency)}{roas}."


def _caveats(report: AttributionReport, lookback: int) -> list[Caveat]:
    paths, period = report.paths, report.period
    caveats: list[Caveat] = []
    if paths.touched < paths.orders and paths.touched:
        caveats.append(
            Caveat(
                code="orders_without_touch",
                message=(
                    f"{paths.orders - paths.touched:,} of {counted(paths.orders, 'order')} have no touch within the "
                    "lookback, and are in no row: rows tell of the others only."
                ),
                share=share(paths.touched, paths.orders),
            )
        )
    if paths.touched and _all_agree(report):
        caveats.append(Caveat(code="one_touch_paths", message="Every path has one touch: all models of paths agree."))
    reach = [
        holding
        for account in report.frame.accounts_with(Family.TOUCH)
        for holding in account.holdings
        if holding.family == Family.TOUCH and holding.first is not None and holding.last is not None
    ]
    begins = min((holding.first for holding in reach if holding.first), default=None)
    ends = max((holding.last for holding in reach if holding.last), default=None)
    if begins is not None and begins > period.first - timedelta(days=lookback):
        message = f"Touches are known from {begins} on: paths of the first days of the period may lack some."
        caveats.append(Caveat(code="touches_begin", message=message))
    through = report.frame.overview.data_through or period.last
    if ends is not None and ends < min(period.last, through):
        message = f"Touches are known up to {ends}: later orders have none, or too few. Import the latest touches."
        caveats.append(Caveat(code="upstream_stale", message=message))
    if paths.unconverted + report.unconverted_ads:
        what = (
            f"{paths.unconverted:,} orders and refunds and {report.unconverted_ads:,} ad days are in a currency "
            "without a rate, and in no sum"
        )
        missing = lacking(report.frame.unrated(Family.ORDER, Family.REFUND, Family.AD_DAY), period)
        caveats.append(rates_caveat(report.frame, what, missing))
    differ = [platform for platform, sums in report.platforms.items() if sums.claim.differ]
    if differ:
        message = f"Claims of {', '.join(differ)} are in different windows, which are never added: they are left out."
        caveats.append(Caveat(code="claims_differ", message=message))
    windows = {platform: sums.claim.window for platform, sums in report.platforms.items() if sums.claim.window}
    if len(windows) > 1 and report.do_windows_differ:
        named = ", ".join(f"{platform} {quoted(window)}" for platform, window in windows.items())
        message = (
            f"Platforms count in different attribution windows ({named}): platform_reported has no totals, and "
            "conflicts adds up what each claims in its own."
        )
        caveats.append(Caveat(code="windows_differ", message=message))
    known = together(report.platforms.values())
    if windows and not known.is_told_daily(AdFigure.REVENUE_KNOWN):
        told = share(known.of(AdFigure.REVENUE_KNOWN), known.of(AdFigure.AD_DAYS))
        message = "This share of campaign days tells the revenue claimed; ROAS of platform_reported needs all of them."
        caveats.append(Caveat(code="ads_partial", message=message, share=told))
    claimed = _claimed(report).revenue
    if paths.orders and claimed is not None and claimed > paths.revenue:
        currency = report.frame.settings.currency
        message = (
            f"The platforms together claim {written(claimed, currency)}, the store had "
            f"{written(paths.revenue, currency)}: some orders are claimed twice."
        )
        caveats.append(Caveat(code="overclaimed", message=message))
    return caveats


TOOL = Tool(
    entry=TOOL_BY_NAME["compare_attribution"],
    description=(
        "How many orders and how much revenue each channel or campaign brought, by up to eight attribution models side "
        "by side: what the ad platforms claim, and last touch, last non-direct, first touch, linear, position-based, "
        "time decay and Markov over the imported touches before each order; with ROAS, orders without a touch, and "
        "the platforms' claims against the store. Use it to ask whether a platform's ROAS holds up, or which channel "
        "deserves credit. Revenue is net, on the day of the order. Not for clicks, impressions and spend over time: "
        "use get_ad_performance; not for blended spend: use get_marketing_efficiency."
    ),
    arguments=AttributionArguments,
    output=OUTPUT,
    run=run,
)
