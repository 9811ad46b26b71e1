"""A place where a file is imported and folded while it is being sent, by the real importer and the real projector."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path

from functions.wiring import Wiring
from shared.domain.facts.imports import ImportStatus
from shared.services.folds.fold_workspace import Folder, fold_workspace
from shared.services.imports.import_upload import Importer, import_upload
from shared.services.imports.names import read_raw_key
from shared.storage.contracts.facts import ImportRecord, Imports
from shared.storage.contracts.objects import ObjectStore
from shared.storage.engine import Engine
from shared.storage.objects.folder import FolderObjects
from shared.storage.rows.imports import StoredImports
from tests.data.memory_queue import MemoryQueue
from tests.data.tenants import NOON


class Attended(Wiring):
    """A stack that runs."""

    @cached_property
    def objects(self) -> ObjectStore:
        return Arriving(self)


class Halting(Attended):
    """A stack whose importer is at it still when somebody looks for the first times, and shows no progress."""

    @cached_property
    def imports(self) -> Imports:
        return HaltingImports(self.engine)


class Left(Attended):
    """A stack whose importer is at it still when whoever waits presses Ctrl-C."""

    @cached_property
    def imports(self) -> Imports:
        return LeftImports(self.engine)


class HaltingImports(StoredImports):
    """The imports of such a stack."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._looks = 3

    def get(self, workspace_id: str, import_id: str) -> ImportRecord | None:
        record = super().get(workspace_id, import_id)
        if record is None or record.status is not ImportStatus.FINISHED or self._looks == 0:
            return record
        self._looks -= 1
        return replace(record, status=ImportStatus.RUNNING, report=None, generation=None, ended_at=None)


class LeftImports(StoredImports):
    """The imports of such a stack: the first look at what has ended is the importer's own, the next the sender's."""

    _is_ended = False

    def get(self, workspace_id: str, import_id: str) -> ImportRecord | None:
        if self._is_ended:
            raise KeyboardInterrupt
        record = super().get(workspace_id, import_id)
        self._is_ended = record is not None and record.status is ImportStatus.FINISHED
        return record


class Arriving(FolderObjects):
    """The bucket of a stack that runs: what arrives is taken up at once."""

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(Path(wiring.settings.get("OBJECTS_DIR")))
        self._wiring = wiring

    def put_file(self, key: str, source: Path) -> None:
        super().put_file(key, source)
        raw = read_raw_key(key)
        if raw is None:
            return
        wiring = self._wiring
        tools = Importer(
            imports=wiring.imports,
            figures=wiring.figures,
            rollups=wiring.rollups,
            objects=self,
            keys=wiring.data_keys,
            queue=MemoryQueue(),
            clock=lambda: NOON,
        )
        import_upload(key, request_id="import-1", tools=tools)
        fold_workspace(raw.workspace_id, tools=Folder(rollups=wiring.rollups, figures=wiring.figures, objects=self))
