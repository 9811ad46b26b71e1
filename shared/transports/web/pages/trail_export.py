"""Export and check: the trail as it was sealed, as a file, and how to see for oneself that it is whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.responses import Response

from shared.domain.errors import Invalid, NotFound
from shared.domain.trail.events import ExportForm
from shared.domain.trail.reading import LARGEST
from shared.services.read_trail import check_may_read_trail
from shared.services.trail.export_trail import WITHIN_TWO_MINUTES, Wanted
from shared.services.trail.hand_out_trail import AT_ONCE, hand_out_trail, in_one_answer, newest_at_once
from shared.services.trail.read_seals import sealed_before
from shared.storage.contracts.seals import SealStore
from shared.transports.web.pages.frame import ROOMS, page
from shared.transports.web.parts import Now, Parts, WebParts
from shared.transports.web.visitors import Form, Visiting, Visitor

HERE = f"{ROOMS['Activity']}/export"
NDJSON, TEXT, CSV = "application/x-ndjson", "text/plain", "text/csv"
FORMS: Mapping[ExportForm, tuple[str, str, str]] = {
    ExportForm.NDJSON: ("NDJSON with its proof", "Proves itself: what an auditor wants.", NDJSON),
    ExportForm.CSV: ("CSV", "For a spreadsheet. A reading, without proof.", CSV),
    ExportForm.OCSF: ("OCSF", "For a SIEM: Open Cybersecurity Schema Framework 1.6. A reading, without proof.", NDJSON),
}
"""Form -> its name, what it is for, its media type."""

router = APIRouter(prefix=HERE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What stands in the fields."""

    first: str
    last: str
    since: str = ""
    until: str = ""
    """Days of sealing; filled in, they count instead of the numbers."""
    form: str = ExportForm.NDJSON

    @classmethod
    def read(cls, form: FormData) -> Typed:
        """Take it from what was sent."""
        return cls(**{name: _text(form, name) for name in ("first", "last", "since", "until", "form")})

    def wanted(self, workspace_id: str, seals: SealStore) -> Wanted:
        """Say which seals are meant.

        Raises:
            Invalid: a number or a day is none, or nothing was sealed then; the field is named.

        """
        first, last = _number(self.first, "first") or 1, _number(self.last, "last")
        since, until = _day(self.since, "since"), _day(self.until, "until")
        if since is not None:
            first = sealed_before(since, workspace_id=workspace_id, seals=seals) + 1
        if until is not None:
            last = sealed_before(until + timedelta(days=1), workspace_id=workspace_id, seals=seals)
        if last is not None and last < first and (since or until):
            raise Invalid(
                "seal_invalid",
                "Nothing was sealed in these days.",
                hint="Choose other ones, or leave them empty.",
                field="since" if since is not None else "until",
            )
        return Wanted(first=first, last=last)


@router.get("")
def export(visitor: Visiting, parts: Parts, now: Now) -> Response:
    """Show what is sealed, and how it is taken away and checked."""
    check_may_read_trail(visitor.member)
    first = newest_at_once(visitor.workspace_id, seals=parts.trail.seals)
    return _page(visitor, parts, now, Typed(first=str(first or ""), last=""))


@router.post("")
def download(form: Form, visitor: Visiting, parts: Parts, now: Now) -> Response:
    """Hand out seals and what is under them; that they were is in the trail, too."""
    check_may_read_trail(visitor.member)
    typed = Typed.read(form)
    try:
        wanted = typed.wanted(visitor.workspace_id, parts.trail.seals)
        kind = _form(typed.form)
        lines = hand_out_trail(
            visitor.workspace_id,
            wanted,
            form=kind,
            origin=visitor.origin,
            now=now,
            trail=parts.trail,
            limits=AT_ONCE,
        )
        name = file_name(wanted.first, wanted.last, "csv" if kind is ExportForm.CSV else "ndjson")
        return as_file(lines, name=name, media_type=FORMS[kind][2])
    except (Invalid, NotFound) as refused:
        return _page(visitor, parts, now, typed, refused=refused)


@router.get("/keys")
def keys(visitor: Visiting, parts: Parts) -> Response:
    """Hand out every key that the log was ever signed with."""
    check_may_read_trail(visitor.member)
    lines = parts.trail.seals.keys()
    if not lines:
        raise NotFound("nothing_sealed", "There is no signed checkpoint yet.", hint=WITHIN_TWO_MINUTES)
    return as_file(lines, name="log.keys", media_type=TEXT)


def file_name(first: int | str, last: int | str | None, ending: str = "ndjson") -> str:
    """Name the file of an export."""
    return f"trail-{first}-{last or 'newest'}.{ending}"


def as_file(lines: Iterable[str], *, name: str, media_type: str) -> Response:
    """Answer with a file to be kept.

    Raises:
        Invalid: see `in_one_answer`.

    """
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(in_one_answer(lines), media_type=media_type, headers=headers)


def _page(
    visitor: Visitor, parts: WebParts, now: datetime, typed: Typed, *, refused: Invalid | NotFound | None = None
) -> Response:
    head = parts.trail.seals.head(visitor.workspace_id)
    signed = parts.trail.seals.note()
    return page(
        visitor,
        "Activity",
        "trail_export.html",
        status=200 if refused is None else 422,
        here=HERE,
        activity=ROOMS["Activity"],
        now=now,
        last=head.last if head is not None else None,
        sealed_at=datetime.fromisoformat(head.last.at) if head is not None else None,
        signed_size=signed[0] if signed is not None else None,
        typed=typed,
        refused=refused,
        file_name=file_name(_plain(typed.first) or 1, _plain(typed.last)),
        forms=[(form, name, text) for form, (name, text, _) in FORMS.items()],
        limits=AT_ONCE,
        workspace_id=visitor.workspace_id,
        docs=f"{parts.docs_url}/audit",
        api=f"{parts.public_url}/v1/audit/export",
    )


def _form(text: str) -> ExportForm:
    if text not in {*ExportForm}:
        raise Invalid("form_invalid", "There is no such form.", hint="Choose one of the list.", field="form")
    return ExportForm(text)


def _number(text: str, field: str) -> int | None:
    if not text:
        return None
    if not 1 <= (_plain(text) or 0) <= LARGEST:
        raise Invalid("seal_invalid", "Write the number of a seal in digits, from 1 on.", field=field)
    return int(text)


def _plain(text: str) -> int | None:
    """Read a number for the name of a file in a command; what is none is left out."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST)) else None


def _day(text: str, field: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC) if text else None
    except ValueError:
        raise Invalid("moment_invalid", "Write the day like 2026-11-21.", field=field) from None


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""
