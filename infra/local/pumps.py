"""What AWS does between a stored thing and the function that wants to hear of it: streams, uploads, the clock.

Each delivers at least once: a position moves only after the function has taken what came before it.
"""

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, cast
from urllib.parse import quote_plus

from infra.local.lambda_context import ACCOUNT, REGION
from infra.local.pool import InvocationFailed
from infra.local.positions import Positions
from shared.storage.engine import StoreUnavailable

# As template.yaml has them for the streams.
BATCH = 100
STREAM_ATTEMPTS = 21  # twenty retries
LOOK_AGAIN = 0.25  # seconds between two looks: what comes meanwhile is one batch
UPLOAD_ATTEMPTS = 3  # Lambda's for an asynchronous event: two retries, then it is given up
TICK = 60.0

log = logging.getLogger(__name__)

Deliver = Callable[[Mapping[str, Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pauses:
    """Seconds to wait after a failure: doubled each time, up to the longest."""

    first: float = 0.5
    longest: float = 30.0

    def after(self, failures: int) -> float:
        """How long, when this many tries in a row have failed."""
        return min(self.first * 2 ** min(failures - 1, 16), self.longest)


class Change(Protocol):
    """One change of a table, as the store's feed tells it."""

    @property
    def sequence(self) -> int:
        """Where it lies in the feed."""
        ...

    @property
    def record(self) -> Mapping[str, Any]:
        """The record of a DynamoDB stream event."""
        ...


class StreamPositions(Protocol):
    """Remembers how far streams were delivered."""

    def of_stream(self, name: str) -> int:
        """Give the last sequence taken; 0 before the first."""
        ...

    def advance(self, name: str, sequence: int) -> None:
        """Record that everything up to this sequence was taken."""
        ...


async def _kept_by_nobody(_: Change) -> None:
    """Let a change go: what was logged is all that is left of it."""


@dataclass(kw_only=True)
class StreamPump:
    """Feeds some of the changes to a function, in order, and goes no further than the first that it refuses."""

    name: str
    read: Callable[[int, int], Sequence[Change]]  # (after, limit)
    wanted: Callable[[Change], bool]
    deliver: Deliver
    positions: StreamPositions
    hand_over: Callable[[Change], Awaitable[None]] = _kept_by_nobody
    """Done with a change that is given up, before the stream goes on."""
    batch: int = BATCH
    attempts: int = STREAM_ATTEMPTS
    look_again: float = LOOK_AGAIN
    pauses: Pauses = Pauses()

    def __post_init__(self) -> None:
        """Go on where an earlier run was."""
        self.position = self.positions.of_stream(self.name)
        """Everything up to here was taken or is not wanted."""

    async def run(self) -> None:
        """Pump until cancelled."""
        size, failures, stuck_at = self.batch, 0, 0
        while True:
            changes = await self._look(size)
            if not changes:
                await asyncio.sleep(self.look_again)
                continue
            taken = await self._taken(changes)
            self._move(changes[:taken])
            if taken == len(changes):
                size, failures = min(self.batch, size * 2), 0
                continue
            failures = failures + 1 if changes[taken].sequence == stuck_at else 1
            stuck_at = changes[taken].sequence
            log.warning("stream %s: change %d was not taken, failure %d", self.name, stuck_at, failures)
            if failures == self.attempts:
                log.error("stream %s: change %d is given up: %s", self.name, stuck_at, changes[taken].record)
                await self.hand_over(changes[taken])
                self._move(changes[taken : taken + 1])
            # Halving tells the change that is refused from those that were only delivered with it.
            size = max(1, size // 2)
            await asyncio.sleep(self.pauses.after(failures))

    async def _look(self, size: int) -> Sequence[Change]:
        try:
            return await asyncio.to_thread(self.read, self.position, size)
        except StoreUnavailable as busy:
            log.warning("stream %s cannot be read: %s", self.name, busy)
            return ()

    async def _taken(self, changes: Sequence[Change]) -> int:
        """Deliver a batch and say how many of its first changes need no more delivery."""
        wanted = [(place, change) for place, change in enumerate(changes) if self.wanted(change)]
        if not wanted:
            return len(changes)
        try:
            answer = await self.deliver({"Records": [change.record for _, change in wanted]})
        except InvocationFailed as failure:
            log.warning("stream %s: %r", self.name, failure)
            return wanted[0][0]
        places = {change.record["dynamodb"]["SequenceNumber"]: place for place, change in wanted}
        # Like Lambda: an identifier that is not of this batch means that all of it failed.
        return min((places.get(sequence, wanted[0][0]) for sequence in _failures(answer)), default=len(changes))

    def _move(self, done: Sequence[Change]) -> None:
        if done:
            self.position = done[-1].sequence
        if not any(self.wanted(change) for change in done):
            return  # what nobody wants is passed over again after a restart
        try:
            self.positions.advance(self.name, self.position)
        except StoreUnavailable as full:
            log.warning("stream %s: a restart would deliver again what was just taken: %s", self.name, full)


def _failures(answer: Any) -> list[str]:  # noqa: ANN401 - a function answers what it likes
    """Read the sequence numbers that the function wants to see again; no such list means that it took all."""
    match answer:
        case {"batchItemFailures": [*items]}:
            return [str(cast("dict[str, Any]", item).get("itemIdentifier")) for item in items]
        case _:
            return []


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """An object in a bucket."""

    key: str
    size: int
    stamp: str  # changes when the object is replaced


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadPump:
    """Tells a function of each new object in a bucket."""

    bucket: str
    look: Callable[[], Iterable[StoredObject]]
    deliver: Deliver
    positions: Positions
    look_again: float = LOOK_AGAIN
    pauses: Pauses = Pauses()

    async def run(self) -> None:
        """Pump until cancelled."""
        while True:
            for found in await asyncio.to_thread(lambda: list(self.look())):
                if self.positions.of_object(self.bucket, found.key) != found.stamp:
                    await self._tell(found)
                    await self._finish(found)
            await asyncio.sleep(self.look_again)

    async def _finish(self, found: StoredObject) -> None:
        """Keep that nothing is left to do, however long that takes; else it would be told again."""
        failures = 0
        while True:
            try:
                return self.positions.finish(self.bucket, found.key, found.stamp)
            except StoreUnavailable as full:
                failures += 1
                log.warning("object %s was told of: %s", found.key, full)
                await asyncio.sleep(self.pauses.after(failures))

    async def _tell(self, found: StoredObject) -> None:
        for attempt in range(1, UPLOAD_ATTEMPTS + 1):
            try:
                await self.deliver(object_created(self.bucket, found, now=datetime.now(UTC)))
            except InvocationFailed as failure:
                log.warning("object %s, attempt %d of %d: %r", found.key, attempt, UPLOAD_ATTEMPTS, failure)
                if attempt < UPLOAD_ATTEMPTS:
                    await asyncio.sleep(self.pauses.after(attempt))
            else:
                return
        log.error("object %s: given up", found.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Calls a function at once and then every minute."""

    name: str
    deliver: Deliver
    tick: float = TICK

    async def run(self) -> None:
        """Tick until cancelled."""
        while True:
            try:
                await self.deliver(scheduled(self.name, now=datetime.now(UTC)))
            except InvocationFailed as failure:
                log.warning("schedule %s: %r", self.name, failure)
            await asyncio.sleep(self.tick)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """Does every minute what DynamoDB does unasked: deletes what outlived its `ttl`, and forgets old changes."""

    purge: Callable[[datetime], Any]
    trim: Callable[[int], None]
    streams: Sequence[StreamPump]
    tick: float = TICK

    async def run(self) -> None:
        """Keep up until cancelled."""
        while True:
            await asyncio.sleep(self.tick)
            try:
                await asyncio.to_thread(self.purge, datetime.now(UTC))
                await asyncio.to_thread(self.trim, min(pump.position for pump in self.streams))
            except StoreUnavailable as busy:
                log.warning("upkeep: %s", busy)


def object_created(bucket: str, found: StoredObject, *, now: datetime) -> dict[str, Any]:
    """Make the event that S3 sends when an object was put."""
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "awsRegion": REGION,
                "eventTime": now.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
                "eventName": "ObjectCreated:Put",
                "s3": {
                    "s3SchemaVersion": "1.0",
                    "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"},
                    "object": {"key": quote_plus(found.key, safe="/"), "size": found.size, "sequencer": found.stamp},
                },
            }
        ]
    }


def scheduled(name: str, *, now: datetime) -> dict[str, Any]:
    """Make the event that EventBridge Scheduler sends to a function."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": ACCOUNT,
        "time": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/{name}"],
        "detail": "{}",
    }
