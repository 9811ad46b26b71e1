"""An engine for as long as one run takes: more than fits into memory, and nothing that anybody will look for."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from shared.storage.sqlite.engine import SqliteEngine

UNHEARD = "CREATE TRIGGER unheard BEFORE INSERT ON changes BEGIN SELECT RAISE(IGNORE); END"
"""Nobody follows its changes, and in the feed every text would lie once more for each time that it was written."""


class _Scratch(SqliteEngine):
    def __init__(self, path: Path) -> None:
        super().__init__(path)
        with self._file.writing() as connection:
            connection.execute(UNHEARD)


@contextmanager
def scratch_engine() -> Generator[SqliteEngine]:
    """Give an empty engine on this machine's disk; its file is gone afterwards."""
    with TemporaryDirectory(prefix="merchant-mcp-") as folder, closing(_Scratch(Path(folder) / "scratch.db")) as engine:
        yield engine
