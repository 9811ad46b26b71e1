"""One run of the importer in a process of its own, over a store and objects in a folder; prints what it took."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from functions.wiring import now
from shared.services.credentials.keys import DataKeys
from shared.services.imports.import_upload import Importer, import_upload
from shared.storage.objects.folder import FolderObjects
from shared.storage.queues.folder import FolderQueue
from shared.storage.rows.imports import StoredImports
from shared.storage.rows.rollups import StoredRollups
from shared.storage.sqlite.engine import SqliteEngine

KEYS = DataKeys.of({"1": "the data keys of a measurement, long enough"})


def importer(folder: Path) -> Importer:
    """Wire one, with what it leaves in the folder."""
    engine = SqliteEngine(folder / "store.db")
    figures = StoredRollups(engine)
    return Importer(
        imports=StoredImports(engine),
        figures=figures,
        rollups=figures,
        objects=FolderObjects(folder / "objects"),
        keys=KEYS,
        queue=FolderQueue(folder / "queue"),
        clock=now,
    )


if __name__ == "__main__":
    folder, key = Path(sys.argv[1]), sys.argv[2]
    record = import_upload(key, request_id="measured", tools=importer(folder))
    took = {
        "seconds": time.process_time(),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "status": record and record.status,
        "lines": record and record.lines_read,
        "refusal": str(record and record.report and record.report.refusal),
    }
    sys.stdout.write(json.dumps(took))
