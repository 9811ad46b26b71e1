"""A place where time passes: calls, the streams that follow them, and the sweep, each taken by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.services.create_token import NewToken
from shared.services.follow_use import UseFollower
from shared.services.gate import Gate
from shared.services.sweep import Swept, sweep
from shared.storage.contracts.tokens import TokenRow
from shared.storage.engine import Delete as Taken
from shared.storage.engine import Engine, Item, Key, Page, Put, Table, Update, Write
from shared.storage.rows.uses import use_seen
from shared.storage.sqlite.engine import SqliteEngine
from shared.transports.stream import Change, take_changes
from tests.data.engines import Killed
from tests.data.stores import Stores
from tests.data.tenants import KEYS
from tests.services.place import let_in, send, settle

Record = dict[str, Any]


@dataclass(kw_only=True)
class Interrupted:
    """An engine before one of whose calls, be it a read or a write, something happens."""

    of: SqliteEngine
    at: int
    """The number of the call, counted from 0."""
    by: Callable[[], object]
    calls: int = 0
    writes: list[int] = field(default_factory=list[int])
    """The numbers of the calls that wrote a single row."""

    def __post_init__(self) -> None:
        self.operations = self.of.operations

    def get(self, table: Table, key: Key) -> Item | None:
        return self._next().get(table, key)

    def get_many(self, table: Table, keys: Sequence[Key], *, consistently: bool = True) -> dict[Key, Item]:
        return self._next().get_many(table, keys, consistently=consistently)

    def query(self, table: Table, pk: str, **how: Any) -> Page:  # noqa: ANN401 - handed through
        return self._next().query(table, pk, **how)

    def query_due(self, due_pk: str, *, last: str, limit: int) -> tuple[Key, ...]:
        return self._next().query_due(due_pk, last=last, limit=limit)

    def write(self, write: Put | Update | Taken) -> Item | None:
        self.writes.append(self.calls)
        return self._next().write(write)

    def transact(self, writes: Sequence[Write], *, request_token: str) -> None:
        self._next().transact(writes, request_token=request_token)

    def _next(self) -> SqliteEngine:
        number, self.calls = self.calls, self.calls + 1
        if number == self.at:
            self.by()
        return self.of


def die() -> None:
    """End the process here."""
    raise Killed


@dataclass(kw_only=True)
class Lived:
    """The functions over one store."""

    engine: SqliteEngine = field(default_factory=SqliteEngine)
    taken_to: int = 0
    """The last change that the projector has taken."""

    def __post_init__(self) -> None:
        self.stores = Stores.over(self.engine)
        self.follower = UseFollower(tokens=self.stores.tokens, evidence=self.stores.evidence)
        stores = self.stores
        self.gate = Gate(keys=KEYS, tokens=stores.tokens, subjects=stores.subjects, audit=stores.audit)

    def call(self, made: NewToken, *moments: datetime) -> None:
        """Call a tool, and have the projector take what follows from it."""
        for at in moments:
            passed = let_in(send(self.gate, made.text, at=at))
            assert settle(self.gate, passed, at=at) is None
            self.stream()

    def stream(self) -> None:
        """Have the projector take all changes, those that it makes itself as well."""
        while records := self.new_records():
            take(records, self.follower)

    def new_records(self) -> list[Record]:
        """Give the changes since the last time."""
        changes = self.engine.changes().read(self.taken_to, limit=1000)
        self.taken_to = changes[-1].sequence if changes else self.taken_to
        return [dict(change.record) for change in changes]

    def sweep(self, *moments: datetime, batch: int = 500) -> list[Swept]:
        return [swept(self.stores, at, batch=batch) for at in moments]

    def row(self, token_id: str) -> TokenRow:
        row = self.stores.tokens.get(token_id)
        assert row is not None
        return row

    def types(self, token_id: str) -> list[str]:
        """Name what happened to a token, in order."""
        return [event.type for event in self.stores.tokens.history(token_id)]


def follower_of(engine: Engine) -> UseFollower:
    stores = Stores.over(engine)
    return UseFollower(tokens=stores.tokens, evidence=stores.evidence)


def take(records: Iterable[Record], follower: UseFollower) -> None:
    """Take a batch as the projector does."""

    def one(change: Change) -> None:
        if seen := use_seen(change.pk, change.sk, before=change.before, after=change.image):
            follower.follow(seen)

    assert take_changes({"Records": [*records]}, one) == {"batchItemFailures": []}


def swept(stores: Stores, at: datetime, *, batch: int = 500) -> Swept:
    return sweep(
        now=at,
        request_id="sweep-1",
        keys=KEYS,
        tokens=stores.tokens,
        workspaces=stores.workspaces,
        evidence=stores.evidence,
        batch=batch,
    )
