"""Seals and their log as rows. What is in `audit` is put under a free key and never touched again.

    audit  W#{ws}#SEALS    {number:010}            a seal: its statement, and its leaf in the log
           W#{ws}#SEALED   {number:010}            the places of the rows under it, as long as these are here
           LOG             {first leaf:015}        what one commit added to the log: its leaves, and the nodes above
                                                   them that became complete
           LOG#NOTES       {size:015}              the signed checkpoint of a size
           LOG#KEYS        {name}+{key id}         a public key that the log was signed with
    core   SEAL#{ws}       HEAD                    the last seal; `folded`: up to which one all that follows is done
           SEAL#DUE        {minute}#{ws}#{name}    that a workspace has new rows

A node of the log became complete with its last leaf, so it lies in the row whose leaves hold that one: the last row
that begins at or before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from shared.domain.moments import moment
from shared.domain.trail.merkle import completed_by
from shared.domain.trail.seal import Seal
from shared.storage.contracts.seals import SEALS_AT_ONCE, KeptSeal, Mark, NewSeal, SealHead, TrailRow
from shared.storage.contracts.streams import StreamMoved
from shared.storage.engine import (
    AllOf,
    Below,
    ConditionFailed,
    Delete,
    Engine,
    Equals,
    Exists,
    Item,
    Key,
    Missing,
    Put,
    Table,
    TransactionRefused,
    Update,
    Value,
    Write,
)
from shared.storage.rows.envelope import KEPT_IN_TABLE, milliseconds, trail_pk
from shared.storage.rows.values import text, texts, time, whole_number

LOG, NOTES, KEYS, DUE = "LOG", "LOG#NOTES", "LOG#KEYS", "SEAL#DUE"
SEALS_AT_FIRST, SEALS_A_READ = 2, 20
"""Where nothing came late, the last one lies before all new rows; each may have 140 KB of places."""
ENVELOPE = ("id", "type", "v", "at", "stream", "seq", "actor", "workspace", "request_id", "ip", "user_agent")


class StoredSeals:
    """Keeps the contract of `SealStore` over a row engine."""

    def __init__(self, engine: Engine, *, trail_kept: timedelta = KEPT_IN_TABLE) -> None:
        self._engine = engine
        self._trail_kept = trail_kept

    # --- what is to be sealed -----------------------------------------------------------------------------------------

    def mark(self, workspace_id: str, *, since: datetime, until: datetime, now: datetime, name: str) -> None:
        item: Item = {
            "pk": DUE,
            "sk": f"{_minute(now)}#{workspace_id}#{name}",
            "workspace_id": workspace_id,
            "since": moment(since),
            "until": moment(until),
        }
        self._engine.write(Put(table=Table.CORE, item=item))

    def marks(self, *, before: datetime, limit: int) -> Sequence[Mark]:
        page = self._engine.query(Table.CORE, DUE, last=_minute(before), limit=limit)
        return [
            Mark(
                workspace_id=text(item, "workspace_id"),
                since=time(item, "since"),
                until=time(item, "until"),
                place=text(item, "sk"),
            )
            for item in page.items
        ]

    def unmark(self, marks: Sequence[Mark]) -> None:
        for mark in marks:
            self._engine.write(Delete(table=Table.CORE, key=Key(DUE, mark.place)))

    def unsealed(self, workspace_id: str, *, since: datetime, until: datetime, limit: int) -> Sequence[TrailRow]:
        first, last = f"{milliseconds(since):013d}", f"{milliseconds(until):013d}$"
        sealed = self._sealed_from(workspace_id, first)
        found: list[TrailRow] = []
        for item in self._rows(workspace_id, since, until, first, last):
            if item["sk"] not in sealed:
                found.append(_trail_row(item))
            if len(found) == limit:
                break
        return found

    def _rows(self, workspace_id: str, since: datetime, until: datetime, first: str, last: str) -> Iterator[Item]:
        day, last_day = since.astimezone(UTC).date(), until.astimezone(UTC).date()
        while day <= last_day:
            pk, after = trail_pk(workspace_id, day.isoformat()), None
            while True:
                page = self._engine.query(Table.AUDIT, pk, first=first, last=last, after=after)
                yield from page.items
                after = page.next
                if after is None:
                    break
            day += timedelta(days=1)

    def _sealed_from(self, workspace_id: str, first: str) -> frozenset[str]:
        """Give the places from one on that are sealed. A seal knows the latest place of all up to it."""
        places: set[str] = set()
        after: Key | None = None
        limit = SEALS_AT_FIRST
        while True:
            page = self._engine.query(
                Table.AUDIT, _sealed_pk(workspace_id), newest_first=True, limit=limit, after=after
            )
            limit = SEALS_A_READ
            for item in page.items:
                if text(item, "latest") < first:
                    return frozenset(places)
                places.update(texts(item, "places"))
            after = page.next
            if after is None:
                return frozenset(places)

    # --- seals --------------------------------------------------------------------------------------------------------

    def head(self, workspace_id: str) -> SealHead | None:
        item = self._engine.get(Table.CORE, _head_key(workspace_id))
        if item is None:
            return None
        seal = _seal(workspace_id, item)
        return SealHead(last=seal, latest=text(item, "latest"), folded=whole_number(item, "folded"))

    def commit(self, seals: Sequence[NewSeal]) -> None:
        if not 0 < len(seals) <= SEALS_AT_ONCE:
            raise ValueError(f"between 1 and {SEALS_AT_ONCE} seals are kept at once")
        first = self.log_size()
        leaves = [new.seal.hash for new in seals]
        nodes = completed_by(leaves, first=first, node=self.log_node)
        entry: Item = {
            "pk": LOG,
            "sk": f"{first:015d}",
            "leaves": [leaf.hex() for leaf in leaves],
            "nodes": {f"{level}/{index}": node.hex() for (level, index), node in nodes.items()},
        }
        writes: list[Write] = [Put(table=Table.AUDIT, item=entry, when=Missing("pk"))]
        for index, new in enumerate(seals, start=first):
            head = self.head(new.seal.workspace_id)
            latest = max(new.places[-1], head.latest if head is not None else "")
            writes += _writes(new, index=index, latest=latest, kept=self._trail_kept)
        try:
            self._engine.transact(writes, request_token=str(uuid4()))
        except TransactionRefused as refused:
            raise StreamMoved(LOG) from refused

    def fold(self, workspace_id: str, *, through: int) -> None:
        update = Update(
            table=Table.CORE,
            key=_head_key(workspace_id),
            set={"folded": through},
            when=AllOf((Exists("pk"), Below("folded", through))),
        )
        with suppress(ConditionFailed):  # somebody else came further
            self._engine.write(update)

    def seals(self, workspace_id: str, *, first: int, limit: int) -> Sequence[KeptSeal]:
        page = self._engine.query(Table.AUDIT, _seals_pk(workspace_id), first=f"{first:010d}", limit=limit)
        return [KeptSeal(seal=_seal(workspace_id, item), index=whole_number(item, "index")) for item in page.items]

    # --- the log ------------------------------------------------------------------------------------------------------

    def log_size(self) -> int:
        page = self._engine.query(Table.AUDIT, LOG, newest_first=True, limit=1)
        return sum(int(text(item, "sk")) + len(texts(item, "leaves")) for item in page.items)

    def log_node(self, level: int, index: int) -> bytes:
        last_leaf = ((index + 1) << level) - 1
        page = self._engine.query(Table.AUDIT, LOG, last=f"{last_leaf:015d}", newest_first=True, limit=1)
        for item in page.items:
            if level == 0:
                return bytes.fromhex(texts(item, "leaves")[index - int(text(item, "sk"))])
            nodes = item["nodes"]
            if isinstance(nodes, dict):
                return bytes.fromhex(str(nodes[f"{level}/{index}"]))
        raise LookupError(f"the log has no node {index} on level {level}")

    def note(self, *, upto: int | None = None) -> tuple[int, str] | None:
        last = f"{upto:015d}" if upto is not None else None
        page = self._engine.query(Table.AUDIT, NOTES, last=last, newest_first=True, limit=1)
        return next(((int(text(item, "sk")), text(item, "note")) for item in page.items), None)

    def keep_note(self, size: int, note: str) -> str:
        item: Item = {"pk": NOTES, "sk": f"{size:015d}", "note": note}
        try:
            self._engine.write(Put(table=Table.AUDIT, item=item, when=Missing("pk")))
        except ConditionFailed as failed:
            return text(failed.item or item, "note")
        return note

    def keep_key(self, line: str) -> None:
        name, key_id, _ = line.split("+", 2)
        item: Item = {"pk": KEYS, "sk": f"{name}+{key_id}", "line": line}
        with suppress(ConditionFailed):  # it is kept already
            self._engine.write(Put(table=Table.AUDIT, item=item, when=Missing("pk")))

    def keys(self) -> Sequence[str]:
        return [text(item, "line") for item in self._engine.query(Table.AUDIT, KEYS).items]


def _writes(new: NewSeal, *, index: int, latest: str, kept: timedelta) -> list[Write]:
    """Give the writes that keep a seal, if it is the next of its workspace."""
    stated = _stated(new.seal)
    workspace_id, number = new.seal.workspace_id, f"{new.seal.number:010d}"
    seal: Item = {"pk": _seals_pk(workspace_id), "sk": number, **stated, "index": index}
    sealed: Item = {
        "pk": _sealed_pk(workspace_id),
        "sk": number,
        "latest": latest,
        "places": list[Value](new.places),
        "ttl": int((datetime.fromisoformat(new.seal.at) + kept).timestamp()),
    }
    is_next = Missing("pk") if new.seal.number == 1 else Equals("number", new.seal.number - 1)
    # Nothing was folded of a workspace without seals, and `fold` asks for a number to compare with.
    begins = {"folded": 0} if new.seal.number == 1 else {}
    return [
        Put(table=Table.AUDIT, item=seal, when=Missing("pk")),
        Put(table=Table.AUDIT, item=sealed, when=Missing("pk")),
        Update(
            table=Table.CORE,
            key=_head_key(workspace_id),
            set={**stated, **begins, "latest": latest},
            when=is_next,
        ),
    ]


def _stated(seal: Seal) -> dict[str, Value]:
    return {
        "number": seal.number,
        "count": seal.count,
        "total": seal.total,
        "root": seal.root.hex(),
        "previous": seal.previous.hex(),
        "at": seal.at,
    }


def _seal(workspace_id: str, item: Mapping[str, Value]) -> Seal:
    row = dict(item)
    return Seal(
        workspace_id=workspace_id,
        number=whole_number(row, "number"),
        count=whole_number(row, "count"),
        total=whole_number(row, "total"),
        root=bytes.fromhex(text(row, "root")),
        previous=bytes.fromhex(text(row, "previous")),
        at=text(row, "at"),
    )


def _trail_row(item: Item) -> TrailRow:
    data = item["data"]
    return TrailRow(
        place=text(item, "sk"),
        envelope={name: item[name] for name in ENVELOPE if name in item},
        data=data if isinstance(data, dict) else {},
    )


def _seals_pk(workspace_id: str) -> str:
    return f"W#{workspace_id}#SEALS"


def _sealed_pk(workspace_id: str) -> str:
    return f"W#{workspace_id}#SEALED"


def _head_key(workspace_id: str) -> Key:
    return Key(f"SEAL#{workspace_id}", "HEAD")


def _minute(at: datetime) -> str:
    return moment(at)[:16]
