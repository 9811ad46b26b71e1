"""Unit costs, and where they are missing."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from shared.domain.analytics.definitions import PRODUCTS_VERSION
from shared.domain.analytics.money import amount, counted, share
from shared.domain.analytics.periods import ONE_DAY, DateRange
from shared.domain.analytics.rates_missing import Spans, within
from shared.domain.facts.families import Family
from shared.services.figures.frame import Caveat, Frame
from shared.services.figures.list_product_costs import (
    CostQuestion,
    CostReport,
    CostRow,
    CostStatus,
    list_product_costs,
)
from shared.services.tool_catalogue import TOOL_BY_NAME
from shared.transports.mcp.tools.answer import Answer, Cell, Table
from shared.transports.mcp.tools.arguments import IsoDate, Line, ListArguments
from shared.transports.mcp.tools.rate_caveats import rates_caveat
from shared.transports.mcp.tools.schemas import (
    FLAG,
    INTEGER,
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    Schema,
    output_schema,
    record,
    table,
)
from shared.transports.mcp.tools.tool import Call, Tool

SHORT = timedelta(days=30)
"""The days whose units and sales stand beside the costs."""

COLUMNS: dict[str, Schema] = {
    "sku": TEXT,
    "title": TEXT_OR_NULL,
    "unit_cost": NUMBER,
    "currency": TEXT_OR_NULL,
    "effective_from": TEXT_OR_NULL,
    "source": TEXT_OR_NULL,
    "stale": FLAG,
    "previous_cost": NUMBER,
    "change_rate": NUMBER,
    "units_30d": INTEGER,
    "sales_30d": NUMBER,
}

OUTPUT = output_schema(
    table(COLUMNS),
    totals=record({"rows": INTEGER, "skus": INTEGER, "missing": INTEGER, "stale": INTEGER, "sales_30d": NUMBER}),
)


class CostsArguments(ListArguments):
    """The arguments of `list_product_costs`."""

    sku: Line | None = Field(default=None, min_length=1, description="Only this variant.")
    status: CostStatus = Field(
        default=CostStatus.ALL,
        description=(
            "missing: no cost is known, or no rate of its currency. "
            "stale: the cost was last told more than 365 days before as_of."
        ),
    )
    as_of: IsoDate | None = Field(
        default=None, description="The costs that held on this day, yyyy-mm-dd. Default: today. Sales stay the latest."
    )


def run(arguments: CostsArguments, call: Call) -> Answer:
    """Answer with a row for each SKU, those that sell most first."""
    report = list_product_costs(
        CostQuestion(sku=arguments.sku, status=arguments.status, as_of=arguments.as_of),
        workspace_id=call.workspace_id,
        now=call.now,
        figures=call.figures,
    )
    currency = report.frame.settings.currency
    by_sales = share(*report.sales)
    return Answer(
        summary=_summary(report, by_sales, arguments.status),
        frame=report.frame,
        data=Table(columns=tuple(COLUMNS), rows=[_row(row, currency) for row in report.rows]),
        totals={
            "rows": len(report.rows),
            "skus": report.skus,
            "missing": report.missing,
            "stale": report.stale,
            "sales_30d": amount(sum(row.product.sales_30d for row in report.rows), currency),
        },
        definition_version=PRODUCTS_VERSION,
        sources=report.frame.accounts_with(Family.PRODUCT, Family.COST, Family.ORDER),
        coverage={"by_sku": share(report.skus - report.missing, report.skus), "by_sales": by_sales},
        caveats=_caveats(report),
    )


def _row(row: CostRow, currency: str) -> list[Cell]:
    previous, change = row.previous, row.change_rate
    own = row.currency or currency
    return [
        row.product.sku,
        row.product.title,
        None if row.unit_cost is None else amount(row.unit_cost, own),
        row.currency,
        row.effective_from,
        row.source,
        row.is_stale,
        None if previous is None or previous.currency != own else amount(previous.micros, own),
        None if change is None else share(change.numerator, change.denominator),
        row.product.units_30d,
        amount(row.product.sales_30d, currency),
    ]


def _summary(report: CostReport, by_sales: float | None, status: CostStatus) -> str:
    if not report.skus:
        return "No SKU is known yet: neither products, nor costs, nor orders that name one were imported."
    if status is CostStatus.STALE:
        skus = counted(report.skus, "SKU")
        return f"On {report.as_of} the cost of {report.stale:,} of {skus} was last told more than 365 days before."
    text = f"On {report.as_of} the cost of {report.missing:,} of {report.skus:,} SKUs is unknown"
    if by_sales is None:
        return f"{text}; nothing was sold in the last 30 days of the data."
    return (
        f"{text}; those whose cost is known made {100 * by_sales:.1f} % of the sales of the last 30 days of the data."
    )


def _caveats(report: CostReport) -> list[Caveat]:
    caveats: list[Caveat] = []
    if report.stale:
        message = (
            f"{counted(report.stale, 'cost')} told last more than 365 days before {report.as_of}; share is the part of "
            "the SKUs that is not so old, or has no cost."
        )
        caveats.append(Caveat(code="cost_stale", message=message, share=share(report.skus - report.stale, report.skus)))
    if report.unrated:
        through, reporting = report.frame.overview.data_through, report.frame.settings.currency
        costs = ", ".join(f"{skus} in {currency}" for currency, skus in sorted(report.unrated.items()))
        message = (
            f"Costs of SKUs count as unknown, because there is no rate into {reporting} for {through}, the end of the "
            f"data, or the week before: {costs}. Import the rates of the days with sales as fx lines."
        )
        caveats.append(
            Caveat(
                code="fx_rate_missing",
                message=message,
                share=share(report.skus - sum(report.unrated.values()), report.skus),
            )
        )
    sold = _sold_without_rate(report.frame)
    if sold:
        what = "Orders of the last 30 days of the data are in a currency without a rate, and in no units and sales"
        caveats.append(rates_caveat(report.frame, what, sold))
    if report.is_cut:
        message = (
            f"Only the latest changes of a cost are listed; some may have held on {report.as_of} and are not here."
        )
        caveats.append(Caveat(code="old_costs_left_out", message=message))
    return caveats


def _sold_without_rate(frame: Frame) -> Spans:
    through = frame.overview.data_through
    if through is None:
        return {}
    return within(frame.unrated(Family.ORDER), DateRange(first=through - SHORT + ONE_DAY, last=through))


TOOL = Tool(
    entry=TOOL_BY_NAME["list_product_costs"],
    description=(
        "Unit costs by SKU as they held on a day: cost, since when, who told it, the cost before and the change, with "
        "units and sales of the last 30 days of the data, best sellers first; coverage says for which part of SKUs and "
        "of sales a cost is known. Use it for where COGS is missing (status=missing), which costs are old "
        "(status=stale), and how the cost of one SKU changed. Costs are in the currency they were told in. Not for "
        "what products earned (list_product_profitability)."
    ),
    arguments=CostsArguments,
    output=OUTPUT,
    run=run,
)
