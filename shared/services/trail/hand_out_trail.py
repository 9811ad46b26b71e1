"""Hand out a trail to somebody, in the form that they want, and write down that they have it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime

from shared.domain.errors import Invalid
from shared.domain.trail.events import ExportForm, TrailExported
from shared.domain.trail.ocsf import ocsf_line
from shared.domain.trail.tables import csv_head, csv_line
from shared.services.trail.export_trail import Limits, Wanted, find_export
from shared.services.trail.read_seals import SEALS_A_READ, read_seals
from shared.services.trail.sources import TrailSources
from shared.storage.contracts.seals import SealStore
from shared.storage.contracts.streams import Origin

AT_ONCE = Limits(seals=500, rows=2_000)
"""Each seal is an object that is read, and the function has 25 seconds. A seal has up to 2,000 rows, and must fit."""
LARGEST_ANSWER = 5_500_000
"""Bytes. Lambda takes 6 MB, in which an answer is a text inside of JSON."""


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


def in_one_answer(lines: Iterable[str]) -> str:
    """Give lines as the text of one answer.

    Raises:
        Invalid: it is longer than an answer can be (`export_too_large`).

    """
    text = "".join(f"{line}\n" for line in lines)
    if len(json.dumps(text)) > LARGEST_ANSWER:
        raise Invalid(
            "export_too_large",
            "These rows are too long for one answer.",
            hint="Ask for fewer seals, or in another form; the command line has no such limit.",
            field="last",
        )
    return text


def newest_at_once(workspace_id: str, *, seals: SealStore, limits: Limits = AT_ONCE) -> int | None:
    """Name the first of the newest seals that can be handed out at once, up to a hundred; None: there is none.

    Raises:
        SealLost: one of them is lost.
        StoreUnavailable: they cannot be read now.

    """
    head = seals.head(workspace_id)
    if head is None:
        return None
    last = head.last
    first = max(1, last.number + 1 - min(limits.seals, SEALS_A_READ))
    some = [kept.seal for kept in read_seals(workspace_id, first=first, last=last.number, seals=seals)]
    fitting = (seal.number for seal in some if last.total - (seal.total - seal.count) <= limits.rows)
    return min(fitting, default=last.number)


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
