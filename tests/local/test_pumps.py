"""The pumps deliver in order, at least once, and go on where they were."""

import asyncio
import contextlib
import json
import resource
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from infra.local.pool import PROJECT, ContainerLost
from infra.local.positions import Positions
from infra.local.pumps import (
    BATCH,
    STREAM_ATTEMPTS,
    Pauses,
    Schedule,
    StoredObject,
    StreamPump,
    Upkeep,
    UploadPump,
    object_created,
    scheduled,
)
from infra.local.pumps import Change as PumpedChange

pytestmark = pytest.mark.anyio

AT_ONCE = Pauses(first=0.0)
PATIENCE = 10.0


@dataclass(frozen=True)
class Change:
    sequence: int
    table: str = "core"

    @property
    def record(self) -> Mapping[str, Any]:
        return {"eventName": "INSERT", "dynamodb": {"SequenceNumber": f"{self.sequence:021d}"}}


def refuses(*sequences: int) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": f"{sequence:021d}"} for sequence in sequences]}


@dataclass
class Function:
    """Keeps the events that it is given; `answers` are given in turn, then it takes everything."""

    answers: list[Any] = field(default_factory=list[Any])
    events: list[Mapping[str, Any]] = field(default_factory=list[Mapping[str, Any]])
    called: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def __call__(self, event: Mapping[str, Any]) -> object:
        async with self.called:
            self.events.append(event)
            self.called.notify_all()
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def until(self, enough: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE), self.called:
            await self.called.wait_for(enough)

    @property
    def batches(self) -> list[list[int]]:
        return [[int(record["dynamodb"]["SequenceNumber"]) for record in event["Records"]] for event in self.events]

    @property
    def keys(self) -> list[str]:
        return [event["Records"][0]["s3"]["object"]["key"] for event in self.events]


@pytest.fixture
async def positions(tmp_path: Path) -> AsyncGenerator[Positions]:
    kept = Positions(tmp_path / "positions.db")
    yield kept
    kept.close()


def stream(changes: Sequence[Change], function: Function, positions: Positions, *, table: str = "core") -> StreamPump:
    return StreamPump(
        name=table,
        read=lambda after, limit: [change for change in changes if change.sequence > after][:limit],
        wanted=lambda change: getattr(change, "table", None) == table,
        deliver=function,
        positions=positions,
        look_again=0.0,
        pauses=AT_ONCE,
    )


