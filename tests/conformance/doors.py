"""What the suite is pointed at: the product as it is served, and the same door with the tools that the suite expects.

The suite can send no header of one's own, so somebody on the way shows the token.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import uvicorn

from shared.services.gate import Gate
from shared.storage.rows.rollups import StoredRollups
from shared.storage.sqlite.engine import SqliteEngine
from shared.transports.mcp.answers import Place
from shared.transports.mcp.app import McpApp, Receive, Scope_, Send, build_app
from tests.clients.relay import Headers, relaying, with_token
from tests.clients.served_stack import ServedStack
from tests.conformance.fixture_tools import OF_OURS, add_tools
from tests.data.stores import Stores
from tests.data.tenants import KEYS, token, workspace
from tests.transports.mcp.shop import Clock

HOST = "127.0.0.1"


@contextmanager
def product(stack: ServedStack) -> Generator[str]:
    """Give a URL of the served stack at which the sample shop's token is shown."""
    here = stack.mcp_url.removesuffix("/mcp")

    def change(headers: Headers, _: bytes) -> Headers:
        # A page of the relay's own origin is one of the stack's; others stay what they are.
        own = relayed.removesuffix("/mcp")
        return with_token(stack.token, [(name, here if value == own else value) for name, value in headers])

    with relaying(stack.mcp_url, change) as relayed:
        yield relayed


@contextmanager
def door_with_fixtures() -> Generator[str]:
    """Give the URL of our door over a store in memory, with the tools that the suite calls by name."""
    with closing(socket.create_server((HOST, 0))) as listening:
        url = f"http://{HOST}:{listening.getsockname()[1]}"
        config = uvicorn.Config(_fixture_app(url), lifespan="off", ws="none", log_config=None, access_log=False)
        server = uvicorn.Server(config)
        serving = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        serving.start()
        try:
            yield f"{url}/mcp"
        finally:
            server.should_exit = True
            serving.join()


@dataclass(frozen=True, slots=True, kw_only=True)
class FixtureApp:
    """The app of our door, with a token shown in every request, a second after the one before."""

    app: McpApp
    clock: Clock
    token: str = field(repr=False)

    async def __call__(self, scope: Scope_, receive: Receive, send: Send) -> None:
        """Answer one request: of sixty calls a minute none is refused."""
        self.clock.advance(seconds=1)
        shown = [*scope["headers"], (b"authorization", f"Bearer {self.token}".encode())]
        await self.app({**scope, "headers": shown}, receive, send)


def _fixture_app(url: str) -> FixtureApp:
    stores, clock = Stores.over(SqliteEngine()), Clock()
    workspace(stores)
    app = build_app(
        gate=Gate(keys=KEYS, tokens=stores.tokens, subjects=stores.subjects, audit=stores.audit),
        workspaces=stores.workspaces,
        figures=StoredRollups(stores.engine),
        trail=stores.trail,
        alerts=stores.alerts,
        place=Place(public_url=url, docs_url=f"{url}/docs"),
        clock=clock,
        catalogue=OF_OURS,
    )
    add_tools(app.door.server)
    return FixtureApp(app=app, clock=clock, token=token(stores, at=clock()).text)
