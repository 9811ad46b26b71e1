"""Imports and their ledger as rows: see `shared.storage.rows.facts` for where they lie."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import cast
from uuid import uuid4

from shared.domain.facts.imports import (
    Change,
    Declared,
    ImportEvent,
    ImportFinished,
    ImportRefused,
    ImportReport,
    ImportStarted,
    ImportStatus,
    changes_in,
)
from shared.domain.facts.settings import Settings, SettingsChanged, changed_names
from shared.domain.moments import moment
from shared.storage.codec import read_fields
from shared.storage.contracts.facts import ImportRecord, LedgerEntry
from shared.storage.contracts.streams import Origin, StreamMoved
from shared.storage.engine import (
    AllOf,
    AnyOf,
    Check,
    Condition,
    ConditionFailed,
    Engine,
    Equals,
    Item,
    Missing,
    Put,
    Table,
    TransactionRefused,
    Update,
    Value,
    Write,
)
from shared.storage.rows.envelope import KEPT_IN_TABLE, enveloped, stream_writes, trail_row
from shared.storage.rows.facts import (
    document,
    import_key,
    last_generation,
    ledger_key,
    mark_key,
    row,
    sent_key,
    settings_key,
    settings_of,
)
from shared.storage.rows.values import optional_text, optional_time, text, texts, time, whole_number


class StoredImports:
    """Keeps the contract of `Imports` over a row engine."""

    def __init__(self, engine: Engine, *, trail_kept: timedelta = KEPT_IN_TABLE) -> None:
        self._engine = engine
        self._trail_kept = trail_kept

    def get(self, workspace_id: str, import_id: str) -> ImportRecord | None:
        item = self._engine.get(Table.FACTS, import_key(workspace_id, import_id))
        return record_of(item) if item is not None else None

    def announce(self, workspace_id: str, record: ImportRecord) -> ImportRecord:
        key = import_key(workspace_id, record.import_id)
        at = moment(record.requested_at)
        asked = row(
            key,
            file_name=record.file_name,
            bytes=record.bytes,
            status=ImportStatus.WAITING.value,
            requested_by=record.requested_by,
            requested_at=at,
            declared=document(record.declared),
        )
        listed = row(sent_key(workspace_id, at, record.import_id), **{"import": record.import_id})
        try:
            self._transact(Put(table=Table.FACTS, item=asked, when=Missing("pk")), Put(table=Table.FACTS, item=listed))
        except StreamMoved:
            # It is there already; one that was refused may be tried again (the settings may be others now).
            again = Update(
                table=Table.FACTS,
                key=key,
                set={"status": ImportStatus.WAITING.value, "lines_read": 0, "bytes_read": 0},
                remove=("doc", "ended_at", "moved_at"),
                when=Equals("status", ImportStatus.REFUSED.value),
            )
            with suppress(ConditionFailed):  # waiting, running or finished: it stays what it is
                self._engine.write(again)
        item = self._engine.get(Table.FACTS, key)
        return record_of(item) if item is not None else record

    def start(
        self, workspace_id: str, record: ImportRecord, event: ImportStarted, *, origin: Origin
    ) -> ImportRecord | None:
        key = import_key(workspace_id, record.import_id)
        while True:
            before = self._engine.get(Table.FACTS, key)
            if before is None:
                self.announce(workspace_id, record)
                continue
            status = text(before, "status")
            if status == ImportStatus.FINISHED:
                return None
            if status == ImportStatus.RUNNING:
                return record_of(before)  # an earlier run died, or is at work: only one of them can finish
            with suppress(StreamMoved):
                self._record(
                    workspace_id,
                    record.import_id,
                    event,
                    was=status,
                    version=whole_number(before, "version"),
                    becomes={
                        "status": ImportStatus.RUNNING.value,
                        "bytes": record.bytes,
                        "moved_at": moment(event.at),
                    },
                    origin=origin,
                )

    def progress(self, workspace_id: str, import_id: str, *, lines_read: int, bytes_read: int, at: datetime) -> None:
        progress = Update(
            table=Table.FACTS,
            key=import_key(workspace_id, import_id),
            set={"lines_read": lines_read, "bytes_read": bytes_read, "moved_at": moment(at)},
            when=Equals("status", ImportStatus.RUNNING.value),
        )
        with suppress(ConditionFailed):  # another run has ended it
            self._engine.write(progress)

    def advance(self, workspace_id: str, import_id: str, *, before: str | None, checkpoint: str, at: datetime) -> None:
        begun_there = Missing("checkpoint") if before is None else Equals("checkpoint", before)
        advance = Update(
            table=Table.FACTS,
            key=import_key(workspace_id, import_id),
            set={"checkpoint": checkpoint, "moved_at": moment(at)},
            when=AllOf((Equals("status", ImportStatus.RUNNING.value), begun_there)),
        )
        try:
            self._engine.write(advance)
        except ConditionFailed as refused:
            held = refused.item or {}
            if (held.get("status"), held.get("checkpoint")) != (ImportStatus.RUNNING, checkpoint):
                raise StreamMoved(import_id) from refused
            # It was this run that kept it, and the answer was lost: the client asked again.

    def last_generation(self, workspace_id: str) -> int:
        return last_generation(self._engine, workspace_id)

    def finish(
        self,
        workspace_id: str,
        event: ImportFinished,
        report: ImportReport,
        *,
        timezone: str,
        origin: Origin,
        version: str = "",
    ) -> None:
        before = self._running(workspace_id, event.import_id)
        named = {"import": event.import_id, "version": version}
        entry = row(ledger_key(workspace_id, event.generation), **named)
        self._record(
            workspace_id,
            event.import_id,
            event,
            was=ImportStatus.RUNNING.value,
            version=whole_number(before, "version"),
            becomes={
                "status": ImportStatus.FINISHED.value,
                "generation": event.generation,
                **_ended(event, report, read=whole_number(before, "bytes")),
            },
            changes=changes_in(report.counts, import_id=event.import_id, at=event.at),
            origin=origin,
            beside=(
                Put(table=Table.FACTS, item={**entry, "buckets": list(event.buckets)}, when=Missing("pk")),
                Put(table=Table.FACTS, item=row(mark_key(workspace_id, event.generation), kind="mark")),
                Check(table=Table.FACTS, key=settings_key(workspace_id), when=_has_timezone(timezone)),
            ),
        )

    def refuse(self, workspace_id: str, event: ImportRefused, report: ImportReport, *, origin: Origin) -> None:
        before = self._running(workspace_id, event.import_id)
        self._record(
            workspace_id,
            event.import_id,
            event,
            was=ImportStatus.RUNNING.value,
            version=whole_number(before, "version"),
            becomes={
                "status": ImportStatus.REFUSED.value,
                **_ended(event, report, read=whole_number(before, "bytes_read")),
            },
            origin=origin,
        )

    def set_settings(
        self, workspace_id: str, settings: Settings, event: SettingsChanged, *, before: Settings, origin: Origin
    ) -> None:
        key, last = settings_key(workspace_id), last_generation(self._engine, workspace_id)
        stands = self._engine.get(Table.FACTS, key)
        if changed_names(settings_of(stands), before):
            raise StreamMoved("the settings have changed")
        as_read = Missing("pk") if stands is None else Equals("doc", text(stands, "doc"))
        settled = row(key, timezone=settings.timezone, doc=document(settings))
        told = enveloped(event, stream=f"workspace:{workspace_id}", seq=None, workspace_id=workspace_id, origin=origin)
        in_trail = trail_row(told, at=event.at, kept=self._trail_kept)
        writes = (
            Put(table=Table.FACTS, item=settled, when=as_read),
            Put(table=Table.AUDIT, item=in_trail, when=Missing("pk")),
        )
        next_entry = ledger_key(workspace_id, last + 1)
        if not last:
            self._transact(*writes, Check(table=Table.FACTS, key=next_entry, when=Missing("pk")))
            return
        if settings.timezone != before.timezone:
            raise StreamMoved("facts are filed under the days of the time zone")
        # With facts there, a change of settings is an entry of the ledger that has no objects: it makes a fold.
        self._transact(
            *writes,
            Put(table=Table.FACTS, item={**row(next_entry), "import": "", "buckets": []}, when=Missing("pk")),
            Put(table=Table.FACTS, item=row(mark_key(workspace_id, last + 1), kind="mark")),
        )

    # --- how ----------------------------------------------------------------------------------------------------------

    def _running(self, workspace_id: str, import_id: str) -> Item:
        before = self._engine.get(Table.FACTS, import_key(workspace_id, import_id))
        if before is None or before["status"] != ImportStatus.RUNNING:
            raise StreamMoved(import_id)
        return before

    def _record(
        self,
        workspace_id: str,
        import_id: str,
        event: ImportEvent,
        *,
        was: str,
        version: int,
        becomes: Mapping[str, Value],
        origin: Origin,
        changes: Sequence[Change] = (),
        beside: tuple[Write, ...] = (),
    ) -> None:
        self._transact(
            Update(
                table=Table.FACTS,
                key=import_key(workspace_id, import_id),
                set={**becomes, "version": version + 1 + len(changes)},
                remove=("checkpoint",),  # it leads from one run to the next, and neither into an import nor out of one
                when=Equals("status", was),
            ),
            *beside,
            *stream_writes(
                [event, *changes],
                pk=f"I#{workspace_id}#{import_id}",
                stream=f"import:{import_id}",
                after_version=version,
                workspace_id=workspace_id,
                origin=origin,
                kept=self._trail_kept,
            ),
        )

    def _transact(self, *writes: Write) -> None:
        try:
            self._engine.transact(writes, request_token=str(uuid4()))
        except TransactionRefused as refused:
            raise StreamMoved("an import or the ledger has changed") from refused


def _has_timezone(timezone: str) -> Condition:
    """The workspace's time zone is this one: facts are filed under its days."""
    same = Equals("timezone", timezone)
    return AnyOf((same, Missing("pk"))) if timezone == Settings().timezone else same


