"""A store that is silent: how long a caller waits for the answer that says so."""

from __future__ import annotations

import socket

import httpx
import pytest

from functions.aws import SILENCE_SECONDS, json_client
from functions.settings import Settings
from functions.wiring import now
from shared.storage.aws import retries
from shared.storage.aws.json_client import DYNAMODB, NoAnswer
from shared.storage.dynamodb.conflicts import retry_of_dynamodb


def longest(_: float, most: float) -> float:
    """Wait as long as may be."""
    return most


def test_the_way_of_a_call_waits_no_longer_for_a_silent_store(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    def silent(_: object, timeout: float, *__: object) -> None:
        waited.append(timeout)
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", silent)
    own = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s3cr3t", "AWS_REGION": "eu-central-1"}
    client = json_client(DYNAMODB, process=Settings(values=own), clock=now, retry=retries.retry(attempts=2))
    with pytest.raises(NoAnswer):
        client.ask("GetItem", {})

    assert waited == [SILENCE_SECONDS] * 2


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
