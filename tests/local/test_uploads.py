"""A file over the REST API, as docs/api.md shows it, on the stack that `make run` starts."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from tests.data.merchants import as_file, header, order
from tests.local.fixtures.programs import PATIENCE
from tests.local.test_product import asked, make_run

pytestmark = pytest.mark.anyio

FILE = as_file([header(source="uploaded"), order("1"), order("2"), *(order(f"o{n}") for n in range(20))])


async def test_a_file_is_announced_sent_and_imported(tmp_path: Path) -> None:
    about = {"file_name": "orders.ndjson", "bytes": len(FILE), "sha256": sha256(FILE).hexdigest()}
    async with make_run(tmp_path) as (_, connection), httpx.AsyncClient(timeout=PATIENCE) as client:
        owner = connection["owner_bearer"]

        async def announce() -> httpx.Response:
            url, headers = connection["api_url"] + "/imports", {"Authorization": f"Bearer {owner}"}
            return await client.post(url, json=about, headers=headers)

        announced = (await announce()).json()
        upload = announced["upload"]
        other = await client.request(upload["method"], upload["url"], content=FILE[:-1], headers=upload["headers"])
        sent = await client.request(upload["method"], upload["url"], content=FILE, headers=upload["headers"])
        record = announced
        async with asyncio.timeout(PATIENCE):
            while record["status"] in {"waiting", "running"}:
                path, analyst = f"/imports/{announced['id']}", connection["analyst_bearer"]
                record = (await asked(connection, path, analyst)).json()
        again = await announce()

    assert (other.status_code, sent.status_code) == (403, 200)
    assert (record["status"], record["counts"]["order"]["new"]) == ("finished", 22)
    assert (again.status_code, again.json()["upload"]) == (200, None)
