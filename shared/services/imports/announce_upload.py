"""Announces a file that somebody will send over HTTP, and gives them the address to send it to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from shared.domain.errors import Invalid
from shared.domain.facts.imports import Declared, ImportStatus
from shared.domain.facts.text import clean_text
from shared.domain.workspace.decider import Member
from shared.domain.workspace.permissions import check_may_import
from shared.services.imports.names import import_id, raw_key
from shared.storage.contracts.facts import ImportRecord, Imports
from shared.storage.contracts.objects import ObjectStore, PresignedUpload

LARGEST_FILE = 1024**3
"""Bytes: an import needs some five times as much room on the importer's disk, and this is what is proven."""
BEGUN_WITHIN = timedelta(minutes=15)
"""So long an address may be used; an upload that has begun by then goes on."""
NO_BYTES = sha256().hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """A file that is expected, or that was imported before."""

    record: ImportRecord
    upload: PresignedUpload | None
    """None: these bytes were imported before, and nothing is to be sent."""


def announce_upload(
    *,
    workspace_id: str,
    member: Member,
    file_name: str,
    size: int,
    sha256: str,
    declared: Declared,
    now: datetime,
    imports: Imports,
    open_objects: Callable[[], ObjectStore],
) -> Announced:
    """Announce a file by its length and its SHA-256 in hexadecimal digits.

    Raises:
        NotPermitted: `role_required`.
        Invalid: `file_too_large`.

    """
    check_may_import(member)
    if size > LARGEST_FILE:
        raise Invalid(
            "file_too_large",
            f"The file has more than {LARGEST_FILE:,} bytes (1 GiB), which is all that one import takes.",
            hint="Split it: each part keeps the first line (or the headers) and whole orders and days.",
            field="bytes",
        )
    record = imports.announce(
        workspace_id,
        ImportRecord(
            import_id=import_id(sha256, declared),
            file_name=clean_text(file_name) or "file",
            bytes=size,
            status=ImportStatus.WAITING,
            requested_by=member.member_id,
            requested_at=now,
            declared=declared,
        ),
    )
    if record.status is ImportStatus.FINISHED:
        return Announced(record=record, upload=None)
    upload = open_objects().presign_upload(
        raw_key(workspace_id, record.import_id), size=size, sha256=sha256, now=now, lifetime=BEGUN_WITHIN
    )
    return Announced(record=record, upload=upload)


def upload_origin(*, workspace_id: str, now: datetime, open_objects: Callable[[], ObjectStore]) -> str:
    """Say where files are sent, as scheme and host: a page has to allow it before it knows an address.

    It is read off an address for no bytes, which nobody gets.
    """
    upload = open_objects().presign_upload(
        raw_key(workspace_id, "none"), size=0, sha256=NO_BYTES, now=now, lifetime=BEGUN_WITHIN
    )
    parted = urlsplit(upload.url)
    return f"{parted.scheme}://{parted.netloc}"
