"""What follows from calls, counted: streams bring them to the projector second by second, and each minute is sealed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from time import process_time
from typing import Any, BinaryIO, NamedTuple
from zlib import crc32

from functions.projector.changes import Following
from shared.domain.trail.events import Tampering
from shared.services.folds.fold_workspace import Folder
from shared.services.follow_use import UseFollower
from shared.services.trail.account_calls import GRACE, account_for_calls
from shared.services.trail.seal_trail import seal_trail
from shared.storage.attributes import item_of
from shared.storage.contracts.tokens import Admitted
from shared.storage.engine import Engine, Table
from shared.storage.rows.rollups import StoredRollups
from shared.storage.sqlite.engine import SqliteEngine
from shared.transports.stream import take_changes
from tests.bench.metered import Metered, item_bytes
from tests.data.examples import NOON, ORIGIN, arrival, store_token, store_workspace, tool_called
from tests.data.memory_objects import MemoryObjects
from tests.data.stores import Stores
from tests.services.trail.sealing import LOG_NAME, KeyInMemory

A_SECOND, A_MINUTE = timedelta(seconds=1), timedelta(minutes=1)
SECONDS = 60
BATCH = 100
"""Records that one invocation gets at most, as the template says."""
SHARDS = 4
"""Of each stream: one for each partition, and a new table on demand has four."""
FOLLOWED = (Table.CORE, Table.AUDIT)
"""Of the facts' stream no record of these calls passes the filter."""
PLENTY = 10_000
STORED_BYTES = 100
"""That DynamoDB bills for each stored item beside what it holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Workspaces that call at equal distances, each with one token."""

    workspaces: int
    calls_a_minute: int
    """In each of them."""
    minutes: int = 5
    window: int = 1
    """Seconds that the streams wait for more records: `MaximumBatchingWindowInSeconds` of the template."""

    @property
    def calls(self) -> int:
        return self.workspaces * self.calls_a_minute * self.minutes


class Kept(NamedTuple):
    """A row as its table is billed for it."""

    size: int
    for_ever: bool


class CountedObjects(MemoryObjects):
    """Counts requests, as S3 bills them."""

    def __init__(self, contents: dict[str, bytes]) -> None:
        super().__init__()
        self.contents = contents
        self.puts = self.gets = 0

    def put(self, key: str, content: bytes) -> None:
        self.puts += 1
        super().put(key, content)

    @contextmanager
    def open(self, key: str) -> Generator[BinaryIO]:
        self.gets += 1
        with super().open(key) as stream:
            yield stream


class Worker:
    """A function: what it asked of its surroundings, and how long it computed."""

    def __init__(self, engine: Engine, contents: dict[str, bytes]) -> None:
        self.engine = Metered(engine)
        self.archive = CountedObjects(contents)
        self.stores = Stores.over(self.engine, archive=self.archive)
        self.invocations = 0
        self.seconds = 0.0

    def work(self, do: Callable[[], object]) -> None:
        """Do some work; what the meter's own looks take is left out."""
        looked, began = self.engine.looking_seconds, process_time()
        do()
        self.seconds += process_time() - began - (self.engine.looking_seconds - looked)


