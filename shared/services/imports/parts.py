"""The parts of a file that takes more than one run: what earlier runs left, and what this one leaves to the next.

    staging/{workspace}/{import}/{run}/{family}.parquet     what a part said of a family
    staging/{workspace}/{import}/{run}/checkpoint.json      where to go on

The import's record points to the last checkpoint, and that alone makes a part count. Of two runs that began at the same
checkpoint one can move it on; what the other has written no checkpoint names, and the bucket forgets it after a while.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from shared.domain.facts.families import Family
from shared.domain.facts.settings import Settings
from shared.services.imports.checkpoints import (
    Bookmark,
    Checkpoint,
    checkpoint_from_json,
    checkpoint_to_json,
    manner_of,
)
from shared.services.imports.names import staging_key
from shared.storage.contracts.facts import ImportRecord, Imports
from shared.storage.contracts.objects import ObjectMissing, ObjectStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of one import."""

    workspace_id: str
    record: ImportRecord
    """As it was when the run began."""
    imports: Imports
    objects: ObjectStore

    def last(self, settings: Settings) -> Checkpoint:
        """Give the checkpoint to go on from; the beginning, where there is none or parts were read in another manner.

        What another version of this program has left cannot be read, and the bucket forgets it after a while.
        """
        begin = Checkpoint(manner=manner_of(settings))
        if self.record.checkpoint is None:
            return begin
        try:
            with self.objects.open(self.record.checkpoint) as content:
                found = checkpoint_from_json(content.read())
        except ObjectMissing:  # the import has ended meanwhile, or has stood still until its parts expired
            return begin
        if found is None:
            return begin
        if found.manner != begin.manner:
            return replace(begin, earlier=found.objects)  # of no more use, and still to be taken away at the end
        return found

    def fetch(self, checkpoint: Checkpoint, folder: Path) -> Mapping[str, list[Path]]:
        """Bring what earlier parts said to the disk, by family."""
        fetched: dict[str, list[Path]] = {}
        for family, keys in checkpoint.staged.items():
            for number, key in enumerate(keys):
                path = folder / f"{family}.part-{number}.parquet"
                self.objects.fetch(key, path)
                fetched.setdefault(family, []).append(path)
        return fetched

    def keep(
        self,
        checkpoint: Checkpoint,
        bookmark: Bookmark,
        staged: Mapping[Family, Path],
        *,
        clock: Callable[[], datetime],
    ) -> None:
        """Keep what a part said, and let the next run begin behind it.

        Raises:
            StreamMoved: another run has gone on from the same checkpoint, or has ended the import.

        """
        run = uuid4().hex
        keys = dict(checkpoint.staged)
        for family, path in staged.items():
            key = self._key(run, f"{family}.parquet")
            self.objects.put_file(key, path)
            keys[family] = (*keys.get(family, ()), key)
        before = self.record.checkpoint
        after = replace(
            checkpoint,
            part=checkpoint.part + 1,
            bookmark=bookmark,
            staged=keys,
            earlier=checkpoint.earlier if before is None else (*checkpoint.earlier, before),
        )
        key = self._key(run, "checkpoint.json")
        self.objects.put(key, checkpoint_to_json(after))
        self.imports.advance(self.workspace_id, self.record.import_id, before=before, checkpoint=key, at=clock())

    def clear(self, checkpoint: Checkpoint) -> None:
        """Take away what the runs have left, now that the import has ended."""
        if self.record.checkpoint is not None:
            for key in (*checkpoint.objects, self.record.checkpoint):
                self.objects.delete(key)

    def _key(self, run: str, name: str) -> str:
        return staging_key(self.workspace_id, self.record.import_id, run, name)
