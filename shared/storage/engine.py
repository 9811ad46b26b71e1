"""The row engine: the little of DynamoDB that the stores need, and that SQLite keeps as well.

A table holds items under a partition key `pk` and a sort key `sk`, both strings. Reads are strongly consistent. A
write may carry a condition on the item that is there; several writes can be made one transaction. Each stored change
appears in the table's stream. The stores in `shared.storage.rows` are written once, against this port;
`shared.storage.dynamodb` and `shared.storage.sqlite` implement it and pass the same suite.

    StoreError
    ├── ConditionFailed        a condition on one item did not hold; carries the item as it is
    ├── TransactionRefused     a condition in a transaction did not hold; nothing was written
    └── StoreUnavailable       throttled, timed out, out of reach, or in conflict for too long: the caller may try again
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

Value = str | int | bool | None | list["Value"] | dict[str, "Value"]
"""What an attribute may hold. No floats (they do not survive every engine alike) and no bytes."""

Item = dict[str, Value]
"""One row with its attributes, `pk` and `sk` among them."""


class Table(StrEnum):
    """The three tables, by their logical names."""

    CORE = "core"
    AUDIT = "audit"
    FACTS = "facts"


@dataclass(frozen=True, slots=True)
class Key:
    """Where an item lies in its table."""

    pk: str
    sk: str


# --- conditions -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Exists:
    """The attribute is there (`Exists("pk")`: the item is)."""

    name: str


@dataclass(frozen=True, slots=True)
class Missing:
    """The attribute is not there (`Missing("pk")`: there is no such item)."""

    name: str


@dataclass(frozen=True, slots=True)
class Equals:
    """The attribute is there and has this value."""

    name: str
    value: str | int | bool


@dataclass(frozen=True, slots=True)
class Differs:
    """The attribute is not there or has another value."""

    name: str
    value: str | int | bool


@dataclass(frozen=True, slots=True)
class Below:
    """The attribute is there and is less than this value, of the same type."""

    name: str
    value: str | int


@dataclass(frozen=True, slots=True)
class Above:
    """The attribute is there and is greater than this value, of the same type."""

    name: str
    value: str | int


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of these holds."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of these holds."""

    conditions: tuple[Condition, ...]


Condition = Exists | Missing | Equals | Differs | Below | Above | AllOf | AnyOf


# --- writes -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """Store an item, in place of any that lies under its key."""

    table: Table
    item: Item
    when: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """Change named attributes of an item and leave the others; makes the item if there is none.

    `set` and `remove` act on top-level attributes; `add` adds to a number, a missing one counting as 0.
    A name may stand in only one of the three.
    """

    table: Table
    key: Key
    set: Mapping[str, Value] = field(default_factory=dict[str, Value])
    add: Mapping[str, int] = field(default_factory=dict[str, int])
    remove: Sequence[str] = ()
    when: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Take an item away; nothing happens if there is none."""

    table: Table
    key: Key
    when: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Write nothing, but let the transaction stand only if the condition holds."""

    table: Table
    key: Key
    when: Condition


Write = Put | Update | Delete | Check


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some items in key order, and where to go on; `next` is None at the end.

    A page may be shorter than asked for and still not be the last (1 MB is read at a time).
    """

    items: tuple[Item, ...]
    next: Key | None


# --- errors -----------------------------------------------------------------------------------------------------------


class StoreError(Exception):
    """The store did not do what was asked."""


class ConditionFailed(StoreError):
    """The condition of a single write did not hold. `item` is what lies there (None: nothing)."""

    def __init__(self, item: Item | None) -> None:
        super().__init__("the condition of the write did not hold")
        self.item = item


class TransactionRefused(StoreError):
    """Nothing was written, because the conditions of the writes at these places did not hold."""

    def __init__(self, failed: Mapping[int, Item | None]) -> None:
        super().__init__(f"conditions {sorted(failed)} of the transaction did not hold")
        self.failed = failed
        """place in the transaction -> the item that lies there"""


class StoreUnavailable(StoreError):
    """The store could not be reached or was too busy; whether a write took effect is not known."""


# --- the port ---------------------------------------------------------------------------------------------------------


class Engine(Protocol):
    """What both engines do. Every method may raise `StoreUnavailable`."""

    operations: Counter[str]
    """Requests made so far by name (get, get_many, query, put, update, delete, transact); retries count."""

    def get(self, table: Table, key: Key) -> Item | None:
        """Read one item, consistently."""
        ...

    def get_many(self, table: Table, keys: Sequence[Key], *, consistently: bool = True) -> dict[Key, Item]:
        """Read items by key, any number of them; missing ones are left out.

        What is not read consistently costs half as much, and may be missing, or be what it was a moment ago.
        """
        ...

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
        """Read the items of a partition with `first <= sk <= last`, consistently, in the order of sk."""
        ...

    def query_due(self, due_pk: str, *, last: str, limit: int) -> tuple[Key, ...]:
        """Read the keys of items with this `due_pk` and `due_sk <= last`, earliest first, from the sparse index `due`.

        The index may lag behind its table: check the item itself before acting.
        """
        ...

    def write(self, write: Put | Update | Delete) -> Item | None:
        """Carry out one write and give the item as it is now (None: deleted).

        A write whose answer was lost may be carried out twice by a retry inside the engine; only a condition tells.

        Raises:
            ConditionFailed: `when` did not hold; nothing was written.

        """
        ...

    def transact(self, writes: Sequence[Write], *, request_token: str) -> None:
        """Carry out up to 100 writes to different items, all or none.

        A repeat with the same `request_token` within ten minutes, as after a lost answer, changes nothing more.

        Raises:
            TransactionRefused: a condition did not hold; nothing was written.

        """
        ...
