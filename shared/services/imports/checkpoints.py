"""How far the runs over one file have come, where it takes more than one; kept as an object until the import has ended.

It may hold rows of the file, and with them persons. So it lies where the parts of the file lie, and not in a table.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from shared.domain.facts.families import Family
from shared.domain.facts.imports import RowError
from shared.domain.facts.settings import Settings
from shared.services.folds.columns import ROW, fact_columns

VERSION = 1
"""Of what a run leaves to the next. Whoever deploys another shape of a checkpoint, or another meaning of anything that
a format keeps in `carry`, counts it up: what is half read then is read anew from its beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookmark:
    """A place between two rows of a file, with all that must be known to go on reading there."""

    offset: int
    """Bytes of the file that are read."""
    line: int
    """The last line that is read."""
    lines: int = 0
    rejected: int = 0
    errors: tuple[RowError, ...] = ()
    last_rejected: int = 0
    """The line of the last row that was rejected; it is counted once, whatever else is wrong with it."""
    carry: str = "{}"
    """What the format remembers of earlier rows, as JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What the next run needs of those before it."""

    manner: str
    """How the parts were read: in another manner they must be read anew."""
    part: int = 0
    """Parts that are read."""
    bookmark: Bookmark | None = None
    """Where to go on; None: at the beginning."""
    staged: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """family -> the objects that hold what these parts said of it."""
    earlier: tuple[str, ...] = ()
    """The objects that held earlier checkpoints, and parts that were read in another manner."""

    @property
    def objects(self) -> tuple[str, ...]:
        """All that is to be taken away when the import has ended, beside this checkpoint itself."""
        return (*self.earlier, *(key for keys in self.staged.values() for key in keys))


def manner_of(settings: Settings) -> str:
    """Write what decides how a part is read and laid down, as text that is equal for equal ones."""
    columns = {str(family): fact_columns(family) for family in Family}
    return json.dumps({"settings": asdict(settings), "row": ROW, "columns": columns}, sort_keys=True)


def checkpoint_to_json(checkpoint: Checkpoint) -> bytes:
    """Write a checkpoint."""
    return json.dumps({"version": VERSION, **asdict(checkpoint)}).encode()


def checkpoint_from_json(content: bytes) -> Checkpoint | None:
    """Read what `checkpoint_to_json` wrote; None if another version of this program did."""
    said: dict[str, Any] = json.loads(content)
    if said.pop("version") != VERSION:
        return None
    bookmark: dict[str, Any] = said["bookmark"]
    bookmark["errors"] = tuple(RowError(**error) for error in bookmark["errors"])
    said["bookmark"] = Bookmark(**bookmark)
    said["staged"] = {family: tuple(keys) for family, keys in said["staged"].items()}
    said["earlier"] = tuple(said["earlier"])
    return Checkpoint(**said)
