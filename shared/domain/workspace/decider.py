"""The rules of a workspace, as two pure functions and the state that they share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from shared.domain.errors import Conflict, Invalid, NotFound, NotPermitted
from shared.domain.ids import is_plain_id
from shared.domain.plans import Plan, check_kind, plan_of
from shared.domain.text import clean_line
from shared.domain.token.events import TokenKind
from shared.domain.token.policy import ANYTHING, TokenPolicy, checked_policy
from shared.domain.token.wording import refuse_token
from shared.domain.workspace.commands import (
    AddMember,
    ChangeMemberRole,
    ChangePlan,
    GrantAccess,
    RegisterWorkspace,
    RemoveMember,
    SetTokenPolicy,
    SuspendAccess,
    WorkspaceCommand,
)
from shared.domain.workspace.events import (
    AccessGranted,
    AccessSuspended,
    MemberAdded,
    MemberContactChanged,
    MemberRemoved,
    MemberRoleChanged,
    PlanChanged,
    Role,
    TokenPolicySet,
    WorkspaceEvent,
    WorkspaceRegistered,
)

NAME_LENGTH = 100
SIGN_IN_LENGTH = 255
"""OpenID Connect Core, section 2: a subject is no longer; no issuer that we met is."""
MANAGERS = frozenset({Role.OWNER, Role.ADMIN})
"""The roles that may generate tokens and manage those of others."""


class Access(StrEnum):
    """What was last said about the workspace's access to MCP, apart from its plan."""

    NOT_GRANTED = "not_granted"
    GRANTED = "granted"
    SUSPENDED = "suspended"


class Standing(StrEnum):
    """Whether the workspace's credentials are let in; every value but `OPEN` is the reason of a refusal."""

    OPEN = "open"
    PLAN_REQUIRED = "plan_required"
    NOT_AUTHORIZED = "organization_not_authorized"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person in a workspace, known by issuer and subject; no name and no address is kept here."""

    member_id: str
    issuer: str
    subject: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A tenant as its events left it."""

    workspace_id: str
    name: str
    plan: str
    access: Access = Access.NOT_GRANTED
    members: Mapping[str, Member] = field(default_factory=dict[str, Member])
    former_members: frozenset[str] = frozenset()
    """Who left; so that a removal that died half way can be asked for again."""
    token_policy: TokenPolicy = ANYTHING
    open_since: datetime | None = None
    """Since when its tokens are let in; of a workspace that is shut out, since when they last were."""

    def member_of(self, issuer: str, subject: str) -> Member | None:
        """Find the member who signs in with this issuer and subject."""
        return next((m for m in self.members.values() if (m.issuer, m.subject) == (issuer, subject)), None)


def standing_of(workspace: Workspace) -> Standing:
    """Say whether the plan and the allow list let the workspace's credentials in."""
    plan = plan_of(workspace.plan)
    if not plan.includes_mcp:
        return Standing.PLAN_REQUIRED
    if workspace.access is Access.SUSPENDED or (plan.by_allow_list and workspace.access is not Access.GRANTED):
        return Standing.NOT_AUTHORIZED
    return Standing.OPEN


def plan_for_new_token(workspace: Workspace, member_id: str, kind: TokenKind = TokenKind.PERSONAL) -> Plan:
    """Give the plan under which this member may generate a token now.

    Raises:
        NotPermitted: the role, the plan or the allow list does not allow it.

    """
    member = workspace.members.get(member_id)
    if member is None or member.role not in MANAGERS:
        raise NotPermitted(
            "role_required", "Only an owner or an admin may generate tokens.", hint="Ask an owner of the workspace."
        )
    plan = plan_in_force(workspace)
    check_kind(plan, kind)
    return plan


