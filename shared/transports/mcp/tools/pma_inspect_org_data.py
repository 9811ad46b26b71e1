"""The deeper look when a source or a report has no rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from shared.domain.analytics.diagnosis import Cause
from shared.domain.analytics.query_fields import REPORTS, QueryField
from shared.domain.facts.fields import FIELDS, Role
from shared.domain.facts.imports import ImportReport
from shared.services.figures.inspect_org_data import SYNCED, InspectionReport, ReportData, inspect_org_data
from shared.services.figures.standing_imports import error_groups, last_moved, stands_still
from shared.services.refusals import instant
from shared.services.tool_catalogue import TOOL_BY_NAME
from shared.storage.contracts.facts import ImportRecord
from shared.transports.mcp.tools.answer import Answer, Cell, Table
from shared.transports.mcp.tools.arguments import Line, ListArguments
from shared.transports.mcp.tools.schemas import (
    FLAG,
    INTEGER,
    TEXT,
    TEXT_OR_NULL,
    TEXTS,
    Schema,
    listing,
    or_null,
    output_schema,
    record,
    table,
)
from shared.transports.mcp.tools.tool import Call, Tool

FIELD = record(
    {
        "name": TEXT,
        "type": TEXT,
        "role": TEXT,
        "unit": TEXT_OR_NULL,
        "pii": FLAG,
        "filled": FLAG,
        "queryable": FLAG,
    }
)

COLUMNS: dict[str, Schema] = {
    "connector": TEXT,
    "report_type": TEXT,
    "accounts": TEXTS,
    "rows": INTEGER,
    "date_min": TEXT_OR_NULL,
    "date_max": TEXT_OR_NULL,
    "gaps": listing(record({"from": TEXT, "to": TEXT})),
    "gap_days": INTEGER,
    "duplicate_keys": INTEGER,
    "fields": or_null(listing(FIELD)),
}

MORE: dict[str, Schema] = {
    "diagnosis": listing(record({"cause": {"enum": [*map(str, Cause)]}, "message": TEXT, "fix": TEXT})),
    "accounts_excluded": listing(record({"connector": TEXT, "account_id": TEXT, "reason": TEXT})),
    "last_imports": listing(
        record(
            {
                "import_id": TEXT,
                "file": TEXT,
                "format": TEXT,
                "status": TEXT,
                "sent_at": TEXT,
                "imported": INTEGER,
                "changed": INTEGER,
                "unchanged": INTEGER,
                "gone": INTEGER,
                "rejected": INTEGER,
                "errors": listing(
                    record(
                        {
                            "code": TEXT,
                            "field": TEXT_OR_NULL,
                            "rows": INTEGER,
                            "first_line": INTEGER,
                            "message": TEXT,
                        }
                    )
                ),
                "refusal": TEXT_OR_NULL,
                "unmapped": TEXTS,
                "connectors": TEXTS,
                "moved_at": TEXT,
                "stands_still": FLAG,
                "unmapped_columns": TEXTS,
                "columns_dropped_for_privacy": TEXTS,
            }
        )
    ),
}

OUTPUT = output_schema(table(COLUMNS, MORE), totals=record({"rows": INTEGER, "duplicate_keys": INTEGER}))

MOST_ACCOUNTS = 20
MOST_DIAGNOSES = 20
"""What keeps rows away comes first."""
MOST_ERRORS = 5
MOST_UNMAPPED = 10
"""Names of accounts or columns; level `fields` shows all columns that the import's report has."""


class InspectArguments(ListArguments):
    """The arguments of `pma_inspect_org_data`."""

    connector: Line | None = Field(default=None, description="Exact connector name; leave out for all.")
    report_type: Line | None = Field(
        default=None, description="Kind of rows, such as order, refund, ad_day, expense, cost; leave out for all."
    )
    level: Literal["summary", "fields"] = Field(
        default="summary",
        description="fields: also each type's fields, which of them pma_query_custom takes, and all columns not read.",
    )


def run(arguments: InspectArguments, call: Call) -> Answer:
    """Answer with a row for each connector and report type, and with causes in words."""
    report = inspect_org_data(
        connector=arguments.connector,
        report_type=arguments.report_type,
        workspace_id=call.workspace_id,
        now=call.now,
        figures=call.figures,
    )
    return Answer(
        summary=" ".join(found.message for found in report.diagnoses[:2]),
        frame=report.frame,
        data=Table(
            columns=tuple(COLUMNS),
            rows=[_row(data, with_fields=arguments.level == "fields") for data in report.reports],
            more=_more(report, now=call.now, most_columns=None if arguments.level == "fields" else MOST_UNMAPPED),
        ),
        totals={
            "rows": sum(data.rows for data in report.reports),
            "duplicate_keys": sum(data.inspection.duplicate_keys for data in report.reports),
        },
    )


