"""Running sums as rows: each day of a month on which something changed, in parts of many things each.

A partition holds one month, so that the first import of many years is not written through one. A row's key ends with
the hash of what it says, so that a row never changes, and the **pointer** of the month names the rows that hold. A run
writes what is new beside what is old, then turns the pointer, and only then deletes: whoever reads, reads a month as
one run has left it. The pointer also names the rows that are on their way in or out. They are deleted by the next run
if this one dies.

Since rows never change, the pointer alone has to be read consistently: a read that lags behind finds the very same row,
or none, at half the price. If it finds none, everything is read again, consistently.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from shared.domain.facts.parts import in_parts
from shared.domain.facts.running import Running, RunningSums
from shared.storage.engine import Delete, Engine, Item, Key, Put, StoreUnavailable, Table, Value
from shared.storage.rows.columns import packed_columns, unpacked_columns
from shared.storage.rows.facts import AFTER_EVERY_KEY, rollups_pk, row, whole_partition
from shared.storage.rows.under_claim import write_under_claim
from shared.storage.rows.values import text

HASH_BYTES = 9
MOST_READS = 5
"""A month is replaced in minutes at the earliest: a second read nearly always finds it whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pointer:
    """What there is of a month."""

    days: Mapping[str, str]
    """Day (dd) -> the hashes of its parts, one after the other with a space between."""
    loose: Sequence[str]
    """The keys of rows that do not hold: not yet, or no more."""

    def keys(self) -> Sequence[str]:
        return [sk for day in self.days for sk in self.of_day(day)]

    def of_day(self, day: str) -> Sequence[str]:
        return [_sk(day, part, known) for part, known in enumerate(self.days[day].split())]


