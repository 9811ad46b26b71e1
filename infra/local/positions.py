"""How far the pumps have come, on disk: a stack that was killed goes on where it was.

stream (name, sequence)     the last change of a stream that its function has taken
object (bucket, key, stamp) the version of an object that its function has taken, or that was given up
note   (name, value)        what one run of the stack leaves for the next
"""

import sqlite3
from pathlib import Path

from infra.local.folder import FolderDamaged
from shared.storage.engine import StoreUnavailable

SCHEMA = """
CREATE TABLE IF NOT EXISTS stream (name TEXT PRIMARY KEY, sequence INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS object (
    bucket TEXT, key TEXT, stamp TEXT NOT NULL, PRIMARY KEY (bucket, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
"""


class Positions:
    """A small database of the local stack's own; nobody but the one process that holds the folder uses it.

    What is to be kept and cannot be, as on a full disk, is `StoreUnavailable`.
    """

    def __init__(self, path: Path) -> None:
        """Open it, or make it.

        Raises:
            FolderDamaged: the file is no database.

        """
        self._path = path
        self._database = sqlite3.connect(
            path,
            isolation_level=None,  # each statement is durable by itself
            check_same_thread=False,  # a run is prepared in one thread and pumps in another, one after the other
        )
        try:
            self._database.executescript(SCHEMA)
        except sqlite3.DatabaseError as error:
            self._database.close()
            raise FolderDamaged(f"{path} cannot be read: {error}") from error

    def of_stream(self, name: str) -> int:
        """Give the last sequence taken; 0 before the first."""
        row = self._database.execute("SELECT sequence FROM stream WHERE name = ?", (name,)).fetchone()
        return 0 if row is None else int(row[0])

    def advance(self, name: str, sequence: int) -> None:
        """Record that everything up to this sequence was taken."""
        self._keep("INSERT OR REPLACE INTO stream VALUES (?, ?)", (name, sequence))

    def of_object(self, bucket: str, key: str) -> str | None:
        """Give the stamp of the version that was taken."""
        row = self._database.execute("SELECT stamp FROM object WHERE bucket = ? AND key = ?", (bucket, key)).fetchone()
        return None if row is None else str(row[0])

    def finish(self, bucket: str, key: str, stamp: str) -> None:
        """Record that this version of the object needs no more delivery."""
        self._keep("INSERT OR REPLACE INTO object VALUES (?, ?, ?)", (bucket, key, stamp))

    def note(self, name: str) -> str | None:
        """Read what an earlier run left."""
        row = self._database.execute("SELECT value FROM note WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def leave_note(self, name: str, value: str) -> None:
        """Leave something for the next run."""
        self._keep("INSERT OR REPLACE INTO note VALUES (?, ?)", (name, value))

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _keep(self, statement: str, values: tuple[str | int, ...]) -> None:
        try:
            self._database.execute(statement, values)
        except sqlite3.OperationalError as error:
            raise StoreUnavailable(f"{self._path} cannot be written: {error}") from error
