"""Any dimensions and metrics of a report type, as users of PMA ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictFloat,
    StrictInt,
    StrictStr,
    StringConstraints,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from shared.domain.analytics.money import counted, share, written
from shared.domain.analytics.query_fields import REPORTS, QueryField, Unit
from shared.domain.analytics.query_rows import Op, Row, Value, cell
from shared.domain.analytics.query_shape import Condition, CustomQuestion
from shared.domain.analytics.rates_missing import within
from shared.domain.facts.families import Family
from shared.domain.text import quoted
from shared.services.figures.frame import Caveat
from shared.services.figures.query_custom import NO_RATE, CustomReport, Excluded, query_custom
from shared.services.tool_catalogue import TOOL_BY_NAME
from shared.transports.mcp.tools.answer import Answer, Cell, Table, Written
from shared.transports.mcp.tools.arguments import MOST_ROWS, Line, ListArguments, WholeNumber, clash, renamed
from shared.transports.mcp.tools.periods import SpanArguments
from shared.transports.mcp.tools.rate_caveats import rates_caveat
from shared.transports.mcp.tools.schemas import INTEGER, NUMBER, TEXT, TEXTS, listing, output_schema, record
from shared.transports.mcp.tools.tool import Call, Tool

USUAL_ROWS = 50
MOST_DIMENSIONS, MOST_METRICS, MOST_FILTERS = 5, 10, 5
MOST_VALUES = 50
"""Of one `in`."""
MOST_ACCOUNTS = 20

OUTPUT = output_schema(
    record(
        {
            "columns": TEXTS,
            "rows": listing({"type": "array", "items": {"type": ["string", "number", "null"]}}),
            "accounts_excluded": listing(record({"account_id": TEXT, "reason": TEXT})),
        }
    ),
    totals={**record({"rows": INTEGER}), "additionalProperties": NUMBER},
)

Name = Annotated[StrictStr, StringConstraints(min_length=1, max_length=60)]
Text = Annotated[StrictStr, StringConstraints(max_length=200)]
Number = StrictInt | StrictFloat


class FilterArgument(BaseModel):
    """A condition."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    field: Name
    op: Op
    value: Annotated[
        Text | Number | Annotated[list[Text | Number], Field(min_length=1, max_length=MOST_VALUES)],
        WithJsonSchema({"type": ["string", "number", "array"], "items": {"type": ["string", "number"]}}),
    ]

    @field_validator("value", mode="before")
    @classmethod
    def _something_to_compare_with(cls, given: object) -> object:
        if given is None or given == []:
            raise clash("value is a text, a number, or for op=in a list of at least one of them", "filters")
        return given


