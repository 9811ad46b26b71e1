"""Rollups, settings and the overview as rows: see `shared.storage.rows.facts` for where they lie."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import cast

from shared.domain.facts.rollups import Cohort, DataMonth, FxMonth, Overview, Rollup, ShopMonth
from shared.domain.facts.running import Running, RunningSums
from shared.domain.facts.settings import Settings
from shared.storage.codec import read_fields
from shared.storage.contracts.facts import ImportRecord, LedgerEntry, R
from shared.storage.contracts.streams import Page
from shared.storage.engine import Delete, Engine, Item, Key, Put, Table
from shared.storage.rows.facts import (
    AFTER_EVERY_KEY,
    document,
    import_key,
    ledger_key,
    mark_key,
    opened_document,
    rollups_pk,
    row,
    run_key,
    settings_key,
    settings_of,
    whole_partition,
)
from shared.storage.rows.imports import ledger_entry, record_of
from shared.storage.rows.packing import packed
from shared.storage.rows.running import StoredRunning
from shared.storage.rows.under_claim import write_under_claim
from shared.storage.rows.values import text


class StoredRollups:
    """Keeps the contracts `Figures` and `Rollups` over a row engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._running = StoredRunning(engine)

    # --- Figures ------------------------------------------------------------------------------------------------------

    def settings(self, workspace_id: str) -> Settings:
        return settings_of(self._engine.get(Table.FACTS, settings_key(workspace_id)))

    def overview(self, workspace_id: str) -> Overview:
        item = self._engine.get(Table.FACTS, Key(pk=rollups_pk(workspace_id), sk=f"{Overview.kind}#"))
        return cast("Overview", read_fields(Overview, opened_document(item))) if item is not None else Overview()

    def shop_months(self, workspace_id: str, first: str, last: str) -> Sequence[ShopMonth]:
        return self.rollups(workspace_id, ShopMonth, first, last)

    def cohorts(self, workspace_id: str, first: str, last: str) -> Sequence[Cohort]:
        return self.rollups(workspace_id, Cohort, first, last)

    def fx_months(self, workspace_id: str, first: str, last: str) -> Sequence[FxMonth]:
        return self.rollups(workspace_id, FxMonth, first, last)

    def rollups(self, workspace_id: str, of: type[R], first: str = "", last: str = "") -> Sequence[R]:
        # Plain values throughout: the careful reader of documents would cost more than the query.
        return [of(**opened_document(item)) for item in self._between(workspace_id, of.kind, first, last)]

    def running(self, workspace_id: str, of: Running, days: Sequence[date]) -> Sequence[RunningSums]:
        return self._running.read(workspace_id, of, days)

    def data_months(self, workspace_id: str, family: str | None = None) -> Sequence[DataMonth]:
        prefix = "" if family is None else f"{family}#"
        items = self._between(workspace_id, DataMonth.kind, prefix, prefix)
        return [cast("DataMonth", read_fields(DataMonth, opened_document(item))) for item in items]

    def imports(self, workspace_id: str, *, limit: int, after: str | None = None) -> Page[ImportRecord]:
        pk = f"T#{workspace_id}#SENT"
        page = self._engine.query(
            Table.FACTS, pk, newest_first=True, limit=limit, after=Key(pk=pk, sk=after) if after else None
        )
        keys = [import_key(workspace_id, text(item, "import")) for item in page.items]
        found = self._engine.get_many(Table.FACTS, keys)
        records = tuple(record_of(found[key]) for key in keys if key in found)
        return Page(items=records, next=page.next.sk if page.next is not None else None)

    # --- Rollups ------------------------------------------------------------------------------------------------------

    def claim(self, workspace_id: str, run: str) -> None:
        self._engine.write(Put(table=Table.FACTS, item=row(run_key(workspace_id), run=run)))

    def ledger(self, workspace_id: str) -> Sequence[LedgerEntry]:
        return [ledger_entry(item) for item in whole_partition(self._engine, ledger_key(workspace_id, 0).pk)]

    def marks(self, workspace_id: str) -> Sequence[int]:
        return [int(text(item, "sk")) for item in whole_partition(self._engine, mark_key(workspace_id, 0).pk)]

    def store(
        self, workspace_id: str, rollups: Sequence[Rollup], overview: Overview, *, gone: Sequence[Rollup] = (), run: str
    ) -> None:
        puts = [_put(workspace_id, rollup, doc=packed(document(rollup))) for rollup in (*rollups, overview)]
        puts = [*(_put(workspace_id, each) for each in gone), *puts]
        write_under_claim(self._engine, workspace_id, run, [[put] for put in puts])
        for generation in self.marks(workspace_id):
            if generation <= overview.generation:
                self._engine.write(Delete(table=Table.FACTS, key=mark_key(workspace_id, generation)))

    def running_digests(self, workspace_id: str, of: Running) -> Mapping[str, str]:
        return self._running.digests(workspace_id, of)

    def store_running(
        self, workspace_id: str, of: Running, month: str, sums: Iterable[RunningSums], *, digest: str, run: str
    ) -> None:
        self._running.store(workspace_id, of, month, sums, digest=digest, run=run)

    # --- how ----------------------------------------------------------------------------------------------------------

    def _between(self, workspace_id: str, kind: str, first: str, last: str) -> Iterable[Item]:
        """Go through the rollups of a kind that there are: one that is gone has no document."""
        items = whole_partition(
            self._engine, rollups_pk(workspace_id), first=f"{kind}#{first}", last=f"{kind}#{last}{AFTER_EVERY_KEY}"
        )
        return (item for item in items if "doc" in item)


def _put(workspace_id: str, rollup: Rollup, *, doc: str | None = None) -> Put:
    key = Key(pk=rollups_pk(workspace_id), sk=f"{rollup.kind}#{rollup.place}")
    return Put(table=Table.FACTS, item=row(key, generation=rollup.generation, doc=doc))