def plan_in_force(workspace: Workspace) -> Plan:
    """Give the plan, if it and the allow list let the workspace's credentials in.

    Raises:
        NotPermitted: they do not.

    """
    match standing_of(workspace):
        case Standing.OPEN:
            return plan_of(workspace.plan)
        case Standing.PLAN_REQUIRED:
            raise NotPermitted(
                "plan_required", "The workspace's plan has no MCP access.", hint="Move the workspace to the Plus plan."
            )
        case Standing.NOT_AUTHORIZED:
            raise NotPermitted(
                "organization_not_authorized",
                "The workspace is not authorized for MCP.",
                hint="Ask support to grant or restore access.",
            )


def decide(  # noqa: PLR0911 - one return for each command
    command: WorkspaceCommand, workspace: Workspace | None
) -> tuple[WorkspaceEvent, ...]:
    """Answer a command with what happens, or raise a `DomainError`; touch nothing."""
    match command, workspace:
        case RegisterWorkspace(), None:
            return (_registered(command),)
        case RegisterWorkspace(), Workspace():
            raise Conflict("workspace_exists", "A workspace with this id exists already.", hint="Draw another id.")
        case _, None:
            raise NotFound(
                "workspace_not_found", "There is no such workspace.", hint="Use the id of a workspace that there is."
            )
        case ChangePlan(), Workspace(plan=plan):
            key = plan_of(command.plan).key
            return () if key == plan else (PlanChanged(plan=key, at=command.at),)
        case GrantAccess(), Workspace(access=access):
            return () if access is Access.GRANTED else (AccessGranted(at=command.at),)
        case SuspendAccess(), Workspace(access=access):
            if access is Access.SUSPENDED:
                return ()
            return (AccessSuspended(reason=_reason(command.reason), at=command.at),)
        case AddMember(), Workspace():
            return _member_added(command, workspace)
        case ChangeMemberRole(), Workspace():
            member = _member(workspace, command.member_id)
            if member.role is command.role:
                return ()
            _keep_an_owner(workspace, without=member)
            return (MemberRoleChanged(member_id=member.member_id, role=command.role, at=command.at),)
        case RemoveMember(), Workspace(former_members=former) if command.member_id in former:
            return ()
        case RemoveMember(), Workspace():
            member = _member(workspace, command.member_id)
            _keep_an_owner(workspace, without=member)
            return (MemberRemoved(member_id=member.member_id, at=command.at),)
        case SetTokenPolicy(), Workspace(token_policy=known):
            policy = checked_policy(command.policy)
            return () if policy == known else (TokenPolicySet(policy=policy, set_by=command.set_by, at=command.at),)


def evolve(workspace: Workspace | None, event: WorkspaceEvent) -> Workspace | None:
    """Fold one event into the state. It never refuses: what happened, happened."""
    match event, workspace:
        case WorkspaceRegistered(), _:
            registered = Workspace(workspace_id=event.workspace_id, name=event.name, plan=event.plan)
            return _opened(registered, None, event.at)
        case _, None:
            return None
        case PlanChanged(), Workspace():
            return _opened(replace(workspace, plan=event.plan), workspace, event.at)
        case AccessGranted(), Workspace():
            return _opened(replace(workspace, access=Access.GRANTED), workspace, event.at)
        case AccessSuspended(), Workspace():
            return replace(workspace, access=Access.SUSPENDED)
        case MemberAdded(), Workspace(members=members):
            member = Member(member_id=event.member_id, issuer=event.issuer, subject=event.subject, role=event.role)
            return replace(
                workspace,
                members={**members, event.member_id: member},
                former_members=workspace.former_members - {event.member_id},
            )
        case MemberRoleChanged(), Workspace(members=members):
            changed = {
                key: replace(member, role=event.role) if key == event.member_id else member
                for key, member in members.items()
            }
            return replace(workspace, members=changed)
        case MemberRemoved(), Workspace(members=members):
            return replace(
                workspace,
                members={key: member for key, member in members.items() if key != event.member_id},
                former_members=workspace.former_members | {event.member_id},
            )
        case MemberContactChanged(), Workspace():
            return workspace  # where a member is reached is no part of what is decided
        case TokenPolicySet(), Workspace():
            return replace(workspace, token_policy=event.policy)


