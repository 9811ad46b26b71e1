"""Brings the objects of facts to the disk, where DuckDB reads them: it needs no way to the bucket of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from shared.services.imports.names import fact_key
from shared.storage.contracts.facts import LedgerEntry
from shared.storage.contracts.objects import ObjectStore


def fetch_facts(
    ledger: Iterable[LedgerEntry],
    wanted: Callable[[str], bool],
    *,
    workspace_id: str,
    objects: ObjectStore,
    folder: Path,
) -> Sequence[Path]:
    """Fetch every object of the buckets that are wanted, in the order of the ledger.

    Raises:
        ObjectMissing: the ledger names an object that is not there.

    """
    paths: list[Path] = []
    for entry in ledger:
        for bucket in filter(wanted, entry.buckets):
            path = folder / f"{bucket}#{entry.generation}.parquet"
            if not path.exists():
                objects.fetch(fact_key(workspace_id, bucket, entry.import_id, entry.version), path)
            paths.append(path)
    return paths
