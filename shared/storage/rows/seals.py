"""Seals and their log as rows. What is in `audit` is put under a free key and never touched again.

    audit  W#{ws}#SEALS          {number:010}        a seal: its statement, and its leaf in the log
           W#{ws}#{day}#SEALED   {number:010}        the places of the rows under it, as long as these are here
           LOG                   {first leaf:015}    what one commit added to the log: its leaves, and the nodes above
                                                     them that became complete
           LOG#NOTES             {size:015}          the signed checkpoint of a size
           LOG#KEYS              {name}+{key id}     a public key that the log was signed with
    core   SEAL#{ws}             HEAD                the last seal; `folded`: up to which one all that follows is done
           SEAL#DUE              {minute}#{ws}#{day} that a day has new rows; `version` counts who said so

A node of the log became complete with its last leaf, so it lies in the row whose leaves hold that one: the last row
that begins at or before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from uuid import uuid4

from shared.domain.moments import moment
from shared.domain.trail.merkle import completed_by
from shared.domain.trail.places import end_of, moment_of, start_of
from shared.domain.trail.seal import Seal
from shared.storage.contracts.seals import SEALS_AT_ONCE, KeptSeal, Mark, NewSeal, SealHead, SealLost, TrailRow
from shared.storage.contracts.streams import StreamMoved
from shared.storage.engine import (
    Above,
    AllOf,
    AnyOf,
    Below,
    Condition,
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
from shared.storage.rows.envelope import KEPT_IN_TABLE, trail_pk
from shared.storage.rows.values import text, texts, whole_number

LOG, NOTES, KEYS, DUE = "LOG", "LOG#NOTES", "LOG#KEYS", "SEAL#DUE"
ATTEMPTS = 5
"""To make a mark: there is one projector for each shard, and each makes one at a time."""
LONGER = timedelta(days=7)
"""Items may be there for two days after their time: no row may outlive what says that it is sealed."""
SEALS_AT_FIRST, SEALS_A_READ = 2, 20
"""Where nothing came late, the last one lies before all new rows; each may have 140 KB of places."""
A_MINUTE, A_MILLISECOND = timedelta(minutes=1), timedelta(milliseconds=1)
ENVELOPE = ("id", "type", "v", "at", "stream", "seq", "actor", "workspace", "request_id", "ip", "user_agent")


class StoredSeals:
    """Keeps the contract of `SealStore` over a row engine."""

    def __init__(self, engine: Engine, *, trail_kept: timedelta = KEPT_IN_TABLE) -> None:
        self._engine = engine
        self._trail_kept = trail_kept

    # --- what is to be sealed -----------------------------------------------------------------------------------------

    def mark(self, workspace_id: str, *, since: datetime, until: datetime, now: datetime) -> None:
        # To the minute, so that a batch mostly finds that the mark of the batch before holds its rows, too.
        first, last = _minute(since), _minute(until)
        day, last_day = since.astimezone(UTC).date(), until.astimezone(UTC).date()
        while day <= last_day:
            key = Key(DUE, f"{_minute(now)}#{workspace_id}#{day}")
            self._mark(key, workspace_id, max(first, f"{day}T00:00"), min(last, f"{day}T23:59"))
            day += timedelta(days=1)

    def _mark(self, key: Key, workspace_id: str, first: str, last: str) -> None:
        # Also where it holds them: whoever takes it away has to see that somebody counts on it.
        write: Put | Update = Update(table=Table.CORE, key=key, add={"version": 1}, when=_holds(first, last))
        for _ in range(ATTEMPTS):
            try:
                self._engine.write(write)
            except ConditionFailed as failed:
                write = _wider(failed.item, key, workspace_id, first, last)
            else:
                return
        raise StreamMoved(key.sk)

    def marks(self, *, before: datetime, limit: int, after: Mark | None = None) -> Sequence[Mark]:
        behind = Key(DUE, after.place) if after is not None else None
        page = self._engine.query(Table.CORE, DUE, last=_minute(before), limit=limit, after=behind)
        return [_mark(item) for item in page.items]

    def unmark(self, marks: Sequence[Mark]) -> None:
        for mark in marks:
            as_it_was = Equals("version", mark.version)
            with suppress(ConditionFailed):
                self._engine.write(Delete(table=Table.CORE, key=Key(DUE, mark.place), when=as_it_was))

    def unsealed(self, workspace_id: str, *, since: datetime, until: datetime, limit: int) -> Sequence[TrailRow]:
        first, last = start_of(since), end_of(until)
        day, last_day = since.astimezone(UTC).date(), until.astimezone(UTC).date()
        found: list[TrailRow] = []
        while day <= last_day and not found:
            sealed = self._sealed_from(workspace_id, day, first)
            rows = self._rows(workspace_id, day, first, last)
            found = [trail_row_of(item) for item in islice((item for item in rows if item["sk"] not in sealed), limit)]
            day += timedelta(days=1)
        return found

    def _rows(self, workspace_id: str, day: date, first: str, last: str) -> Iterator[Item]:
        pk, after = trail_pk(workspace_id, day.isoformat()), None
        while True:
            page = self._engine.query(Table.AUDIT, pk, first=first, last=last, after=after)
            yield from page.items
            after = page.next
            if after is None:
                return

    def _sealed_from(self, workspace_id: str, day: date, first: str) -> frozenset[str]:
        """Give the places of a day, from one on, that are sealed. A seal knows the latest place of all up to it."""
        pk = sealed_pk(workspace_id, day)
        places: set[str] = set()
        after: Key | None = None
        limit = SEALS_AT_FIRST
        while True:
            page = self._engine.query(Table.AUDIT, pk, newest_first=True, limit=limit, after=after)
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
        item = self._engine.get(Table.CORE, head_key(workspace_id))
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
            key=head_key(workspace_id),
            set={"folded": through},
            when=AllOf((Exists("pk"), Below("folded", through))),
        )
        with suppress(ConditionFailed):  # somebody else came further
            self._engine.write(update)

    def seals(self, workspace_id: str, *, first: int, limit: int) -> Sequence[KeptSeal]:
        page = self._engine.query(Table.AUDIT, seals_pk(workspace_id), first=f"{first:010d}", limit=limit)
        for number, item in enumerate(page.items, start=first):
            if whole_number(item, "number") != number:
                raise SealLost(number)
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


def _holds(first: str, last: str) -> Condition:
    since = AnyOf((Below("since", first), Equals("since", first)))
    return AllOf((since, AnyOf((Above("until", last), Equals("until", last)))))


def _wider(known: Item | None, key: Key, workspace_id: str, first: str, last: str) -> Put | Update:
    """Make a mark, or one that holds more than it did."""
    if known is None:
        named: Item = {"workspace_id": workspace_id, "since": first, "until": last, "version": 1}
        return Put(table=Table.CORE, item={"pk": key.pk, "sk": key.sk, **named}, when=Missing("pk"))
    return Update(
        table=Table.CORE,
        key=key,
        set={"since": min(first, text(known, "since")), "until": max(last, text(known, "until"))},
        add={"version": 1},
        when=Equals("version", whole_number(known, "version")),
    )


def _mark(item: Item) -> Mark:
    return Mark(
        workspace_id=text(item, "workspace_id"),
        since=_minute_of(text(item, "since")),
        until=_minute_of(text(item, "until")) + A_MINUTE - A_MILLISECOND,
        made_at=_minute_of(text(item, "sk")[:16]),
        place=text(item, "sk"),
        version=whole_number(item, "version"),
    )


def _writes(new: NewSeal, *, index: int, latest: str, kept: timedelta) -> list[Write]:
    """Give the writes that keep a seal, if it is the next of its workspace."""
    stated = _stated(new.seal)
    workspace_id, number = new.seal.workspace_id, f"{new.seal.number:010d}"
    seal: Item = {"pk": seals_pk(workspace_id), "sk": number, **stated, "index": index}
    sealed: Item = {
        "pk": sealed_pk(workspace_id, moment_of(new.places[0]).date()),
        "sk": number,
        "latest": latest,
        "places": list[Value](new.places),
        "ttl": int((datetime.fromisoformat(new.seal.at) + kept + LONGER).timestamp()),
    }
    is_next = Missing("pk") if new.seal.number == 1 else Equals("number", new.seal.number - 1)
    # Nothing was folded of a workspace without seals, and `fold` asks for a number to compare with.
    begins = {"folded": 0} if new.seal.number == 1 else {}
    return [
        Put(table=Table.AUDIT, item=seal, when=Missing("pk")),
        Put(table=Table.AUDIT, item=sealed, when=Missing("pk")),
        Update(
            table=Table.CORE,
            key=head_key(workspace_id),
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


def trail_row_of(item: Item) -> TrailRow:
    """Read a row of the trail as it is sealed."""
    data = item["data"]
    return TrailRow(
        place=text(item, "sk"),
        envelope={name: item[name] for name in ENVELOPE if name in item},
        data=data if isinstance(data, dict) else {},
    )


def seals_pk(workspace_id: str) -> str:
    """Give the partition of a workspace's seals."""
    return f"W#{workspace_id}#SEALS"


def sealed_pk(workspace_id: str, day: date) -> str:
    """Give the partition of what is sealed of a day."""
    return f"{trail_pk(workspace_id, day.isoformat())}#SEALED"


def head_key(workspace_id: str) -> Key:
    """Say where it stands how far a workspace is sealed."""
    return Key(f"SEAL#{workspace_id}", "HEAD")


def _minute(at: datetime) -> str:
    return moment(at)[:16]


def _minute_of(written: str) -> datetime:
    return datetime.fromisoformat(f"{written}Z")