def _row(data: ReportData, *, with_fields: bool) -> list[Cell]:
    return [
        data.connector,
        str(data.family),
        list(data.accounts[:MOST_ACCOUNTS]),
        data.rows,
        None if data.first is None else data.first.isoformat(),
        None if data.last is None else data.last.isoformat(),
        [{"from": first, "to": last} for first, last in data.inspection.gaps],
        data.inspection.gap_days,
        data.inspection.duplicate_keys,
        _fields(data) if with_fields else None,
    ]


def _fields(data: ReportData) -> list[dict[str, Any]]:
    """Describe what can be queried, and the other fields of a family; persons' are dropped as a file is read."""
    kept = {
        field.name: {
            "name": field.name,
            "type": field.kind.name,
            "role": str(field.kind.role),
            "unit": field.kind.unit,
            "pii": False,
            "filled": field.required or field.name in data.inspection.fields,
            "queryable": False,
        }
        for field in FIELDS[data.family]
    }
    report = REPORTS.get(data.family)
    queried = {field.name: _queried(field, kept.get(field.name)) for field in (report.fields if report else ())}
    return [*({**kept, **queried}).values()]


def _queried(field: QueryField, kept: Mapping[str, Any] | None) -> dict[str, Any]:
    """Describe a field as a query gives it: amounts in major units, and what is worked out has always a value."""
    unit = None if field.role is Role.DIMENSION else str(field.unit)
    worked_out = {"name": field.name, "type": str(field.unit), "pii": False, "filled": True}
    return {**(kept or worked_out), "role": str(field.role), "unit": unit, "queryable": True}


def _more(report: InspectionReport, *, now: datetime, most_columns: int | None) -> dict[str, Any]:
    return {
        "diagnosis": [
            {"cause": str(found.cause), "message": found.message, "fix": found.fix}
            for found in report.diagnoses[:MOST_DIAGNOSES]
        ],
        "accounts_excluded": [
            {
                "connector": account.source,
                "account_id": account.account,
                "reason": "no_rows" if account.status == SYNCED else account.status,
            }
            for account in report.excluded[:MOST_ACCOUNTS]
        ],
        "last_imports": [_import(record, now=now, most_columns=most_columns) for record in report.imports],
    }


def _import(found: ImportRecord, *, now: datetime, most_columns: int | None) -> dict[str, Any]:
    report = found.report or ImportReport()
    counts = report.counts.values()
    return {
        "import_id": found.import_id,
        "file": found.file_name,
        "format": report.format,
        "status": str(found.status),
        "sent_at": instant(found.requested_at),
        "imported": sum(count.new for count in counts),
        "changed": sum(count.changed for count in counts),
        "unchanged": sum(count.unchanged + count.older + count.repeated for count in counts),
        "gone": sum(count.gone for count in counts),
        "rejected": report.rejected,
        "errors": [asdict(group) for group in error_groups(report)[:MOST_ERRORS]],
        "refusal": None if report.refusal is None else report.refusal.message,
        "unmapped": list(report.unmapped[:MOST_UNMAPPED]),
        "connectors": list(report.connectors),
        "moved_at": instant(last_moved(found)),
        "stands_still": stands_still(found, now=now),
        "unmapped_columns": list(report.unmapped_columns[:most_columns]),
        "columns_dropped_for_privacy": list(report.personal_columns[:most_columns]),
    }


TOOL = Tool(
    entry=TOOL_BY_NAME["pma_inspect_org_data"],
    description=(
        "Rows, first and last day, gaps and duplicate keys per connector and report type, accounts that are left out "
        "and why, the latest imports with their errors and columns not read, and a diagnosis in words with what to "
        "do: sync not complete, wrong report type, a name that does not match, access lost, a source that fell "
        "silent, files refused or stalled, missing costs or rates, a file in two accounts. Use it when a source is "
        "empty, rows are missing or figures look wrong, after pma_list_data_sources gave the exact names. Not for "
        "figures: use get_pnl."
    ),
    arguments=InspectArguments,
    output=OUTPUT,
    run=run,
)
