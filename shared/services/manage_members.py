"""What a member may do to the members of their workspace; `permissions` is the table of who may what."""

from __future__ import annotations

from datetime import datetime

from shared.domain.errors import NotFound, NotPermitted
from shared.domain.workspace.commands import AddMember, ChangeMemberRole, RemoveMember
from shared.domain.workspace.decider import Member, Workspace
from shared.domain.workspace.events import Role
from shared.domain.workspace.permissions import check_may_change
from shared.services.change_workspace import change_workspace
from shared.services.credentials.keys import CredentialKeys
from shared.storage.contracts.streams import Origin
from shared.storage.contracts.tokens import TokenStore
from shared.storage.contracts.workspaces import WorkspaceStore


def add_member(
    *,
    workspace_id: str,
    actor_id: str,
    member_id: str,
    issuer: str,
    subject: str,
    role: Role,
    origin: Origin,
    now: datetime,
    keys: CredentialKeys,
    tokens: TokenStore,
    workspaces: WorkspaceStore,
) -> Member:
    """Let a person in.

    Raises:
        NotPermitted: the actor's role does not give this role.
        Invalid, Conflict: as the decider of workspaces says.

    """
    command = AddMember(member_id=member_id, issuer=issuer, subject=subject, role=role, at=now)
    changed = change_workspace(
        workspace_id,
        command,
        origin=origin,
        now=now,
        keys=keys,
        workspaces=workspaces,
        tokens=tokens,
        check=lambda workspace: check_may_change(acting_member(workspace, actor_id), target=None, role=role),
    )
    return changed.members[member_id]


def change_role(
    member_id: str,
    *,
    role: Role,
    workspace_id: str,
    actor_id: str,
    origin: Origin,
    now: datetime,
    keys: CredentialKeys,
    tokens: TokenStore,
    workspaces: WorkspaceStore,
) -> Member:
    """Give a member another role; when one is taken that may have tokens, their tokens are revoked before this returns.

    Raises:
        NotFound: there is no such member.
        NotPermitted: it is not for the actor's role to do.
        Conflict: the last owner would go.

    """

    def check(workspace: Workspace) -> None:
        target = known_member(workspace, member_id)
        check_may_change(acting_member(workspace, actor_id), target=target, role=role)

    command = ChangeMemberRole(member_id=member_id, role=role, at=now)
    changed = change_workspace(
        workspace_id,
        command,
        origin=origin,
        now=now,
        keys=keys,
        workspaces=workspaces,
        tokens=tokens,
        check=check,
    )
    return changed.members[member_id]


def remove_member(
    member_id: str,
    *,
    workspace_id: str,
    actor_id: str,
    origin: Origin,
    now: datetime,
    keys: CredentialKeys,
    tokens: TokenStore,
    workspaces: WorkspaceStore,
) -> None:
    """End a membership; the member's tokens are revoked before this returns. A repeat changes nothing.

    Raises:
        NotFound: there never was such a member.
        NotPermitted: it is not for the actor's role to do.
        Conflict: the last owner would go.

    """

    def check(workspace: Workspace) -> None:
        # Whoever has left already had the role that is easiest to take away, as far as a repeat is concerned.
        target = None if member_id in workspace.former_members else known_member(workspace, member_id)
        role = Role.ANALYST if target is None else None
        check_may_change(acting_member(workspace, actor_id), target=target, role=role)

    command = RemoveMember(member_id=member_id, at=now)
    change_workspace(
        workspace_id,
        command,
        origin=origin,
        now=now,
        keys=keys,
        workspaces=workspaces,
        tokens=tokens,
        check=check,
    )


def acting_member(workspace: Workspace, actor_id: str) -> Member:
    """Give the actor as they are when the change is recorded: a role read earlier may have been taken away.

    Raises:
        NotPermitted: they are no member any more.

    """
    member = workspace.members.get(actor_id)
    if member is None:
        raise NotPermitted(
            "not_a_member",
            "You are not a member of this workspace any more.",
            hint="Ask an owner of it to let you in again.",
        )
    return member


def known_member(workspace: Workspace, member_id: str) -> Member:
    """Find a member.

    Raises:
        NotFound: there is none of this id.

    """
    member = workspace.members.get(member_id)
    if member is None:
        raise NotFound("member_not_found", "There is no such member in this workspace.", hint="List the members.")
    return member
