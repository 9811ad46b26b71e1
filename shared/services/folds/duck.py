"""DuckDB as this product uses it: local files only, bounded memory, and nothing ever downloaded.

Only the importer and the projector import this module; the functions that answer calls start without DuckDB.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

MEMORY = "512MB"
"""What does not fit is spilled to the work folder; the functions have twice as much at least."""
THREADS = 2


@contextmanager
def open_duck(work: Path, *, memory: str = MEMORY) -> Generator[Duck]:
    """Open a database in memory that may use `work` for what does not fit, and close it afterwards."""
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "memory_limit": memory,
            "temp_directory": str(work / "spill"),
            "threads": THREADS,
        }
    )
    try:
        # From here on a statement reaches this folder and nothing else, and cannot change that.
        connection.execute(f"SET allowed_directories = {files([work])}")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield Duck(connection)
    finally:
        connection.close()


class Duck:
    """A connection with the few ways in which it is used here."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def run(self, statement: str, **parameters: Any) -> None:  # noqa: ANN401  # what SQL takes
        """Carry out a statement."""
        self._connection.execute(statement, parameters or None)

    def rows(self, query: str, **parameters: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401  # as above
        """Answer a query."""
        return self._connection.execute(query, parameters or None).fetchall()

    def named_rows(self, query: str, **parameters: Any) -> Iterable[dict[str, Any]]:  # noqa: ANN401  # as above
        """Answer a query, each row by the names of its columns."""
        cursor = self._connection.execute(query, parameters or None)
        names = [column[0] for column in cursor.description or ()]
        return (dict(zip(names, row, strict=True)) for row in cursor.fetchall())


def literal(text: str) -> str:
    """Write text as a literal, where a statement takes no parameter (COPY … TO, the lists of files)."""
    return "'" + text.replace("'", "''") + "'"


def files(paths: Sequence[Path]) -> str:
    """Write a list of files as a literal."""
    return "[" + ", ".join(literal(str(path)) for path in paths) + "]"
