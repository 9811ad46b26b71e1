"""The row engine in one SQLite file: the store of `make run`, and in memory the double of every test above storage.

Items are JSON. Each write takes SQLite's single write lock, reads the item, decides the condition in Python and stores
the item together with its entry in the change feed, so that several processes may work on one file at once.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from shared.storage.attributes import ITEM_BYTES, size_of
from shared.storage.conditions import holds
from shared.storage.engine import (
    Check,
    ConditionFailed,
    Delete,
    Item,
    Key,
    Page,
    Put,
    Table,
    TransactionRefused,
    Update,
    Write,
)
from shared.storage.sqlite.feed import ChangeFeed
from shared.storage.sqlite.file import IN_MEMORY, SqliteFile

PAGE_BYTES = 1_000_000
"""As much as one query reads, like DynamoDB's: who forgets to go on finds out here, too."""
TRANSACTION_WRITES = 100
TOKEN_SECONDS = 600
"""How long the request token of a transaction is remembered."""
ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class SqliteEngine:
    """Keeps the contract of `shared.storage.engine.Engine` in a file, or in memory."""

    def __init__(self, path: str | Path = IN_MEMORY, *, patience_seconds: float = 5.0) -> None:
        self.operations: Counter[str] = Counter()
        self._file = SqliteFile(path, patience_seconds=patience_seconds)

    def changes(self) -> ChangeFeed:
        """Give the feed of everything that is stored here."""
        return ChangeFeed(self._file)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def get(self, table: Table, key: Key) -> Item | None:
        with self._file.reading() as connection:
            self.operations["get"] += 1
            return _read(connection, table, key)

    def get_many(
        self,
        table: Table,
        keys: Sequence[Key],
        *,
        consistently: bool = True,  # noqa: ARG002 - a file has one state
    ) -> dict[Key, Item]:
        with self._file.reading() as connection:
            self.operations["get_many"] += 1
            found = {key: _read(connection, table, key) for key in keys}
        return {key: item for key, item in found.items() if item is not None}

    def query(
        self,
        table: Table,
        pk: str,
        *,
        first: str | None = None,
        last: str | None = None,
        newest_first: bool = False,
        limit: int | None = None,
        after: Key | None = None,
    ) -> Page:
        statement = (
            "SELECT item FROM items WHERE tbl = :tbl AND pk = :pk"
            " AND (:first IS NULL OR sk >= :first) AND (:last IS NULL OR sk <= :last)"
        )
        if newest_first:
            statement += " AND (:after IS NULL OR sk < :after) ORDER BY sk DESC"
        else:
            statement += " AND (:after IS NULL OR sk > :after) ORDER BY sk"
        names = {"tbl": table, "pk": pk, "first": first, "last": last, "after": after.sk if after else None}
        items: list[Item] = []
        read = 0
        with self._file.reading() as connection:
            self.operations["query"] += 1
            for (text,) in connection.execute(statement, names):
                items.append(json.loads(text))
                read += len(text)
                if len(items) == limit or read >= PAGE_BYTES:
                    return Page(items=tuple(items), next=_key_of(items[-1]))
        return Page(items=tuple(items), next=None)

    def query_due(self, due_pk: str, *, last: str, limit: int) -> tuple[Key, ...]:
        with self._file.reading() as connection:
            self.operations["query"] += 1
            rows = connection.execute(
                "SELECT pk, sk FROM items WHERE tbl = ? AND due_pk = ? AND due_sk <= ? ORDER BY due_sk LIMIT ?",
                (Table.CORE, due_pk, last, limit),
            )
            return tuple(Key(pk, sk) for pk, sk in rows)

    def write(self, write: Put | Update | Delete) -> Item | None:
        with self._file.writing() as connection:
            self.operations[type(write).__name__.lower()] += 1
            before = _found(connection, write.table, _target(write))
            if not holds(write.when, before.item):
                raise ConditionFailed(before.item)
            return _carry_out(connection, write, before)

    def transact(self, writes: Sequence[Write], *, request_token: str) -> None:
        targets = [(write.table, _target(write)) for write in writes]
        if not 1 <= len(writes) <= TRANSACTION_WRITES or len(set(targets)) < len(targets):
            raise ValueError("a transaction has 1 to 100 writes, each to another item")
        with self._file.writing() as connection:
            self.operations["transact"] += 1
            if not _is_first(connection, request_token):
                return
            before = [_found(connection, *target) for target in targets]
            failed = {
                place: found.item
                for place, (write, found) in enumerate(zip(writes, before, strict=True))
                if not holds(write.when, found.item)
            }
            if failed:
                raise TransactionRefused(failed)
            for write, found in zip(writes, before, strict=True):
                if not isinstance(write, Check):
                    _carry_out(connection, write, found)

    def purge(self, now: datetime) -> int:
        """Delete every item whose `ttl` has passed, as DynamoDB does by itself, and tell how many they were."""
        with self._file.writing() as connection:
            rows = connection.execute(
                "SELECT tbl, item FROM items WHERE ttl IS NOT NULL AND ttl < ?", (int(now.timestamp()),)
            ).fetchall()
            for tbl, text in rows:
                before = Found(text, json.loads(text))
                _store(connection, Table(tbl), _key_of(before.item or {}), before=before, after=None, by_ttl=True)
            return len(rows)


