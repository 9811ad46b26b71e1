"""Imports a file that has arrived: the whole of it becomes visible in one step, or none of it does.

Nothing before that step can be seen: not the objects, which no ledger entry names, and not the record's progress. So a
run that dies anywhere is simply made again, and of two runs over one file only one can take the step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from shared.domain.facts.families import Family
from shared.domain.facts.imports import (
    Counts,
    ImportFinished,
    ImportRefused,
    ImportReport,
    ImportStarted,
    ImportStatus,
    Refusal,
)
from shared.domain.facts.text import clean_text
from shared.services.attempts import ATTEMPTS
from shared.services.credentials.keys import DataKeys
from shared.services.folds.duck import open_duck
from shared.services.folds.fetch_facts import fetch_facts
from shared.services.imports.file_text import FileRefused, as_utf8
from shared.services.imports.merge_facts import merge_facts
from shared.services.imports.names import NOTHING_DECLARED, bucket_of, fact_key, import_id_of, read_raw_key
from shared.services.imports.read_file import Beside, FactsFile
from shared.services.imports.stage_facts import stage_facts
from shared.storage.contracts.facts import Figures, ImportRecord, Imports, LedgerEntry, Rollups
from shared.storage.contracts.objects import ObjectStore
from shared.storage.contracts.streams import Origin, StreamMoved

IMPORTER = "system:importer"
OTHER_BYTES = Refusal(
    code="bytes_differ",
    message="The bytes that arrived are not those that were announced.",
    hint="The file changed while it was sent. Send it again.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Importer:
    """What an import needs, besides the file."""

    imports: Imports
    figures: Figures
    rollups: Rollups
    objects: ObjectStore
    keys: DataKeys
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One run over one file."""

    workspace_id: str
    record: ImportRecord
    origin: Origin
    work: Path
    tools: Importer

    @property
    def import_id(self) -> str:
        return self.record.import_id


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    """What a good file came to: its report, and the objects that will be its facts, by bucket."""

    report: ImportReport
    objects: Mapping[str, Path]
    timezone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refused:
    """What was seen of a bad file until it was refused."""

    report: ImportReport
    code: str


def import_upload(key: str, *, request_id: str, tools: Importer) -> ImportRecord | None:
    """Import the object under this key, and give the record of the import; None if it is not a file to import.

    The same bytes a second time change nothing and give the record of the first.

    Raises:
        ObjectMissing: there is no such object.
        StreamMoved: other imports kept coming first, or the workspace's time zone has changed; try again.

    """
    raw = read_raw_key(key)
    if raw is None:
        return None
    with TemporaryDirectory(prefix="import-") as folder:
        work = Path(folder)
        file = work / "raw"
        tools.objects.fetch(key, file)
        announced = tools.imports.get(raw.workspace_id, raw.upload_id)
        import_id = import_id_of(file, announced.declared if announced is not None else NOTHING_DECLARED)
        size, now = file.stat().st_size, tools.clock()
        # What nobody announced may have been here before, and what it came to depends on when that was.
        known = announced or tools.imports.get(raw.workspace_id, import_id)
        record = known or ImportRecord(
            import_id=import_id,
            file_name=clean_text(raw.file_name) or "file",
            bytes=size,
            status=ImportStatus.WAITING,
            requested_by=IMPORTER,
            requested_at=now,
        )
        origin = Origin(actor=record.requested_by, request_id=request_id)
        run = _Run(workspace_id=raw.workspace_id, record=record, origin=origin, work=work, tools=tools)
        started = ImportStarted(import_id=record.import_id, file_name=record.file_name, bytes=size, at=now)
        if tools.imports.start(raw.workspace_id, record, started, origin=origin):
            if record.import_id == import_id:
                _carry_out(run, file)
            else:
                _refuse(run, _refused(None, OTHER_BYTES))
        return tools.imports.get(raw.workspace_id, record.import_id)


