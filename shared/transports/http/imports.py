"""/v1/imports: files of the merchant's facts are announced, sent to an address of their own, and looked after."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Self

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from shared.domain.facts.declare import declare
from shared.domain.facts.imports import ImportReport, ImportStatus
from shared.services.cursors import open_cursor, seal_cursor
from shared.services.figures.standing_imports import last_moved, standing_of, stands_still
from shared.services.imports.announce_upload import announce_upload
from shared.services.imports.find_import import find_import
from shared.storage.contracts.facts import ImportRecord
from shared.storage.contracts.objects import PresignedUpload
from shared.transports.http.bodies import Body, ListQuery, Moment, Whole
from shared.transports.http.collaborators import Caller, Now, Parts
from shared.transports.http.openapi import BODY, CALLER, refused_with

router = APIRouter(prefix="/imports", tags=["imports"])

IMPORTS_A_PAGE = 100
LONGEST_FILE_NAME = 255
MOST_BYTES = 10**15
"""Of any number that is answered with words: what one upload takes is a rule and no shape."""


class AnnounceImportBody(Body):
    """A file that is about to be sent, and what it does not say itself."""

    file_name: str = Field(min_length=1, max_length=LONGEST_FILE_NAME, description="For people; it decides nothing.")
    bytes: Whole = Field(ge=1, le=MOST_BYTES, description="How long it is: at most 1 GiB.")
    sha256: str = Field(pattern="^[0-9a-f]{64}$", description="The SHA-256 of its bytes, in hexadecimal digits.")
    exported_at: Moment | None = Field(
        default=None, strict=False, description="When the data left its source; now, if left out."
    )
    account: str | None = Field(default=None, max_length=128, description="The account at that source.")
    currency: str | None = Field(default=None, max_length=3, description="Of amounts that do not say theirs.")
    costs_from: date | None = Field(
        default=None, strict=False, description="The first day of unit costs that stand without one."
    )
    partial: bool = Field(
        default=False, description="The file does not hold everything of its account between its first and last day."
    )


class UploadView(BaseModel):
    """Where the bytes go. Whoever has the address may send these bytes, once or again, and do nothing else."""

    method: str
    url: str
    headers: dict[str, str] = Field(description="To be sent as they are, beside Content-Length.")
    expires_at: datetime = Field(description="Until then an upload may begin.")

    @classmethod
    def of(cls, upload: PresignedUpload) -> Self:
        """Show an address."""
        return cls(method=upload.method, url=upload.url, headers=dict(upload.headers), expires_at=upload.expires_at)


class CountsView(BaseModel):
    """What the good lines of one type came to."""

    new: int
    changed: int
    unchanged: int
    older: int = Field(description="A later export had told us better already.")
    repeated: int = Field(description="The same key stood in this file before.")
    gone: int = Field(
        description="Facts that held until now; this file is complete in their days and does not tell them."
    )


class RowErrorView(BaseModel):
    """What is wrong with one line; nothing of what stands there is shown."""

    line: int
    code: str
    message: str
    field: str | None


class RefusalView(BaseModel):
    """Why a file was refused whole."""

    code: str
    message: str
    hint: str


class DiagnosisView(BaseModel):
    """What keeps an import, or some of its rows, from being facts."""

    cause: str
    message: str
    fix: str


class ImportView(BaseModel):
    """A file that was announced, and what became of it."""

    id: str
    file_name: str
    bytes: int
    status: ImportStatus = Field(
        description="`waiting`: its bytes have not arrived. `finished` and `refused` are ends."
    )
    requested_by: str
    requested_at: datetime
    exported_at: datetime | None = Field(description="When the data left its source, as was said or as the file says.")
    account: str | None
    currency: str | None
    costs_from: date | None
    partial: bool
    bytes_read: int
    moved_at: datetime = Field(description="When it last came on: was announced, begun, had read more, or ended.")
    stands_still: bool = Field(description="It has not ended, and has not come on for 20 minutes.")
    ended_at: datetime | None
    format: str | None = Field(description="What the file was taken for.")
    connectors: list[str] = Field(description="Whose data it told, as far as it was read.")
    lines: int
    rejected: int
    counts: dict[str, CountsView] = Field(description="By type of fact.")
    errors: list[RowErrorView] = Field(description="The first 50 of the rejected lines.")
    refusal: RefusalView | None
    unmapped: list[str] = Field(description="Accounts of the books that nobody has settled; the first 100.")
    unmapped_columns: list[str] = Field(description="Columns that the format does not know; the first 50.")
    columns_dropped_for_privacy: list[str] = Field(
        description="Columns that were not read because persons stand, or may stand, there; the first 50."
    )
    diagnosis: list[DiagnosisView] = Field(description="What is wrong with it, and what to do.")

    @classmethod
    def of(cls, record: ImportRecord, *, now: datetime) -> Self:
        """Show a record."""
        report = record.report or ImportReport(lines=record.lines_read)
        declared = record.declared
        return cls(
            id=record.import_id,
            file_name=record.file_name,
            bytes=record.bytes,
            status=record.status,
            requested_by=record.requested_by,
            requested_at=record.requested_at,
            exported_at=report.exported_at or declared.exported_at,
            account=declared.account,
            currency=declared.currency,
            costs_from=declared.costs_from,
            partial=not declared.is_complete,
            bytes_read=record.bytes_read,
            moved_at=last_moved(record),
            stands_still=stands_still(record, now=now),
            ended_at=record.ended_at,
            format=report.format or None,
            connectors=list(report.connectors),
            lines=report.lines,
            rejected=report.rejected,
            counts={family: CountsView(**asdict(counts)) for family, counts in report.counts.items()},
            errors=[RowErrorView(**asdict(error)) for error in report.errors],
            refusal=RefusalView(**asdict(report.refusal)) if report.refusal is not None else None,
            unmapped=list(report.unmapped),
            unmapped_columns=list(report.unmapped_columns),
            columns_dropped_for_privacy=list(report.personal_columns),
            diagnosis=[DiagnosisView(**asdict(found)) for found in standing_of(record, now=now)],
        )


class AnnouncedView(ImportView):
    """The same, and where to send the bytes."""

    upload: UploadView | None = Field(description="null: these bytes were imported before, and nothing is to be sent.")


class ImportPage(BaseModel):
    """Some imports, latest first."""

    data: list[ImportView]
    next_cursor: str | None


class ImportsQuery(ListQuery):
    """Which imports are wanted."""

    limit: int = Field(default=20, ge=1, le=IMPORTS_A_PAGE)


@router.post(
    "",
    status_code=201,
    responses={200: {"model": AnnouncedView, "description": "It was imported before"}, **refused_with(*CALLER, *BODY)},
)
def announce(body: AnnounceImportBody, response: Response, caller: Caller, now: Now, parts: Parts) -> AnnouncedView:
    """Announce a file, for owners and admins; the answer says where to send it. What was imported before is told so."""
    announced = announce_upload(
        workspace_id=caller.workspace_id,
        member=caller.member,
        file_name=body.file_name,
        size=body.bytes,
        sha256=body.sha256,
        declared=declare(
            exported_at=body.exported_at,
            account=body.account,
            currency=body.currency,
            costs_from=body.costs_from,
            partial=body.partial,
            now=now,
        ),
        now=now,
        imports=parts.imports,
        open_objects=parts.open_objects,
    )
    if announced.upload is None:
        response.status_code = 200
    upload = UploadView.of(announced.upload) if announced.upload is not None else None
    return AnnouncedView(**ImportView.of(announced.record, now=now).model_dump(), upload=upload)


@router.get("", responses=refused_with(*CALLER))
def list_(query: Annotated[ImportsQuery, Query()], caller: Caller, now: Now, parts: Parts) -> ImportPage:
    """List the imports of the workspace, latest first, for each of its members."""
    of = (caller.workspace_id, "imports")
    page = parts.figures.imports(
        caller.workspace_id,
        limit=query.limit,
        after=open_cursor(query.cursor, of=of, now=now, keys=parts.keys) if query.cursor is not None else None,
    )
    return ImportPage(
        data=[ImportView.of(record, now=now) for record in page.items],
        next_cursor=seal_cursor(page.next, of=of, now=now, keys=parts.keys) if page.next is not None else None,
    )


@router.get("/{import_id}", responses=refused_with(*CALLER))
def get(import_id: str, caller: Caller, now: Now, parts: Parts) -> ImportView:
    """Tell where an import stands, and what became of its lines."""
    return ImportView.of(find_import(import_id, workspace_id=caller.workspace_id, imports=parts.imports), now=now)
