"""A message of the local queue is delivered until the function has done what it says, and then it is gone."""

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.local.pool import ContainerLost
from infra.local.pumps import Pauses
from infra.local.queue_pump import ATTEMPTS, QueuePump
from shared.storage.queues.folder import FolderQueue
from shared.transports.uploads import keys_to_import

pytestmark = pytest.mark.anyio


async def delivered(queue: FolderQueue, *, failures: int, until: int) -> list[str]:
    """Let the pump run until it has delivered so often; the first few deliveries fail."""
    keys: list[str] = []
    enough = asyncio.Event()

    async def function(event: Mapping[str, Any]) -> None:
        keys.extend(keys_to_import(event))
        if len(keys) == until:
            enough.set()
        if len(keys) <= failures:
            raise ContainerLost("importer")

    pump = QueuePump(name="imports", waiting=queue.waiting, deliver=function, look_again=0.0, pauses=Pauses(first=0.0))
    running = asyncio.create_task(pump.run())
    async with asyncio.timeout(10):
        await enough.wait()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    return keys


async def test_messages_are_delivered_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    queue = FolderQueue(tmp_path / "queue")
    assert queue.waiting() == []
    queue.send("raw/wks_1/a")
    queue.send("raw/wks_1/b+c")

    assert await delivered(queue, failures=0, until=2) == ["raw/wks_1/a", "raw/wks_1/b+c"]


async def test_a_message_that_is_not_taken_comes_again_and_is_given_up_in_the_end(tmp_path: Path) -> None:
    queue = FolderQueue(tmp_path)
    queue.send("raw/wks_1/bad")
    queue.send("raw/wks_1/good")

    keys = await delivered(queue, failures=ATTEMPTS, until=ATTEMPTS + 1)
    assert keys == ["raw/wks_1/bad"] * ATTEMPTS + ["raw/wks_1/good"]