def _target(write: Write) -> Key:
    return _key_of(write.item) if isinstance(write, Put) else write.key


def _key_of(item: Item) -> Key:
    match item:
        case {"pk": str(pk), "sk": str(sk)} if pk and sk:
            return Key(pk, sk)
        case _:
            raise ValueError("an item has a pk and an sk, neither of them empty")


class Found(NamedTuple):
    """What lies under a key, as it is stored and as an item."""

    text: str | None
    item: Item | None


def _found(connection: sqlite3.Connection, table: Table, key: Key) -> Found:
    row = connection.execute(
        "SELECT item FROM items WHERE tbl = ? AND pk = ? AND sk = ?", (table, key.pk, key.sk)
    ).fetchone()
    return Found(row[0], json.loads(row[0])) if row else Found(None, None)


def _read(connection: sqlite3.Connection, table: Table, key: Key) -> Item | None:
    return _found(connection, table, key).item


def _text(item: Item) -> str:
    return ENCODER.encode(item)


def _is_first(connection: sqlite3.Connection, request_token: str) -> bool:
    connection.execute(
        "DELETE FROM transactions WHERE at < CAST(strftime('%s', 'now') AS INTEGER) - ?", (TOKEN_SECONDS,)
    )
    noted = connection.execute("INSERT OR IGNORE INTO transactions (request_token) VALUES (?)", (request_token,))
    return noted.rowcount == 1


def _carry_out(connection: sqlite3.Connection, write: Put | Update | Delete, before: Found) -> Item | None:
    match write:
        case Put():
            after = dict(write.item)
        case Update():
            after = _updated(write, before.item)
        case Delete():
            after = None
    _store(connection, write.table, _target(write), before=before, after=after)
    return after


def _updated(update: Update, before: Item | None) -> Item:
    after = dict(before) if before else Item(pk=update.key.pk, sk=update.key.sk)
    if len({*update.set, *update.add, *update.remove}) < len(update.set) + len(update.add) + len(update.remove):
        raise ValueError("an attribute may be set, added to or removed, one of them")
    after.update(update.set)
    for name, more in update.add.items():
        number = after.get(name, 0)
        if not isinstance(number, int) or isinstance(number, bool):
            raise TypeError(f"{name} is no number to add to")
        after[name] = number + more
    for name in update.remove:
        after.pop(name, None)
    return after


def _store(
    connection: sqlite3.Connection,
    table: Table,
    key: Key,
    *,
    before: Found,
    after: Item | None,
    by_ttl: bool = False,
) -> None:
    if before.item == after:
        return  # as in DynamoDB, what changes nothing is not in the stream
    if after is None:
        text = None
        connection.execute("DELETE FROM items WHERE tbl = ? AND pk = ? AND sk = ?", (table, key.pk, key.sk))
    else:
        if size_of(after) > ITEM_BYTES:
            raise ValueError(f"{key} would hold more than an item can")
        text = _text(after)
        connection.execute(
            "INSERT OR REPLACE INTO items (tbl, pk, sk, item, due_pk, due_sk, ttl) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (table, key.pk, key.sk, text, after.get("due_pk"), after.get("due_sk"), after.get("ttl")),
        )
    connection.execute(
        "INSERT INTO changes (tbl, before, after, by_ttl) VALUES (?, ?, ?, ?)", (table, before.text, text, by_ttl)
    )
