"""The stack starts whole or not at all, ends whole, and keeps its folder to itself."""

import asyncio
import contextlib
import json
import os
import signal
import socket
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Self

import httpx
import pytest

from infra.local.folder import LocalFolder
from infra.local.stack import HOST
from tests.local.fixtures.meeting import meeting
from tests.local.fixtures.programs import PATIENCE, Program, python

pytestmark = pytest.mark.anyio


@contextlib.asynccontextmanager
async def stack(folder: Path, *switches: str, port: int = 0) -> AsyncGenerator[Program]:
    async with python(["-m", "tests.local.fixtures.toy_stack", str(folder), *switches], port=port) as started:
        yield started


@contextlib.asynccontextmanager
async def ready(folder: Path, *switches: str) -> AsyncGenerator[tuple[Program, httpx.AsyncClient]]:
    async with stack(folder, *switches) as program:
        await program.until_ready()
        url = json.loads((folder / "connection.json").read_text())["mcp_url"].removesuffix("/mcp")
        async with httpx.AsyncClient(base_url=url, timeout=PATIENCE) as client:
            yield program, client


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / ".local"


async def test_everything_it_keeps_is_for_this_user_alone(folder: Path) -> None:
    async with ready(folder):
        assert mode_of(folder) == 0o700
        assert mode_of(folder / "connection.json") == 0o600


async def test_programs_find_the_connection_while_the_stack_runs_and_only_then(folder: Path) -> None:
    leave(folder, "connection.json", "of a run that was killed")

    async with ready(folder) as (program, client):
        found = json.loads((folder / "connection.json").read_text())
        assert found.keys() == {
            *("mcp_url", "api_url", "token", "token_id", "owner_bearer", "analyst_bearer", "second_workspace")
        }
        assert found["second_workspace"].keys() == {"token", "owner_bearer"}
        assert found["api_url"] == found["mcp_url"].removesuffix("/mcp") + "/v1"
        assert (await client.post("/mcp")).status_code == 200
        program.process.terminate()
        await program.end()

    assert not (folder / "connection.json").exists()


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_everything_even_in_the_middle_of_events(
    folder: Path, tmp_path: Path, sent: signal.Signals
) -> None:
    async with meeting(tmp_path) as meet, ready(folder) as (program, client):
        calls = [asyncio.create_task(client.post("/mcp", json=meet.event)) for _ in range(2)]
        guests = [await meet.next_guest() for _ in calls]

        program.process.send_signal(sent)
        status, said = await program.end()

        assert (status, said.splitlines()[-1]) == (0, "Stopped.")
        assert all([await guest.has_died() for guest in guests])
        await asyncio.gather(*calls, return_exceptions=True)


async def test_a_stack_says_what_it_is_waiting_for_before_it_is_ready(folder: Path) -> None:
    async with stack(folder, "--awaiting", "toys") as program:
        await program.until("toys ...")
        assert not (folder / "connection.json").exists()

        leave(folder, "toys", "")

        await program.until_ready()


async def test_a_signal_ends_a_stack_that_is_only_starting(folder: Path) -> None:
    async with Pipe(folder / "taken") as taken, stack(folder, "--door=tests.local.fixtures.endless.handler") as program:
        assert await taken.line() == "importing"

        program.process.terminate()
        status, said = await program.end()

        assert (status, said.splitlines()[-1]) == (0, "Stopped.")
        while left := await taken.line():
            assert left == "importing", "the other process of two"


async def test_no_worker_outlives_a_stack_that_was_killed(folder: Path, tmp_path: Path) -> None:
    taken = Pipe(folder / "taken")
    async with meeting(tmp_path) as meet, taken, ready(folder) as (program, client):
        calls = [asyncio.create_task(client.post("/mcp", json=meet.event)) for _ in range(2)]
        busy = [await meet.next_guest() for _ in calls]
        leave(folder, "changes", "one\n")
        assert await taken.line() == "one"  # so the projector is idle now

        program.process.kill()

        assert all([await guest.has_died() for guest in busy])
        assert await taken.line() == "", "the idle one ended, too"
        await asyncio.gather(*calls, return_exceptions=True)