@contextlib.asynccontextmanager
async def running(work: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def test_changes_are_delivered_in_order_and_in_batches(positions: Positions) -> None:
    function = Function()
    changes = [Change(sequence) for sequence in range(1, 2 * BATCH + 51)]

    async with running(stream(changes, function, positions).run()):
        await function.until(lambda: sum(map(len, function.batches)) == len(changes))

    assert [len(batch) for batch in function.batches] == [BATCH, BATCH, 50]
    assert [number for batch in function.batches for number in batch] == [change.sequence for change in changes]


async def test_a_refused_change_and_all_after_it_come_again_and_nothing_before_it(positions: Positions) -> None:
    function = Function(answers=[refuses(4, 3), refuses(3)])

    async with running(stream([Change(n) for n in range(1, 6)], function, positions).run()):
        await function.until(lambda: len(function.events) == 3)

    assert function.batches == [[1, 2, 3, 4, 5], [3, 4, 5], [3, 4, 5]]


async def test_a_change_that_the_function_chokes_on_is_singled_out_and_given_up_after_twenty_retries(
    positions: Positions,
) -> None:
    class Choking(Function):
        async def __call__(self, event: Mapping[str, Any]) -> object:
            await super().__call__(event)
            if 70 in self.batches[-1]:
                raise ContainerLost("projector")
            return None

    function = Choking()
    async with running(stream([Change(n) for n in range(1, 101)], function, positions).run()):
        await function.until(lambda: any(100 in batch and 70 not in batch for batch in function.batches))

    assert sum(batch[0] == 70 for batch in function.batches) == STREAM_ATTEMPTS
    taken = {number for batch in function.batches if 70 not in batch for number in batch}
    assert taken == set(range(1, 101)) - {70}


async def test_a_change_that_is_given_up_is_handed_over_before_the_stream_goes_on(positions: Positions) -> None:
    function, handed_over = Function(answers=[refuses(2)] * 3), list[tuple[int, int]]()

    async def hand_over(change: PumpedChange) -> None:
        handed_over.append((change.sequence, len(function.events)))

    pump = stream([Change(1), Change(2), Change(3)], function, positions)
    pump.attempts, pump.hand_over = 3, hand_over
    async with running(pump.run()):
        await function.until(lambda: function.batches[-1:] == [[3]])

    assert function.batches == [[1, 2, 3], [2, 3], [2, 3], [3]]
    assert handed_over == [(2, 3)]


@pytest.mark.parametrize(
    "whole_batch_failed",
    [
        ContainerLost("projector"),
        refuses(99),
        {"batchItemFailures": [{"itemIdentifier": ""}]},
        {"batchItemFailures": [{"itemIdentifier": None}]},
    ],
)
async def test_a_batch_that_failed_as_a_whole_comes_again_as_a_whole(
    positions: Positions, whole_batch_failed: object
) -> None:
    function = Function(answers=[whole_batch_failed])

    async with running(stream([Change(1), Change(2)], function, positions).run()):
        await function.until(lambda: len(function.events) == 2)

    assert function.batches == [[1, 2], [1, 2]]


async def test_a_pump_goes_on_where_the_last_run_was(tmp_path: Path) -> None:
    changes = [Change(n) for n in range(1, 6)]
    first, second = Function(answers=[refuses(4)] * 1000), Function()

    before = Positions(tmp_path / "positions.db")
    async with running(stream(changes, first, before).run()):
        await first.until(lambda: len(first.events) == 3)
    # Nothing is closed or flushed: the second run finds what a killed one left.
    after = Positions(tmp_path / "positions.db")
    async with running(stream([*changes, Change(6)], second, after).run()):
        await second.until(lambda: len(second.events) == 1)
    before.close()
    after.close()

    assert second.batches == [[4, 5, 6]]


async def test_a_table_that_is_stuck_does_not_hold_up_another(positions: Positions) -> None:
    stuck, free = Function(answers=[refuses(1)] * 1000), Function()
    changes = [Change(1, "core"), Change(2, "audit"), Change(3, "core"), Change(4, "audit")]

    async with (
        running(stream(changes, stuck, positions).run()),
        running(stream(changes, free, positions, table="audit").run()),
    ):
        await stuck.until(lambda: len(stuck.events) > 2)
        await free.until(lambda: free.batches == [[2, 4]])

    assert all(batch == [1, 3] for batch in stuck.batches)


async def test_changes_that_nobody_wants_are_passed_over(positions: Positions) -> None:
    function = Function()
    changes = [*(Change(n, "audit") for n in range(1, 3 * BATCH)), Change(3 * BATCH, "core")]

    async with running(stream(changes, function, positions).run()):
        await function.until(lambda: function.batches == [[3 * BATCH]])


@contextlib.contextmanager
def full_disk() -> Generator[None]:
    """Let this process write to no file."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


async def test_a_pump_outlives_a_full_disk_and_what_it_took_meanwhile_is_kept_with_what_comes_after(
    positions: Positions,
) -> None:
    function, changes = Function(), [Change(1)]

    async with running(stream(changes, function, positions).run()):
        with full_disk():
            await function.until(lambda: function.batches == [[1]])
            changes.append(Change(2))
            await function.until(lambda: function.batches == [[1], [2]])
        changes.append(Change(3))
        await function.until(lambda: function.batches == [[1], [2], [3]])
        changes.append(Change(4))
        await function.until(lambda: function.batches[-1] == [4])

    assert positions.of_stream("core") >= 3


def uploads(objects: Sequence[StoredObject], function: Function, positions: Positions) -> UploadPump:
    return UploadPump(
        bucket="imports",
        look=lambda: list(objects),
        deliver=function,
        positions=positions,
        look_again=0.0,
        pauses=AT_ONCE,
    )


def stored(key: str, stamp: str = "1") -> StoredObject:
    return StoredObject(key=key, size=3, stamp=stamp)


async def test_each_new_object_is_told_once_and_a_replaced_one_again(positions: Positions) -> None:
    function = Function()
    objects = [stored("raw/a b.csv"), stored("raw/c")]

    async with running(uploads(objects, function, positions).run()):
        await function.until(lambda: len(function.events) == 2)
        objects[1] = stored("raw/c", stamp="2")
        await function.until(lambda: len(function.events) == 3)

    assert function.keys == ["raw/a+b.csv", "raw/c", "raw/c"]
    event = function.events[0]["Records"][0]
    assert (event["eventSource"], event["eventName"]) == ("aws:s3", "ObjectCreated:Put")
    assert event["s3"]["bucket"]["name"] == "imports"


async def test_an_object_is_told_once_however_long_the_disk_is_full(positions: Positions) -> None:
    function = Function()

    async with running(uploads([stored("raw/a"), stored("raw/b")], function, positions).run()):
        with full_disk():
            await function.until(lambda: function.keys == ["raw/a"])
            await asyncio.to_thread(lambda: None)  # the pump has its turn, and cannot keep that it was told
        await function.until(lambda: len(function.events) == 2)

    assert function.keys == ["raw/a", "raw/b"]
    assert positions.of_object("imports", "raw/a") == "1"


async def test_an_object_whose_function_fails_is_told_three_times_and_then_given_up(positions: Positions) -> None:
    function = Function(answers=[ContainerLost("importer")] * 3)

    async with running(uploads([stored("raw/bad"), stored("raw/good")], function, positions).run()):
        await function.until(lambda: "raw/good" in function.keys)

    assert function.keys == ["raw/bad", "raw/bad", "raw/bad", "raw/good"]


async def test_objects_told_in_an_earlier_run_are_not_told_again(positions: Positions) -> None:
    first, second = Function(), Function()
    async with running(uploads([stored("raw/a"), stored("raw/b")], first, positions).run()):
        await first.until(lambda: len(first.events) == 2)
    async with running(uploads([stored("raw/a"), stored("raw/c")], second, positions).run()):
        await second.until(lambda: bool(second.events))

    assert second.keys == ["raw/c"]


async def test_upkeep_forgets_only_what_every_stream_has_taken(positions: Positions) -> None:
    ahead, behind = Function(), Function(answers=[refuses(4)] * 1000)
    changes = [Change(1, "core"), Change(2, "audit"), Change(3, "core"), Change(4, "core"), Change(5, "audit")]
    pumps = [stream(changes, behind, positions), stream(changes, ahead, positions, table="audit")]
    trimmed: asyncio.Queue[int] = asyncio.Queue()

    async with running(pumps[0].run()), running(pumps[1].run()):
        await behind.until(lambda: [4] in behind.batches)
        await ahead.until(lambda: ahead.batches == [[2, 5]])
        upkeep = Upkeep(purge=lambda _: None, trim=trimmed.put_nowait, streams=pumps, tick=0.0)
        async with running(upkeep.run()), asyncio.timeout(PATIENCE):
            forgotten = 0
            while forgotten < 3:
                forgotten = await trimmed.get()
    assert forgotten == 3


async def test_the_events_have_the_fields_of_the_recorded_ones() -> None:
    at = datetime(2026, 11, 21, 15, 40, tzinfo=UTC)
    recorded = {path.stem: json.loads(path.read_text()) for path in (PROJECT / "events" / "invoke").glob("s*.json")}

    made = object_created("imports", stored("raw/a"), now=at)["Records"][0]
    upload = recorded["s3_object_created"]["Records"][0]
    assert made.keys() <= upload.keys()
    assert made["s3"].keys() <= upload["s3"].keys()
    assert made["s3"]["object"].keys() <= upload["s3"]["object"].keys()
    assert scheduled("sweep", now=at).keys() == recorded["schedule_sweep"].keys()
    assert scheduled("sweep", now=at)["time"] == recorded["schedule_sweep"]["time"]


async def test_the_schedule_ticks_at_once_and_again_though_a_tick_fails() -> None:
    function = Function(answers=[ContainerLost("sweeper")])

    async with running(Schedule(name="sweeper", deliver=function, tick=0.0).run()):
        await function.until(lambda: len(function.events) >= 3)

    assert function.events[0]["detail-type"] == "Scheduled Event"
    assert len({event["id"] for event in function.events}) == len(function.events)
