"""Ready blocks for clients: what `docs/client-setups.md` has, with the address of this deployment.

The secret stands only in files that a client keeps for itself. Shells, programs and pipelines read it from a variable:
what is typed ends in a history, and what is committed is everybody's.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

VARIABLE = "MERCHANT_MCP_TOKEN"
FIRST_TOOL = "get_workspace_context"
"""Every token may call it."""
FIRST_CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": FIRST_TOOL}}
PASTE = f"printf 'Paste the token: ' && read -rs {VARIABLE} && export {VARIABLE} &&\n"
"""Keeps the secret out of the shell's history; all one command, or `read` would swallow the next line of a paste."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """What somebody copies into one client."""

    id: str
    label: str
    language: str
    """Where it goes."""
    text: str
    code: str = field(repr=False)


def client_blocks(*, endpoint: str, secret: str) -> tuple[Block, ...]:
    """Write the blocks, the secret filled in where the client keeps it."""
    return (
        Block(
            id="claude-code",
            label="Claude Code",
            language="shell",
            text="Run this once: it asks for the token without showing it. Claude Code keeps it in its own settings.",
            code=f"{PASTE}claude mcp add --transport http merchant {endpoint} "
            f'--header "Authorization: Bearer ${VARIABLE}"',
        ),
        Block(
            id="claude-desktop",
            label="Claude Desktop",
            language="claude_desktop_config.json",
            text="Settings, Developer, Edit config. Its own connectors take no token, so mcp-remote does.",
            code=_written(
                {
                    "mcpServers": {
                        "merchant": {
                            "command": "npx",
                            "args": [
                                *("-y", "mcp-remote@0.15.1", endpoint, "--transport", "http-only"),
                                *("--header", "Authorization:${MERCHANT_AUTH}"),
                            ],
                            "env": {"MERCHANT_AUTH": f"Bearer {secret}"},
                        }
                    }
                }
            ),
        ),
        Block(
            id="cursor",
            label="Cursor",
            language="~/.cursor/mcp.json",
            text="The file in your home, not the one of a project, which would be committed.",
            code=_written(
                {"mcpServers": {"merchant": {"url": endpoint, "headers": {"Authorization": f"Bearer {secret}"}}}}
            ),
        ),
        Block(
            id="vs-code",
            label="VS Code",
            language=".vscode/mcp.json",
            text="This file may be committed: VS Code asks for the token once and keeps it itself.",
            code=_written(
                {
                    "inputs": [
                        {
                            "type": "promptString",
                            "id": "merchant-token",
                            "description": "Merchant MCP token",
                            "password": True,
                        }
                    ],
                    "servers": {
                        "merchant": {
                            "type": "http",
                            "url": endpoint,
                            "headers": {"Authorization": "Bearer ${input:merchant-token}"},
                        }
                    },
                }
            ),
        ),
        Block(
            id="typescript",
            label="TypeScript",
            language="npm install @modelcontextprotocol/client",
            text=f"The program reads the token from the variable {VARIABLE}.",
            code=TYPESCRIPT.replace("ENDPOINT", endpoint),
        ),
        Block(
            id="python",
            label="Python",
            language='pip install "mcp>=2.3"',
            text=f"The program reads the token from the variable {VARIABLE}.",
            code=PYTHON.replace("ENDPOINT", endpoint),
        ),
        Block(
            id="curl",
            label="curl",
            language="shell",
            text="A first call: it asks for the token without showing it, and answers what the token may read.",
            code=PASTE + CURL.replace("ENDPOINT", endpoint),
        ),
        Block(
            id="github-actions",
            label="GitHub Actions",
            language=".github/workflows/report.yml",
            text=f"First keep the token as the secret {VARIABLE} of the repository: run gh secret set {VARIABLE} and "
            "paste it, or use Settings, Secrets and variables, Actions.",
            code=ACTIONS.replace("ENDPOINT", endpoint),
        ),
    )


def _written(document: object) -> str:
    return json.dumps(document, indent=2)


TYPESCRIPT = """\
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

const transport = new StreamableHTTPClientTransport(new URL("ENDPOINT"), {
  requestInit: { headers: { Authorization: `Bearer ${process.env.MERCHANT_MCP_TOKEN}` } },
});
const client = new Client({ name: "weekly-report", version: "1.0.0" }, { versionNegotiation: { mode: "auto" } });
await client.connect(transport);
console.log((await client.callTool({ name: "get_workspace_context", arguments: {} })).structuredContent);
await client.close();"""

PYTHON = """\
import asyncio
import os

import httpx2
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client


async def main() -> None:
    headers = {"Authorization": f"Bearer {os.environ['MERCHANT_MCP_TOKEN']}"}
    async with (
        httpx2.AsyncClient(headers=headers) as http,
        Client(streamable_http_client("ENDPOINT", http_client=http)) as client,
    ):
        result = await client.call_tool("get_workspace_context", {})
        print(result.structured_content)


asyncio.run(main())"""

CURL = f"""\
curl -sS ENDPOINT \\
  -H "Authorization: Bearer $MERCHANT_MCP_TOKEN" \\
  -H "Content-Type: application/json" -H "Accept: application/json, text/event-stream" \\
  -d '{json.dumps(FIRST_CALL, separators=(",", ":"))}'"""

ACTIONS = f"""\
name: Merchant numbers
on:
  schedule:
    - cron: "0 6 * * 1"
jobs:
  report:
    runs-on: ubuntu-latest
    steps:
      - name: What the token may read
        env:
          MERCHANT_MCP_TOKEN: ${{{{ secrets.MERCHANT_MCP_TOKEN }}}}
        run: |
          curl --fail-with-body -sS ENDPOINT \\
            -H "Authorization: Bearer $MERCHANT_MCP_TOKEN" \\
            -H "Content-Type: application/json" -H "Accept: application/json, text/event-stream" \\
            -d '{json.dumps(FIRST_CALL, separators=(",", ":"))}'"""
