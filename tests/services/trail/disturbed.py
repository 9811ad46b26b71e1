"""Some minutes in the life of a trail, with everything going wrong that may: streams, stores and processes.

Calls are made and counted; the streams of `core` and `audit` bring what is written to the projector, in batches, at
least once, in order for each row and for no two; each minute the sealer runs. What goes wrong is for `Faults` to say.
In the end all is quiet, and nothing of it may be seen.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from functions.projector.changes import Following
from shared.domain.trail.events import Tampering
from shared.domain.trail.index import DayIndex
from shared.services.folds.fold_workspace import Folder
from shared.services.follow_use import UseFollower
from shared.services.trail.account_calls import account_for_calls
from shared.services.trail.archive import read_archived
from shared.services.trail.fold_seals import fold_seal
from shared.services.trail.seal_trail import SealingIncomplete, seal_trail
from shared.storage.attributes import item_of
from shared.storage.contracts.streams import StoreUnavailable
from shared.storage.contracts.tokens import Admitted
from shared.storage.engine import Item, Table
from shared.storage.rows.rollups import StoredRollups
from shared.storage.rows.trail_index import StoredTrailIndex
from shared.storage.sqlite.engine import SqliteEngine
from shared.transports.stream import take_changes
from tests.data.engines import Killed
from tests.data.examples import (
    NOON,
    ONE_DAY,
    ORIGIN,
    arrival,
    call_denied,
    store_token,
    store_workspace,
    tool_called,
)
from tests.data.memory_objects import MemoryObjects
from tests.data.stores import Stores
from tests.services.trail.going_wrong import Faults, SteppedEngine, SteppedObjects, Steps
from tests.services.trail.sealing import A_MINUTE, LOG_NAME, KeyInMemory, KeysByName

Record = Mapping[str, Any]
Call = tuple[str, str, int]
"""A call that took a number: workspace, token, number."""

SHARED = ("ws2",)
"""Workspaces that count all their tokens together."""
TOKENS = {"tok1": "ws1", "tok2": "ws1", "tok3": "ws2", "tok4": "ws2", "tok5": "ws3"}
FIRST_DAY, LAST_DAY = "2026-11-20", "2026-11-22"
MINUTES = 4
MOST_MINUTES = 40
"""By then all must be quiet."""


# --- what happens -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A call: of which token, when, and what becomes of it."""

    token_id: str
    minute: int
    at: datetime
    """When the clock of its container says that it is made."""
    end: str
    """`answered`, `refused` before it is counted, or `unheard`: counted, and then its function dies."""


