"""What each variant, product or category earned."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

from pydantic import Field

from shared.domain.analytics.definitions import PRODUCTS_VERSION
from shared.domain.analytics.money import amount, counted, percent_change, share, written
from shared.domain.analytics.product_profit import AdAllocation, Level, Margins, SortBy
from shared.domain.analytics.rates_missing import OF_THE_PROFIT, lacking
from shared.domain.facts.families import Family
from shared.domain.facts.rollups import Figure
from shared.services.figures.frame import Caveat
from shared.services.figures.list_product_profitability import (
    ProfitQuestion,
    ProfitReport,
    ProfitRow,
    list_product_profitability,
)
from shared.services.tool_catalogue import TOOL_BY_NAME
from shared.transports.mcp.tools.answer import Answer, Cell, Table, Written
from shared.transports.mcp.tools.arguments import Line, ListArguments
from shared.transports.mcp.tools.periods import ComparedArguments
from shared.transports.mcp.tools.pnl_caveats import comparison_caveats, orders_unknown
from shared.transports.mcp.tools.rate_caveats import rates_caveat
from shared.transports.mcp.tools.schemas import (
    COUNT_OR_NULL,
    INTEGER,
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    Schema,
    listing,
    mapping,
    output_schema,
    record,
)
from shared.transports.mcp.tools.tool import Call, Tool

FIRST_COLUMN = {Level.VARIANT: "sku", Level.PRODUCT: "product_id", Level.CATEGORY: "category"}
THINGS = {
    Level.VARIANT: ("variant", "variants"),
    Level.PRODUCT: ("product", "products"),
    Level.CATEGORY: ("category", "categories"),
}

COLUMNS: dict[str, Schema] = {
    "title": TEXT_OR_NULL,
    "units": INTEGER,
    "net_sales": NUMBER,
    "discount_rate": NUMBER,
    "refund_rate": NUMBER,
    "cogs": NUMBER,
    "cm1": NUMBER,
    "cm2": NUMBER,
    "cm2_margin": NUMBER,
    "ad_spend_allocated": NUMBER,
    "share_of_sales": NUMBER,
    "cogs_source": TEXT_OR_NULL,
    "cogs_coverage": NUMBER,
    "net_sales_before": NUMBER,
    "cm2_before": NUMBER,
}
ROW: Schema = {
    "type": "array",
    "prefixItems": [TEXT_OR_NULL, *COLUMNS.values()],
    "minItems": len(COLUMNS) + 1,
    "maxItems": len(COLUMNS) + 1,
}
SUMS = ("units", "net_sales", "cogs", "cm1", "cm2")
TOTALS: dict[str, Schema] = {
    "rows": INTEGER,
    "losing_money": INTEGER,
    "cost_unknown": INTEGER,
    **dict.fromkeys(SUMS, NUMBER),
    "units": COUNT_OR_NULL,
    "cm2_margin": NUMBER,
    "ad_spend_allocated": NUMBER,
}

OUTPUT = output_schema(
    record({"columns": listing(TEXT), "rows": listing(ROW)}),
    totals=record(TOTALS),
    comparison=record({"data": mapping(NUMBER), "change": mapping(record({"abs": NUMBER, "pct": NUMBER}))}),
)


class ProfitabilityArguments(ComparedArguments, ListArguments):
    """The arguments of `list_product_profitability`."""

    level: Level = Field(default=Level.VARIANT, description="A row for each variant (SKU), product or category.")
    sort_by: SortBy = Field(
        default=SortBy.CM2, description="What is unknown comes last. With order=asc, cm2 puts what loses money first."
    )
    order: Literal["asc", "desc"] = Field(default="desc", description="desc: highest first.")
    ad_allocation: AdAllocation = Field(
        default=AdAllocation.NONE,
        description="revenue_share: the shop's ad spend, shared out by net sales; a convention, not attribution.",
    )
    query: Line | None = Field(
        default=None, description="Only variants with this in SKU, title, product id, category or vendor."
    )


def run(arguments: ProfitabilityArguments, call: Call) -> Answer:
    """Answer with a row for each variant, product or category of which anything was sold or came back."""
    report = list_product_profitability(
        ProfitQuestion(
            period=arguments.asked,
            against=arguments.against,
            level=arguments.level,
            sort_by=arguments.sort_by,
            is_descending=arguments.order == "desc",
            ad_allocation=arguments.ad_allocation,
            query=arguments.query,
        ),
        workspace_id=call.workspace_id,
        now=call.now,
        figures=call.figures,
    )
    currency = report.frame.settings.currency
    return Answer(
        summary=_summary(report, arguments.level),
        frame=report.frame,
        data=Table(
            columns=(FIRST_COLUMN[arguments.level], *COLUMNS),
            rows=Written(report.rows, partial(_row, report=report, level=arguments.level, currency=currency)),
        ),
        totals=_totals(report, currency),
        comparison=_comparison(report, currency),
        period=report.spans.period,
        comparison_period=report.spans.earlier,
        definition_version=PRODUCTS_VERSION,
        sources=report.frame.accounts_with(Family.ORDER, Family.REFUND, Family.PRODUCT, Family.COST),
        coverage={"cogs": share(report.total.cost_known_sales, report.total.sales)},
        caveats=_caveats(report, arguments.ad_allocation),
    )


def _row(row: ProfitRow, report: ProfitReport, level: Level, currency: str) -> list[Cell]:
    goods, now, before = report.goods, row.now, report.goods.before(row)
    return [
        row.key,
        None if level is Level.CATEGORY else goods.title(row),
        now.units,
        amount(now.net_sales, currency),
        share(now.discounts, now.gross_sales),
        share(now.orders_refunded, now.orders),
        _money(now.cogs, currency),
        _money(now.cm1, currency),
        _money(now.cm2, currency),
        _margin(now),
        _money(goods.ad_spend(row), currency),
        share(now.net_sales, report.everything.net_sales),
        goods.cogs_source(row, report.spans.period.last.isoformat()),
        share(now.cost_known_sales, now.sales),
        None if before is None or not _was_known(report) else amount(before.net_sales, currency),
        None if before is None or not _was_known(report) else _money(before.cm2, currency),
    ]


def _is_known(report: ProfitReport) -> bool:
    """Tell whether anything is known of the period: where no order is, nothing sold is no finding."""
    return bool(report.rows) or not report.frame.is_unknown(report.spans.period)


def _was_known(report: ProfitReport) -> bool:
    return report.spans.earlier is not None and not report.frame.is_unknown(report.spans.earlier)


def _money(micros: int | None, currency: str) -> float | None:
    return None if micros is None else amount(micros, currency)


def _margin(found: Margins) -> float | None:
    margin = found.cm2_margin
    return None if margin is None else share(margin.numerator, margin.denominator)


def _sums(found: Margins, currency: str) -> dict[str, Any]:
    money = {name: _money(getattr(found, name), currency) for name in SUMS if name != "units"}
    return {"units": found.units, **money, "cm2_margin": _margin(found)}


def _totals(report: ProfitReport, currency: str) -> dict[str, Any]:
    return {
        "rows": len(report.rows),
        "losing_money": len(report.losses),
        "cost_unknown": report.cost_unknown,
        **(_sums(report.total, currency) if _is_known(report) else dict.fromkeys((*SUMS, "cm2_margin"))),
        "ad_spend_allocated": _money(report.ad_spend, currency),
    }


def _comparison(report: ProfitReport, currency: str) -> dict[str, Any] | None:
    now, before = report.total, report.total_before
    if before is None or report.spans.earlier is None:
        return None
    if not _was_known(report):
        nothing = dict.fromkeys((*SUMS, "cm2_margin"))
        return {"data": nothing, "change": {name: {"abs": None, "pct": None} for name in SUMS}}
    is_whole = report.frame.can_compare(report.spans.period, report.spans.earlier)
    is_alike = all(map(report.frame.knows_enough, report.spans.both))
    changes: dict[str, Any] = {}
    for name in SUMS:
        mine: int | None = getattr(now, name)
        theirs: int | None = getattr(before, name)
        if mine is None or theirs is None or not is_alike:
            changes[name] = {"abs": None, "pct": None}
            continue
        difference = mine - theirs
        changes[name] = {
            "abs": difference if name == "units" else amount(difference, currency),
            "pct": percent_change(mine, theirs) if is_whole else None,
        }
    return {"data": _sums(before, currency), "change": changes}


def _summary(report: ProfitReport, level: Level) -> str:
    currency, total, period = report.frame.settings.currency, report.total, report.spans.period
    if not report.rows and (unknown := orders_unknown(report.frame, period)) is not None:
        return unknown
    if not report.rows:
        return f"Nothing of this was sold or came back in {period}."
    text = (
        f"{period}: {counted(len(report.rows), *THINGS[level])} with net sales of {written(total.net_sales, currency)}"
    )
    if total.cm2 is None:
        text += "; no cost of what was sold is known, so neither is CM2 in all."
    else:
        text += f" and CM2 of {written(total.cm2, currency)}."
    if not report.losses:
        return text if total.cm2 is None else f"{text} None of those with known costs lost money."
    return f"{text} {len(report.losses):,} of them lost money, {written(-sum(report.losses), currency)} together."


def _caveats(report: ProfitReport, allocation: AdAllocation) -> list[Caveat]:
    caveats = report.frame.caveats(report.spans.period)
    caveats += comparison_caveats(report.frame, report.spans.period, report.spans.earlier)
    total, shop = report.total, report.shop
    if total.sales and total.cost_known_sales < total.sales:
        message = (
            "Unit costs are known for this share of sales only: other rows have no margin, and null or too high a CM2."
        )
        caveats.append(Caveat(code="cogs_partial", message=message, share=share(total.cost_known_sales, total.sales)))
    if report.sales_without_sku:
        sold = report.everything.sales
        message = (
            "Lines of orders that name a SKU: this share of sales. The others are together in one row without one."
        )
        caveats.append(Caveat(code="no_sku", message=message, share=share(sold - report.sales_without_sku, sold)))
    caveats += _unknown_costs(report)
    if shop.get(Figure.UNCONVERTED):
        what = (
            f"{counted(shop[Figure.UNCONVERTED], 'fact')} of the period are in a currency without a rate, and in no sum"
        )
        missing = lacking(report.frame.unrated(*OF_THE_PROFIT), report.spans.period)
        caveats.append(rates_caveat(report.frame, what, missing))
    if allocation is AdAllocation.REVENUE_SHARE and report.ad_spend is None:
        caveats.append(Caveat(code="ad_spend_unknown", message="No ad spend was ever imported, or nothing was sold."))
    return caveats


def _unknown_costs(report: ProfitReport) -> list[Caveat]:
    """Say which costs of orders nobody told, and which came as invoices for the shop as a whole."""
    shop, caveats = report.shop, list[Caveat]()
    orders = shop.get(Figure.ORDERS, 0)
    with_fees = shop.get(Figure.PAYMENT_FEES_KNOWN_ORDERS, 0) + shop.get(Figure.PAYMENT_FEES_ESTIMATED_ORDERS, 0)
    for name, told in (("fulfilment", shop.get(Figure.FULFILMENT_KNOWN_ORDERS, 0)), ("payment fees", with_fees)):
        if told < orders:
            message = f"Orders that tell their {name}, which cm2 takes off: this share. Of the others it is unknown."
            caveats.append(Caveat(code="costs_unknown", message=message, share=share(told, orders)))
    invoiced = (Figure.FULFILMENT_INVOICED, Figure.PAYMENT_FEES_INVOICED, Figure.PLATFORM_FEES_INVOICED)
    together = sum(shop.get(figure, 0) for figure in invoiced)
    if together:
        text = written(together, report.frame.settings.currency)
        message = f"{text} of fulfilment and fees came as invoices for the whole shop; no product has a part of them."
        caveats.append(Caveat(code="costs_not_allocated", message=message))
    return caveats


TOOL = Tool(
    entry=TOOL_BY_NAME["list_product_profitability"],
    description=(
        "What each variant (SKU), product or category earned in a period: units, net sales, discount rate, refund "
        "rate (orders refunded at any time / orders), cost of goods, contribution margins CM1 and CM2, beside the "
        "period before; totals are of all rows. Use it for best and worst sellers, how much of the sales a product or "
        "category is, margins, and, with sort_by=cm2 and order=asc, for which SKUs lose money. Up to 400 days. null "
        "is unknown, not zero. Not for the profit of the whole shop (get_pnl), which has shipping income, ads and "
        "overheads too, and not for missing costs (list_product_costs)."
    ),
    arguments=ProfitabilityArguments,
    output=OUTPUT,
    run=run,
)
