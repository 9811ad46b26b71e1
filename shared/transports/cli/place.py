"""Where a command works, and with what: the local stack's folder or a deployed stack, chosen before the first read."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Protocol

import typer

from shared.domain.errors import NotFound
from shared.domain.ids import is_plain_id
from shared.services.credentials.keys import CredentialKeys
from shared.services.trail.sources import TrailSources
from shared.storage.contracts.alerts import AlertStore
from shared.storage.contracts.audit import AuditLog
from shared.storage.contracts.contacts import ContactStore
from shared.storage.contracts.evidence import EvidenceStore
from shared.storage.contracts.facts import Figures, Imports
from shared.storage.contracts.objects import ObjectStore
from shared.storage.contracts.restoration import Restoration
from shared.storage.contracts.streams import Origin
from shared.storage.contracts.tokens import TokenStore
from shared.storage.contracts.trail_index import TrailIndex
from shared.storage.contracts.workspaces import WorkspaceRow, WorkspaceStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the options say; without any it is the environment, or the local stack's folder."""

    stack: str | None = None
    """A deployed CloudFormation stack."""
    data: Path | None = None
    """The folder of a local stack."""


class CannotConnect(Exception):
    """There is nothing to work on at this place; the message says what to do."""


class Collaborators(Protocol):
    """The parts of the system that commands use, each made when it is first asked for."""

    @cached_property
    def credential_keys(self) -> CredentialKeys:
        """Peppers and seals."""
        ...

    @cached_property
    def tokens(self) -> TokenStore:
        """Tokens of every workspace."""
        ...

    @cached_property
    def workspaces(self) -> WorkspaceStore:
        """Tenants and their members."""
        ...

    @cached_property
    def contacts(self) -> ContactStore:
        """Where members are reached."""
        ...

    @cached_property
    def audit(self) -> AuditLog:
        """The trail."""
        ...

    @property
    def trail(self) -> TrailSources:
        """Where the trail is read, new and old."""
        ...

    def scratch_index(self) -> AbstractContextManager[TrailIndex]:
        """Give an empty index of our own, for as long as it is used."""
        ...

    def restoration(self, backup: str) -> Restoration:
        """Open a backup of the core table beside the table in use."""
        ...

    @cached_property
    def evidence(self) -> EvidenceStore:
        """How tokens have been used."""
        ...

    @cached_property
    def imports(self) -> Imports:
        """Records of imports."""
        ...

    @cached_property
    def figures(self) -> Figures:
        """What tools read of a merchant."""
        ...

    @cached_property
    def alerts(self) -> AlertStore:
        """Which alerts were acknowledged."""
        ...

    @cached_property
    def objects(self) -> ObjectStore:
        """Files."""
        ...

    @property
    def oidc_issuer(self) -> str:
        """Who members sign in with unless somebody else is named."""
        ...


@dataclass
class Session:
    """One run of the program."""

    connect: Callable[[Place], Collaborators]
    now: Callable[[], datetime]
    operator: str
    """The user of this machine: what they do stands under this name in the trail."""
    place: Place = field(default_factory=Place)

    @cached_property
    def on(self) -> Collaborators:
        """The system at the chosen place."""
        return self.connect(self.place)

    @property
    def actor(self) -> str:
        """The operator as the trail knows them: nobody's member, whatever their name."""
        return f"operator:{self.operator}"

    @cached_property
    def origin(self) -> Origin:
        """Who asks: everything that one run of the program does carries one request id."""
        return Origin(actor=self.actor, request_id=f"cli-{secrets.token_hex(8)}")

    def workspace(self, workspace_id: str) -> WorkspaceRow:
        """Find a workspace.

        Raises:
            NotFound: there is none.

        """
        row = self.on.workspaces.get(workspace_id) if is_plain_id(workspace_id) else None
        if row is None:
            raise NotFound(
                "workspace_not_found", "There is no such workspace.", hint="merchant-mcp workspace list shows them all."
            )
        return row


def session_of(context: typer.Context) -> Session:
    """Give the session that the program began with."""
    session = context.find_object(Session)
    if session is None:
        raise TypeError("the program was not built by build_app")
    return session