async def test_after_a_kill_the_next_run_takes_the_folder_over_and_pumps_on(folder: Path) -> None:
    leave(folder, "changes", "one\ntwo\n")
    async with Pipe(folder / "taken") as taken, ready(folder) as (program, client):
        assert [await taken.line(), await taken.line()] == ["one", "two"]
        await client.post("/mcp")  # its worker answers after the pump has moved on
        program.process.kill()
        await program.end()

    leave(folder, "changes", "one\ntwo\nthree\n")
    async with Pipe(folder / "taken") as taken, ready(folder):
        first = await taken.line()
        while first in {"one", "two"}:  # at least once: the kill may have come before the position was kept
            first = await taken.line()
        assert first == "three"


async def test_a_second_stack_on_the_same_folder_is_refused_and_told_who_has_it(folder: Path) -> None:
    async with ready(folder) as (program, client), stack(folder) as second:
        status, said = await second.end()

        assert status == 1
        assert f"process {program.process.pid} at {str(client.base_url).rstrip('/')}" in said
        assert (await client.post("/mcp")).status_code == 200


async def test_a_busy_port_is_named_and_nothing_is_started(folder: Path) -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]

        async with stack(folder, port=port) as refused:
            status, said = await refused.end()

    assert status == 1
    assert said.splitlines()[-1] == (
        f"Error: port {port} of 127.0.0.1 is in use. Choose another one: PORT={port + 1} make run"
    )
    assert not (folder / "logs" / "door.log").exists()


async def test_a_function_that_does_not_start_ends_the_stack_with_a_hint(folder: Path) -> None:
    async with stack(folder, "--door=tests.local.fixtures.unstartable.handler") as broken:
        status, said = await broken.end()

    assert status == 1
    assert f"Error: the function door does not start. The logs in {folder}/logs say why." in said
    assert "no container of this function ever starts" in (folder / "logs" / "door.log").read_text()
    assert not (folder / "connection.json").exists()


@pytest.mark.parametrize(
    ("switches", "name"), [((), "www-authenticate"), (("--remap",), "x-amzn-remapped-www-authenticate")]
)
async def test_the_challenge_comes_under_either_name(folder: Path, switches: tuple[str, ...], name: str) -> None:
    refusal = {"statusCode": 401, "headers": {"WWW-Authenticate": "Bearer"}, "body": "{}"}

    async with ready(folder, *switches) as (_, client):
        answer = await client.post("/mcp", json={"do": "answer", "answer": refusal})

    assert answer.status_code == 401
    assert {header: value for header, value in answer.headers.items() if "authenticate" in header} == {name: "Bearer"}


async def test_a_worker_that_dies_costs_one_request(folder: Path) -> None:
    async with ready(folder) as (_, client):
        lost = await client.post("/mcp", json={"do": "die"})
        next_one = await client.post("/mcp", json={"do": "describe"})

    assert (lost.status_code, lost.json()) == (502, {"message": "Internal Server Error"})
    assert next_one.status_code == 200


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777


def leave(folder: Path, name: str, content: str) -> None:
    LocalFolder(path=folder).prepare()
    (folder / name).write_text(content)


class Pipe:
    """The test's end of `toy.take`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reader = asyncio.StreamReader()

    async def line(self) -> str:
        """Give the next change; an empty one when the process that takes them has ended."""
        async with asyncio.timeout(PATIENCE):
            return (await self._reader.readline()).decode().rstrip("\n")

    async def __aenter__(self) -> Self:
        LocalFolder(path=self._path.parent).prepare()
        self._path.unlink(missing_ok=True)
        os.mkfifo(self._path)
        end = os.fdopen(os.open(self._path, os.O_RDONLY | os.O_NONBLOCK), "rb")
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(self._reader), end)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._transport.close()
