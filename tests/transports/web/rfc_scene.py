"""What the table of RFCs is made of: requests, valid but for what a row changes, and answers as they should be."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from typing import Any, NamedTuple

from mangum import Mangum

from shared.services.gate import Gate
from shared.transports.mcp.answers import Place
from shared.transports.mcp.app import build_app
from tests.data.tenants import KEYS, workspace
from tests.transports.web.app_of_tests import METADATA, REDIRECT, App, encoded, said_in, told, way_back_in
from tests.transports.web.web import PUBLIC_URL, Page, Web

Changed = Mapping[str, Any]


@dataclass
class Scene:
    """A workspace, its owner before a browser, an app of theirs, and the endpoint that the app is after."""

    web: Web = field(default_factory=Web)
    numbers: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        workspace(self.web.stores)
        self.web.sign_in()

    @cached_property
    def app(self) -> App:
        return App(self.web)

    @cached_property
    def _endpoint(self) -> Mangum:
        stores = self.web.stores
        app = build_app(
            gate=Gate(keys=KEYS, tokens=stores.tokens, subjects=stores.subjects, audit=stores.audit),
            workspaces=stores.workspaces,
            figures=stores.figures,
            trail=stores.trail,
            alerts=stores.alerts,
            place=Place(public_url=PUBLIC_URL, docs_url="https://docs.test"),
            clock=lambda: self.web.now,
        )
        return Mangum(app, lifespan="off")

    def mcp(
        self, *, method: str = "POST", path: str = "/mcp", body: str = "", headers: Mapping[str, str] | None = None
    ) -> Page:
        """Ask the function that serves the endpoint."""
        event = {
            "version": "2.0",
            "rawPath": path,
            "rawQueryString": "",
            "headers": {
                "accept": "application/json, text/event-stream",
                "content-type": "application/json",
                **(headers or {}),
            },
            "requestContext": {
                "requestId": f"gateway-{next(self.numbers)}",
                "http": {"method": method, "path": path, "sourceIp": "203.0.113.7"},
            },
            "body": body,
            "isBase64Encoded": False,
        }
        given = self._endpoint(event, None)  # pyright: ignore[reportArgumentType] - nothing reads the Lambda context
        return Page(status=given["statusCode"], headers=given.get("headers", {}), text=given.get("body", ""))

    def call(self, tool: str, bearer: str | None) -> Page:
        """Call a tool."""
        params: dict[str, Any] = {"name": tool, "arguments": {}}
        body: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        known = {"mcp-protocol-version": "2025-11-25"}
        credential = {"authorization": f"Bearer {bearer}"} if bearer is not None else {}
        return self.mcp(body=json.dumps(body), headers={**known, **credential})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request, in words and in deed."""

    what: str
    act: Callable[[Scene], Page]
    changed: Changed = field(default_factory=dict[str, Any])

    def __str__(self) -> str:
        with_ = ", ".join(f"{name}={value}" for name, value in self.changed.items() if value is not None)
        without = ", ".join(name for name, value in self.changed.items() if value is None)
        return self.what + (f" with {with_}" if with_ else "") + (f" without {without}" if without else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What has to come back: of what is not named here, anything may."""

    status: int
    holds: Changed = field(default_factory=dict[str, Any])
    """Of the JSON document, or of the query that a client is told."""
    lacks: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    """Texts that stand in headers."""
    words: str = ""
    """What stands on the page."""
    to: str = ""
    """What the address begins with that the browser is sent to."""
    by_link: str = ""
    """What the address begins with that the person may go to."""

    def __str__(self) -> str:
        parts = [f"{self.status}{f' to {self.to}' if self.to else ''}"]
        parts += [f"a link to {self.by_link}"] if self.by_link else []
        parts += [f"{name}: {value}" for name, value in self.holds.items()]
        parts += [f"no {name}" for name in self.lacks]
        parts += [f"{name}: {value}" for name, value in self.headers.items()]
        return ", ".join([*parts, *([f'"{self.words}"'] if self.words else [])])

    def check(self, page: Page) -> None:
        """Hold an answer against this one."""
        assert page.status == self.status, page.words
        assert page.headers.get("location", "").startswith(self.to)
        assert bool(self.to) == ("location" in page.headers)
        if self.by_link:
            assert way_back_in(page).startswith(self.by_link)
        if self.holds or self.lacks:
            content = self._content(page)
            assert {name: content.get(name) for name in self.holds} == self.holds
            assert not content.keys() & set(self.lacks)
        for name, text in self.headers.items():
            assert text in page.headers.get(name, ""), page.headers.get(name)
        assert self.words in page.words

    def _content(self, page: Page) -> Changed:
        if self.by_link:
            return said_in(way_back_in(page))
        return told(page) if self.to else page.json


class Row(NamedTuple):
    """A requirement, with a request and its answer."""

    source: str
    says: str
    asked: Asked
    answered: Answered


def described(path: str = METADATA) -> Asked:
    return Asked(what=f"GET {path}", act=lambda scene: scene.web.get(path))


def resource_described(path: str = "/.well-known/oauth-protected-resource/mcp") -> Asked:
    return Asked(what=f"GET {path}", act=lambda scene: scene.mcp(method="GET", path=path))


def resource_preflight(path: str = "/.well-known/oauth-protected-resource/mcp") -> Asked:
    headers = {"origin": "https://app.test", "access-control-request-headers": "mcp-protocol-version"}
    return Asked(what=f"OPTIONS {path}", act=lambda scene: scene.mcp(method="OPTIONS", path=path, headers=headers))


def preflight(path: str) -> Asked:
    headers = {"origin": "https://app.test", "access-control-request-method": "POST"}
    return Asked(what=f"OPTIONS {path}", act=lambda scene: scene.web.send("OPTIONS", path, headers=headers))


def register(body: str | None = None, **changed: Any) -> Asked:  # noqa: ANN401 - any JSON
    what = "POST /oauth/register" + (f" of {body}" if body is not None else "")
    return Asked(what=what, act=lambda scene: scene.app.register(body, **changed), changed=changed)


def ask(**changed: Any) -> Asked:  # noqa: ANN401 - see Fields
    return Asked(what="GET /oauth/authorize", act=lambda scene: scene.app.ask(**changed), changed=changed)


def ask_by_document(**changed: Any) -> Asked:  # noqa: ANN401 - any JSON
    """Ask as a client whose document, which lies at its client_id, is changed."""
    what = "GET /oauth/authorize by a client whose document is"
    return Asked(what=what, act=lambda scene: _published(scene, **changed).ask(), changed=changed)


def ask_by_document_for(scope: str) -> Asked:
    """Ask for a scope as a client with a document."""
    what = f"GET /oauth/authorize by a client with a document with scope={scope}"
    return Asked(what=what, act=lambda scene: _published(scene).ask(scope=scope))


def ask_signed_out() -> Asked:
    def act(scene: Scene) -> Page:
        app = scene.app
        scene.web.cookies.clear()
        return app.ask()

    return Asked(what="GET /oauth/authorize by nobody who is signed in", act=act)


def answer(**changed: Any) -> Asked:  # noqa: ANN401 - see Fields
    return Asked(
        what="POST /oauth/authorize", act=lambda scene: scene.app.answer(scene.app.ask(), **changed), changed=changed
    )


def redeem(*, headers: Mapping[str, str] | None = None, asked: Changed | None = None, **changed: Any) -> Asked:  # noqa: ANN401 - see Fields
    """Bring a fresh code; `asked` is what the request for it changed."""
    what = "POST /oauth/token of a code" + (f" that was asked for with {encoded(asked)}" if asked else "")
    return Asked(
        what=what + _with(headers),
        act=lambda scene: scene.app.redeem(scene.app.code(**(asked or {})), headers=headers, **changed),
        changed=changed,
    )


def refresh(*, headers: Mapping[str, str] | None = None, **changed: Any) -> Asked:  # noqa: ANN401 - see Fields
    return Asked(
        what="POST /oauth/token of a refresh token" + _with(headers),
        act=lambda scene: scene.app.refresh(scene.app.connect()["refresh_token"], headers=headers, **changed),
        changed=changed,
    )


def revoke(kind: str = "refresh_token", **changed: Any) -> Asked:  # noqa: ANN401 - see Fields
    return Asked(
        what=f"POST /oauth/revoke of {kind}",
        act=lambda scene: scene.app.revoke(scene.app.connect()[kind], **changed),
        changed=changed,
    )


def story(what: str, act: Callable[[Scene], Page]) -> Asked:
    """Ask what takes more than one request to get at."""
    return Asked(what=what, act=act)


def to_client(**holds: str) -> Answered:
    """Expect a redirect to the client with this in its query; state and iss stand in each."""
    lacks = ("code",) if "error" in holds else ("error",)
    return Answered(status=303, holds={"iss": PUBLIC_URL, **holds}, lacks=lacks, to=f"{REDIRECT}?")


def by_link(**holds: str) -> Answered:
    """Expect a page with a link to the client with this in its query; state and iss stand in each."""
    return Answered(status=400, holds={"iss": PUBLIC_URL, **holds}, lacks=("code",), by_link=f"{REDIRECT}?")


def error(name: str, status: int = 400, **headers: str) -> Answered:
    """Expect an error of RFC 6749, section 5.2."""
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return Answered(status=status, holds={"error": name}, lacks=("access_token",), headers=named)


def basic(client_id: str, secret: str = "") -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


def _published(scene: Scene, **changed: Any) -> App:  # noqa: ANN401 - any JSON
    address = "https://claude.test/client.json"
    document = {"client_id": address, "client_name": "Claude", "redirect_uris": [REDIRECT], **changed}
    scene.web.published.documents[address] = json.dumps(document).encode()
    return App(scene.web, client_id=address)


def _with(headers: Mapping[str, str] | None) -> str:
    return f" with {', '.join(headers)}" if headers else ""


CHALLENGED = Answered(
    status=401,
    headers={"www-authenticate": f'resource_metadata="{PUBLIC_URL}/.well-known/oauth-protected-resource/mcp"'},
)
