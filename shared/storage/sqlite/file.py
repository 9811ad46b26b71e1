"""One SQLite file: opened when first needed, one transaction at a time, and its troubles told as `StoreUnavailable`."""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from threading import RLock

from shared.storage.engine import StoreUnavailable

SCHEMA_VERSION = 1
SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS items (
  tbl TEXT NOT NULL, pk TEXT NOT NULL, sk TEXT NOT NULL,
  item TEXT NOT NULL, -- JSON, keys included
  due_pk TEXT, due_sk TEXT, ttl INTEGER,
  PRIMARY KEY (tbl, pk, sk)
);
CREATE INDEX IF NOT EXISTS items_due ON items (due_pk, due_sk, pk, sk) WHERE due_pk IS NOT NULL;
CREATE INDEX IF NOT EXISTS items_ttl ON items (ttl) WHERE ttl IS NOT NULL;
-- AUTOINCREMENT: a number is not given again after the feed was trimmed
CREATE TABLE IF NOT EXISTS changes (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') AS INTEGER)),
  tbl TEXT NOT NULL, before TEXT, after TEXT,
  by_ttl INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS transactions (
  request_token TEXT PRIMARY KEY,
  at INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') AS INTEGER))
);
CREATE INDEX IF NOT EXISTS transactions_at ON transactions (at);
PRAGMA user_version = {SCHEMA_VERSION};
COMMIT;
"""
IN_MEMORY = ":memory:"
MOMENT_SECONDS = 0.02


class SqliteFile:
    """A connection that threads may share; processes each make their own to the same file."""

    def __init__(self, path: str | Path, *, patience_seconds: float = 5.0) -> None:
        self._path = str(path)
        self._patience_seconds = patience_seconds
        """How long a write waits for its turn behind other processes."""
        self._connection: sqlite3.Connection | None = None
        self._turn = RLock()

    def __del__(self) -> None:
        self.close()

    @contextmanager
    def reading(self) -> Generator[sqlite3.Connection]:
        """Give the connection for reads that each see what was last committed."""
        with self._turn, self._told_as_unavailable():
            yield self._open()

    @contextmanager
    def writing(self) -> Generator[sqlite3.Connection]:
        """Give the connection within a transaction that nobody else writes beside; it ends with the block."""
        with self._turn, self._told_as_unavailable():
            connection = self._open()
            self._begin(connection)
            with connection:
                yield connection

    def close(self) -> None:
        """Let go of the file; it is opened again when needed."""
        with self._turn:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None:
            return self._connection
        connection = sqlite3.connect(
            self._path, timeout=self._patience_seconds, isolation_level=None, check_same_thread=False
        )
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection

    def _begin(self, connection: sqlite3.Connection) -> None:
        """Take the write lock: it goes to whoever happens to ask when it is free.

        SQLite asks ever more rarely the longer it waits, so that under load one starves beside others that just came.
        So it is told to wait for a moment only, and told so again until patience is over.
        """
        if self._path == IN_MEMORY:  # nobody else is there
            connection.execute("BEGIN IMMEDIATE")
            return
        asked = ceil(self._patience_seconds / MOMENT_SECONDS)
        _wait_for(connection, MOMENT_SECONDS)
        try:
            for left in reversed(range(asked)):
                try:
                    connection.execute("BEGIN IMMEDIATE")
                except sqlite3.OperationalError as error:
                    if not left or error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                        raise
                else:
                    return
        finally:
            _wait_for(connection, self._patience_seconds)

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA synchronous = FULL")  # an answer that was given outlives a power cut, too
        if _version(connection) == 0:
            # SQLite does not wait its turn to turn on the log: of two that try at once, one is told "locked".
            with self._alone():
                if _version(connection) == 0:
                    connection.execute("PRAGMA journal_mode = WAL")  # readers and the writer do not wait for each other
                    connection.executescript(SCHEMA)
        if (version := _version(connection)) != SCHEMA_VERSION:
            raise StoreUnavailable(f"the SQLite file has schema {version}, and this program writes {SCHEMA_VERSION}")

    @contextmanager
    def _alone(self) -> Generator[None]:
        """Keep every other process out while the file is made."""
        if self._path == IN_MEMORY:
            yield
            return
        with Path(f"{self._path}-setup").open("w") as door:
            fcntl.flock(door, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _told_as_unavailable(self) -> Generator[None]:
        try:
            yield
        except OSError as error:
            raise StoreUnavailable(f"the SQLite file cannot be made: {error.strerror}") from error
        except sqlite3.DatabaseError as error:
            # Locked, full, read-only and out of reach are operational; a file that is broken or none of ours is
            # the plain class. The others (a value that does not fit, a misuse) are bugs and rise as they are.
            if type(error) not in {sqlite3.OperationalError, sqlite3.DatabaseError}:
                raise
            if self._path != IN_MEMORY:
                self.close()  # what broke may have been mended, or replaced, by the next request
            raise StoreUnavailable(f"the SQLite file is not to be used now: {error}") from error


def _wait_for(connection: sqlite3.Connection, seconds: float) -> None:
    """Say how long a lock of somebody else is waited for."""
    connection.execute(f"PRAGMA busy_timeout = {seconds * 1000:.0f}")


def _version(connection: sqlite3.Connection) -> int:
    return connection.execute("PRAGMA user_version").fetchone()[0]
