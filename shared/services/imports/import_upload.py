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
from shared.domain.facts.settings import Settings
from shared.domain.facts.text import clean_text
from shared.services.attempts import ATTEMPTS
from shared.services.credentials.keys import DataKeys
from shared.services.folds.duck import open_duck
from shared.services.folds.fetch_facts import fetch_facts
from shared.services.imports.checkpoints import Checkpoint
from shared.services.imports.file_text import FileRefused, as_utf8
from shared.services.imports.formats.catalogue import FORMATS
from shared.services.imports.formats.format import Format
from shared.services.imports.merge_facts import merge_facts
from shared.services.imports.names import (
    NOTHING_DECLARED,
    bucket_of,
    fact_key,
    import_id_of,
    read_raw_key,
    version_of,
)
from shared.services.imports.parts import Parts
from shared.services.imports.read_file import Beside, FactsFile, Pause
from shared.services.imports.stage_facts import connectors_of, stage_facts
from shared.services.imports.told_once import check_told_once
from shared.services.imports.whose_facts import check_takes_its_own
from shared.storage.contracts.facts import Figures, ImportRecord, Imports, LedgerEntry, Rollups
from shared.storage.contracts.objects import ObjectStore
from shared.storage.contracts.queues import Queue
from shared.storage.contracts.streams import Origin, StreamMoved

IMPORTER = "system:importer"
PART_BYTES = 1 << 28
"""Of a file that one run reads, if time does not end it before."""
MERGE_MEMORY = "1536MB"
"""Half of what the function has: enough where all of a gigabyte is of one month."""
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
    queue: Queue
    """Leads back to `import_upload`, with the key of a file that is not read to its end."""
    clock: Callable[[], datetime]
    part_bytes: int = PART_BYTES
    formats: Sequence[Format] = FORMATS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One run over one file."""

    workspace_id: str
    record: ImportRecord
    origin: Origin
    work: Path
    tools: Importer
    until: datetime | None

    @property
    def import_id(self) -> str:
        return self.record.import_id

    @property
    def parts(self) -> Parts:
        tools = self.tools
        return Parts(workspace_id=self.workspace_id, record=self.record, imports=tools.imports, objects=tools.objects)

    def is_late(self) -> bool:
        return self.until is not None and self.tools.clock() >= self.until

    def progress(self, *, lines_read: int, bytes_read: int) -> None:
        self.tools.imports.progress(
            self.workspace_id, self.import_id, lines_read=lines_read, bytes_read=bytes_read, at=self.tools.clock()
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What was read of a file, to its end or to a pause."""

    reading: FactsFile
    staged: Mapping[Family, Path]


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


