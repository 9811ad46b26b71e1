"""Engines that go wrong as a network does: the write takes effect, and its answer does not arrive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from shared.storage.engine import Delete, Engine, Item, Key, Page, Put, StoreUnavailable, Table, Update, Write


class Passing:
    """Hands everything on to another engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.operations: Counter[str] = engine.operations

    def get(self, table: Table, key: Key) -> Item | None:
        return self._engine.get(table, key)

    def get_many(self, table: Table, keys: Sequence[Key], *, consistently: bool = True) -> dict[Key, Item]:
        return self._engine.get_many(table, keys, consistently=consistently)

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
        return self._engine.query(
            table, pk, first=first, last=last, newest_first=newest_first, limit=limit, after=after
        )

    def query_due(self, due_pk: str, *, last: str, limit: int) -> tuple[Key, ...]:
        return self._engine.query_due(due_pk, last=last, limit=limit)

    def write(self, write: Put | Update | Delete) -> Item | None:
        return self._engine.write(write)

    def transact(self, writes: Sequence[Write], *, request_token: str) -> None:
        self._engine.transact(writes, request_token=request_token)


class LosesAnswers(Passing):
    """Carries out each write and then says that it did not hear back, as often as `answers_to_lose` says."""

    answers_to_lose = 0

    def write(self, write: Put | Update | Delete) -> Item | None:
        item = super().write(write)
        self._maybe_lose()
        return item

    def transact(self, writes: Sequence[Write], *, request_token: str) -> None:
        super().transact(writes, request_token=request_token)
        self._maybe_lose()

    def _maybe_lose(self) -> None:
        if self.answers_to_lose:
            self.answers_to_lose -= 1
            raise StoreUnavailable("no answer")


class RepeatsWrites(Passing):
    """Carries out each write twice and answers with the second: what a client does that retries after a lost answer."""

    def write(self, write: Put | Update | Delete) -> Item | None:
        super().write(write)
        return super().write(write)

    def transact(self, writes: Sequence[Write], *, request_token: str) -> None:
        super().transact(writes, request_token=request_token)
        super().transact(writes, request_token=request_token)
