"""FastAPI, MCPServer and Mangum, as tutorials put them together; a session manager for every event makes it work."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import cast

from fastapi import FastAPI
from mangum import Mangum
from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

server = MCPServer("naive", log_level="WARNING")  # at its own level, its lines cost more than the calls


@server.tool()
def echo(text: str) -> str:
    """Echo."""
    return text


@asynccontextmanager
async def mcp_of_this_event(app: FastAPI) -> AsyncGenerator[None]:
    mcp = server.streamable_http_app(
        stateless_http=True,
        json_response=True,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    async with mcp.router.lifespan_context(mcp):
        app.state.mcp = mcp
        yield


async def current(scope: Scope, receive: Receive, send: Send) -> None:
    await cast("Starlette", api.state.mcp)(scope, receive, send)


api = FastAPI(lifespan=mcp_of_this_event)
api.mount("/", current)
handler = Mangum(api)
