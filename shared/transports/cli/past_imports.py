"""merchant-mcp imports: which files were sent, and what became of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer

from shared.domain.facts.imports import MOST_UNMAPPED, Declared, ImportReport
from shared.services.figures.standing_imports import SEND_AGAIN, last_moved, standing_of, stands_still
from shared.services.imports.find_import import find_import
from shared.storage.contracts.facts import ImportRecord
from shared.transports.cli.output import AsJson, InWorkspace, fail, plain, say, show_fields, show_json, show_table
from shared.transports.cli.place import session_of

app = typer.Typer(help="Files that were sent: list, show.", no_args_is_help=True)

MOST = 100


@app.command("list")
def list_(
    context: typer.Context,
    *,
    workspace_id: InWorkspace,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="So many, from the latest on.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List the files that were sent, latest first."""
    session = session_of(context)
    session.workspace(workspace_id)
    records = session.on.figures.imports(workspace_id, limit=limit).items
    now = session.now()
    if as_json:
        show_json([{**asdict(record), "stands_still": stands_still(record, now=now)} for record in records])
        return
    show_table(
        ("ID", "FILE", "SENT", "STATUS", "LAST MOVED", "LINES", "REJECTED", "NEW", "CHANGED", "WHY"),
        (_row(record, now=now) for record in records),
        nothing="No file was sent to the workspace: merchant-mcp import sends one.",
    )
    if any(stands_still(record, now=now) for record in records):
        say(f"Of what stands still nothing is visible. {SEND_AGAIN}")


@app.command()
def show(
    context: typer.Context,
    *,
    import_id: Annotated[str, typer.Argument(help="The id of an import; list shows it.", show_default=False)],
    workspace_id: InWorkspace,
    as_json: AsJson = False,
) -> None:
    """Show one import: where it stands, what was said of the file, what became of its lines."""
    session = session_of(context)
    session.workspace(workspace_id)
    record = find_import(import_id, workspace_id=workspace_id, imports=session.on.imports)
    now = session.now()
    if as_json:
        show_json({**asdict(record), "stands_still": stands_still(record, now=now)})
        return
    show_fields(dict(_fields(record, now=now)))
    if stands_still(record, now=now):
        for found in standing_of(record, now=now):
            say(f"{found.message} {found.fix}")
    if record.report is not None:
        say("")
        show_lines(record.report)


def show_report(record: ImportRecord) -> None:
    """Say what became of a file that was just sent; one that was refused ends the command."""
    report = record.report or ImportReport()
    show_lines(report)
    if report.refusal is not None:
        fail(f"The file was refused: {report.refusal.message}", hint=report.refusal.hint)


def show_lines(report: ImportReport) -> None:
    """Say what became of the lines of a file."""
    rows: list[tuple[Any, ...]] = [
        (family, c.new, c.changed, c.unchanged, c.older, c.repeated, c.gone) for family, c in report.counts.items()
    ]
    if rows:
        show_table(("FAMILY", "NEW", "CHANGED", "UNCHANGED", "OLDER", "REPEATED", "GONE"), rows, nothing="")
    say(f"{report.lines:,} lines read, {report.rejected:,} rejected.")
    if report.errors:
        errors = ((error.line, error.code, error.field, error.message) for error in report.errors)
        show_table(("LINE", "CODE", "FIELD", "WHAT IS WRONG"), errors, nothing="")
    if len(report.errors) < report.rejected:
        say(f"These are the first {len(report.errors)} of {report.rejected:,} rejected lines.")
    if report.unmapped:
        accounts = ", ".join(report.unmapped)
        say(f"Nobody has said what these accounts are, so their bookings are in no number: {accounts}.")
        if len(report.unmapped) == MOST_UNMAPPED:
            say(f"These are the first {MOST_UNMAPPED} accounts; there may be more.")
        say("Say it with merchant-mcp workspace settings --ledger-accounts, and send a new export.")
    if report.unmapped_columns:
        say(f"Columns that nobody here knows, so that they became nothing: {', '.join(report.unmapped_columns)}.")
    if report.personal_columns:
        say(f"Columns that were not read because persons stand there: {', '.join(report.personal_columns)}.")


def _row(record: ImportRecord, *, now: datetime) -> tuple[object, ...]:
    report = record.report or ImportReport(lines=record.lines_read)
    counts = report.counts.values()
    return (
        record.import_id,
        record.file_name,
        record.requested_at,
        _status(record, now=now),
        last_moved(record),
        report.lines,
        report.rejected,
        sum(each.new for each in counts),
        sum(each.changed for each in counts),
        report.refusal.code if report.refusal is not None else None,
    )


def _status(record: ImportRecord, *, now: datetime) -> str:
    return f"{record.status}, stands still" if stands_still(record, now=now) else record.status


def _fields(record: ImportRecord, *, now: datetime) -> Iterator[tuple[str, object]]:
    yield "id", record.import_id
    yield "file", record.file_name
    yield "bytes", f"{record.bytes:,}"
    yield "status", _status(record, now=now)
    yield "sent by", record.requested_by
    yield "sent at", record.requested_at
    yield "last moved at", last_moved(record)
    yield "ended at", record.ended_at
    if record.report is not None:
        yield "exported at", record.report.exported_at
        if record.report.refusal is not None:
            yield "refused", f"{record.report.refusal.code}: {record.report.refusal.message}"
    if record.declared != Declared():
        yield "said of it", ", ".join(_said(record.declared))


def _said(declared: Declared) -> Iterator[str]:
    for name in ("exported_at", "account", "currency", "costs_from"):
        value = getattr(declared, name)
        if value is not None:
            yield f"{name} {plain(value)}"
    if not declared.is_complete:
        yield "partial"