class QueryArguments(SpanArguments, ListArguments):
    """The arguments of `pma_query_custom`."""

    connector: Line = Field(
        validation_alias=renamed("connector", "connector_type"),
        description="Exact name, as pma_list_data_sources has it.",
    )
    report_type: Name = Field(description=f"{', '.join(REPORTS)}: one that the connector has.")
    dimensions: list[Name] = Field(
        default=[],
        max_length=MOST_DIMENSIONS,
        description=(
            "Rows are by these. ad_day: date, week, month, platform, account_id, campaign_id, campaign, window. "
            "Others: pma_inspect_org_data, level=fields. Default none: one row."
        ),
    )
    metrics: list[Name] = Field(
        min_length=1,
        max_length=MOST_METRICS,
        description=(
            "ad_day: spend, impressions, clicks, conversions, revenue, ctr, cpc, cpm, cpa, roas. Others: as above."
        ),
    )
    filters: list[FilterArgument] = Field(
        default=[],
        max_length=MOST_FILTERS,
        description="All must hold. value: a text, a number, or for op=in a list; capitals do not matter.",
    )
    order_by: Name | None = Field(
        default=None, description="A column, and asc or desc: `spend desc`. Default: by the dimensions."
    )
    limit: WholeNumber = Field(
        default=USUAL_ROWS, ge=1, le=MOST_ROWS, description="Rows in one answer; fewer where they do not fit."
    )
    offset: WholeNumber = Field(
        default=0, ge=0, le=1_000_000, description="Rows to leave out; in place of cursor, which notices changed data."
    )

    @model_validator(mode="before")
    @classmethod
    def _json_only(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Take the format that PMA's users name, and is the only one; it is not shown, as it changes nothing."""
        if given.get("format", "json") != "json":
            raise clash("the only format is json: leave it out", "format")
        return {name: value for name, value in given.items() if name != "format"}

    @model_validator(mode="after")
    def _one_place_to_begin(self) -> Self:
        if self.cursor is not None and self.offset:
            raise clash("give cursor or offset, not both", "offset")
        return self

    @property
    def first_row(self) -> int:
        """The row that an answer without a cursor begins with."""
        return self.offset


def run(arguments: QueryArguments, call: Call) -> Answer:
    """Answer with the rows, and with the totals of all of them."""
    report = query_custom(
        CustomQuestion(
            connector=arguments.connector,
            report_type=arguments.report_type,
            dimensions=tuple(arguments.dimensions),
            metrics=tuple(arguments.metrics),
            period=arguments.asked,
            filters=tuple(map(_condition, arguments.filters)),
            order_by=arguments.order_by,
        ),
        workspace_id=call.workspace_id,
        now=call.now,
        figures=call.figures,
    )
    currency = report.frame.settings.currency
    return Answer(
        summary=_summary(report, arguments.connector),
        counts_rows=True,
        frame=report.frame,
        data=Table(
            columns=tuple(each.name for each in (*report.dimensions, *report.metrics)),
            rows=Written(report.rows, partial(_row, report=report)),
            more={
                "accounts_excluded": [
                    {"account_id": each.account.account, "reason": each.reason}
                    for each in report.excluded[:MOST_ACCOUNTS]
                ]
            },
        ),
        totals={
            "rows": len(report.rows),
            **{each.name: cell(report.total_of(each), each.unit, currency) for each in report.metrics},
        },
        period=report.period,
        definition_version=report.report.version,
        sources=report.accounts,
        coverage={each.name: share(*known) for each in report.metrics if (known := report.known_of(each)) is not None},
        caveats=_caveats(report),
    )


def _condition(asked: FilterArgument) -> Condition:
    value = tuple(asked.value) if isinstance(asked.value, list) else asked.value
    return Condition(field=asked.field, op=asked.op, value=value)


def _row(row: Row[Any], report: CustomReport) -> list[Cell]:
    currency = report.frame.settings.currency
    return [*row.key, *(cell(report.value(row, each), each.unit, currency) for each in report.metrics)]


def _summary(report: CustomReport, connector: str) -> str:
    """Tell the total of the first metric; which rows these are stands behind it."""
    metric = report.metrics[0]
    said = _said(report.total_of(metric), metric, report.frame.settings.currency)
    return f"{report.report.family} of {connector}, {report.period}: {metric.name} {said} in all."


def _said(value: Value, metric: QueryField, currency: str) -> str:
    if value is None:
        return "unknown"
    if metric.unit is Unit.MONEY:
        return written(round(value), currency)
    return f"{cell(value, metric.unit, currency):,}"


def _caveats(report: CustomReport) -> list[Caveat]:
    frame, period, kind = report.frame, report.period, report.report
    found: list[Caveat] = []
    if kind.family in {Family.ORDER, Family.REFUND, Family.PRODUCT}:
        found += frame.caveats(period)
    if report.excluded:
        found.append(_left_out(report.excluded))
    is_unrated = any(each.reason == NO_RATE for each in report.excluded)
    if is_unrated and (missing := within(frame.unrated(*kind.stands_on), period)):
        found.append(rates_caveat(frame, "Some of it is in a currency without a rate, and in no row", missing))
    for metric in report.metrics:
        if (known := report.known_of(metric)) is not None:
            told, there_are = known
            message = f"{metric.name} is known of {told:,} of {there_are:,} {THINGS[kind.family]}; the rest is not in."
            found.append(Caveat(code="partly_known", message=message, share=share(told, there_are)))
    return [*found, *_windows(report)]


def _left_out(excluded: Sequence[Excluded]) -> Caveat:
    count = counted(len({each.account.account for each in excluded}), "account")
    named = "data.accounts_excluded"
    if len(excluded) > MOST_ACCOUNTS:
        named += f", which has the first {MOST_ACCOUNTS} of {len(excluded):,} reasons"
    message = f"Of {count} not all of the period is in the rows: see {named}. pma_inspect_org_data says what to do."
    return Caveat(code="accounts_excluded", message=message)


THINGS = {
    Family.AD_DAY: "campaign days",
    Family.ORDER: "orders or units",
    Family.REFUND: "refunds",
    Family.EXPENSE: "bookings",
    Family.PRODUCT: "units",
}
"""What is counted where a metric is known of a part."""


def _windows(report: CustomReport) -> list[Caveat]:
    """Say why claims are null: those of different attribution windows are never added."""
    if report.total is None or report.report.family is not Family.AD_DAY:
        return []
    claim = report.total.claim
    asked = [each.name for each in report.metrics if each.name in OF_CLAIMS]
    if not asked:
        return []
    if claim.differ:
        message = (
            f"No total of {', '.join(asked)}: claims are of different attribution windows, which are never added. "
            "Ask for conversions and revenue by window, or filter by it."
        )
        return [Caveat(code="windows_differ", message=message)]
    if claim.window is None:
        return []
    message = f"The total of {', '.join(asked)} is what platforms claim in the window {quoted(claim.window)}."
    return [Caveat(code="claimed", message=message)]


OF_CLAIMS = frozenset({"conversions", "revenue", "cpa", "roas"})


TOOL = Tool(
    entry=TOOL_BY_NAME["pma_query_custom"],
    description=(
        "Rows of one connector's report (ad_day, order, refund, expense, product) by dimensions and metrics that you "
        "choose, such as spend by campaign by day for TikTok, with filters, order and pages. totals are over all "
        "matching rows, never over this page; the summary and meta.page say which rows these are. What nothing is told "
        "of has no row. Use it for breakdowns that no other tool has, and where a PMA query is asked for. Take exact "
        "names from pma_list_data_sources and pma_inspect_org_data. Not for profit (get_pnl), best campaigns "
        "(get_ad_performance) or margins of products (list_product_profitability)."
    ),
    arguments=QueryArguments,
    output=OUTPUT,
    run=run,
)
