"""Which tokens a workspace may have: by whom they act for, by its plan, and by its token policy."""

from __future__ import annotations

from dataclasses import dataclass

from shared.domain.errors import NotPermitted
from shared.domain.plans import Plan, check_kind, plan_of
from shared.domain.roles import is_at_least
from shared.domain.token.events import TokenKind
from shared.domain.token.policy import breaks, check_kept
from shared.domain.token.state import Token
from shared.domain.workspace.decider import MANAGERS, Member, Workspace, plan_in_force

BY_PLAN, BY_POLICY = "system:plan", "system:token_policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Why a token is kept out until the workspace changes, and by what."""

    by: str
    why: str


def lost_owner(workspace: Workspace, token: Token) -> str | None:
    """Say why a token is to end with its owner; None: it may act for them, or is the workspace's own."""
    owner = workspace.members.get(token.owner_id)
    if token.kind is TokenKind.ORGANIZATION:
        return None
    if owner is not None and token.app is not None:
        kept = is_at_least(owner.role, token.app.role)
        return None if kept else "the owner's role is less than when the app was connected"
    if owner is not None and owner.role in MANAGERS:
        return None
    return "the owner's role no longer allows tokens" if owner is not None else "the owner left the workspace"


def bar_of(workspace: Workspace, token: Token) -> Bar | None:
    """Say what keeps a token out, whatever was decided about it; None: nothing does.

    A plan without MCP bars none: it refuses the whole workspace, and the token goes on when the plan does.
    """
    plan = plan_of(workspace.plan)
    if token.kind is TokenKind.ORGANIZATION and plan.includes_mcp and not plan.organization_tokens:
        return Bar(by=BY_PLAN, why=f"the plan {plan.label} has no organization tokens")
    if (broken := breaks(workspace.token_policy, token)) is not None:
        return Bar(by=BY_POLICY, why=broken)
    return None


def plan_for_new_grant(workspace: Workspace, member_id: str) -> tuple[Plan, Member]:
    """Give the plan under which a member may let an app act for them, and the member: any may, whatever their role.

    Raises:
        NotPermitted: they are no member, or the plan or the allow list lets no credentials in.

    """
    member = workspace.members.get(member_id)
    if member is None:
        raise NotPermitted(
            "role_required", "Only a member of the workspace may connect an app.", hint="Ask an owner to let you in."
        )
    return plan_in_force(workspace), member


def check_may_return(workspace: Workspace, token: Token) -> None:
    """Refuse to let a suspended token in again that the workspace may not have.

    Raises:
        NotPermitted: `role_required`, of its owner; or `kind_not_allowed`, by the plan.
        Conflict: `policy_broken`.

    """
    if (lost := lost_owner(workspace, token)) is not None:
        raise NotPermitted(
            "role_required", f"The token cannot be let in again: {lost}.", hint="Revoke it; it will not come back."
        )
    plan = plan_of(workspace.plan)
    if plan.includes_mcp:
        check_kind(plan, token.kind)
    check_kept(workspace.token_policy, token)
