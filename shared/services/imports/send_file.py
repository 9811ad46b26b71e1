"""Sends a file to be imported; the importer takes it up when it arrives."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from shared.domain.facts.imports import Declared, ImportStatus
from shared.domain.facts.text import clean_text
from shared.services.imports.names import NOTHING_DECLARED, import_id_of, raw_key
from shared.storage.contracts.facts import ImportRecord, Imports
from shared.storage.contracts.objects import ObjectStore


def send_file(
    file: Path,
    *,
    workspace_id: str,
    requested_by: str,
    declared: Declared = NOTHING_DECLARED,
    now: datetime,
    imports: Imports,
    objects: ObjectStore,
) -> ImportRecord:
    """Announce a file and put it where the importer finds it; whoever waits reads `imports.get` with the id given here.

    A file that was imported before, with the same said of it, is not sent again: the record with its report is given
    back at once.
    """
    record = imports.announce(
        workspace_id,
        ImportRecord(
            import_id=import_id_of(file, declared),
            file_name=clean_text(file.name) or "file",
            bytes=file.stat().st_size,
            status=ImportStatus.WAITING,
            requested_by=requested_by,
            requested_at=now,
            declared=declared,
        ),
    )
    if record.status is not ImportStatus.FINISHED:
        objects.put_file(raw_key(workspace_id, record.import_id), file)
    return record