def _opened(workspace: Workspace, before: Workspace | None, at: datetime) -> Workspace:
    """Note the moment from which on the workspace's tokens are let in, if it is this one."""
    was_open = before is not None and standing_of(before) is Standing.OPEN
    return workspace if was_open or standing_of(workspace) is not Standing.OPEN else replace(workspace, open_since=at)


def replay(events: Iterable[WorkspaceEvent], workspace: Workspace | None = None) -> Workspace | None:
    """Fold a history into the state it leads to."""
    for event in events:
        workspace = evolve(workspace, event)
    return workspace


def _registered(command: RegisterWorkspace) -> WorkspaceRegistered:
    name = clean_line(command.name)
    if not 1 <= len(name) <= NAME_LENGTH:
        raise Invalid(
            "name_invalid",
            f"A name has 1 to {NAME_LENGTH} characters.",
            hint="Choose a name of that length.",
            field="name",
        )
    refuse_token(name, called="A name", code="name_invalid", field="name")
    _checked_id(command.workspace_id, field="workspace_id")
    return WorkspaceRegistered(
        workspace_id=command.workspace_id, name=name, plan=plan_of(command.plan).key, at=command.at
    )


def _member_added(command: AddMember, workspace: Workspace) -> tuple[WorkspaceEvent, ...]:
    _checked_id(command.member_id, field="member_id")
    for name, text in (("issuer", command.issuer), ("subject", command.subject)):
        # What comes out changed, or empty, would be somebody else or nobody.
        if not 1 <= len(text) <= SIGN_IN_LENGTH or clean_line(text) != text:
            raise Invalid(
                "sign_in_invalid",
                f"Issuer and subject have 1 to {SIGN_IN_LENGTH} visible characters.",
                hint="Copy `iss` and `sub` from a sign-in token of the person.",
                field=name,
            )
        refuse_token(text, called=f"The {name}", code="sign_in_invalid", field=name)
    if command.member_id in workspace.members:
        raise Conflict("member_exists", "A member with this id exists already.", hint="Draw another id.")
    known = workspace.member_of(command.issuer, command.subject)
    if known is not None:
        raise Conflict(
            "member_exists", "This person is a member already.", hint=f"Change the role of {known.member_id} instead."
        )
    return (
        MemberAdded(
            member_id=command.member_id,
            issuer=command.issuer,
            subject=command.subject,
            role=command.role,
            at=command.at,
        ),
    )


def _checked_id(text: str, *, field: str) -> None:
    if not is_plain_id(text) or text.startswith("-"):  # a command would take it for an option
        raise Invalid(
            "id_invalid",
            "An id has 1 to 64 letters, digits, hyphens and underscores, and no hyphen first.",
            hint="Use an id of that form.",
            field=field,
        )
    refuse_token(text, called="An id", code="id_invalid", field=field)


def _member(workspace: Workspace, member_id: str) -> Member:
    try:
        return workspace.members[member_id]
    except KeyError:
        raise NotFound(
            "member_not_found", "There is no such member in this workspace.", hint="List the members to see their ids."
        ) from None


def _keep_an_owner(workspace: Workspace, *, without: Member) -> None:
    """Refuse to lose the last owner: nobody could let the next one in."""
    owners = {member.member_id for member in workspace.members.values() if member.role is Role.OWNER}
    if owners == {without.member_id}:
        raise Conflict("last_owner", "A workspace keeps at least one owner.", hint="Make somebody else an owner first.")


def _reason(text: str) -> str:
    reason = clean_line(text)
    if not reason:
        raise Invalid("reason_invalid", "A reason is needed.", hint="Say why, for the trail.", field="reason")
    refuse_token(reason, called="A reason", code="reason_invalid", field="reason")
    return reason
