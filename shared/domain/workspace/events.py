"""What can have happened to a workspace. A field is never renamed, removed or reused; a new one has a default."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.domain.roles import Role
from shared.domain.token.policy import TokenPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceRegistered:
    """A tenant began."""

    workspace_id: str
    name: str
    plan: str
    at: datetime
    type: Literal["workspace.registered"] = "workspace.registered"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChanged:
    """The workspace bought another plan."""

    plan: str
    at: datetime
    type: Literal["workspace.plan_changed"] = "workspace.plan_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessGranted:
    """The workspace was put on the allow list, or let in again."""

    at: datetime
    type: Literal["workspace.access_granted"] = "workspace.access_granted"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessSuspended:
    """The workspace was shut out of MCP; its tokens stay and are refused."""

    reason: str
    at: datetime
    type: Literal["workspace.access_suspended"] = "workspace.access_suspended"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberAdded:
    """A person joined, known by the issuer and the subject of their sign-in."""

    member_id: str
    issuer: str
    subject: str
    role: Role
    at: datetime
    type: Literal["workspace.member_added"] = "workspace.member_added"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRoleChanged:
    """A member may do more or less than before."""

    member_id: str
    role: Role
    at: datetime
    type: Literal["workspace.member_role_changed"] = "workspace.member_role_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRemoved:
    """A person left; the tokens that act for them end with it."""

    member_id: str
    at: datetime
    type: Literal["workspace.member_removed"] = "workspace.member_removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberContactChanged:
    """Somebody said where a member is told of their tokens, or took that away. The address is no part of the event."""

    member_id: str
    has_contact: bool
    at: datetime
    type: Literal["workspace.member_contact_changed"] = "workspace.member_contact_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPolicySet:
    """The workspace has other rules for its tokens."""

    policy: TokenPolicy
    set_by: str
    at: datetime
    type: Literal["workspace.token_policy_set"] = "workspace.token_policy_set"


WorkspaceEvent = (
    WorkspaceRegistered
    | PlanChanged
    | AccessGranted
    | AccessSuspended
    | MemberAdded
    | MemberRoleChanged
    | MemberRemoved
    | MemberContactChanged
    | TokenPolicySet
)
