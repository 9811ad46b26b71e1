"""A merchant whose files go through the real import and the real fold, over a store and objects in memory."""

from __future__ import annotations

import json
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import duckdb

from shared.domain.facts.imports import Declared, ImportReport, ImportStatus
from shared.domain.facts.lifetimes import Lifetimes
from shared.domain.facts.rollups import Cohort, FxMonth, Overview, ShopMonth
from shared.domain.facts.running import RunningSums
from shared.domain.facts.settings import Settings
from shared.services.credentials.keys import DataKeys
from shared.services.folds.figures import FOLDS, SUMMED
from shared.services.folds.fold_workspace import Folder, fold_workspace
from shared.services.imports.formats.catalogue import FORMATS
from shared.services.imports.formats.format import Format
from shared.services.imports.import_upload import PART_BYTES, Importer, import_upload
from shared.services.imports.names import NOTHING_DECLARED, fact_key
from shared.services.imports.send_file import send_file
from shared.storage.contracts.facts import ImportRecord
from shared.storage.contracts.objects import ObjectStore
from shared.storage.engine import Engine
from shared.storage.rows.imports import StoredImports
from shared.storage.rows.rollups import StoredRollups
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.memory_objects import MemoryObjects
from tests.data.memory_queue import MemoryQueue
from tests.data.rollups import settle

WORKSPACE = "wks_1"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
KEYS = DataKeys.of({"1": "the data keys of a test, long enough to be taken"})
FIRST_MONTH, LAST_MONTH = "0000-00", "9999-99"

Line = Mapping[str, Any]


def header(exported_at: str = "2026-11-20T12:00:00Z", **more: Any) -> dict[str, Any]:  # noqa: ANN401  # what JSON holds
    """Give the first line of a plain file."""
    return {"type": "export", "schema": 1, "exported_at": exported_at, "source": "shop", **more}


def order(id_: str | int = "1", date: str = "2026-10-05", **more: Any) -> dict[str, Any]:  # noqa: ANN401  # as above
    """Give a plain order of one piece for 10.00."""
    return {"type": "order", "id": id_, "date": date, "lines": [{"quantity": 1, "price": "10.00"}], **more}


def refund(id_: str | int = "r1", date: str = "2026-10-20", **more: Any) -> dict[str, Any]:  # noqa: ANN401  # as above
    """Give a plain refund of 10.00 for the plain order."""
    return {"type": "refund", "id": id_, "date": date, "order_id": "1", "lines": [{"amount": "10.00"}], **more}


def as_file(lines: Iterable[Line]) -> bytes:
    """Write lines as NDJSON."""
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


