"""An engine that counts what DynamoDB would charge, by the sizes of the items that are read and written.

The rules are those of DynamoDB's documentation on capacity. An item's size is that of its names and values in UTF-8; a
number takes a byte for two digits and one more. Reads: a unit for each 4 KB begun of an item (of all items that a
query looks at together), half of that for what is not read consistently, as from an index. Writes: a unit for each KB
begun of the item before or after, whichever is larger; twice that in a transaction, where a check costs as much as a
write; and for each entry of an index that comes or goes one more. A test compares the writes with what an emulator
reports.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from time import perf_counter

from shared.storage.engine import (
    ConditionFailed,
    Delete,
    Engine,
    Item,
    Key,
    Page,
    Put,
    Table,
    TransactionRefused,
    Update,
    Value,
    Write,
)
from tests.data.faults import Passing

READ_UNIT = 4096
WRITE_UNIT = 1024
INDEX_ATTRIBUTES = ("pk", "sk", "due_pk", "due_sk")
"""What an entry of the index `due` holds."""


@dataclass(slots=True, kw_only=True)
class Spent:
    """What was asked of the engine."""

    requests: Counter[str] = field(default_factory=Counter[str])
    index_entries: int = 0
    """Entries of the index `due` that were read."""
    items: int = 0
    """Items that were read from the tables."""
    read_units: float = 0
    """Of the tables."""
    index_read_units: float = 0
    write_units: int = 0
    """The index included."""
    written: Counter[tuple[Table, str]] = field(default_factory=Counter[tuple[Table, str]])
    """Partition key -> write units, without the index."""


class Metered(Passing):
    """Counts what is asked of another engine; it looks at each item before and after a write, which nobody pays for."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.spent = Spent()
        self.looking_seconds = 0.0
        """What its own looks have taken."""

    def get(self, table: Table, key: Key) -> Item | None:
        item = super().get(table, key)
        self._read("get", [item] if item is not None else [], units=read_units(item_bytes(item)))
        return item

    def get_many(self, table: Table, keys: Sequence[Key], *, consistently: bool = True) -> dict[Key, Item]:
        found = super().get_many(table, keys, consistently=consistently)
        units = sum(read_units(item_bytes(found.get(key))) for key in keys)
        self._read("get_many", found.values(), units=units if consistently else units / 2)
        return found

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
        page = super().query(table, pk, first=first, last=last, newest_first=newest_first, limit=limit, after=after)
        self._read("query", page.items, units=read_units(sum(map(item_bytes, page.items))))
        return page

    def query_due(self, due_pk: str, *, last: str, limit: int) -> tuple[Key, ...]:
        keys = super().query_due(due_pk, last=last, limit=limit)
        entries: list[Item] = [{"pk": key.pk, "sk": key.sk, "due_pk": due_pk, "due_sk": last} for key in keys]
        self.spent.requests["query_due"] += 1
        self.spent.index_entries += len(keys)
        self.spent.index_read_units += read_units(sum(map(item_bytes, entries))) / 2
        return keys

    def write(self, write: Put | Update | Delete) -> Item | None:
        (before,) = self._as_they_are([write])
        self.spent.requests["write"] += 1
        try:
            after = super().write(write)
        except ConditionFailed as failed:  # what was not written costs as much
            self._wrote(write, write_units(failed.item, failed.item))
            raise
        self._wrote(write, write_units(before, after))
        self.spent.write_units += index_units(before, after)
        return after

    def transact(self, writes: Sequence[Write], *, request_token: str) -> None:
        before = self._as_they_are(writes)
        self.spent.requests["transact"] += 1
        try:
            super().transact(writes, request_token=request_token)
        except TransactionRefused:
            self._charge(writes, before, before)
            raise
        self._charge(writes, before, self._as_they_are(writes))

    def _as_they_are(self, writes: Sequence[Write]) -> list[Item | None]:
        began = perf_counter()
        items = [self._engine.get(write.table, _target(write)) for write in writes]
        self.looking_seconds += perf_counter() - began
        return items

    def _charge(self, writes: Sequence[Write], before: Sequence[Item | None], after: Sequence[Item | None]) -> None:
        for write, old, new in zip(writes, before, after, strict=True):
            self._wrote(write, 2 * write_units(old, new))
            self.spent.write_units += index_units(old, new)

    def _wrote(self, write: Write, units: int) -> None:
        self.spent.write_units += units
        self.spent.written[write.table, _target(write).pk] += units

    def _read(self, name: str, items: Iterable[Item], *, units: float) -> None:
        self.spent.requests[name] += 1
        self.spent.items += sum(1 for _ in items)
        self.spent.read_units += units


def item_bytes(item: Item | None) -> int:
    """Give the size of an item as DynamoDB bills it (0: there is none)."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in (item or {}).items())


def read_units(size: int) -> int:
    """Give the units of a consistent read; what finds nothing costs one, too."""
    return max(1, -(-size // READ_UNIT))


def write_units(before: Item | None, after: Item | None) -> int:
    """Give the units of one write to a table."""
    return max(1, -(-max(item_bytes(before), item_bytes(after)) // WRITE_UNIT))


def index_units(before: Item | None, after: Item | None) -> int:
    """Give the units of bringing the index `due` in line: an entry that moves goes and comes."""
    was, is_ = _entry(before), _entry(after)
    return 0 if was == is_ else (was is not None) + (is_ is not None)


def _entry(item: Item | None) -> Item | None:
    if item is None or "due_pk" not in item:
        return None
    return {name: item[name] for name in INDEX_ATTRIBUTES}


def _value_bytes(value: Value) -> int:
    match value:
        case str():
            return len(value.encode())
        case bool() | None:
            return 1
        case int():
            return 1 + _digit_pairs(abs(value)) + (value < 0)
        case list():
            return 3 + sum(1 + _value_bytes(each) for each in value)
        case dict():
            return 3 + sum(1 + len(name.encode()) + _value_bytes(each) for name, each in value.items())


def _digit_pairs(number: int) -> int:
    """Count the pairs of digits, from the right; those that are zeros at the end take no place."""
    while number and number % 100 == 0:
        number //= 100
    return -(-len(str(number)) // 2) if number else 0


def _target(write: Write) -> Key:
    return Key(str(write.item["pk"]), str(write.item["sk"])) if isinstance(write, Put) else write.key
