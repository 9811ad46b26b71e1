"""A workspace behind the real endpoint: stores in memory, API Gateway events in, answers out."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from mangum import Mangum

from shared.domain.scopes import Scope
from shared.services.gate import Gate
from shared.storage.contracts.audit import AuditEntry, AuditFilter
from shared.storage.engine import Engine
from shared.storage.rows.rollups import StoredRollups
from shared.storage.sqlite.engine import SqliteEngine
from shared.transports.mcp.answers import Place
from shared.transports.mcp.app import build_app
from shared.transports.mcp.tools.catalogue import CATALOGUE
from shared.transports.mcp.tools.tool import Catalogue
from tests.data.stores import Stores
from tests.data.tenants import KEYS, NOON, token, workspace

PLACE = Place(
    public_url="https://mcp.shop.test",
    docs_url="https://mcp.shop.test/docs",
    allowed_origins=frozenset({"https://app.shop.test"}),
)
MODERN = "2026-07-28"
HANDSHAKE = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
ALL_SCOPES = frozenset(Scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer as a client sees it."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.text)

    @property
    def error(self) -> dict[str, Any]:
        return self.json["error"]

    @property
    def result(self) -> dict[str, Any]:
        return self.json["result"]

    @property
    def content(self) -> dict[str, Any]:
        """The structured content of a tool's answer."""
        return self.result["structuredContent"]


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(kw_only=True)
class Shop:
    """One workspace, its endpoint, and a token."""

    engine: Engine = field(default_factory=SqliteEngine)
    plan: str = "plus"
    catalogue: Catalogue = CATALOGUE
    scopes: frozenset[Scope] = ALL_SCOPES
    clock: Clock = field(default_factory=Clock)
    requests: int = 0

    def __post_init__(self) -> None:
        self.stores = Stores.over(self.engine)
        self.figures = StoredRollups(self.engine)
        workspace(self.stores, plan=self.plan)
        self.token = token(self.stores, scopes=self.scopes, at=self.clock())
        self.handler = self.container()

    def container(self) -> Mangum:
        """Start another container: it has met no token yet."""
        gate = Gate(keys=KEYS, tokens=self.stores.tokens, subjects=self.stores.subjects, audit=self.stores.audit)
        app = build_app(
            gate=gate,
            workspaces=self.stores.workspaces,
            figures=self.figures,
            trail=self.stores.trail,
            alerts=self.stores.alerts,
            place=PLACE,
            clock=self.clock,
            catalogue=self.catalogue,
        )
        return Mangum(app, lifespan="off")

    def send(
        self,
        body: str | bytes = "",
        *,
        method: str = "POST",
        path: str = "/mcp",
        headers: dict[str, str | None] | None = None,
        bearer: str | None = "",
    ) -> Reply:
        """Send an HTTP request; a header given as None is left out, and so is the token."""
        self.requests += 1
        credential = self.token.text if bearer == "" else bearer
        wanted: dict[str, str | None] = {
            "accept": "application/json, text/event-stream",
            "authorization": None if credential is None else f"Bearer {credential}",
            "content-type": "application/json",
            "user-agent": "tests/1",
            **(headers or {}),
        }
        event = {
            "version": "2.0",
            "rawPath": path,
            "rawQueryString": "",
            "headers": {name: value for name, value in wanted.items() if value is not None},
            "requestContext": {
                "requestId": f"gateway-{self.requests}",
                "http": {"method": method, "path": path, "sourceIp": "203.0.113.7"},
            },
            "body": body if isinstance(body, str) else body.decode("latin-1"),
            "isBase64Encoded": False,
        }
        answer = self.handler(event, None)  # pyright: ignore[reportArgumentType] - nothing reads the Lambda context
        return Reply(status=answer["statusCode"], headers=answer.get("headers", {}), text=answer.get("body", ""))

    def rpc(
        self,
        method: str,
        params: dict[str, Any] | None = None,
        *,
        version: str | None = "2025-11-25",
        message_id: int | str | None = 7,
        bearer: str | None = "",
        headers: dict[str, str | None] | None = None,
    ) -> Reply:
        """Send one JSON-RPC message as a client of that version does; without an id it is a notification."""
        message: dict[str, Any] = {"jsonrpc": "2.0", "method": method}
        named: dict[str, str | None] = {"mcp-protocol-version": version}
        if version == MODERN:
            params = {**(params or {}), "_meta": envelope()}
            named["mcp-method"] = method
            named["mcp-name"] = params.get("name") if method == "tools/call" else None
        if message_id is not None:
            message["id"] = message_id
        if params is not None:
            message["params"] = params
        return self.send(json.dumps(message), headers={**named, **(headers or {})}, bearer=bearer)

    def call(
        self,
        tool: str,
        /,
        *,
        version: str | None = "2025-11-25",
        bearer: str | None = "",
        **arguments: Any,  # noqa: ANN401 - any JSON
    ) -> Reply:
        return self.rpc("tools/call", {"name": tool, "arguments": arguments}, version=version, bearer=bearer)

    def trail(self, kind: str = "mcp.call") -> list[AuditEntry]:
        """Read the trail, oldest first."""
        page = self.stores.audit.entries(
            "wks_1", matching=AuditFilter(types=frozenset({kind})), limit=100, now=self.clock()
        )
        return list(reversed(page.items))


def envelope() -> dict[str, Any]:
    return {
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "a client", "version": "9.1"},
    }
