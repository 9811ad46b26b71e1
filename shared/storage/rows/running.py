"""Running sums as rows: each day of a month on which something changed, in parts of many things each.

A partition holds one month, so that the first import of many years is not written through one.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import cast

from shared.domain.facts.running import Running, RunningSums
from shared.storage.engine import Delete, Engine, Item, Key, Put, Table, Value
from shared.storage.rows.facts import AFTER_EVERY_KEY, rollups_pk, row, whole_partition
from shared.storage.rows.packing import packed, unpacked
from shared.storage.rows.under_claim import write_under_claim
from shared.storage.rows.values import text

KEYS_IN_PART = 1_500
"""Some 100 kB packed: DynamoDB takes items of 400 kB."""
HASH_BYTES = 9
UNKNOWN = ""


class StoredRunning:
    """Keeps and finds the running sums of a workspace."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def read(self, workspace_id: str, of: Running, day: date) -> RunningSums:
        """Read the sums of the last day up to this one on which something changed."""
        pk = _pk(workspace_id, of, f"{day:%Y-%m}")
        # The last part comes first, and its number tells how many there are.
        page = self._engine.query(Table.FACTS, pk, last=_sk(day.day, 99), newest_first=True, limit=1)
        if not page.items:
            return RunningSums(of=of, day=day, keys=(), columns={})
        (last,) = page.items
        found, _, part = text(last, "sk").partition("#")
        keys = [Key(pk=pk, sk=_sk(int(found), number)) for number in range(int(part))]
        others = self._engine.get_many(Table.FACTS, keys)
        return _together(of, day, [*(others[key] for key in keys), last])

    def digests(self, workspace_id: str, of: Running) -> Mapping[str, str]:
        """Read of each month that is whole the digest of what it was made from."""
        first = _made_key(workspace_id, of, "")
        rows = whole_partition(self._engine, first.pk, first=first.sk, last=first.sk + AFTER_EVERY_KEY)
        return {text(item, "sk").rpartition("#")[2]: text(item, "digest") for item in rows if "digest" in item}

    def store(
        self, workspace_id: str, of: Running, month: str, sums: Iterable[RunningSums], *, digest: str, run: str
    ) -> None:
        """Write the rows of a month that are other than before, and after them the digest (empty: of nothing)."""
        pk, made = _pk(workspace_id, of, month), _made_key(workspace_id, of, month)
        stored = cast("Mapping[str, str]", (self._engine.get(Table.FACTS, made) or {}).get("rows", {}))
        days = {each.day.day: _documents(each) for each in sums}
        hashes = {_sk(day, part): _hash(doc) for day, docs in days.items() for part, doc in enumerate(docs)}
        # Whoever takes over from a run that dies here knows every row that there may be, and that none is sure.
        unsure = Put(table=Table.FACTS, item={**row(made), "rows": dict.fromkeys([*stored, *hashes], UNKNOWN)})
        changed: list[list[Put | Delete]] = [
            [
                Put(table=Table.FACTS, item=row(Key(pk=pk, sk=_sk(day, part)), doc=doc))
                for part, doc in enumerate(docs)
                if stored.get(_sk(day, part)) != hashes[_sk(day, part)]
            ]
            for day, docs in days.items()
        ]
        gone = [[Delete(table=Table.FACTS, key=Key(pk=pk, sk=sk))] for sk in stored.keys() - hashes.keys()]
        write_under_claim(self._engine, workspace_id, run, [[unsure]])
        write_under_claim(self._engine, workspace_id, run, [*changed, *gone])
        whole = Put(table=Table.FACTS, item={**row(made, digest=digest or None), "rows": dict[str, Value](hashes)})
        write_under_claim(self._engine, workspace_id, run, [[whole]])


def _pk(workspace_id: str, of: Running, month: str) -> str:
    return f"{rollups_pk(workspace_id)}#{of.upper()}#{month}"


def _sk(day: int, part: int) -> str:
    return f"{day:02}#{part:02}"


def _made_key(workspace_id: str, of: Running, month: str) -> Key:
    return Key(pk=rollups_pk(workspace_id), sk=f"RUN#{of.upper()}#{month}")


def _documents(sums: RunningSums) -> Sequence[str]:
    """Pack the sums of a day, part by part; of a day without anything there is one part, which says so."""
    starts = range(0, max(len(sums.keys), 1), KEYS_IN_PART)
    return [_packed(sums, slice(start, start + KEYS_IN_PART)) for start in starts]


def _packed(sums: RunningSums, part: slice) -> str:
    columns = {name: list(column[part]) for name, column in sums.columns.items()}
    plain = json.dumps({"keys": list(sums.keys[part]), "columns": columns}, separators=(",", ":"), sort_keys=True)
    return packed(plain)


def _hash(doc: str) -> str:
    return base64.b64encode(hashlib.blake2b(doc.encode(), digest_size=HASH_BYTES).digest()).decode()


def _together(of: Running, day: date, parts: Sequence[Item]) -> RunningSums:
    opened = [json.loads(unpacked(text(item, "doc"))) for item in parts]
    return RunningSums(
        of=of,
        day=day,
        keys=[key for part in opened for key in part["keys"]],
        columns={name: [n for part in opened for n in part["columns"][name]] for name in opened[0]["columns"]},
    )
