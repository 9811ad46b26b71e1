"""What can be asked of a workspace. A command carries the time and the ids."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.domain.token.policy import TokenPolicy
from shared.domain.workspace.events import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterWorkspace:
    """Begin a tenant."""

    workspace_id: str
    name: str
    plan: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePlan:
    """Move the workspace to another plan."""

    plan: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantAccess:
    """Put the workspace on the allow list, or let it in again."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendAccess:
    """Shut the workspace out of MCP."""

    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AddMember:
    """Let a person in."""

    member_id: str
    issuer: str
    subject: str
    role: Role
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeMemberRole:
    """Give a member another role."""

    member_id: str
    role: Role
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveMember:
    """End a membership."""

    member_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTokenPolicy:
    """Give the workspace other rules for its tokens."""

    policy: TokenPolicy
    set_by: str
    at: datetime


WorkspaceCommand = (
    RegisterWorkspace
    | ChangePlan
    | GrantAccess
    | SuspendAccess
    | AddMember
    | ChangeMemberRole
    | RemoveMember
    | SetTokenPolicy
)
