"""What stands in the way of the latest imports, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.analytics.diagnosis import Cause, Diagnosis
from shared.domain.facts.imports import MOST_UNMAPPED, ImportReport, ImportStatus, RowError
from shared.domain.text import quoted
from shared.storage.contracts.facts import ImportRecord

STALLED_AFTER = timedelta(minutes=20)
"""No upload begins and no run lasts longer than 15."""
NAMED = 5
SEND_AGAIN = "Send the same file again; that takes it up safely."


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorGroup:
    """Rows that were rejected for the same reason, among those that are shown."""

    code: str
    field: str | None
    rows: int
    first_line: int
    message: str


def error_groups(report: ImportReport) -> Sequence[ErrorGroup]:
    """Sum up what is wrong with the rejected rows, the most frequent first."""
    counted = Counter((error.code, error.field) for error in report.errors)
    firsts: dict[tuple[str, str | None], RowError] = {}
    for error in report.errors:
        firsts.setdefault((error.code, error.field), error)
    return [
        ErrorGroup(
            code=code, field=field, rows=rows, first_line=firsts[code, field].line, message=firsts[code, field].message
        )
        for (code, field), rows in counted.most_common()
    ]


def last_moved(record: ImportRecord) -> datetime:
    """Tell when an import last came on: when it was announced, begun, had read so much more, or ended."""
    return record.ended_at or record.moved_at or record.requested_at


def stands_still(record: ImportRecord, *, now: datetime) -> bool:
    """Tell whether an import has not ended and does not come on either."""
    return record.status in {ImportStatus.WAITING, ImportStatus.RUNNING} and now - last_moved(record) > STALLED_AFTER


def standing_of(record: ImportRecord, *, now: datetime) -> Iterator[Diagnosis]:
    """Say what keeps an import, or some of its rows, from being facts, and what to do."""
    file, report, moved = quoted(record.file_name), record.report or ImportReport(), last_moved(record)
    is_stalled = stands_still(record, now=now)
    match record.status:
        case ImportStatus.WAITING if is_stalled:
            yield Diagnosis(
                cause=Cause.IMPORT_STALLED,
                message=f"{file} was announced on {moved:%Y-%m-%d %H:%M} UTC and has not been taken up.",
                fix=f"Its bytes may never have arrived. {SEND_AGAIN}",
            )
        case ImportStatus.RUNNING if is_stalled:
            yield Diagnosis(
                cause=Cause.IMPORT_STALLED,
                message=f"The import of {file} stands still since {moved:%Y-%m-%d %H:%M} UTC; nothing is visible.",
                fix=SEND_AGAIN,
            )
        case ImportStatus.WAITING | ImportStatus.RUNNING:
            yield Diagnosis(
                cause=Cause.SYNC_INCOMPLETE,
                message=f"The import of {file} is still {record.status}.",
                fix="Ask again in a minute.",
            )
        case ImportStatus.REFUSED:
            refusal = report.refusal
            yield Diagnosis(
                cause=Cause.IMPORT_REFUSED,
                message=f"{file} was refused whole: {refusal.message if refusal is not None else 'nobody said why.'}",
                fix=refusal.hint if refusal is not None else SEND_AGAIN,
            )
        case ImportStatus.FINISHED:
            yield from _of_finished(file, report)


def _of_finished(file: str, report: ImportReport) -> Iterator[Diagnosis]:
    if report.rejected:
        worst, *_ = error_groups(report)
        yield Diagnosis(
            cause=Cause.ROWS_REJECTED,
            message=f"{file}: {report.rejected:,} of {report.lines:,} rows were rejected, most of them as {worst.code} "
            f"(first in line {worst.first_line:,}).",
            fix="Mend these rows and send the file again; what was imported stays as it is.",
        )
    if report.unmapped:
        accounts = f"{'at least ' if len(report.unmapped) == MOST_UNMAPPED else ''}{len(report.unmapped)} accounts"
        yield Diagnosis(
            cause=Cause.BOOKS_UNMAPPED,
            message=f"{file}: the bookings of {accounts} are in no number, because nobody has said what "
            f"they are: {', '.join(map(quoted, report.unmapped[:NAMED]))}"
            f"{' …' if len(report.unmapped) > NAMED else ''}.",
            fix="Say what each is (merchant-mcp workspace settings --ledger-accounts), then send the file again with "
            "--exported-at, which makes it another import.",
        )
