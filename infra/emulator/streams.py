"""What Lambda does between the tables' streams and the projector, as the stack's event source mappings say it.

MiniStack's own delivery takes a batch with failed items for taken, retries the others without end and never halves one.
"""

import asyncio
import json
import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.emulator.account import Account
from infra.emulator.event_filter import lets_through
from infra.local.pool import FunctionFailed
from infra.local.pumps import Change, Pauses, StreamPump
from shared.storage.engine import StoreUnavailable

LOOK_AGAIN = 0.5  # seconds; the mappings say one, of which half is gone when a change is found on average
PAUSES = Pauses(first=0.05, longest=0.2)
"""Lambda's own are longer, and not documented; who waits here wants to see the end of the retries."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardChange:
    """One record of a shard. Sequence numbers are digits, so they are compared as numbers and told as they were."""

    record: Mapping[str, Any]

    @property
    def told(self) -> str:
        """The sequence number, as the stream writes it."""
        return self.record["dynamodb"]["SequenceNumber"]

    @property
    def sequence(self) -> int:
        """The same as a number."""
        return int(self.told)


@dataclass(kw_only=True)
class Shard:
    """A shard of a table's stream. Here it is the only one; in AWS others come as it is split and ends."""

    streams: Any
    arn: str
    shard_id: str
    _told: dict[int, str] = field(default_factory=dict[int, str])

    def read(self, after: int, limit: int) -> Sequence[ShardChange]:
        """Give the next changes after one that was read before; from the beginning after 0.

        Raises:
            StoreUnavailable: the stream cannot be read now.

        """
        start = (
            {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": self._told[after]}
            if after
            else {"ShardIteratorType": "TRIM_HORIZON"}
        )
        try:
            found = self.streams.get_shard_iterator(StreamArn=self.arn, ShardId=self.shard_id, **start)
            answer = self.streams.get_records(ShardIterator=found["ShardIterator"], Limit=limit)
        except (BotoCoreError, ClientError) as error:
            raise StoreUnavailable(f"{self.arn} cannot be read") from error
        changes = [ShardChange(record=self._as_delivered(record)) for record in answer["Records"]]
        self._told |= {change.sequence: change.told for change in changes}
        return changes

    def _as_delivered(self, record: Mapping[str, Any]) -> Mapping[str, Any]:
        """Lambda adds which stream it was, and writes moments as JSON can hold them."""
        at: datetime = record["dynamodb"]["ApproximateCreationDateTime"]
        seconds = {"ApproximateCreationDateTime": at.timestamp()}
        return {**record, "dynamodb": {**record["dynamodb"], **seconds}, "eventSourceARN": self.arn}


@dataclass(slots=True, kw_only=True)
class Forgetful:
    """Positions in streams that end when this process does."""

    _taken: dict[str, int] = field(default_factory=dict[str, int])

    def of_stream(self, name: str) -> int:
        """Give the last sequence taken; 0 before the first."""
        return self._taken.get(name, 0)

    def advance(self, name: str, sequence: int) -> None:
        """Record that everything up to this sequence was taken."""
        self._taken[name] = sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Takes the changes of one shard to the function of a mapping, and those that it cannot take to a queue."""

    mapping: Mapping[str, Any]
    shard_id: str
    functions: Any
    queues: Any
    turn: asyncio.Lock
    """Held while the function is called: MiniStack would start a process for each of several calls at once."""

    def wanted(self, change: Change) -> bool:
        """Tell whether one of the mapping's filters lets the change through; without filters all pass."""
        filters = self.mapping.get("FilterCriteria", {}).get("Filters", ())
        return not filters or any(lets_through(json.loads(one["Pattern"]), change.record) for one in filters)

    async def deliver(self, event: Mapping[str, Any]) -> object:
        """Call the function and wait for what it says.

        Raises:
            FunctionFailed: it said nothing, because it failed.

        """
        async with self.turn:
            return await asyncio.to_thread(self._call, event)

    def _call(self, event: Mapping[str, Any]) -> object:
        try:
            answer = self.functions.invoke(FunctionName=self.mapping["FunctionArn"], Payload=json.dumps(event))
            said = json.load(answer["Payload"])
        except (BotoCoreError, ClientError) as error:
            raise FunctionFailed(self.mapping["FunctionArn"]) from error
        if "FunctionError" in answer:
            raise FunctionFailed(f"{self.mapping['FunctionArn']}: {said}")
        return said

    async def hand_over(self, change: Change) -> None:
        """Tell the queue of failures which change was given up, as Lambda does: where it is, not what it says."""
        queue = self.mapping["DestinationConfig"]["OnFailure"]["Destination"].rpartition(":")[2]
        note = json.dumps(self._note(change))
        await asyncio.to_thread(
            lambda: self.queues.send_message(
                QueueUrl=self.queues.get_queue_url(QueueName=queue)["QueueUrl"], MessageBody=note
            )
        )

    def _note(self, change: Change) -> dict[str, Any]:
        created = datetime.fromtimestamp(change.record["dynamodb"]["ApproximateCreationDateTime"], UTC)
        arrival, sequence = _moment(created), change.record["dynamodb"]["SequenceNumber"]
        return {
            "requestContext": {
                "requestId": str(uuid.uuid4()),
                "functionArn": self.mapping["FunctionArn"],
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": self.mapping["MaximumRetryAttempts"] + 1,
            },
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "version": "1.0",
            "timestamp": _moment(datetime.now(UTC)),
            "DDBStreamBatchInfo": {
                "shardId": self.shard_id,
                "startSequenceNumber": sequence,
                "endSequenceNumber": sequence,
                "approximateArrivalOfFirstRecord": arrival,
                "approximateArrivalOfLastRecord": arrival,
                "batchSize": 1,
                "streamArn": self.mapping["EventSourceArn"],
            },
        }


def take_over(account: Account) -> list[StreamPump]:
    """Switch the account's own delivery of streams off, and give the pumps that deliver in its place."""
    functions, streams, queues = (account.client(name) for name in ("lambda", "dynamodbstreams", "sqs"))
    positions, turn = Forgetful(), asyncio.Lock()
    pumps: list[StreamPump] = []
    for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
        if mapping["EventSourceArn"].split(":")[2] != "dynamodb":
            continue  # queues it delivers as Lambda does
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
        arn = mapping["EventSourceArn"]
        for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
            delivery = Delivery(
                mapping=mapping, shard_id=shard["ShardId"], functions=functions, queues=queues, turn=turn
            )
            pumps.append(
                StreamPump(
                    name=f"{mapping['UUID']} {shard['ShardId']}",  # two functions may follow one stream
                    read=Shard(streams=streams, arn=arn, shard_id=shard["ShardId"]).read,
                    wanted=delivery.wanted,
                    deliver=delivery.deliver,
                    positions=positions,
                    hand_over=delivery.hand_over,
                    batch=mapping["BatchSize"],
                    attempts=mapping["MaximumRetryAttempts"] + 1,
                    look_again=LOOK_AGAIN,
                    pauses=PAUSES,
                )
            )
    return pumps


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
