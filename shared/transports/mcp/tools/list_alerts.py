"""What somebody should deal with."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from shared.domain.alerts.alert import LOOKED_BACK_DAYS, AlertSeverity, AlertStatus, Category, Unit
from shared.domain.analytics.money import MICROS, RATE_DIGITS, amount, counted, rounded
from shared.services.figures.frame import Caveat, without_figures
from shared.services.figures.list_alerts import (
    Alert,
    AlertQuestion,
    AlertReport,
    AlertSources,
    categories_shown,
    list_alerts,
)
from shared.services.refusals import instant
from shared.services.tool_catalogue import TOOL_BY_NAME
from shared.transports.mcp.tools.answer import Answer, Cell, Table
from shared.transports.mcp.tools.arguments import ListArguments
from shared.transports.mcp.tools.schemas import INTEGER, NUMBER, TEXT, Schema, output_schema, record, table
from shared.transports.mcp.tools.tool import Call, Tool

COLUMNS: dict[str, Schema] = {
    "alert_id": TEXT,
    "opened_at": TEXT,
    "category": {"enum": [str(category) for category in Category]},
    "severity": {"enum": [str(severity) for severity in AlertSeverity]},
    "title": TEXT,
    "metric": TEXT,
    "scope": TEXT,
    "value": NUMBER,
    "threshold": NUMBER,
    "unit": {"enum": [str(unit) for unit in Unit]},
    "status": {"enum": [str(status) for status in AlertStatus]},
    "link": TEXT,
}

OUTPUT = output_schema(
    table(COLUMNS),
    totals=record({str(severity): INTEGER for severity in AlertSeverity}),
)


class WantedStatus(StrEnum):
    """Which alerts are asked for, by where they stand."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    ALL = "all"


class AlertArguments(ListArguments):
    """The arguments of `list_alerts`."""

    status: WantedStatus = Field(
        default=WantedStatus.OPEN,
        description=(
            "open: it holds and nobody has acknowledged it. resolved: it is over, and held in the last 28 known days."
        ),
    )
    category: Category | None = Field(default=None, description="Only of this kind. Left out: all of them.")
    severity: AlertSeverity | None = Field(default=None, description="Only these. Left out: all of them.")


def run(arguments: AlertArguments, call: Call) -> Answer:
    """Answer with a row for each alert."""
    wanted = frozenset(Category) if arguments.category is None else frozenset({arguments.category})
    shown = wanted & categories_shown(call.credential, call.workspaces)
    report = list_alerts(
        AlertQuestion(
            status=None if arguments.status is WantedStatus.ALL else AlertStatus(arguments.status),
            categories=shown,
            severity=arguments.severity,
        ),
        workspace_id=call.workspace_id,
        now=call.now,
        sources=AlertSources(figures=call.figures, trail=call.trail, alerts=call.alerts),
    )
    currency = report.frame.settings.currency
    return Answer(
        summary=_summary(report, arguments),
        frame=report.frame,
        version=f"-{report.version}",
        data=Table(columns=tuple(COLUMNS), rows=[_row(alert, currency, call.docs_url) for alert in report.rows]),
        totals={
            severity: sum(alert.condition.severity == severity for alert in report.rows)
            for severity in map(str, AlertSeverity)
        },
        sources=report.frame.overview.accounts,
        caveats=_caveats(report, hides_tokens=shown != wanted),
    )


def _row(alert: Alert, currency: str, docs_url: str) -> list[Cell]:
    condition = alert.condition
    return [
        condition.alert_id,
        instant(condition.opened_at),
        str(condition.category),
        str(condition.severity),
        condition.title,
        condition.metric,
        condition.scope,
        _number(condition.value, condition.unit, currency),
        _number(condition.threshold, condition.unit, currency),
        str(condition.unit),
        str(alert.status),
        f"{docs_url}/alerts#{condition.category}",
    ]


def _number(millionths: int | None, unit: Unit, currency: str) -> float | None:
    if millionths is None:
        return None
    if unit is Unit.MONEY:
        return amount(millionths, currency)
    return rounded(millionths * 10**RATE_DIGITS, MICROS) / 10**RATE_DIGITS


def _summary(report: AlertReport, arguments: AlertArguments) -> str:
    chosen = "" if arguments.status is WantedStatus.ALL else f"{arguments.status} "
    if not report.rows:
        return f"No {chosen}alert."
    worst = report.rows[0].condition
    return f"{counted(len(report.rows), f'{chosen}alert')}. First: {worst.severity}, {worst.category}: {worst.title}."


def _caveats(report: AlertReport, *, hides_tokens: bool) -> list[Caveat]:
    caveats = without_figures(report.frame)
    if hides_tokens:
        message = "Without alerts of tokens (credentials): the role of the member whom this app acts for."
        caveats.append(Caveat(code="tokens_not_shown", message=message))
    if not report.are_tokens_whole:
        message = "Not all of what befell tokens in the last 90 days was read: older alerts of them may be missing."
        caveats.append(Caveat(code="credentials_partial", message=message))
    return caveats


TOOL = Tool(
    entry=TOOL_BY_NAME["list_alerts"],
    description=(
        "What somebody should deal with: alerts of revenue, roas, ad spend, profit margin, sources that do not "
        "deliver, tokens that expire, are unused or leaked, fulfilment costs and data quality, each with its number "
        "and the threshold it crossed. Use it for what needs attention now, and to see what was acknowledged or is "
        f"over. It looks at the last {LOOKED_BACK_DAYS} known days. Not for unusual days further back, or with what "
        "was expected (list_anomalies), nor for a log of what happened (list_activity)."
    ),
    arguments=AlertArguments,
    output=OUTPUT,
    run=run,
)
