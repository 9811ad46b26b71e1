"""The stack as `make run` serves it, on a port and in a folder of its own, for as long as the suite runs."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from functions import wiring
from infra.local.folder import LocalFolder
from shared.domain.scopes import Scope
from shared.domain.token.events import TokenKind
from shared.domain.workspace.commands import AddMember, GrantAccess, RegisterWorkspace, WorkspaceCommand
from shared.domain.workspace.events import Role
from shared.services.change_workspace import change_workspace
from shared.services.create_token import create_token
from shared.services.credentials.keys import CredentialKeys
from shared.storage.contracts.streams import Origin
from shared.storage.contracts.tokens import TokenStore
from shared.storage.contracts.workspaces import WorkspaceStore
from shared.storage.rows.tokens import StoredTokens
from shared.storage.rows.workspaces import StoredWorkspaces
from shared.storage.sqlite.engine import SqliteEngine

PROJECT = Path(__file__).parents[2]
CALLS_A_MINUTE = 60
"""The limit of the plan that the sample workspace is on, as the MerchantFlow page says it."""
ORIGIN = Origin(actor="system:tests", request_id="by-hand", ip=None, user_agent=None)
LONGEST_END = 10
"""Seconds; a stack that takes longer to end hangs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeToken:
    """A token made for one test."""

    token_id: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """The product's services on the store of a stack."""

    keys: CredentialKeys = field(repr=False)
    tokens: TokenStore
    workspaces: WorkspaceStore

    def create_token(
        self, *, workspace_id: str, member_id: str, kind: TokenKind, expires_in_days: int | None, now: datetime
    ) -> str:
        """Create a token that may read everything."""
        made = create_token(
            workspace_id=workspace_id,
            member_id=member_id,
            name="For one client",
            scopes=frozenset(Scope),
            expires_in_days=expires_in_days,
            origin=ORIGIN,
            now=now,
            keys=self.keys,
            tokens=self.tokens,
            workspaces=self.workspaces,
            kind=kind,
        )
        return made.text

    def change_workspace(self, workspace_id: str, command: WorkspaceCommand, *, now: datetime) -> None:
        """Carry out a command on a workspace."""
        change_workspace(
            workspace_id,
            command,
            origin=ORIGIN,
            now=now,
            keys=self.keys,
            workspaces=self.workspaces,
            tokens=self.tokens,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedStack:
    """What a program is told of a running stack, and what a test does to it from outside."""

    folder: LocalFolder
    mcp_url: str
    api_url: str
    token_id: str
    token: str = field(repr=False)
    owner_bearer: str = field(repr=False)

    def create_token(self, scopes: list[str]) -> MadeToken:
        """Create a token as the owner does, over REST."""
        made = self._post("/tokens", {"name": "For one client", "scopes": scopes, "expires_in_days": 30})
        return MadeToken(token_id=made["id"], text=made["token"])

    def revoke(self, token: MadeToken) -> None:
        """Revoke a token as the owner does, over REST."""
        self._post(f"/tokens/{token.token_id}/revoke", {"reason": "The machine was given back."})

    def create_expired_token(self) -> str:
        """Create a token whose thirty days were over yesterday, as its owner did a month ago."""
        with self._stores() as stores:
            sample = stores.tokens.get(self.token_id)
            assert sample is not None
            return stores.create_token(
                workspace_id=sample.token.workspace_id,
                member_id=sample.token.owner_id,
                kind=TokenKind.PERSONAL,
                expires_in_days=30,
                now=wiring.now() - timedelta(days=31),
            )

    def create_organization_token(self) -> str:
        """Let an organization in as the PMA page tells it: on its plan, on the access list, with a token of its own."""
        now = wiring.now()
        with self._stores() as stores:
            for command in (
                RegisterWorkspace(workspace_id="wks_pma", name="An agency", plan="alpha", at=now),
                AddMember(member_id="mem_pma", issuer="https://hub.example", subject="1", role=Role.ADMIN, at=now),
                GrantAccess(at=now),
            ):
                stores.change_workspace("wks_pma", command, now=now)
            return stores.create_token(
                workspace_id="wks_pma",
                member_id="mem_pma",
                kind=TokenKind.ORGANIZATION,
                expires_in_days=None,
                now=now,
            )

    def use_up_the_limit_of(self, token: MadeToken) -> None:
        """Call as often as a minute allows."""
        call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "get_workspace_context"}}
        headers = {"Authorization": f"Bearer {token.text}", "Accept": "application/json, text/event-stream"}
        with httpx.Client(headers=headers) as client:
            for _ in range(CALLS_A_MINUTE):
                client.post(self.mcp_url, json=call).raise_for_status()

    @contextmanager
    def out_of_store(self) -> Generator[None]:
        """Hold the one write lock of the stack's store, as a process does that hangs in the middle of a write."""
        with closing(sqlite3.connect(self.folder.database, isolation_level=None)) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            yield
            connection.execute("ROLLBACK")

    @contextmanager
    def _stores(self) -> Generator[Stores]:
        """Open the stack's own store beside it, for what no door does."""
        keys = wiring.Wiring(wiring.Settings(values={"KEYS_FILE": str(self.folder.token_keys)})).credential_keys
        with closing(SqliteEngine(self.folder.database)) as engine:
            yield Stores(keys=keys, tokens=StoredTokens(engine), workspaces=StoredWorkspaces(engine))

    def _post(self, path: str, body: Mapping[str, object]) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self.owner_bearer}"}
        return httpx.post(f"{self.api_url}{path}", json=body, headers=headers).raise_for_status().json()


@contextmanager
def served(path: Path) -> Generator[ServedStack]:
    """Start the stack with its data in `path`, and end it as a service manager does: by SIGTERM."""
    folder = LocalFolder(path=path)
    program = Path(sys.executable).with_name("merchant-mcp")
    command = [program, "local", "up", "--port", "0", "--data", path]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        try:
            wait_until_ready(process)
            yield told(json.loads(folder.connection.read_text()), folder)
        finally:
            process.terminate()
            process.communicate(timeout=LONGEST_END)


def wait_until_ready(process: subprocess.Popen[str]) -> None:
    """Read what the stack says until it says that it is ready.

    Raises:
        RuntimeError: it ended without.

    """
    assert process.stdout is not None
    said: list[str] = []
    for line in process.stdout:
        said.append(line)
        if line.startswith("Ready."):
            return
    raise RuntimeError(f"the stack did not start: {''.join(said)}")


def told(connection: Mapping[str, Any], folder: LocalFolder) -> ServedStack:
    """Take what the stack leaves for programs in `connection.json`."""
    return ServedStack(
        folder=folder,
        mcp_url=connection["mcp_url"],
        api_url=connection["api_url"],
        token_id=connection["token_id"],
        token=connection["token"],
        owner_bearer=connection["owner_bearer"],
    )