@dataclass(kw_only=True)
class Merchant:
    """A workspace with everything that its imports go through."""

    engine: Engine = field(default_factory=SqliteEngine)
    objects: ObjectStore = field(default_factory=MemoryObjects)
    now: datetime = NOW
    queue: MemoryQueue = field(default_factory=MemoryQueue)
    part_bytes: int = PART_BYTES
    formats: Sequence[Format] = FORMATS

    def __post_init__(self) -> None:
        """Wire it."""
        self.imports = StoredImports(self.engine)
        self.figures = StoredRollups(self.engine)

    @property
    def importer(self) -> Importer:
        """What an import needs."""
        return Importer(
            imports=self.imports,
            figures=self.figures,
            rollups=self.figures,
            objects=self.objects,
            keys=KEYS,
            queue=self.queue,
            clock=lambda: self.now,
            part_bytes=self.part_bytes,
            formats=self.formats,
        )

    @property
    def folding(self) -> Folder:
        """What a fold needs."""
        return Folder(rollups=self.figures, figures=self.figures, objects=self.objects)

    def settle(self, settings: Settings) -> None:
        """Change the settings."""
        settle(self.engine, settings, workspace_id=WORKSPACE, at=self.now)

    def send(
        self, content: bytes, *, name: str = "facts.ndjson", declared: Declared = NOTHING_DECLARED
    ) -> ImportRecord:
        """Announce a file and put it in the bucket."""
        with TemporaryDirectory() as folder:
            file = Path(folder) / name
            file.write_bytes(content)
            return send_file(
                file,
                workspace_id=WORKSPACE,
                requested_by="mem_1",
                declared=declared,
                now=self.now,
                imports=self.imports,
                objects=self.objects,
            )

    def take_up(self, record: ImportRecord) -> ImportRecord:
        """Do what the importer does when the file has arrived, and whenever the queue calls it again."""
        taken = self.run_once(record)
        while self.queue.messages:
            self.queue.messages.pop(0)
            taken = self.run_once(record)
        return taken

    def run_once(self, record: ImportRecord) -> ImportRecord:
        """Do what the importer does in one run."""
        key = f"raw/{WORKSPACE}/{record.import_id}"
        taken = import_upload(key, request_id=uuid4().hex, tools=self.importer)
        assert taken is not None
        return taken

    def import_bytes(self, content: bytes) -> ImportRecord:
        """Send a file and import it."""
        return self.take_up(self.send(content))

    def import_lines(self, *lines: Line) -> ImportReport:
        """Send lines as a file, import them and fold; they must not be refused."""
        record = self.import_bytes(as_file(lines))
        assert record.report is not None
        assert record.status is ImportStatus.FINISHED, record.report
        self.fold()
        return record.report

    def facts(self) -> Mapping[str, Sequence[tuple[Any, ...]]]:
        """Read every object of facts that the ledger names."""
        found: dict[str, Sequence[tuple[Any, ...]]] = {}
        with TemporaryDirectory() as folder:
            file = Path(folder) / "facts.parquet"
            for entry in self.figures.ledger(WORKSPACE):
                for bucket in entry.buckets:
                    self.objects.fetch(fact_key(WORKSPACE, bucket, entry.import_id, entry.version), file)
                    found[f"{bucket} {entry.import_id}"] = duckdb.read_parquet(str(file)).fetchall()
        return found

    def fold(self) -> Overview | None:
        """Do what the projector does at a mark."""
        return fold_workspace(WORKSPACE, tools=self.folding)

    def overview(self) -> Overview:
        """Read the overview."""
        return self.figures.overview(WORKSPACE)

    def months(self) -> Sequence[ShopMonth]:
        """Read every month of the shop."""
        return self.figures.shop_months(WORKSPACE, FIRST_MONTH, LAST_MONTH)

    def month(self, month: str) -> ShopMonth:
        """Read one month of the shop."""
        (found,) = self.figures.shop_months(WORKSPACE, month, month)
        return found

    def cohorts(self) -> Sequence[Cohort]:
        """Read every cohort."""
        return self.figures.cohorts(WORKSPACE, FIRST_MONTH, LAST_MONTH)

    def fx(self) -> Sequence[FxMonth]:
        """Read all rates."""
        return self.figures.fx_months(WORKSPACE, FIRST_MONTH, LAST_MONTH)


def shown(merchant: Merchant) -> Sequence[Any]:
    """Give every rollup that tools can read, but for the generation in which each row last changed."""
    rollups: list[Any] = [each for kind in (Lifetimes, *FOLDS) for each in merchant.figures.rollups(WORKSPACE, kind)]
    rollups += [*merchant.figures.data_months(WORKSPACE), merchant.overview()]
    return [replace(rollup, generation=0) for rollup in rollups]


def summed(merchant: Merchant) -> Sequence[RunningSums]:
    """Give the running sums of every day of every month that has any."""
    return [
        merchant.figures.running(WORKSPACE, of, [date.fromisoformat(f"{month}-{day:02}")])[0]
        for of in SUMMED
        for month in sorted(merchant.figures.running_digests(WORKSPACE, of))
        for day in range(1, monthrange(int(month[:4]), int(month[5:]))[1] + 1)
    ]
