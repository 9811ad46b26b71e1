"""The Python client, as documented: connect, list, call. Nothing is caught, so Python prints what went wrong."""

import asyncio
import json
import sys

import httpx2
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client


async def main(url: str, token: str, tool: str, mode: str) -> None:
    """Print the protocol version, the tools, and what one of them answers."""
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as client,
    ):
        print("Protocol:", client.protocol_version)  # noqa: T201 - a program's output
        listed = await client.list_tools()
        print("Tools:", *(known.name for known in listed.tools))  # noqa: T201 - the same
        result = await client.call_tool(tool, {})
        print(json.dumps(result.structured_content))  # noqa: T201 - the same


asyncio.run(main(*sys.argv[1:]))
