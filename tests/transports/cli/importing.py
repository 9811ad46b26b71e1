"""A place where a file is imported and folded while it is being sent, by the real importer and the real projector."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from functions.wiring import Wiring
from shared.services.folds.fold_workspace import Folder, fold_workspace
from shared.services.imports.import_upload import Importer, import_upload
from shared.services.imports.names import read_raw_key
from shared.storage.contracts.objects import ObjectStore
from shared.storage.objects.folder import FolderObjects
from tests.data.tenants import NOON


class Attended(Wiring):
    """A stack that runs."""

    @cached_property
    def objects(self) -> ObjectStore:
        return Arriving(self)


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
            clock=lambda: NOON,
        )
        import_upload(key, request_id="import-1", tools=tools)
        fold_workspace(raw.workspace_id, tools=Folder(rollups=wiring.rollups, figures=wiring.figures, objects=self))
