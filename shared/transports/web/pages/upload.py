"""Send a file: the page asks for an address by the file's digest and has the browser put the bytes there.

The bytes never come through a function, which takes 6 MB at the most. So the page needs a script, and its policy allows
it to reach the bucket; nobody else's page can ask, as the form carries the key of the session.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime

from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.responses import JSONResponse, Response

from shared.domain.errors import Invalid, NotPermitted
from shared.domain.facts.declare import declare
from shared.domain.workspace.permissions import check_may_import
from shared.services.imports.announce_upload import announce_upload, upload_origin
from shared.transports.web.pages.data import HERE as DATA
from shared.transports.web.pages.frame import page
from shared.transports.web.parts import Now, Parts
from shared.transports.web.visitors import Form, Visiting
from shared.transports.web.walls import CONTENT_SECURITY_POLICY

HERE = f"{DATA}/upload"
LARGEST_HERE = 256 * 1024 * 1024
"""Bytes: the browser holds the whole file to work out its digest."""
LONGEST_TEXT = 255
DIGITS = 15
SHA_256 = re.compile("[0-9a-f]{64}")
FILES = (
    "Shopify, Orders export (CSV)",
    "Shopify Payments, Transactions export (CSV)",
    "Shopify Payments, Payouts export (CSV)",
    "Shopify, Products export (CSV)",
    "Shopify, Products export with URL handle",
    "Unit costs of your own: sku, unit_cost, currency, effective_from (CSV)",
    "Meta Ads Manager, table of campaigns, ad sets or ads by day (CSV)",
    "Google Ads, report of campaigns, ad groups or ads by day (CSV)",
    "TikTok Ads Manager, report of campaigns, ad groups or ads by day (CSV)",
    "Snapchat Ads Manager, report by day (CSV)",
    "QuickBooks, Journal report (CSV)",
    "QuickBooks, General Ledger or Transaction Detail by Account report (CSV)",
    "Chase, activity of a bank account (CSV)",
)
"""The titles of all formats, written out: the formats themselves are the importer's to load."""

router = APIRouter(prefix=HERE)


@router.get("")
def upload(visitor: Visiting, parts: Parts, now: Now) -> Response:
    """Show the form."""
    check_may_import(visitor.member)
    origin = upload_origin(workspace_id=visitor.workspace_id, now=now, open_objects=parts.open_objects)
    return page(
        visitor,
        "Data",
        "upload.html",
        headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY.replace("connect-src ", f"connect-src {origin} ")},
        data=DATA,
        here=HERE,
        files=FILES,
        largest=LARGEST_HERE,
        workspace_id=visitor.workspace_id,
        settings=parts.figures.settings(visitor.workspace_id),
        docs=f"{parts.docs_url}/data",
    )


@router.post("")
def announce(form: Form, visitor: Visiting, parts: Parts, now: Now) -> Response:
    """Take down what is about to be sent, and say where to; a refusal names its field."""
    try:
        announced = announce_upload(
            workspace_id=visitor.workspace_id,
            member=visitor.member,
            file_name=_text(form, "file_name"),
            size=_size(form),
            sha256=_digest(form),
            declared=declare(
                exported_at=_moment(form, "exported_at"),
                account=_text(form, "account") or None,
                currency=_text(form, "currency").upper() or None,
                costs_from=_day(form, "costs_from"),
                partial=form.get("partial") == "yes",
                now=now,
            ),
            now=now,
            imports=parts.imports,
            open_objects=parts.open_objects,
        )
    except Invalid as refused:
        return _refused(refused, 422)
    except NotPermitted as refused:
        return _refused(refused, 403)
    where = announced.upload
    return JSONResponse(
        {
            "next": f"{DATA}/imports/{announced.record.import_id}",
            "upload": {"method": where.method, "url": where.url, "headers": dict(where.headers)} if where else None,
        }
    )


def _refused(refused: Invalid | NotPermitted, status: int) -> Response:
    told: Mapping[str, str | None] = {"message": refused.message, "hint": refused.hint, "field": refused.field}
    return JSONResponse(told, status_code=status)


def _size(form: FormData) -> int:
    text = _text(form, "bytes")
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS and int(text) > 0):
        raise Invalid("file_invalid", "The file is empty.", hint="Choose another one.", field="file")
    return int(text)


def _digest(form: FormData) -> str:
    text = _text(form, "sha256")
    if SHA_256.fullmatch(text) is None:
        raise Invalid("file_invalid", "The digest of the file is missing.", hint="Load the page again.", field="file")
    return text


def _moment(form: FormData, field: str) -> datetime | None:
    """Read a moment of a field without an offset; the page says that it is UTC."""
    text = _text(form, field)
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None
    except ValueError:
        raise _wrong(field, "a moment, like 2026-11-20T14:30") from None


def _day(form: FormData, field: str) -> date | None:
    text = _text(form, field)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise _wrong(field, "a day, like 2026-11-20") from None


def _wrong(field: str, wanted: str) -> Invalid:
    return Invalid("declared_invalid", f"Write {wanted}.", hint="Leave it empty if the file says it.", field=field)


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip()[:LONGEST_TEXT] if isinstance(value, str) else ""