def _ended(event: ImportFinished | ImportRefused, report: ImportReport, *, read: int) -> dict[str, Value]:
    return {"ended_at": moment(event.at), "lines_read": event.lines, "bytes_read": read, "doc": document(report)}


def record_of(item: Item) -> ImportRecord:
    """Read the record of an import."""
    report = cast("ImportReport", read_fields(ImportReport, json.loads(text(item, "doc")))) if "doc" in item else None
    declared = cast("Declared", read_fields(Declared, json.loads(text(item, "declared"))))
    return ImportRecord(
        import_id=text(item, "sk"),
        file_name=text(item, "file_name"),
        bytes=whole_number(item, "bytes"),
        status=ImportStatus(text(item, "status")),
        requested_by=text(item, "requested_by"),
        requested_at=time(item, "requested_at"),
        declared=declared,
        lines_read=whole_number(item, "lines_read"),
        bytes_read=whole_number(item, "bytes_read"),
        moved_at=optional_time(item, "moved_at"),
        checkpoint=optional_text(item, "checkpoint"),
        ended_at=optional_time(item, "ended_at"),
        generation=whole_number(item, "generation") or None,
        report=report,
    )


def ledger_entry(item: Item) -> LedgerEntry:
    """Read an entry of the ledger."""
    return LedgerEntry(
        generation=int(text(item, "sk")),
        import_id=text(item, "import"),
        buckets=tuple(texts(item, "buckets")),
        version=optional_text(item, "version") or "",
    )
