"""Makes botocore try again when a transaction met another one, which it does not do by itself.

DynamoDB refuses a write to an item that a transaction is just changing, and asks to be tried again. botocore asks its
`needs-retry` hooks after every attempt and waits itself, so that this needs no loop and no sleep of ours.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

ATTEMPTS = 8
FIRST_WAIT_SECONDS = 0.02
LONGEST_WAIT_SECONDS = 0.5
CONDITION_FAILED = "ConditionalCheckFailed"
PASSING = frozenset({"None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
"""Reasons for which the same transaction may succeed a moment later."""


def retry_conflicts(client: DynamoDBClient) -> None:
    """Let this client try again after a conflict."""
    client.meta.events.register(
        "needs-retry.dynamodb",
        _wait_after,  # pyright: ignore[reportArgumentType] # the stubs ask for a handler of any arguments
        unique_id="retry-conflicts",
    )


def reasons(answer: Mapping[str, Any]) -> list[str]:
    """Name for each write of a cancelled transaction why it did not go through (`None`: it would have)."""
    return [reason.get("Code", "None") for reason in answer.get("CancellationReasons", ())]


def _wait_after(response: tuple[Any, Mapping[str, Any]] | None, attempts: int, **_: object) -> float | None:
    """Say how long to wait before the next attempt (None: another handler decides)."""
    if response is None or attempts >= ATTEMPTS:
        return None
    code = response[1].get("Error", {}).get("Code")
    cancelled = code == "TransactionCanceledException" and PASSING.issuperset(reasons(response[1]))
    if not cancelled and code != "TransactionConflictException":
        return None
    longest = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2**attempts)
    return random.uniform(0, longest)  # noqa: S311  # it guards nothing; it only keeps two writers from meeting again
