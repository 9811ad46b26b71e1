"""The double of every test above storage: the real stores over SQLite in memory."""

from __future__ import annotations

from shared.storage.rows.stores import Stores
from shared.storage.sqlite.engine import SqliteEngine


def memory_stores(engine: SqliteEngine | None = None) -> Stores:
    """Give an empty set of stores; pass the engine to count its operations or to read its change feed."""
    return Stores.over(engine or SqliteEngine())
