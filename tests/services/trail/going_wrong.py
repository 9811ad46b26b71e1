"""What may go wrong between the streams, the processes that read them and the stores that these write to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, ParamSpec, TypeVar

from shared.storage.contracts.streams import StoreUnavailable
from shared.storage.engine import Delete, Engine, Item, Key, Page, Put, Table, Update, Write
from tests.data.engines import Killed
from tests.data.memory_objects import MemoryObjects

P = ParamSpec("P")
T = TypeVar("T")


def nothing(_: int) -> None:
    """Happens where nothing does."""


def die_at(number: int) -> Callable[[int], None]:
    def meddle(reached: int) -> None:
        if reached == number:
            raise Killed

    return meddle


def unavailable_at(number: int) -> Callable[[int], None]:
    def meddle(reached: int) -> None:
        if reached == number:
            raise StoreUnavailable("throttled")

    return meddle


def unavailable_often(chance: Random) -> Callable[[int], None]:
    def meddle(_: int) -> None:
        if chance.random() < 1 / 30:
            raise StoreUnavailable("throttled")

    return meddle


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What goes wrong in one run."""

    records_twice: bool = False
    batches_again: bool = False
    in_any_order: bool = False
    """But for the changes of one row."""
    late: bool = False
    """Some changes of a row come up to five minutes later than others that were made with it."""
    before: Callable[[int], None] = nothing
    """Happens before each call to a store, of projector and sealer; they are numbered."""
    after: Callable[[int], None] = nothing


OF_STREAMS: Mapping[str, Faults] = {
    "nothing": Faults(),
    "each record twice": Faults(records_twice=True),
    "each batch again": Faults(batches_again=True),
    "rows in any order": Faults(in_any_order=True),
    "up to 5 minutes late": Faults(late=True),
    "all of these": Faults(records_twice=True, batches_again=True, in_any_order=True, late=True),
}
OF_STORES: Mapping[str, Callable[[int], Faults]] = {
    "killed before a call": lambda number: Faults(before=die_at(number)),
    "killed after a call": lambda number: Faults(after=die_at(number)),
    "throttled": lambda number: Faults(before=unavailable_at(number)),
    "an answer lost": lambda number: Faults(after=unavailable_at(number)),
}
"""At one call to a store, by its number."""


@dataclass(kw_only=True)
class Steps:
    """The calls to stores, numbered."""

    faults: Faults
    count: int = 0

    def take(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        number, self.count = self.count, self.count + 1
        self.faults.before(number)
        answer = call(*args, **kwargs)
        self.faults.after(number)
        return answer


class SteppedEngine:
    """An engine each of whose calls is a step."""

    def __init__(self, engine: Engine, steps: Steps) -> None:
        self._engine, self._steps = engine, steps
        self.operations: Counter[str] = engine.operations

    def get(self, table: Table, key: Key) -> Item | None:
        return self._steps.take(self._engine.get, table, key)

    def get_many(self, table: Table, keys: Sequence[Key], *, consistently: bool = True) -> dict[Key, Item]:
        return self._steps.take(self._engine.get_many, table, keys, consistently=consistently)

    def query(self, table: Table, pk: str, **how: Any) -> Page:  # noqa: ANN401 - handed through
        return self._steps.take(self._engine.query, table, pk, **how)

    def query_due(self, due_pk: str, *, last: str, limit: int) -> tuple[Key, ...]:
        return self._steps.take(self._engine.query_due, due_pk, last=last, limit=limit)

    def write(self, write: Put | Update | Delete) -> Item | None:
        return self._steps.take(self._engine.write, write)

    def transact(self, writes: Sequence[Write], *, request_token: str) -> None:
        self._steps.take(self._engine.transact, writes, request_token=request_token)


class SteppedObjects(MemoryObjects):
    """An archive each of whose writes is a step."""

    def __init__(self, steps: Steps) -> None:
        super().__init__()
        self._steps = steps

    def put(self, key: str, content: bytes) -> None:
        self._steps.take(super().put, key, content)
