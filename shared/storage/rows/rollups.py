"""Rollups, settings and the overview as rows: see `shared.storage.rows.facts` for where they lie."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import cast
from uuid import uuid4

from shared.domain.facts.rollups import Cohort, DataMonth, FxMonth, Overview, ShopMonth
from shared.domain.facts.settings import Settings
from shared.storage.codec import read_fields
from shared.storage.contracts.facts import ImportRecord, LedgerEntry, Rollup
from shared.storage.contracts.streams import Page, StreamMoved
from shared.storage.engine import (
    Check,
    Delete,
    Engine,
    Equals,
    Item,
    Key,
    Put,
    Table,
    TransactionRefused,
    Write,
)
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
    whole_partition,
)
from shared.storage.rows.imports import ledger_entry, record_of
from shared.storage.rows.values import text

OVERVIEW = "OVERVIEW"
MOST_TOGETHER = 98
"""Puts in one transaction, beside the check of the claim: DynamoDB takes a hundred."""
LARGEST_TOGETHER = 3_000_000
"""Characters of documents in one transaction: DynamoDB takes 4 MB."""


class StoredRollups:
    """Keeps the contracts `Figures` and `Rollups` over a row engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # --- Figures ------------------------------------------------------------------------------------------------------

    def settings(self, workspace_id: str) -> Settings:
        item = self._engine.get(Table.FACTS, settings_key(workspace_id))
        return Settings(**opened_document(item)) if item is not None else Settings()

    def overview(self, workspace_id: str) -> Overview:
        item = self._engine.get(Table.FACTS, Key(pk=rollups_pk(workspace_id), sk=OVERVIEW))
        return cast("Overview", read_fields(Overview, opened_document(item))) if item is not None else Overview()

    def shop_months(self, workspace_id: str, first: str, last: str) -> Sequence[ShopMonth]:
        # Plain numbers throughout: the careful reader of documents would cost more than the query.
        found = [ShopMonth(**opened_document(item)) for item in self._between(workspace_id, "PNL", first, last)]
        return [month for month in found if month.days]

    def cohorts(self, workspace_id: str, first: str, last: str, *, segment: str = "all") -> Sequence[Cohort]:
        found = [Cohort(**opened_document(item)) for item in self._between(workspace_id, "COH", first, last)]
        return [cohort for cohort in found if cohort.segment == segment and cohort.size]

    def fx_months(self, workspace_id: str, first: str, last: str) -> Sequence[FxMonth]:
        found = [FxMonth(**opened_document(item)) for item in self._between(workspace_id, "FX", first, last)]
        return [month for month in found if month.rates]

    def data_months(self, workspace_id: str, family: str | None = None) -> Sequence[DataMonth]:
        prefix = "DATA#" if family is None else f"DATA#{family}#"
        items = whole_partition(self._engine, rollups_pk(workspace_id), first=prefix, last=prefix + AFTER_EVERY_KEY)
        found = [cast("DataMonth", read_fields(DataMonth, opened_document(item))) for item in items]
        return [month for month in found if month.accounts]

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

    def store(self, workspace_id: str, rollups: Sequence[Rollup], overview: Overview, *, run: str) -> None:
        for chunk in _chunks([_written(workspace_id, rollup) for rollup in (*rollups, overview)]):
            self._under_claim(workspace_id, run, chunk)
        for generation in self.marks(workspace_id):
            if generation <= overview.generation:
                self._engine.write(Delete(table=Table.FACTS, key=mark_key(workspace_id, generation)))

    # --- how ----------------------------------------------------------------------------------------------------------

    def _between(self, workspace_id: str, kind: str, first: str, last: str) -> Iterable[Item]:
        return whole_partition(
            self._engine, rollups_pk(workspace_id), first=f"{kind}#{first}", last=f"{kind}#{last}{AFTER_EVERY_KEY}"
        )

    def _under_claim(self, workspace_id: str, run: str, writes: Sequence[Write]) -> None:
        claimed = Check(table=Table.FACTS, key=run_key(workspace_id), when=Equals("run", run))
        try:
            self._engine.transact([claimed, *writes], request_token=uuid4().hex)
        except TransactionRefused as refused:
            raise StreamMoved(workspace_id) from refused


def _written(workspace_id: str, rollup: Rollup | Overview) -> Put:
    key = Key(pk=rollups_pk(workspace_id), sk=_sort_key(rollup))
    return Put(table=Table.FACTS, item=row(key, generation=rollup.generation, doc=document(rollup)))


def _chunks(puts: Sequence[Put]) -> Iterator[Sequence[Put]]:
    """Cut a list of writes into as few transactions as the limits of one allow."""
    chunk: list[Put] = []
    size = 0
    for put in puts:
        length = len(text(put.item, "doc"))
        if chunk and (len(chunk) == MOST_TOGETHER or size + length > LARGEST_TOGETHER):
            yield chunk
            chunk, size = [], 0
        chunk.append(put)
        size += length
    yield chunk


def _sort_key(rollup: Rollup | Overview) -> str:
    match rollup:
        case Overview():
            return OVERVIEW
        case ShopMonth():
            return f"PNL#{rollup.month}"
        case Cohort():
            return f"COH#{rollup.month}#{rollup.segment}"
        case FxMonth():
            return f"FX#{rollup.month}"
        case DataMonth():
            return f"DATA#{rollup.family}#{rollup.month}"