def _carry_out(run: _Run, file: Path) -> None:
    result = _read(run, file)
    if isinstance(result, _Refused):
        _refuse(run, result)
        return
    for bucket, path in result.objects.items():
        run.tools.objects.put_file(fact_key(run.workspace_id, bucket, run.import_id), path)
    _finish(run, result)


def _read(run: _Run, file: Path) -> _Result | _Refused:
    """Read the file, compare it with what is known, and lay the new objects out on the disk."""
    settings = run.tools.figures.settings(run.workspace_id)
    beside = Beside(
        declared=run.record.declared,
        announced_at=run.record.requested_at,
        now=run.tools.clock(),
        settings=settings,
        customer_key=run.tools.keys.customers(run.workspace_id),
    )
    reading: FactsFile | None = None
    try:
        text = as_utf8(file)
        with text.open("rb") as content:
            reading = FactsFile(
                content,
                size=text.stat().st_size,
                beside=beside,
                progress=partial(run.tools.imports.progress, run.workspace_id, run.import_id),
            )
            staged = stage_facts(reading, reading.claims, run.work)
            reading.check()
    except FileRefused as refused:
        return _refused(reading, refused.refusal)
    known = partial(_known, run, run.tools.rollups.ledger(run.workspace_id))
    counts: dict[str, Counts] = {}
    objects: dict[str, Path] = {}
    with open_duck(run.work) as duck:
        for family, path in sorted(staged.items()):
            counts[family], written = merge_facts(
                duck, family, path, exported_at=reading.header.exported_at, known=known, target=run.work
            )
            objects |= {bucket_of(family, month): object_ for month, object_ in written.items()}
    return _Result(report=_report(reading, counts=counts), objects=objects, timezone=settings.timezone)


def _known(run: _Run, ledger: Sequence[LedgerEntry], family: Family, months: frozenset[str]) -> Sequence[Path]:
    wanted = {bucket_of(family, month) for month in months}
    return fetch_facts(
        ledger, wanted.__contains__, workspace_id=run.workspace_id, objects=run.tools.objects, folder=run.work
    )


def _report(reading: FactsFile, *, counts: Mapping[str, Counts], refusal: Refusal | None = None) -> ImportReport:
    return ImportReport(
        exported_at=reading.header.exported_at,
        lines=reading.lines,
        rejected=reading.rejected,
        counts=counts,
        errors=tuple(sorted(reading.errors, key=lambda error: error.line)),
        refusal=refusal,
        format=reading.format,
    )


def _refused(reading: FactsFile | None, refusal: Refusal) -> _Refused:
    """Report what was read until the refusal; without a first line nothing was."""
    report = ImportReport(refusal=refusal) if reading is None else _report(reading, counts={}, refusal=refusal)
    return _Refused(report=report, code=refusal.code)


def _refuse(run: _Run, refused: _Refused) -> None:
    event = ImportRefused(
        import_id=run.import_id,
        code=refused.code,
        lines=refused.report.lines,
        rejected=refused.report.rejected,
        at=run.tools.clock(),
    )
    with suppress(StreamMoved):  # a second run over the same bytes refused them, too, and was first
        run.tools.imports.refuse(run.workspace_id, event, refused.report, origin=run.origin)


def _finish(run: _Run, result: _Result) -> None:
    counts = result.report.counts.values()
    for _ in range(ATTEMPTS):
        event = ImportFinished(
            import_id=run.import_id,
            generation=run.tools.imports.last_generation(run.workspace_id) + 1,
            lines=result.report.lines,
            rejected=result.report.rejected,
            new=sum(each.new for each in counts),
            changed=sum(each.changed for each in counts),
            buckets=tuple(sorted(result.objects)),
            at=run.tools.clock(),
        )
        try:
            run.tools.imports.finish(
                run.workspace_id, event, result.report, timezone=result.timezone, origin=run.origin
            )
        except StreamMoved:
            ended = run.tools.imports.get(run.workspace_id, run.import_id)
            if ended is not None and ended.status is ImportStatus.RUNNING:
                continue  # another import took this generation
            return  # a second run over the same bytes was first
        return
    raise StreamMoved(run.import_id)
