"""One file that was sent: where it stands, what became of its lines, and what is wrong with it."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from shared.domain.facts.families import Family
from shared.domain.facts.imports import SHOWN_ERRORS, ImportReport, ImportStatus
from shared.domain.workspace.events import Role
from shared.services.figures.standing_imports import error_groups, standing_of, stands_still
from shared.services.imports.find_import import find_import
from shared.transports.web.pages.data import FAMILIES, HERE, sent_file
from shared.transports.web.pages.frame import page
from shared.transports.web.parts import Now, Parts
from shared.transports.web.visitors import Visiting

router = APIRouter(prefix=f"{HERE}/imports")

ENDS = frozenset({ImportStatus.FINISHED, ImportStatus.REFUSED})


@router.get("/{import_id}")
def one_import(import_id: str, visitor: Visiting, parts: Parts, now: Now) -> Response:
    """Show an import; until it has ended, the page loads itself again."""
    record = find_import(import_id, workspace_id=visitor.workspace_id, imports=parts.imports)
    report = record.report or ImportReport(lines=record.lines_read)
    has_ended = record.status in ENDS
    return page(
        visitor,
        "Data",
        "one_import.html",
        here=HERE,
        now=now,
        record=record,
        report=report,
        file=sent_file(record, visitor, now),
        is_on_its_way=not has_ended and not stands_still(record, now=now),
        is_finished=record.status is ImportStatus.FINISHED,
        share=min(100, 100 * record.bytes_read // record.bytes) if record.bytes else 0,
        exported_at=report.exported_at or record.declared.exported_at,
        counts=[(FAMILIES[Family(family)].many, counts) for family, counts in report.counts.items()],
        groups=error_groups(report),
        shown_errors=SHOWN_ERRORS,
        diagnoses=[*standing_of(record, now=now)] if has_ended or stands_still(record, now=now) else [],
        may_send=visitor.member.role is not Role.ANALYST,
        docs=f"{parts.docs_url}/data",
    )
