"""The stack that `make run` starts: the product, on a folder of its own."""

import asyncio
import contextlib
import json
import stat
from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from threading import Event
from typing import Any, TypeVar

import httpx
import pytest

from functions.wiring import now
from infra.local.folder import FolderDamaged, LocalFolder
from infra.local.positions import Positions
from infra.local.product import make_keys
from infra.places import connect
from shared.domain.trail.note import NamedKey
from shared.domain.trail.verify import verify_export
from shared.services.trail.check_signature import TrustedKeys
from shared.services.trail.export_trail import Wanted, export_trail
from shared.transports.cli.place import Place
from tests.local.fixtures.programs import PATIENCE, Program, python

pytestmark = pytest.mark.anyio

Connection = Mapping[str, Any]
T = TypeVar("T")


@contextlib.asynccontextmanager
async def make_run(folder: Path) -> AsyncGenerator[tuple[Program, Connection]]:
    async with python(["-m", "infra.cli", "local", "up", "--data", str(folder)]) as program:
        await program.until_ready()
        yield program, json.loads((folder / "connection.json").read_text())


async def call(connection: Connection, tool: str, *, token: str | None = None) -> httpx.Response:
    headers = {
        "Authorization": f"Bearer {token or connection['token']}",
        "Accept": "application/json, text/event-stream",
    }
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool}}
    async with httpx.AsyncClient(timeout=PATIENCE) as client:
        return await client.post(connection["mcp_url"], json=message, headers=headers)


async def garbled(url: str, bearer: str) -> httpx.Response:
    """Send what would be JSON if it were UTF-8."""
    body = b'{"jsonrpc": "2.0", "id": 1, "method": "ping", "name": "caf\xe9", "scopes": [], "expires_in_days": 30}'
    headers = {
        "Authorization": f"Bearer {bearer}",
        "Accept": "application/json, text/event-stream",
        "Content-Type": "application/json",
    }
    async with httpx.AsyncClient(timeout=PATIENCE) as client:
        return await client.post(url, content=body, headers=headers)


async def asked(connection: Connection, path: str, bearer: str) -> httpx.Response:
    async with httpx.AsyncClient(timeout=PATIENCE) as client:
        return await client.get(connection["api_url"] + path, headers={"Authorization": f"Bearer {bearer}"})


async def come(look: Callable[[], T]) -> T:
    """Wait for what the stack leaves."""
    async with asyncio.timeout(PATIENCE):
        while not (found := await asyncio.to_thread(look)):
            await asyncio.to_thread(Event().wait, 0.05)
    return found


async def arrived(pattern: str, folder: Path) -> list[Path]:
    return await come(lambda: sorted(folder.glob(pattern)))


def of_both(letters: list[Path]) -> list[Path]:
    """Give letters once they are two: to the owner of the second workspace, and to the admin of both."""
    return letters if len(letters) == 2 else []


def result(answer: httpx.Response) -> dict[str, Any]:
    return answer.json()["result"]["structuredContent"]


def test_keys_are_made_once_and_for_this_user_alone(tmp_path: Path) -> None:
    folder = LocalFolder(path=tmp_path)
    make_keys(folder)
    made = {path: path.read_bytes() for path in tmp_path.iterdir()}

    make_keys(folder)

    assert made.keys() == {folder.token_keys, folder.signing_key}
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == made
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o600}


@pytest.mark.parametrize("left", [None, '{"credential": {"1', "[]"], ids=["gone", "cut short", "a list"])
def test_other_keys_are_not_made_in_the_place_of_those_that_tokens_were_made_with(
    tmp_path: Path, left: str | None
) -> None:
    folder = LocalFolder(path=tmp_path)
    folder.database.touch()
    if left is not None:
        folder.token_keys.write_text(left)

    with pytest.raises(FolderDamaged, match=r"keys\.json (is gone|cannot be read|holds no keys)"):
        make_keys(folder)

    assert folder.token_keys.exists() is (left is not None)


def test_a_stack_whose_positions_are_damaged_says_so_in_a_sentence(tmp_path: Path) -> None:
    folder = LocalFolder(path=tmp_path)
    folder.positions.write_text("no database, and longer than the hundred bytes of a header" * 10)

    with pytest.raises(FolderDamaged, match=r"positions\.db cannot be read"):
        Positions(folder.positions)


async def test_a_first_run_and_one_after_a_kill(tmp_path: Path) -> None:
    folder = tmp_path / ".local"
    async with make_run(folder) as (program, first):
        figures = result(await call(first, "get_workspace_context"))["data"]
        assert figures["data_from"] < figures["data_through"] < figures["today"]
        assert result(await call(first, "pma_inspect_org_data"))["data"]["last_imports"][0]["rejected"] == 0

        second = first["second_workspace"]
        assert result(await call(first, "get_workspace_context", token=second["token"]))["data"]["data_from"] is None

        listed = (await asked(first, "/tokens", first["owner_bearer"])).json()["data"]
        assert [token["id"] for token in listed] == [first["token_id"]]
        assert (await asked(first, "/tokens", first["analyst_bearer"])).status_code == 403
        assert first["token_id"] not in (await asked(first, "/tokens", second["owner_bearer"])).text

        for url, bearer in ((first["mcp_url"], first["token"]), (f"{first['api_url']}/tokens", first["owner_bearer"])):
            assert (await garbled(url, bearer)).status_code == 400

        async with httpx.AsyncClient(timeout=PATIENCE) as stranger:
            await stranger.post(f"{first['api_url']}/tokens/report-leak", json={"token": second["token"]})
        letters = await come(lambda: of_both(sorted((folder / "mailbox").glob("*-token.leak_reported-*.eml"))))
        opened = [message_from_bytes(letter.read_bytes(), policy=policy.default) for letter in letters]
        assert {letter["To"] for letter in opened} == {"oscar@sample.example", "wanda@sample.example"}
        assert all("was leaked and is revoked" in letter["Subject"] for letter in opened)
        for letter in letters:
            assert f"{first['api_url']}/tokens" in letter.read_text(encoding="utf-8")
            assert second["token"] not in letter.read_text(encoding="utf-8")
        assert len(await arrived("topic/*-token.leak_reported-*.json", folder / "mailbox")) == 1

        program.process.kill()
        await program.end()

    an_hour_ago = now() - timedelta(hours=1)
    stores = connect(Place(data=folder))
    stores.seals.mark("wks_sample", since=an_hour_ago, until=now(), now=an_hour_ago)
    async with make_run(folder) as (program, then):
        assert then["token"] != first["token"]
        for token in (then["token"], first["token"]):
            answer = result(await call(then, "get_workspace_context", token=token))
            assert answer["data"]["data_through"] == figures["data_through"]
        assert len(result(await call(then, "pma_inspect_org_data"))["data"]["last_imports"]) == 1

        await come(stores.seals.note)  # at its start it seals what the first run has left
        trail = list(export_trail("wks_sample", Wanted(), seals=stores.seals, archive=stores.archive))
        key = NamedKey(name=stores.log_origin, public=stores.signer.public_key)
        assert verify_export(trail, check_signature=TrustedKeys.of_lines([str(key)]).check).holds
        called = next(line for line in map(json.loads, trail) if line.get("type") == "mcp.call")
        assert called["stream"] == f"token:{first['token_id']}"
        await come(lambda: stores.trail_index.uses("wks_sample", first["token_id"], [called["at"][:10]]))

        program.process.terminate()
        assert await program.end() == (0, "Stopped.\n")
