"""What the store of objects makes of an S3 that is slow, busy or gone, and of one that says no."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from shared.storage.contracts.objects import ObjectStore
from shared.storage.contracts.streams import StoreUnavailable
from tests.storage.places import ObjectsAt
from tests.storage.scripted_server import SILENCE, Answer, scripted_aws

NOT_OURS = Answer(status=403, text="<Error><Code>AccessDenied</Code><Message>no</Message></Error>")
Ask = Callable[[ObjectStore], None]


def read(objects: ObjectStore) -> None:
    with objects.open("raw/a"):
        pass


def put(objects: ObjectStore) -> None:
    objects.put_file("raw/a", Path(__file__))


def look(objects: ObjectStore) -> None:
    list(objects.list("raw/"))


def delete(objects: ObjectStore) -> None:
    objects.delete("raw/a")


@pytest.mark.parametrize("ask", [read, put, look, delete])
@pytest.mark.parametrize("answer", [Answer(status=503), SILENCE], ids=["503", "silence"])
def test_a_busy_or_silent_bucket_is_unavailable(objects_at: ObjectsAt, answer: Answer, ask: Ask) -> None:
    with scripted_aws(answer) as server, pytest.raises(StoreUnavailable):
        ask(objects_at(server.address))


def test_a_bucket_out_of_reach_is_unavailable(objects_at: ObjectsAt) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # taken, and nobody listens
        with pytest.raises(StoreUnavailable):
            read(objects_at(f"http://127.0.0.1:{nobody.getsockname()[1]}"))


@pytest.mark.parametrize("ask", [read, put, look, delete])
def test_a_bucket_that_is_not_ours_is_not_called_unavailable(objects_at: ObjectsAt, ask: Ask) -> None:
    with scripted_aws(NOT_OURS) as server, pytest.raises(ClientError, match="AccessDenied"):
        ask(objects_at(server.address))
