"""When a request is made again: after silence, a fault of the service, or a word that it is busy."""

from __future__ import annotations

import random

from shared.storage.aws.json_client import NotDone, Refused, Retry

ATTEMPTS = 3
FIRST_WAIT_SECONDS = 0.05
LONGEST_WAIT_SECONDS = 1.0
SERVER_ERROR = 500
BUSY = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "TransactionInProgressException",
    }
)
"""Words after which the same request may succeed a moment later."""


def retry(*, attempts: int = ATTEMPTS) -> Retry:
    """Make so many attempts in all."""

    def wait(failed: NotDone) -> float | None:
        if failed.attempts >= attempts or (isinstance(failed, Refused) and not may_pass(failed)):
            return None
        return jitter(failed.attempts, FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS)

    return wait


def may_pass(refused: Refused) -> bool:
    """Tell whether the service is at fault or busy."""
    return refused.status >= SERVER_ERROR or refused.code in BUSY


def jitter(attempts: int, first: float, longest: float) -> float:
    """Give a random wait, whose bound doubles with each attempt, so that two who met do not meet again."""
    return random.uniform(0, min(longest, first * 2 ** (attempts - 1)))  # noqa: S311  # it guards nothing
