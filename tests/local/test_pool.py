"""Worker processes stand in for Lambda's containers."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from infra.local.pool import CannotStart, ContainerLost, FunctionFailed, FunctionPool, FunctionTimedOut
from tests.local.fixtures.meeting import PATIENCE, meeting

pytestmark = pytest.mark.anyio

StartPool = Callable[..., Awaitable[FunctionPool]]


async def test_a_process_runs_one_event_at_a_time_and_the_others_wait_their_turn(
    start_pool: StartPool, tmp_path: Path
) -> None:
    pool = await start_pool(processes=2)
    async with meeting(tmp_path) as meet:
        running = [asyncio.create_task(pool.invoke(meet.event)) for _ in range(5)]

        first, second = await meet.next_guest(), await meet.next_guest()
        assert {first.pid, second.pid} == pool.pids

        for _ in range(3):
            assert meet.nobody_waits
            first.release()
            follower = await meet.next_guest()
            assert follower.pid == first.pid, "only the process that was free may take the next event"
            first = follower
        first.release()
        second.release()
        await asyncio.gather(*running)


async def test_a_caller_that_gives_up_leaves_its_answer_to_nobody_else(start_pool: StartPool, tmp_path: Path) -> None:
    pool = await start_pool()
    async with meeting(tmp_path) as meet:
        abandoned = asyncio.create_task(pool.invoke(meet.event))
        guest = await meet.next_guest()
        abandoned.cancel()
        await asyncio.wait({abandoned})
        patient = asyncio.create_task(pool.invoke({"do": "answer", "answer": "of the patient one"}))
        guest.release()

        async with asyncio.timeout(PATIENCE):
            assert await patient == "of the patient one"


async def test_a_handler_that_raises_fails_its_event_and_keeps_its_process(start_pool: StartPool) -> None:
    pool = await start_pool()
    before = await pool.invoke({"do": "describe"})

    with pytest.raises(FunctionFailed, match=r"^ValueError$"):
        await pool.invoke({"do": "raise"})

    assert (await pool.invoke({"do": "describe"}))["pid"] == before["pid"]


async def test_an_answer_that_json_cannot_say_is_a_failure_like_any_other(start_pool: StartPool) -> None:
    pool = await start_pool()

    with pytest.raises(FunctionFailed, match="TypeError"):
        await pool.invoke({"do": "something unsayable"})


async def test_a_process_that_dies_fails_its_event_and_is_replaced(start_pool: StartPool) -> None:
    pool = await start_pool()
    before = await pool.invoke({"do": "describe"})

    with pytest.raises(ContainerLost):
        await pool.invoke({"do": "die"})

    async with asyncio.timeout(PATIENCE):
        after = await pool.invoke({"do": "describe"})
    assert after["pid"] != before["pid"]


async def test_an_event_that_takes_too_long_ends_its_process(start_pool: StartPool) -> None:
    pool = await start_pool(timeout_seconds=0.2)
    (stuck,) = pool.pids

    with pytest.raises(FunctionTimedOut):
        await pool.invoke({"do": "hang"})

    async with asyncio.timeout(PATIENCE):
        while stuck in pool.pids:
            with pytest.raises(FunctionTimedOut):
                await pool.invoke({"do": "hang"})
    assert not is_alive(stuck)


async def test_a_function_that_cannot_be_imported_says_so_at_the_start(
    start_pool: StartPool, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO), pytest.raises(CannotStart):
        await start_pool(handler="tests.local.fixtures.unstartable.handler")

    assert "no container of this function ever starts" in caplog.text


async def test_what_a_handler_prints_lands_in_the_log_and_not_in_the_answer(
    start_pool: StartPool, caplog: pytest.LogCaptureFixture
) -> None:
    pool = await start_pool()

    with caplog.at_level(logging.INFO):
        answer = await pool.invoke({"do": "print", "text": "café"})
        await pool.stop()

    assert answer == {"printed": "café"}
    assert [record.getMessage() for record in caplog.records if record.name == "tests.toy"] == ["café", "café"]


async def test_stopping_ends_every_process_in_the_middle_of_an_event_too(start_pool: StartPool, tmp_path: Path) -> None:
    pool = await start_pool(processes=2)
    pids = pool.pids
    async with meeting(tmp_path) as meet:
        running = asyncio.create_task(pool.invoke(meet.event))
        await meet.next_guest()

        async with asyncio.timeout(2):
            await pool.stop()

        await asyncio.wait({running})
    assert len(pids) == 2
    assert not any(is_alive(pid) for pid in pids)


async def test_a_handler_sees_the_context_and_the_environment_that_lambda_would_give_it(start_pool: StartPool) -> None:
    pool = await start_pool(timeout_seconds=20)

    seen, again = await pool.invoke({"do": "describe"}), await pool.invoke({"do": "describe"})

    assert seen["request_id"] != again["request_id"]
    assert seen["function"] == "toy"
    assert seen["arn"].endswith(":function:toy")
    assert seen["memory"] == 512
    assert 15_000 < seen["remaining_ms"] <= 20_000
    assert {name for name in seen["environment"] if name != "LC_CTYPE"} == {"PATH", "GIVEN"}


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
