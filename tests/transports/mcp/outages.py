"""A store of which some tables cannot be reached, from the moment that a test says so."""

from __future__ import annotations

from collections.abc import Sequence

from shared.storage.engine import Delete, Item, Key, Page, Put, StoreUnavailable, Table, Update, Write
from tests.data.faults import Passing

EVERYTHING = frozenset(Table)


class Outage(Passing):
    """Hands on what concerns the tables that can be reached."""

    lost: frozenset[Table] = frozenset()

    def get(self, table: Table, key: Key) -> Item | None:
        self._reach(table)
        return super().get(table, key)

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
        self._reach(table)
        return super().query(table, pk, first=first, last=last, newest_first=newest_first, limit=limit, after=after)

    def write(self, write: Put | Update | Delete) -> Item | None:
        self._reach(write.table)
        return super().write(write)

    def transact(self, writes: Sequence[Write], *, request_token: str) -> None:
        for write in writes:
            self._reach(write.table)
        super().transact(writes, request_token=request_token)

    def _reach(self, table: Table) -> None:
        if table in self.lost:
            raise StoreUnavailable(f"table merchant-mcp-{table} does not answer")