def history(chance: Random, *, calls: int) -> list[Asked]:
    """Draw what is asked; the clocks of some containers are behind."""
    seconds = sorted(chance.uniform(0, 60 * MINUTES) for _ in range(calls))
    return [
        Asked(
            token_id=chance.choice(list(TOKENS)),
            minute=int(second // 60),
            at=NOON + timedelta(seconds=round(second - chance.choice((0, 0, 0, 90)), 3)),
            end=chance.choices(("answered", "refused", "unheard"), (6, 1, 2))[0],
        )
        for second in seconds
    ]


# --- what is left -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What is there when all is quiet."""

    rows: Counter[str]
    """The events of the trail, by id."""
    sealed: Counter[str]
    """How many seals each is under."""
    unaccounted: Counter[Call]
    planted: Counter[Call]
    index: bytes
    rebuilt: bytes
    """The same, folded anew from the archive."""
    days: Mapping[str, Mapping[str, DayIndex]]
    uses: Mapping[str, object]
    """What is known of the use of each token."""
    steps: int
    delivered: int
    """Records, those that came again as well."""

    @property
    def lost(self) -> int:
        return (self.rows - self.sealed).total() + (self.planted - self.unaccounted).total()

    @property
    def twice(self) -> int:
        return (self.sealed - self.rows).total() + (self.unaccounted - self.planted).total()

    def is_as(self, undisturbed: Left) -> bool:
        """Tell whether what was folded is what the archive gives anew, to the byte, and says what it says elsewhere.

        How the rows fall into seals is another matter: that depends on when they came.
        """
        return self.index == self.rebuilt and (self.days, self.uses) == (undisturbed.days, undisturbed.uses)


@dataclass(kw_only=True)
class Life:
    """A deployment, for as long as a history takes."""

    faults: Faults
    chance: Random
    engine: SqliteEngine = field(default_factory=SqliteEngine)
    now: datetime = NOON
    planted: Counter[Call] = field(default_factory=Counter[Call])
    delivered: int = 0
    read_to: int = 0
    waiting: dict[Table, list[tuple[int, Record]]] = field(default_factory=lambda: defaultdict(list))
    """Changes on their way, and in which minute they arrive."""

    def __post_init__(self) -> None:
        self.stores = Stores.over(self.engine)
        self.steps = Steps(faults=self.faults)
        self.archive = SteppedObjects(self.steps)
        self.behind = Stores.over(SteppedEngine(self.engine, self.steps), archive=self.archive)
        self.signer = KeyInMemory()
        self.following = self._projector()
        for workspace_id in dict.fromkeys(TOKENS.values()):
            store_workspace(self.stores, workspace_id)
        for token_id, workspace_id in TOKENS.items():
            store_token(self.stores, token_id=token_id, workspace_id=workspace_id)

    def live(self, asked: Sequence[Asked]) -> Left:
        """Let all of it happen, minute by minute, until nothing is left to be done."""
        for minute in range(MOST_MINUTES):
            self.now = NOON + minute * A_MINUTE
            for number, each in enumerate(asked):
                if each.minute == minute:
                    self._ask(each, f"request-{number}")
            self.now += timedelta(seconds=30)
            self._deliver(minute)
            with suppress(Killed, StoreUnavailable, SealingIncomplete):
                self._seal()
            if minute > MINUTES and self._is_quiet():
                return self._left()
        raise AssertionError("there is no end to it")

    def _ask(self, asked: Asked, request_id: str) -> None:
        """Do what the gate does."""
        workspace_id = TOKENS[asked.token_id]
        stores, origin = self.stores, replace(ORIGIN, request_id=request_id)
        if asked.end == "refused":
            event = call_denied(token_id=asked.token_id, at=asked.at)
            stores.audit.record(event, workspace_id=workspace_id, origin=origin)
            return
        counted = arrival(request_id=request_id, now=asked.at, token_id=asked.token_id)
        answer = (
            stores.subjects.admit(workspace_id, "workspace", counted, limit=1_000)
            if workspace_id in SHARED
            else stores.tokens.admit(asked.token_id, counted, limit=1_000)
        )
        assert isinstance(answer, Admitted)
        if asked.end == "unheard":
            self.planted[workspace_id, asked.token_id, answer.number] += 1
            return
        event = tool_called(token_id=asked.token_id, number=answer.number, at=asked.at)
        stores.audit.record(event, workspace_id=workspace_id, origin=origin)

    # --- the streams --------------------------------------------------------------------------------------------------

    def _projector(self) -> Following:
        """Start a container."""
        behind = self.behind
        rollups = StoredRollups(self.engine)
        return Following(
            folder=Folder(rollups=rollups, figures=rollups, objects=MemoryObjects()),
            uses=UseFollower(tokens=behind.tokens, evidence=behind.evidence),
            trail=behind.trail,
            calls=behind.counted_calls,
            now=lambda: self.now,
            meter=_never_altered,
        )

    def _deliver(self, minute: int) -> None:
        """Bring the projector all that arrives in this minute, and what that leads to."""
        self._listen(minute)
        while ready := {table: found for table in self.waiting if (found := self._arrived(table, minute))}:
            for records in ready.values():
                self._in_batches(records)
            self._listen(minute)

    def _in_batches(self, records: list[Record]) -> None:
        while records:
            size = self.chance.randint(1, 20)
            batch = [record for record in records[:size] for _ in range(2 if self.faults.records_twice else 1)]
            del records[:size]
            self._hand_over(batch)
            if self.faults.batches_again:
                self._hand_over(batch)

    def _listen(self, minute: int) -> None:
        """See what was written, and when it will arrive: the changes of one row in their order."""
        last: dict[str, int] = {}
        for waiting in self.waiting.values():
            last |= {_row(record): arrives for arrives, record in waiting}
        for change in self.engine.changes().read(self.read_to, limit=100_000):
            self.read_to = change.sequence
            delay = self.chance.choice((0, 0, 0, 1, 3, 5)) if self.faults.late else 0
            arrives = max(minute + delay, last.get(_row(change.record), 0))
            last[_row(change.record)] = arrives
            self.waiting[change.table].append((arrives, change.record))

    def _arrived(self, table: Table, minute: int) -> list[Record]:
        here = [record for arrives, record in self.waiting[table] if arrives <= minute]
        self.waiting[table] = [each for each in self.waiting[table] if each[0] > minute]
        if not self.faults.in_any_order:
            return here
        rows: dict[str, list[Record]] = defaultdict(list)
        for record in here:
            rows[_row(record)].append(record)
        order = [_row(record) for record in here]
        self.chance.shuffle(order)
        return [rows[row].pop(0) for row in order]

    def _hand_over(self, batch: Sequence[Record]) -> None:
        """Do what Lambda does: until all are taken, deliver what is left again."""
        while batch:
            self.delivered += len(batch)
            try:
                answer = take_changes({"Records": batch}, self.following.take, self.following.finish)
            except Killed:
                self.following = self._projector()
                continue
            failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
            places = [place for place, record in enumerate(batch) if _sequence(record) in failed]
            batch = batch[places[0] :] if places else []

    # --- the schedule -------------------------------------------------------------------------------------------------

    def _seal(self) -> None:
        """Do what the sealer does."""
        behind = self.behind
        account_for_calls(now=self.now, calls=behind.counted_calls, audit=behind.audit)
        seal_trail(
            now=self.now,
            origin=LOG_NAME,
            seals=behind.seals,
            people=KeysByName(),  # or each life would call people by names of its own
            archive=self.archive,
            signer=self.signer,
        )

    def _is_quiet(self) -> bool:
        long_after = self.now + ONE_DAY
        return not (
            any(self.waiting.values())
            or self.engine.changes().last() > self.read_to
            or self.stores.seals.marks(before=long_after, limit=1)
            or self.stores.counted_calls.marks(before=long_after, limit=1)
        )

    # --- the end ------------------------------------------------------------------------------------------------------

    def _left(self) -> Left:
        rows = [
            item_of(change.record["dynamodb"]["NewImage"])
            for change in self.engine.changes().read(0, limit=1_000_000)
            if change.table is Table.AUDIT and "type" in change.record["dynamodb"].get("NewImage", {})
        ]
        anew, sealed = SqliteEngine(), Counter[str]()
        for workspace_id in dict.fromkeys(TOKENS.values()):
            for kept in self.stores.seals.seals(workspace_id, first=1, limit=1_000):
                archived = read_archived(kept.seal, archive=self.archive)
                sealed.update(json.loads(line)["id"] for line in archived.rows)
                fold_seal(archived, index=StoredTrailIndex(anew))
        return Left(
            rows=Counter(str(row["id"]) for row in rows),
            sealed=sealed,
            unaccounted=Counter(_unaccounted(row) for row in rows if row["type"] == "mcp.call_unaccounted"),
            planted=self.planted,
            index=_index(self.engine),
            rebuilt=_index(anew),
            days={
                workspace_id: dict(self.stores.trail_index.days(workspace_id, since=FIRST_DAY, upto=LAST_DAY, limit=9))
                for workspace_id in TOKENS.values()
            },
            uses={
                token_id: (self.stores.evidence.of(token_id), row.last_used_at)
                for token_id in TOKENS
                if (row := self.stores.tokens.get(token_id))
            },
            steps=self.steps.count,
            delivered=self.delivered,
        )


def live(asked: Sequence[Asked], faults: Faults, *, seed: int = 0) -> Left:
    """Let a history happen with these faults."""
    return Life(faults=faults, chance=Random(seed)).live(asked)


def _never_altered(tampering: Tampering) -> None:
    raise AssertionError(f"the product itself altered its trail: {tampering}")


def _row(record: Record) -> str:
    return str(record["dynamodb"]["Keys"])


def _sequence(record: Record) -> str:
    return record["dynamodb"]["SequenceNumber"]


def _unaccounted(row: Item) -> Call:
    match row:
        case {"workspace": str(workspace_id), "data": {"token_id": str(token_id), "number": int(number)}}:
            return workspace_id, token_id, number
        case _:
            raise AssertionError(f"{row} says nothing of a call")


def _index(engine: SqliteEngine) -> bytes:
    folded = [engine.query(Table.CORE, f"W#{workspace_id}#TRAIL").items for workspace_id in set(TOKENS.values())]
    return json.dumps(sorted(folded, key=str), sort_keys=True).encode()
