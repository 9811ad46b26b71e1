"""Workspaces: their events, their state, and who is a member of which."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from shared.domain.workspace.decider import Workspace
from shared.domain.workspace.events import WorkspaceEvent
from shared.storage.contracts.streams import Origin, Page


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceRow:
    """A workspace as it is stored."""

    workspace: Workspace
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """One workspace that a signed-in person belongs to."""

    workspace_id: str
    member_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Where a member is reached from now on."""

    member_id: str
    address: str | None = field(repr=False)
    """None: nowhere."""


class WorkspaceStore(Protocol):
    """All workspaces. Every method may raise `StoreUnavailable`."""

    def get(self, workspace_id: str) -> WorkspaceRow | None:
        """Read a workspace, consistently."""
        ...

    def several(self, workspace_ids: Collection[str]) -> Mapping[str, WorkspaceRow]:
        """Read several by id, consistently; those that are not there are left out."""
        ...

    def history(self, workspace_id: str) -> tuple[WorkspaceEvent, ...]:
        """Read everything that happened to a workspace, oldest first."""
        ...

    def append(
        self,
        events: Sequence[WorkspaceEvent],
        state: Workspace,
        *,
        expected_version: int,
        origin: Origin,
        fence_by: datetime | None = None,
        contact: Contact | None = None,
    ) -> None:
        """Record what happened, the state it leads to, the memberships and the trail, all or nothing.

        With `contact` it is noted where a member is reached; whoever is no member any more loses that in any case.
        With `fence_by` the tokens of the workspace are to be fenced, and `unfenced` names it from that moment on,
        until `fenced` says that it is done.

        Raises:
            StreamMoved: the workspace is no longer at `expected_version` (0: it is new).

        """
        ...

    def fenced(self, workspace_id: str, *, version: int) -> None:
        """Note that every token obeys this version of the workspace; nothing changes if there is a newer one."""
        ...

    def unfenced(self, now: datetime, *, limit: int) -> tuple[str, ...]:
        """Name workspaces whose tokens should be fenced by now, and perhaps are not."""
        ...

    def memberships(self, issuer: str, subject: str) -> tuple[Membership, ...]:
        """Find the workspaces of a person, by issuer and subject of the sign-in."""
        ...

    def all(self, *, limit: int, after: str | None = None) -> Page[WorkspaceRow]:
        """List the workspaces by id, for whoever runs the system."""
        ...
