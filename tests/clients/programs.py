"""The published clients as a person runs them: a program is given a URL and a token, and what it prints is judged."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.clients.documented import URL, block_of
from tests.node_packages import NODE

HERE = Path(__file__).parent
NODE_FOLDER = HERE / "node"
PMA_URL = "https://pma-mcp.web.app/mcp"
PMA_FIRST_TOOL = "pma_list_data_sources"
LONGEST_RUN = 60
"""Seconds; a client that waits longer for an answer hangs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a person sees of one run."""

    exit_code: int
    printed: str
    complained: str

    @property
    def text(self) -> str:
        """All of it."""
        return f"{self.printed}\n{self.complained}"


Program = Callable[[str, str, str], Shown]
"""Connects to a URL with a token, lists the tools, and calls the named one."""


def pma_example(url: str, token: str, tool: str) -> Shown:
    """Run the PMA page's example of npm `@modelcontextprotocol/sdk` with our URL (and another tool, if asked for)."""
    example = (NODE_FOLDER / "pma_example.mjs").read_text()
    script = example.replace(PMA_URL, url).replace(PMA_FIRST_TOOL, tool)
    return run_node(["--input-type=module", "--eval", script], PMA_API_TOKEN=token)


def newest_npm_client(url: str, token: str, tool: str) -> Shown:
    """Run npm `@modelcontextprotocol/client`, which finds out the protocol version by itself."""
    return run_node(["newest_client.mjs"], MCP_URL=url, MCP_TOKEN=token, MCP_TOOL=tool)


def python_client(url: str, token: str, tool: str) -> Shown:
    """Run the Python client, which finds out the protocol version by itself."""
    return run_python([HERE / "python_client.py", url, token, tool, "auto"])


def python_client_of_2025(url: str, token: str, tool: str) -> Shown:
    """Run the Python client with the handshake of the older protocol versions."""
    return run_python([HERE / "python_client.py", url, token, tool, "legacy"])


def inspector(url: str, token: str, tool: str) -> Shown:
    """Run the inspector's command line as it comes: it speaks the protocol of 2025."""
    return run_inspector(url, token, "--method", "tools/call", "--tool-name", tool)


def inspector_of_2026(url: str, token: str, tool: str) -> Shown:
    """Run the inspector's command line at the newest protocol that the server speaks."""
    return run_inspector(url, token, "--protocol-era", "auto", "--method", "tools/call", "--tool-name", tool)


PROGRAMS: tuple[Program, ...] = (
    pma_example,
    newest_npm_client,
    python_client,
    python_client_of_2025,
    inspector,
    inspector_of_2026,
)


def desktop_client(url: str, token: str, tool: str) -> Shown:
    """Run a program that only starts local servers, with the settings that the page has for Claude Desktop."""
    settings = json.loads(block_of("Claude Desktop", "json"))["mcpServers"]["merchant"]
    _yes, package, *arguments = settings["args"]  # npx would fetch what is installed already
    name, _, _version = package.partition("@")
    start = {
        "command": str(NODE),
        "args": [str(NODE_FOLDER / f"node_modules/{name}/dist/proxy.js"), *(url if a == URL else a for a in arguments)],
        "env": {"MERCHANT_AUTH": f"Bearer {token}"},
    }
    return run_python([HERE / "desktop_client.py", json.dumps(start), tool])


def run_inspector(url: str, token: str, *arguments: str) -> Shown:
    """Run the inspector's command line without a person at it: it may not open a browser to sign in."""
    launcher = "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js"
    header = f"Authorization: Bearer {token}"
    return run_node(
        [launcher, "--cli", url, "--transport", "http", "--header", header, "--stored-auth-only", *arguments]
    )


def run_node(arguments: Sequence[str], **environment: str) -> Shown:
    """Run Node where the packages are."""
    return _run([NODE, *arguments], **environment)


def run_python(arguments: Sequence[str | Path], **environment: str) -> Shown:
    """Run Python with the packages of this interpreter."""
    return _run([sys.executable, *arguments], **environment)


def _run(command: Sequence[str | Path], **environment: str) -> Shown:
    """Run a program that knows nothing of this machine but what it is told: no home folder with settings in it."""
    ran = subprocess.run(
        command,
        cwd=NODE_FOLDER,
        env={"HOME": "/nonexistent", "PATH": "/usr/bin:/bin", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LONGEST_RUN,
        check=False,
    )
    return Shown(exit_code=ran.returncode, printed=ran.stdout, complained=ran.stderr)
