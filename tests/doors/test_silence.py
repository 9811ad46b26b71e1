"""A store that is silent: how long a caller waits for the answer that says so."""

from __future__ import annotations

import httpx
import pytest

from functions.aws import SILENCE_SECONDS
from shared.storage.aws import retries
from shared.storage.aws.json_client import NoAnswer
from shared.storage.dynamodb.conflicts import retry_of_dynamodb


def longest(_: float, most: float) -> float:
    """Wait as long as may be."""
    return most


def test_a_silent_store_is_answered_for_before_a_client_with_httpx_own_timeout_gives_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retries.random, "uniform", longest)
    retry, lasted, attempts, wait = retry_of_dynamodb(), 0.0, 0, 0.0
    while wait is not None:
        attempts += 1
        lasted += wait + SILENCE_SECONDS
        wait = retry(NoAnswer("nothing came", attempts))

    assert attempts > 1
    assert lasted < (httpx.Client().timeout.read or 0)
