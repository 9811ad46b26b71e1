"""The plain SDK app: one echo tool, no credential, no limit, no trail; a fresh session manager for every event.

It is what the SDK's documents lead to on Lambda, as far as that works: a session manager can run once only.
"""

from __future__ import annotations

from typing import Any

from mangum import Mangum
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
)
from starlette.types import Receive, Scope, Send

ECHO = Tool(
    name="echo",
    description="Echo.",
    input_schema={"type": "object", "properties": {"text": {"type": "string"}}},
)


async def list_tools(_: ServerRequestContext[Any], __: PaginatedRequestParams | None) -> ListToolsResult:
    return ListToolsResult(tools=[ECHO])


async def call_tool(_: ServerRequestContext[Any], params: CallToolRequestParams) -> CallToolResult:
    return CallToolResult(content=[TextContent(text=str((params.arguments or {}).get("text")))])


server = Server(
    "plain", on_list_tools=list_tools, on_call_tool=call_tool, get_tool_input_schema=lambda _: ECHO.input_schema
)


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    manager = StreamableHTTPSessionManager(server, stateless=True, json_response=True)
    async with manager.run():
        await manager.handle_request(scope, receive, send)


handler = Mangum(app, lifespan="off")
