"""A desktop program that can only start a local server, as Claude Desktop: it starts the command of its settings."""

import asyncio
import json
import sys

from mcp import StdioServerParameters
from mcp.client import Client


async def main(block: str, tool: str) -> None:
    """Start the command that the block names, and print the tools and what one of them answers."""
    async with Client(StdioServerParameters.model_validate_json(block), mode="legacy") as client:
        listed = await client.list_tools()
        print("Tools:", *(known.name for known in listed.tools))  # noqa: T201 - a program's output
        result = await client.call_tool(tool, {})
        print(json.dumps(result.structured_content))  # noqa: T201 - the same


asyncio.run(main(*sys.argv[1:]))
