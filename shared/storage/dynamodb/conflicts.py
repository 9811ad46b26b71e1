"""Requests that met a transaction: DynamoDB refuses them, and asks to be tried again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.storage.aws.json_client import NotDone, Refused, Retry
from shared.storage.aws.retries import ATTEMPTS, jitter, retry

ATTEMPTS_IN_CONFLICT = 8
FIRST_WAIT_SECONDS = 0.04
LONGEST_WAIT_SECONDS = 0.5
CANCELLED = "TransactionCanceledException"
CONFLICT = "TransactionConflictException"
CONDITION_FAILED = "ConditionalCheckFailed"
PASSING = frozenset({"None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
"""Reasons for which the same transaction may succeed a moment later."""


def retry_of_dynamodb(*, attempts: int = ATTEMPTS) -> Retry:
    """Make so many attempts, and more of them where two writers met: somebody gets through at each."""
    of_others = retry(attempts=attempts)

    def wait(failed: NotDone) -> float | None:
        if not isinstance(failed, Refused) or not _in_conflict(failed):
            return of_others(failed)
        if failed.attempts >= ATTEMPTS_IN_CONFLICT:
            return None
        return jitter(failed.attempts, FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS)

    return wait


def reasons(answer: Mapping[str, Any]) -> list[str]:
    """Name for each write of a cancelled transaction why it did not go through (`None`: it would have)."""
    return [reason.get("Code", "None") for reason in answer.get("CancellationReasons", ())]


def _in_conflict(refused: Refused) -> bool:
    return refused.code == CONFLICT or (refused.code == CANCELLED and PASSING.issuperset(reasons(refused.body)))