class Road:
    """A stack for as long as some calls are on their way."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.below = SqliteEngine()
        self.calling = Stores.over(self.below)
        self.archived: dict[str, bytes] = {}
        self.projector, self.sealer = (Worker(self.below, self.archived) for _ in range(2))
        self.signer = KeyInMemory()
        self.now = NOON
        behind, rollups = self.projector.stores, StoredRollups(self.below)
        self.following = Following(
            folder=Folder(rollups=rollups, figures=rollups, objects=MemoryObjects()),
            uses=UseFollower(tokens=behind.tokens, evidence=behind.evidence),
            trail=behind.trail,
            calls=behind.counted_calls,
            now=lambda: self.now,
            meter=_never_altered,
        )
        for number in range(load.workspaces):
            store_workspace(self.calling, f"wks_{number:016d}")
            store_token(self.calling, token_id=f"{number:016d}", workspace_id=f"wks_{number:016d}")
        self.read_to = self.below.changes().last()
        self.kept: dict[tuple[str, str], Kept] = {}
        """What the trail's table holds beside the rows of calls."""

    def live(self) -> None:
        """Let all calls be made, told, sealed, folded and accounted for."""
        due: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for number in range(self.load.calls_a_minute):
            for workspace in range(self.load.workspaces):
                shift = workspace / self.load.workspaces
                due[int((number + shift) * SECONDS / self.load.calls_a_minute)].append((number, workspace))
        for minute in range(self.load.minutes):
            begins = NOON + minute * A_MINUTE
            for second in range(SECONDS):
                self.now = begins + second * A_SECOND
                for number, workspace in due[second]:
                    self._call(1 + minute * self.load.calls_a_minute + number, workspace)
                if (second + 1) % self.load.window == 0:
                    self._deliver()
            self.sealer.invocations += 1
            self.sealer.work(self._seal)
        self.now += 2 * A_SECOND
        self._deliver()
        self.now += A_MINUTE
        self.sealer.work(self._seal)  # what is left of the last minute
        self._deliver()
        self.now += GRACE
        self.sealer.work(self._account)

    def _call(self, number: int, workspace: int) -> None:
        """Do what the gate does."""
        token_id, workspace_id = f"{workspace:016d}", f"wks_{workspace:016d}"
        request = arrival(request_id=f"{token_id}-{number}", now=self.now, token_id=token_id)
        admitted = self.calling.tokens.admit(token_id, request, limit=PLENTY)
        if not isinstance(admitted, Admitted):
            raise TypeError(f"{token_id} was not let in")
        call = tool_called(token_id=token_id, number=admitted.number, arguments_hash="5f0c" * 8, at=self.now)
        self.calling.audit.record(call, workspace_id=workspace_id, origin=ORIGIN)

    def _deliver(self) -> None:
        """Bring the projector what was written, each shard's records apart; what that writes comes a second later."""
        shards: dict[tuple[Table, int], list[Any]] = defaultdict(list)
        for change in self.below.changes().read(self.read_to, limit=1_000_000):
            self.read_to = change.sequence
            if change.table in FOLLOWED:
                pk = change.record["dynamodb"]["Keys"]["pk"]["S"]
                self._keep(change.table, change.record["dynamodb"])
                shards[change.table, crc32(pk.encode()) % SHARDS].append(change.record)
        self.below.changes().trim(self.read_to)
        for waiting in shards.values():
            for first in range(0, len(waiting), BATCH):
                self.projector.invocations += 1
                event = {"Records": waiting[first : first + BATCH]}
                self.projector.work(lambda event=event: self._take(event))

    def _keep(self, table: Table, change: Mapping[str, Any]) -> None:
        item = item_of(change.get("NewImage", {}))
        if table is Table.AUDIT and item.get("type") != "mcp.call":
            place = change["Keys"]["pk"]["S"], change["Keys"]["sk"]["S"]
            self.kept[place] = Kept(item_bytes(item) + STORED_BYTES if item else 0, for_ever="ttl" not in item)

    def _take(self, event: Mapping[str, Any]) -> None:
        if take_changes(event, self.following.take, self.following.finish)["batchItemFailures"]:
            raise RuntimeError("a change was not taken")

    def _seal(self) -> None:
        behind = self.sealer.stores
        seal_trail(
            now=self.now,
            origin=LOG_NAME,
            seals=behind.seals,
            people=behind.people,
            archive=self.sealer.archive,
            signer=self.signer,
        )

    def _account(self) -> None:
        behind = self.sealer.stores
        done = account_for_calls(now=self.now, calls=behind.counted_calls, audit=behind.audit)
        if (done.calls, done.unaccounted) != (self.load.calls, 0):
            raise RuntimeError(f"{done} of {self.load.calls} calls")


def _never_altered(tampering: Tampering) -> None:
    raise AssertionError(f"the product itself altered its trail: {tampering}")