def import_upload(key: str, *, request_id: str, tools: Importer, until: datetime | None = None) -> ImportRecord | None:
    """Import the object under this key, and give the record of the import; None if it is not a file to import.

    The same bytes a second time change nothing and give the record of the first. After `until`, and after a part of the
    file, no more is read: the record stays `running`, and the queue leads to the next run.

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
        unannounced = ImportRecord(
            import_id=import_id,
            file_name=clean_text(raw.file_name) or "file",
            bytes=size,
            status=ImportStatus.WAITING,
            requested_by=IMPORTER,
            requested_at=now,
        )
        record = announced or unannounced
        origin = Origin(actor=record.requested_by, request_id=request_id)
        event = ImportStarted(import_id=record.import_id, file_name=record.file_name, bytes=size, at=now)
        started = tools.imports.start(raw.workspace_id, record, event, origin=origin)
        if started is not None:
            run = _Run(
                workspace_id=raw.workspace_id, record=started, origin=origin, work=work, tools=tools, until=until
            )
            if started.import_id != import_id:
                _refuse(run, _refused(None, OTHER_BYTES))
            elif _carry_out(run, file):
                tools.queue.send(key)
        return tools.imports.get(raw.workspace_id, record.import_id)


def _carry_out(run: _Run, file: Path) -> bool:
    """Read on, as far as this run may, and end the import if that is to the end; say whether there is more to do."""
    settings = run.tools.figures.settings(run.workspace_id)
    checkpoint = run.parts.last(settings)
    read = _read(run, file, settings, checkpoint)
    if isinstance(read, _Read) and read.reading.paused is not None:
        with suppress(StreamMoved):  # another run has come as far, and goes on
            run.parts.keep(checkpoint, read.reading.paused, read.staged, clock=run.tools.clock)
            return True
        return False
    result = read if isinstance(read, _Refused) else _merged(run, read, checkpoint, settings)
    if isinstance(result, _Refused):
        _refuse(run, result)
    else:
        version = version_of(result.objects)
        for bucket, path in result.objects.items():
            run.tools.objects.put_file(fact_key(run.workspace_id, bucket, run.import_id, version), path)
        _finish(run, result, version)
    run.parts.clear(checkpoint)
    return False


def _read(run: _Run, file: Path, settings: Settings, checkpoint: Checkpoint) -> _Read | _Refused:
    """Read the file from the checkpoint on, and lay what it says out on the disk."""
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
                progress=run.progress,
                formats=run.tools.formats,
                begin=checkpoint.bookmark,
                pause=Pause(after_bytes=run.tools.part_bytes, is_due=run.is_late),
            )
            staged = stage_facts(reading, reading.claims, run.work)
            if reading.paused is None:
                reading.check()
    except FileRefused as refused:
        return _refused(reading, refused.refusal)
    return _Read(reading=reading, staged=staged)


def _merged(run: _Run, read: _Read, checkpoint: Checkpoint, settings: Settings) -> _Result | _Refused:
    """Compare all that the file says with what is known, and lay the new objects out on the disk."""
    known = partial(_known, run, run.tools.rollups.ledger(run.workspace_id))
    staged: dict[str, list[Path]] = dict(run.parts.fetch(checkpoint, run.work))
    for family, path in read.staged.items():
        staged[family] = [*staged.get(family, []), path]
    counts: dict[str, Counts] = {}
    objects: dict[str, Path] = {}
    with open_duck(run.work, memory=MERGE_MEMORY) as duck:
        try:
            for family, once in read.reading.once.items():
                check_told_once(duck, family, staged.get(family, []), once)
            for family, paths in sorted(staged.items()):
                counts[family], written = merge_facts(
                    duck,
                    Family(family),
                    paths,
                    exported_at=read.reading.header.exported_at,
                    known=known,
                    target=run.work,
                )
                objects |= {bucket_of(family, month): object_ for month, object_ in written.items()}
                if read.reading.account_is_assumed:
                    check_takes_its_own(Family(family), counts[family])
        except FileRefused as refused:
            return _refused(read.reading, refused.refusal)
        connectors = connectors_of(duck, [path for paths in staged.values() for path in paths])
    report = _report(read.reading, counts=counts, connectors=connectors)
    return _Result(report=report, objects=objects, timezone=settings.timezone)


def _known(run: _Run, ledger: Sequence[LedgerEntry], family: Family, months: Sequence[str]) -> Sequence[Path]:
    wanted = {bucket_of(family, month) for month in months}
    return fetch_facts(
        ledger, wanted.__contains__, workspace_id=run.workspace_id, objects=run.tools.objects, folder=run.work
    )


def _report(
    reading: FactsFile, *, counts: Mapping[str, Counts], connectors: Sequence[str], refusal: Refusal | None = None
) -> ImportReport:
    unread = reading.unread
    return ImportReport(
        exported_at=reading.header.exported_at,
        lines=reading.lines,
        rejected=reading.rejected,
        counts=counts,
        errors=tuple(sorted(reading.errors, key=lambda error: error.line)),
        refusal=refusal,
        format=reading.format,
        unmapped=reading.unmapped,
        connectors=tuple(connectors),
        unmapped_columns=unread.unmapped,
        personal_columns=unread.personal,
    )


def _refused(reading: FactsFile | None, refusal: Refusal) -> _Refused:
    """Report what was read until the refusal; without a first line nothing was."""
    if reading is None:
        return _Refused(report=ImportReport(refusal=refusal), code=refusal.code)
    source = reading.header.context.source
    report = _report(reading, counts={}, connectors=() if source is None else (source,), refusal=refusal)
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


def _finish(run: _Run, result: _Result, version: str) -> None:
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
                run.workspace_id, event, result.report, version=version, timezone=result.timezone, origin=run.origin
            )
        except StreamMoved:
            ended = run.tools.imports.get(run.workspace_id, run.import_id)
            if ended is not None and ended.status is ImportStatus.RUNNING:
                continue  # another import took this generation
            return  # a second run over the same bytes was first
        return
    raise StreamMoved(run.import_id)
