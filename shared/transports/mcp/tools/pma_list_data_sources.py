"""The connected sources: the low-cost first call of the PMA page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

from pydantic import Field

from shared.domain.analytics.names import platform_of
from shared.domain.facts.rollups import Account
from shared.domain.text import quoted
from shared.services.figures.frame import without_figures
from shared.services.figures.list_data_sources import list_data_sources
from shared.services.refusals import instant
from shared.services.tool_catalogue import TOOL_BY_NAME
from shared.transports.mcp.tools.answer import Answer, Cell, Table
from shared.transports.mcp.tools.arguments import Line, ListArguments
from shared.transports.mcp.tools.schemas import (
    FLAG,
    INTEGER,
    TEXT,
    TEXT_OR_NULL,
    TEXTS,
    Schema,
    output_schema,
    record,
    table,
)
from shared.transports.mcp.tools.tool import Call, Tool

Status = Literal[
    "synced",
    "syncing",
    "reconnect",
    "lost_access",
    "missing_permissions",
    "resolving",
    "discontinued",
    "not_syncing",
    "no_accounts",
]

SYNCED = "synced"
MOST_NAMED = 3

COLUMNS: dict[str, Schema] = {
    "connector": TEXT,
    "platform": TEXT,
    "account_id": TEXT,
    "account_name": TEXT,
    "has_data": FLAG,
    "last_sync": TEXT_OR_NULL,
    "status": TEXT,
    "data_from": TEXT_OR_NULL,
    "data_through": TEXT_OR_NULL,
    "report_types": TEXTS,
}

OUTPUT = output_schema(table(COLUMNS), totals=record({"sources": INTEGER, "with_data": INTEGER}))


class SourcesArguments(ListArguments):
    """The arguments of `pma_list_data_sources`."""

    connector: Line | None = Field(default=None, description="Exact connector name, as in an earlier answer.")
    status: Status | None = Field(default=None, description="Only sources whose connection is in this state.")


def run(arguments: SourcesArguments, call: Call) -> Answer:
    """Answer with a row for each account."""
    report = list_data_sources(
        connector=arguments.connector,
        status=arguments.status,
        workspace_id=call.workspace_id,
        now=call.now,
        figures=call.figures,
    )
    rows = [_row(account) for account in report.accounts]
    with_data = sum(1 for account in report.accounts if _has_data(account))
    return Answer(
        summary=f"{len(rows)} connected sources, {with_data} of them with data.{_not_synced(report.accounts)}",
        frame=report.frame,
        data=Table(columns=tuple(COLUMNS), rows=rows),
        totals={"sources": len(rows), "with_data": with_data},
        caveats=without_figures(report.frame),
    )


def _not_synced(accounts: Sequence[Account]) -> str:
    """Say which connections are not in order; of many, the first."""
    named = [f"{each.source} {quoted(each.account)} ({each.status})" for each in accounts if each.status != SYNCED]
    more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    return f" Not in order: {', '.join(named[:MOST_NAMED])}{more}." if named else ""


def _row(account: Account) -> list[Cell]:
    firsts = [holding.first for holding in account.holdings if holding.first is not None]
    lasts = [holding.last for holding in account.holdings if holding.last is not None]
    return [
        account.source,
        platform_of(account.source),
        account.account,
        account.name,
        _has_data(account),
        None if account.last_export is None else instant(account.last_export),
        account.status,
        _day(min(firsts, default=None)),
        _day(max(lasts, default=None)),
        sorted(holding.family for holding in account.holdings),
    ]


def _has_data(account: Account) -> bool:
    return any(holding.rows for holding in account.holdings)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


TOOL = Tool(
    entry=TOOL_BY_NAME["pma_list_data_sources"],
    description=(
        "The connected data sources: connector (the exact name that other tools take), platform, account, whether it "
        "has data, when it last synced, the state of its connection, from when to when it reaches, and its report "
        "types. Use it as a cheap first call to check a connection, and when a platform seems to be missing. Not for "
        "figures, and not for gaps and fields of one source: use pma_inspect_org_data."
    ),
    arguments=SourcesArguments,
    output=OUTPUT,
    run=run,
)