class StoredRunning:
    """Keeps and finds the running sums of a workspace."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def read(self, workspace_id: str, of: Running, days: Sequence[date]) -> Sequence[RunningSums]:
        """Read the sums of the last day up to each of these on which something changed.

        Raises:
            StoreUnavailable: the months were replaced again and again while they were read.

        """
        for attempt in range(MOST_READS):
            months = self._pointers(workspace_id, of, days)
            keys = {day: _keys_up_to(workspace_id, of, day, months.get(f"{day:%Y-%m}")) for day in days}
            wanted = list(dict.fromkeys(key for of_day in keys.values() for key in of_day))
            found = self._engine.get_many(Table.FACTS, wanted, consistently=attempt > 0) if wanted else {}
            # A row is gone when the pointer was turned after it was read, or not everywhere yet.
            if len(found) == len(wanted):
                return [_together(of, day, [found[key] for key in keys[day]]) for day in days]
        raise StoreUnavailable("running sums were replaced while they were read")

    def digests(self, workspace_id: str, of: Running) -> Mapping[str, str]:
        """Read the digest of what each month was made from; not of one where a run that died has left rows behind."""
        rows = self._rows_of_pointers(workspace_id, of, "", "")
        clean = (item for item in rows if "digest" in item and not _pointer(item).loose)
        return {text(item, "sk").rpartition("#")[2]: text(item, "digest") for item in clean}

    def store(
        self, workspace_id: str, of: Running, month: str, sums: Iterable[RunningSums], *, digest: str, run: str
    ) -> None:
        """Write the rows of a month that are other than before, turn the pointer, and delete what holds no more."""
        pk, place = _pk(workspace_id, of, month), _pointer_key(workspace_id, of, month)
        made = self._engine.get(Table.FACTS, place) or {}
        before = _pointer(made)
        documents = {f"{each.day.day:02}": {_hash(doc): doc for doc in _documents(each)} for each in sums}
        days = {day: " ".join(docs) for day, docs in documents.items()}
        after = _Pointer(days=days, loose=())
        new = set(after.keys()) - set(before.keys())
        old = sorted({*before.keys(), *before.loose} - set(after.keys()))
        puts = [
            Put(table=Table.FACTS, item=row(Key(pk=pk, sk=sk), doc=doc))
            for day, docs in documents.items()
            for sk, doc in zip(after.of_day(day), docs.values(), strict=True)
            if sk in new
        ]
        deletes = [Delete(table=Table.FACTS, key=Key(pk=pk, sk=sk)) for sk in old]

        def turned(digest: str | None, days: Mapping[str, str], loose: Iterable[str]) -> Put:
            told: dict[str, Value] = {"days": dict[str, Value](days), "loose": list[Value](loose)}
            return Put(table=Table.FACTS, item={**row(place, digest=digest or None), **told})

        if new:
            announced = sorted({*before.loose, *new})
            known = cast("str | None", made.get("digest"))
            write_under_claim(self._engine, workspace_id, run, [[turned(known, before.days, announced)]])
            write_under_claim(self._engine, workspace_id, run, ([put] for put in puts))
        write_under_claim(self._engine, workspace_id, run, [[turned(digest, days, old)]])
        if deletes:
            write_under_claim(self._engine, workspace_id, run, ([delete] for delete in deletes))
            write_under_claim(self._engine, workspace_id, run, [[turned(digest, days, ())]])

    def _pointers(self, workspace_id: str, of: Running, days: Sequence[date]) -> Mapping[str, _Pointer]:
        """Read the pointers of all months in between, in one query."""
        first, last = (f"{day:%Y-%m}" for day in (min(days), max(days)))
        rows = self._rows_of_pointers(workspace_id, of, first, last)
        return {text(item, "sk").rpartition("#")[2]: _pointer(item) for item in rows}

    def _rows_of_pointers(self, workspace_id: str, of: Running, first: str, last: str) -> Iterator[Item]:
        keys = [_pointer_key(workspace_id, of, month) for month in (first, last)]
        return whole_partition(self._engine, keys[0].pk, first=keys[0].sk, last=keys[1].sk + AFTER_EVERY_KEY)


def _pointer(item: Item) -> _Pointer:
    return _Pointer(
        days=cast("Mapping[str, str]", item.get("days", {})), loose=cast("Sequence[str]", item.get("loose", ()))
    )


def _keys_up_to(workspace_id: str, of: Running, day: date, month: _Pointer | None) -> Sequence[Key]:
    """Find the rows of the last day up to this one on which something changed."""
    last = max((each for each in month.days if int(each) <= day.day), default=None) if month else None
    if month is None or last is None:
        return []
    pk = _pk(workspace_id, of, f"{day:%Y-%m}")
    return [Key(pk=pk, sk=sk) for sk in month.of_day(last)]


def _pk(workspace_id: str, of: Running, month: str) -> str:
    return f"{rollups_pk(workspace_id)}#{of.upper()}#{month}"


def _sk(day: str, part: int, known: str) -> str:
    return f"{day}#{part:03}#{known}"


def _pointer_key(workspace_id: str, of: Running, month: str) -> Key:
    return Key(pk=rollups_pk(workspace_id), sk=f"RUN#{of.upper()}#{month}")


def _documents(sums: RunningSums) -> Iterator[str]:
    """Pack the sums of a day, part by part; of a day without anything there is one part, which says so."""

    def written(places: Sequence[int]) -> str:
        part = slice(places[0], places[-1] + 1) if places else slice(0)
        return packed_columns(sums.keys[part], {name: column[part] for name, column in sums.columns.items()})

    return (document for _, document in in_parts(range(len(sums.keys)), written))


def _hash(doc: str) -> str:
    return base64.b64encode(hashlib.blake2b(doc.encode(), digest_size=HASH_BYTES).digest()).decode()


def _together(of: Running, day: date, parts: Sequence[Item]) -> RunningSums:
    opened = [unpacked_columns(text(item, "doc")) for item in parts]
    names = opened[0][1] if opened else ()
    return RunningSums(
        of=of,
        day=day,
        keys=[key for keys, _ in opened for key in keys],
        columns={name: [n for _, columns in opened for n in columns[name]] for name in names},
    )
