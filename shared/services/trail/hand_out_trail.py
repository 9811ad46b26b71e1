"""Hand out a trail to somebody, in the form that they want, and write down that they have it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from shared.domain.trail.events import ExportForm, TrailExported
from shared.domain.trail.ocsf import ocsf_line
from shared.domain.trail.tables import csv_head, csv_line
from shared.services.trail.export_trail import Limits, Wanted, find_export
from shared.services.trail.sources import TrailSources
from shared.storage.contracts.streams import Origin


def hand_out_trail(
    workspace_id: str,
    wanted: Wanted,
    *,
    form: ExportForm,
    origin: Origin,
    now: datetime,
    trail: TrailSources,
    limits: Limits | None = None,
) -> Iterator[str]:
    """Give the lines of the export, without newlines; that it is handed out is in the trail before the first.

    Raises:
        NotFound, Invalid: see `find_export`.
        SealLost: a seal, or its rows in the archive, are lost.
        StoreUnavailable: it cannot be read now.

    """
    export = find_export(workspace_id, wanted, seals=trail.seals, limits=limits)
    event = TrailExported(first_seal=export.head.first_seal, last_seal=export.head.last_seal, form=form, at=now)
    trail.audit.record(event, workspace_id=workspace_id, origin=origin)
    return _written(export.lines(seals=trail.seals, archive=trail.open_archive()), form)


def _written(lines: Iterator[str], form: ExportForm) -> Iterator[str]:
    match form:
        case ExportForm.NDJSON:
            yield from lines
        case ExportForm.OCSF:
            yield from map(ocsf_line, _events(lines))
        case ExportForm.CSV:
            yield csv_head()
            yield from map(csv_line, _events(lines))


def _events(lines: Iterator[str]) -> Iterator[str]:
    """Leave out what proves: a reading does not."""
    return (line for line in lines if json.loads(line)["kind"] == "event")
