"""Clients that `make test` does not install, as their own commands show them: `python -m tests.clients.by_hand`.

Each of `claude`, `codex` and `gemini` that is on PATH is set up as docs/client-setups.md says, with an empty home
folder and no account, against a stack of its own; no model is asked. What it prints is the table of docs/clients.md.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console
from rich.table import Table

from shared.services.refusals import FORMS, Reason
from tests.clients.programs import LONGEST_RUN, PMA_FIRST_TOOL
from tests.clients.relay import Headers, relaying
from tests.clients.served_stack import ServedStack, served
from tests.node_packages import NODE

VARIABLE = "MERCHANT_MCP_TOKEN"
SCOPED_TOOL = "get_cohort_retention"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where a client runs: a folder with nothing in it but what the client itself has written there."""

    program: Path
    home: Path
    url: str

    @property
    def project(self) -> Path:
        """The folder that it is started in."""
        return self.home / "project"

    def environment(self, token: str) -> dict[str, str]:
        """What it is told: the token by the variable, and where Node is, which some of them are written for."""
        path = f"{self.program.parent}:{NODE.parent}:{os.defpath}"
        return {"HOME": str(self.home), "PATH": path, "TERM": "dumb", VARIABLE: token}

    def run(self, *arguments: str, token: str = "") -> str:
        """Run it and give all that it printed."""
        return subprocess.run(
            [self.program, *arguments],
            cwd=self.project,
            env=self.environment(token),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LONGEST_RUN,
            check=False,
        ).stdout


class Client(Protocol):
    """A client with commands for MCP."""

    def set_up(self, desk: Desk) -> None:
        """Do what the page says, once."""
        ...

    def use(self, desk: Desk, token: str, tool: str) -> str:
        """Go as far as it goes without a model, and give what it shows."""
        ...


class Claude:
    """Claude Code: it connects and lists the tools."""

    def set_up(self, desk: Desk) -> None:
        """Name the server."""
        header = f"Authorization: Bearer ${{{VARIABLE}}}"
        desk.run("mcp", "add", "--transport", "http", "merchant", desk.url, "--header", header)

    def use(self, desk: Desk, token: str, tool: str) -> str:  # noqa: ARG002 - it calls none
        """Connect."""
        return desk.run("mcp", "get", "merchant", token=token)


class Gemini:
    """Gemini CLI: it connects, and lists nothing."""

    def set_up(self, desk: Desk) -> None:
        """Name the server, and trust the folder: in others it starts none."""
        header = f"Authorization: Bearer ${VARIABLE}"
        add = ["mcp", "add", "--scope", "user", "--transport", "http", "--header", header]
        desk.run(*add, "merchant", desk.url)
        trusted = desk.home / ".gemini" / "trustedFolders.json"
        trusted.write_text(json.dumps({str(desk.project): "TRUST_FOLDER"}))

    def use(self, desk: Desk, token: str, tool: str) -> str:  # noqa: ARG002 - it calls none
        """Connect."""
        return desk.run("mcp", "list", token=token)


class Codex:
    """Codex CLI: it connects, lists the tools and calls one, as the programs do that are built on its app server."""

    def set_up(self, desk: Desk) -> None:
        """Name the server."""
        desk.run("mcp", "add", "merchant", "--url", desk.url, "--bearer-token-env-var", VARIABLE)

    def use(self, desk: Desk, token: str, tool: str) -> str:
        """Connect and call."""
        hello = {"clientInfo": {"name": "by-hand", "version": "1"}, "capabilities": {"experimentalApi": True}}
        with subprocess.Popen(
            [desk.program, "app-server"],
            cwd=desk.project,
            env=desk.environment(token),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as server:
            _ask(server, "initialize", hello)
            thread = _ask(server, "thread/start", {"cwd": str(desk.project)})["result"]["thread"]["id"]
            wanted: dict[str, Any] = {"threadId": thread, "server": "merchant", "tool": tool, "arguments": {}}
            answer = _ask(server, "mcpServer/tool/call", wanted)
            server.communicate(timeout=LONGEST_RUN)
        return json.dumps(answer)


def _ask(server: subprocess.Popen[str], method: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Send a request and wait for its answer, past whatever else is told meanwhile."""
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(json.dumps({"id": method, "method": method, "params": params}) + "\n")
    server.stdin.flush()
    for line in server.stdout:
        said = json.loads(line)
        if said.get("id") == method and "method" not in said:
            return said
    raise AssertionError(f"{method} was not answered")


CLIENTS: Mapping[str, Client] = {"claude": Claude(), "codex": Codex(), "gemini": Gemini()}
GOOD = ("✔ Connected", "✓ merchant", '"result"')
"""How each of them says that all is well."""


@dataclass
class Versions:
    """The protocol versions that were asked for on the way."""

    seen: set[str] = field(default_factory=set[str])

    def note(self, headers: Headers, body: bytes) -> Headers:
        """Look into a request, and change nothing."""
        message: dict[str, Any] = json.loads(body or b"{}")
        params: dict[str, Any] = message.get("params") or {}
        meta: dict[str, Any] = params.get("_meta") or {}
        asked = params.get("protocolVersion") or meta.get("io.modelcontextprotocol/protocolVersion")
        self.seen |= {asked} if asked else set()
        return headers


def shown(text: str, reason: Reason) -> str:
    """Say what a person sees of a refusal."""
    if FORMS[reason].hint in text or FORMS[reason].hint[:30] in text:
        return "hint shown"
    return "connects all the same" if any(word in text for word in GOOD) else "fails, no reason shown"


def row(name: str, program: Path, stack: ServedStack) -> list[str]:
    """Run one client through everything."""
    client, versions = CLIENTS[name], Versions()
    revoked, spent = stack.create_token(["mcp:pnl:read"]), stack.create_token(["mcp:pnl:read"])
    stack.revoke(revoked)
    with tempfile.TemporaryDirectory() as home, relaying(stack.mcp_url, versions.note) as url:
        desk = Desk(program=program, home=Path(home), url=url)
        desk.project.mkdir()
        version = desk.run("--version").strip().splitlines()[-1]
        client.set_up(desk)
        well = client.use(desk, stack.token, PMA_FIRST_TOOL)
        agreed = ", ".join(sorted(versions.seen))
        refused = [
            shown(client.use(desk, revoked.text, PMA_FIRST_TOOL), Reason.TOKEN_REVOKED),
            shown(client.use(desk, stack.create_token(["mcp:pnl:read"]).text, SCOPED_TOOL), Reason.INSUFFICIENT_SCOPE),
        ]
        stack.use_up_the_limit_of(spent)
        refused.append(shown(client.use(desk, spent.text, PMA_FIRST_TOOL), Reason.RATE_LIMITED))
        with stack.out_of_store():
            refused.append(shown(client.use(desk, stack.token, PMA_FIRST_TOOL), Reason.STORE_UNAVAILABLE))
    went_well = "yes" if any(word in well for word in GOOD) else "NO"
    return [name, version, agreed, went_well, *refused]


def main() -> None:
    """Run whatever is there."""
    table = Table("client", "version", "asks for", "connects", "401", "403", "429", "503", box=None)
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as stack:
        for name in CLIENTS:
            found = shutil.which(name)
            table.add_row(*(row(name, Path(found), stack) if found else (name, "not on PATH")))
    Console(width=160).print(table)


if __name__ == "__main__":
    main()
