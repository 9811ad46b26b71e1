"""A refusal's link to the docs leads somewhere on this machine."""

from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from infra.local.docs import docs_routes

pytestmark = pytest.mark.anyio


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secret.md").write_text("not a page")
    (tmp_path / "docs" / "adr").mkdir(parents=True)
    (tmp_path / "docs" / "api.md").write_text("# The API")
    (tmp_path / "docs" / "adr" / "one.md").write_text("# One")
    (tmp_path / "docs" / "picture.svg").write_text("<svg/>")
    return tmp_path / "docs"


async def got(folder: Path, path: str) -> httpx.Response:
    app = Starlette(routes=docs_routes(folder))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8765") as client:
        return await client.get(path)


async def test_the_index_names_every_page_by_its_address(folder: Path) -> None:
    assert (await got(folder, "/docs")).text.split() == [
        "http://127.0.0.1:8765/docs/adr/one",
        "http://127.0.0.1:8765/docs/api",
    ]


@pytest.mark.parametrize("path", ["/docs/api", "/docs/api.md"])
async def test_a_page_is_shown_as_it_is_written(folder: Path, path: str) -> None:
    answer = await got(folder, path)

    assert (answer.text, answer.headers["content-type"]) == ("# The API", "text/plain; charset=utf-8")


@pytest.mark.parametrize("path", ["/docs/none", "/docs/picture.svg", "/docs/..%2Fsecret", "/docs/%2Fetc%2Fpasswd"])
async def test_nothing_but_a_page_is_shown(folder: Path, path: str) -> None:
    assert (await got(folder, path)).status_code == 404
