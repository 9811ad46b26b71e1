"""How to reach the stack that runs: for people on the console, for programs in `connection.json`."""

import json
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from infra.local.folder import write_private
from infra.local.issuer.people import People

# As a client sends it that skips the handshake: the server keeps no session, so this may be the first request.
FIRST_CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "get_workspace_context"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Everything that a client of the running stack needs."""

    public_url: str
    people: People
    token_id: str
    token: str = field(repr=False)
    owner_bearer: str = field(repr=False)
    analyst_bearer: str = field(repr=False)
    second_token: str = field(repr=False)
    second_owner_bearer: str = field(repr=False)

    @property
    def mcp_url(self) -> str:
        """Where MCP clients connect."""
        return f"{self.public_url}/mcp"

    @property
    def settings_url(self) -> str:
        """Where people manage tokens, in a browser."""
        return f"{self.public_url}/dashboard/settings/developer/mcp"

    def who(self) -> str:
        """Say who can sign in there, and as what."""
        return ", ".join(
            f"{subject} ({' and '.join(f'{each.role} of {each.workspace}' for each in person.memberships)})"
            for subject, person in self.people.items()
        )

    def document(self) -> dict[str, Any]:
        """What `connection.json` holds."""
        return {
            "mcp_url": self.mcp_url,
            "api_url": f"{self.public_url}/v1",
            "token": self.token,
            "token_id": self.token_id,
            "owner_bearer": self.owner_bearer,
            "analyst_bearer": self.analyst_bearer,
            "second_workspace": {"token": self.second_token, "owner_bearer": self.second_owner_bearer},
        }

    def write(self, path: Path) -> None:
        """Leave it for programs of this user."""
        write_private(path, json.dumps(self.document(), indent=2) + "\n")

    def client_block(self) -> dict[str, Any]:
        """What goes into the settings of a client."""
        server = {"url": self.mcp_url, "headers": {"Authorization": f"Bearer {self.token}"}}
        return {"mcpServers": {"merchantflow": server}}

    def curl(self) -> str:
        """Give a first call as one line of shell."""
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
        }
        words = ["curl", "-sS", self.mcp_url]
        words += [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
        return shlex.join([*words, "-d", json.dumps(FIRST_CALL, separators=(",", ":"))])

    def claude(self) -> str:
        """Give the line that adds the server to Claude Code."""
        words = ["claude", "mcp", "add", "--transport", "http", "merchantflow", self.mcp_url]
        return shlex.join([*words, "--header", f"Authorization: Bearer {self.token}"])


def show(connection: Connection, console: Console, *, where: Path, mailbox: Path | None = None) -> None:
    """Print everything in a form that can be copied: no line is wrapped, boxed or coloured inside."""
    for title, text in (
        ("MCP", connection.mcp_url),
        ("Token", connection.token),
        ("Client settings", json.dumps(connection.client_block(), indent=2)),
        ("A first call", connection.curl()),
        ("Claude Code", connection.claude()),
        ("Settings page", connection.settings_url),
        ("Who can sign in there", connection.who()),
        *([("Letters to members", str(mailbox))] if mailbox is not None else []),
        ("For programs", str(where)),
    ):
        console.print(f"\n[bold]{escape(title)}[/bold]")
        console.print(text, markup=False, highlight=False, soft_wrap=True)
