"""The Python client of `mcp`, unchanged: without a credential it finds everything by itself, and ends in a call."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx2
import pytest
from mcp.client import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.auth.exceptions import OAuthFlowError
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl

from tests.transports.web.app_of_tests import AUTHORIZE, METADATA, REDIRECT, REGISTER, RESOURCE, TOKEN, App, told
from tests.transports.web.rfc_scene import Scene

T = TypeVar("T")
DOCUMENT = "https://claude.test/client.json"


@dataclass
class Kept:
    """Where the client keeps what it is given."""

    tokens: OAuthToken | None = None
    client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


async def beside(act: Callable[[], T]) -> T:
    """Do in a thread what runs a loop of its own, as Mangum does."""

    def with_loop() -> T:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            return act()
        finally:
            loop.close()

    return await asyncio.to_thread(with_loop)


class Wires(httpx2.AsyncBaseTransport):
    """Leads requests to the functions, as the gateway does."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.seen: list[tuple[str, str, int]] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        body, path = (await request.aread()).decode(), request.url.path
        headers = dict(request.headers)

        def ask() -> httpx2.Response:
            if path.startswith(("/oauth/", METADATA)):
                page = self._scene.web.send(request.method, path, headers=headers, body=body)
            else:
                page = self._scene.mcp(method=request.method, path=path, headers=headers, body=body)
            return httpx2.Response(page.status, headers=dict(page.headers), content=page.text.encode())

        answered = await beside(ask)
        self.seen.append((request.method, path, answered.status_code))
        return answered


@dataclass
class Person:
    """Goes where the client sends them, and presses a button."""

    scene: Scene
    answer: dict[str, Any] = field(default_factory=dict[str, Any])
    asked: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    led: dict[str, str] = field(default_factory=dict[str, str])

    async def go(self, address: str) -> None:
        assert address.startswith(f"https://api.test{AUTHORIZE}?")
        self.asked.append(dict(httpx2.URL(address).params))
        path = address.removeprefix("https://api.test")

        def press() -> dict[str, str]:
            page = self.scene.web.send("GET", path)
            return told(App(self.scene.web, client_id="nobody").answer(page, **self.answer))

        self.led = await beside(press)

    async def come_back(self) -> AuthorizationCodeResult:
        return AuthorizationCodeResult(code=self.led.get("code", ""), state=self.led["state"], iss=self.led["iss"])


@dataclass
class Connected:
    """A client and what it did."""

    scene: Scene
    person: Person
    wires: Wires
    provider: OAuthClientProvider
    kept: Kept

    def run(self, act: Callable[[Client], Awaitable[Any]], *, mode: str = "auto") -> Any:  # noqa: ANN401 - what it gives
        async def main() -> Any:  # noqa: ANN401 - the same
            async with (
                httpx2.AsyncClient(transport=self.wires, auth=self.provider) as http,
                Client(streamable_http_client(RESOURCE, http_client=http), mode=mode) as client,
            ):
                return await act(client)

        with ThreadPoolExecutor(1) as thread:  # `asyncio.run` would leave this one without a loop
            return thread.submit(asyncio.run, main()).result()


def connected(*, document: bool = False, **answer: Any) -> Connected:  # noqa: ANN401 - the same
    scene = Scene()
    scene.web.published.documents[DOCUMENT] = json.dumps(
        {"client_id": DOCUMENT, "client_name": "Claude", "redirect_uris": [REDIRECT]}
    ).encode()
    person, kept = Person(scene, answer), Kept()
    provider = OAuthClientProvider(
        server_url=RESOURCE,
        client_metadata=OAuthClientMetadata(client_name="A client", redirect_uris=[AnyUrl(REDIRECT)]),
        storage=kept,
        redirect_handler=person.go,
        callback_handler=person.come_back,
        client_metadata_url=DOCUMENT if document else None,
    )
    return Connected(scene, person, Wires(scene), provider, kept)


async def read_activity(client: Client) -> Any:  # noqa: ANN401 - a tool's answer
    return await client.call_tool("list_activity", {})


async def list_tools(client: Client) -> Any:  # noqa: ANN401 - what there are
    return await client.list_tools()


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("document", [True, False])
def test_without_a_credential_it_ends_in_a_call(mode: str, *, document: bool) -> None:
    here = connected(document=document)

    answered = here.run(read_activity, mode=mode)

    assert not answered.is_error
    way = [(method, path) for method, path, _ in here.wires.seen]
    assert way[0] == ("POST", "/mcp")
    assert here.wires.seen[0][2] == 401
    begin = ["/.well-known/oauth-protected-resource/mcp", METADATA, *([] if document else [REGISTER]), TOKEN, "/mcp"]
    assert [path for _, path in way[1 : len(begin) + 1]] == begin
    assert {status for _, _, status in here.wires.seen[1:]} <= {200, 201, 202, 405}
    assert len(here.person.asked) == 1
    assert here.person.asked[0]["resource"] == RESOURCE
    assert here.kept.client is not None
    assert here.kept.client.client_id.startswith(DOCUMENT if document else "mfc_")


def test_an_access_token_that_has_ended_is_renewed_without_the_person() -> None:
    here = connected()
    here.run(read_activity)
    assert here.kept.tokens is not None
    before = here.kept.tokens.access_token
    here.provider.context.token_expiry_time = 1

    assert not here.run(read_activity).is_error

    assert here.kept.tokens.access_token != before
    assert len(here.person.asked) == 1


def test_a_tool_beyond_what_was_ticked_leads_to_the_person_again() -> None:
    here = connected(scope=["mcp:pnl:read"])
    here.run(list_tools)
    here.person.answer = {}

    assert not here.run(read_activity).is_error

    assert len(here.person.asked) == 2
    assert "mcp:activity:read" in here.person.asked[1]["scope"]
    assert here.kept.tokens is not None
    assert "mcp:activity:read" in (here.kept.tokens.scope or "")


def test_a_person_who_says_no_leaves_it_without_tokens() -> None:
    here = connected(answer="deny")

    with pytest.raises(BaseExceptionGroup) as failed:
        here.run(read_activity)

    assert failed.group_contains(OAuthFlowError)
    assert here.kept.tokens is None


def test_after_a_revocation_it_asks_the_person_anew() -> None:
    here = connected()
    here.run(read_activity)
    assert here.kept.tokens is not None
    assert here.kept.client is not None
    App(here.scene.web, client_id=here.kept.client.client_id).revoke(here.kept.tokens.access_token)

    assert not here.run(read_activity).is_error

    assert len(here.person.asked) == 2
