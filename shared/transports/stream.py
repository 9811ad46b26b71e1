"""A table's stream as Lambda delivers it: records in order, at least once, some of them twice.

What a record leads to is done in order and stops at the first that fails; Lambda delivers it, and all after it, again.
What many lead to together is done once at the end, and only then have they been taken.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared.transports.traces import trace_of

logger = logging.getLogger(__name__)

TIME_TO_LIVE = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
"""Who deletes an item that has outlived its `ttl`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """That an item was written, changed or deleted."""

    sequence: str
    kind: str
    """INSERT, MODIFY or REMOVE."""
    pk: str
    sk: str
    image: Mapping[str, Any]
    """The item as the change left it, in DynamoDB's typed form; empty if it was deleted."""
    before: Mapping[str, Any]
    """The item as it was; empty if it was new."""
    at: datetime
    """When, to the second; the epoch where a record that somebody wrote by hand leaves it out."""
    by_time_to_live: bool
    """Whether it was deleted because its time was over, and by nobody."""


def _nothing(_: Sequence[Change]) -> None:
    """Do nothing more."""


def take_changes(
    event: Mapping[str, Any],
    take: Callable[[Change], None],
    finish: Callable[[Sequence[Change]], None] = _nothing,
) -> dict[str, list[dict[str, str]]]:
    """Hand the changes of an event to `take`, one by one, and say which one failed, if one did.

    Those that were taken go to `finish` together. If that fails, the first of them is named, and all come again.
    """
    taken: list[Change] = []
    failed: Change | None = None
    for change in map(_change_of, event["Records"]):
        try:
            take(change)
        except Exception as failure:  # noqa: BLE001 - the edge of a batch: what went before this record is done and must count
            failed = _told(change, failure)
            break
        taken.append(change)
    if taken:
        try:
            finish(taken)
        except Exception as failure:  # noqa: BLE001 - the same, of all that went before
            failed = _told(taken[0], failure)
    return {"batchItemFailures": [{"itemIdentifier": failed.sequence}] if failed is not None else []}


def _told(change: Change, failure: Exception) -> Change:
    logger.error(  # not its text: that may hold a merchant's values
        "a change was not taken",
        extra={"sequence": change.sequence, "pk": change.pk, "trace": trace_of(failure)},
    )
    return change


def _change_of(record: Mapping[str, Any]) -> Change:
    stream = record["dynamodb"]
    keys = stream["Keys"]
    return Change(
        sequence=stream["SequenceNumber"],
        kind=record["eventName"],
        pk=keys["pk"]["S"],
        sk=keys["sk"]["S"],
        image=stream.get("NewImage", {}),
        before=stream.get("OldImage", {}),
        at=datetime.fromtimestamp(stream.get("ApproximateCreationDateTime", 0), UTC),
        by_time_to_live=record.get("userIdentity") == TIME_TO_LIVE,
    )
