"""A table's stream as Lambda delivers it: records in order, at least once, some of them twice.

What a record leads to is done in order and stops at the first that fails; Lambda delivers it, and all after it, again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.transports.traces import trace_of

logger = logging.getLogger(__name__)


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


def take_changes(event: Mapping[str, Any], take: Callable[[Change], None]) -> dict[str, list[dict[str, str]]]:
    """Hand the changes of an event to `take`, one by one, and say which one failed, if one did."""
    for record in event["Records"]:
        change = _change_of(record)
        try:
            take(change)
        except Exception as failure:  # noqa: BLE001 - the edge of a batch: what went before this record is done and must count
            logger.error(  # noqa: TRY400 - the text of an exception may hold a merchant's values
                "a change was not taken",
                extra={"sequence": change.sequence, "pk": change.pk, "trace": trace_of(failure)},
            )
            return {"batchItemFailures": [{"itemIdentifier": change.sequence}]}
    return {"batchItemFailures": []}


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
    )
