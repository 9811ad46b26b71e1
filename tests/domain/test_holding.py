"""Which tokens a workspace may have, and since when they are let in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.domain.errors import DomainError
from shared.domain.token.events import TokenKind
from shared.domain.token.policy import TokenPolicy
from shared.domain.workspace.decider import Workspace, replay
from shared.domain.workspace.events import (
    AccessGranted,
    AccessSuspended,
    MemberAdded,
    MemberRemoved,
    MemberRoleChanged,
    PlanChanged,
    Role,
    TokenPolicySet,
    WorkspaceEvent,
    WorkspaceRegistered,
)
from shared.domain.workspace.holding import Bar, bar_of, check_may_return, lost_owner
from tests.data.examples import NOON, token_created
from tests.domain.lives import ENDLESS, token_after

LATER = NOON + timedelta(days=1)
OLGA = MemberAdded(member_id="mem_olga", issuer="https://id.example", subject="olga", role=Role.ADMIN, at=NOON)


def after(*events: WorkspaceEvent, plan: str = "plus") -> Workspace:
    registered = WorkspaceRegistered(workspace_id="ws1", name="Tea & Sons", plan=plan, at=NOON)
    workspace = replay([registered, OLGA, *events])
    assert workspace is not None
    return workspace


PERSONAL, ORGANIZATION = token_after(token_created()), token_after(ENDLESS)
SHORT = TokenPolicySet(policy=TokenPolicy(longest_days=30), set_by="mem_olga", at=NOON)
LEFT = MemberRemoved(member_id="mem_olga", at=NOON)
DEMOTED = MemberRoleChanged(member_id="mem_olga", role=Role.ANALYST, at=NOON)


def test_a_personal_token_ends_with_its_owner_and_one_of_the_organization_does_not() -> None:
    assert lost_owner(after(), PERSONAL) is None
    assert lost_owner(after(LEFT), PERSONAL) == "the owner left the workspace"
    assert lost_owner(after(DEMOTED), PERSONAL) == "the owner's role no longer allows tokens"
    assert lost_owner(after(LEFT, plan="alpha"), ORGANIZATION) is None


def test_a_plan_bars_the_kinds_that_it_does_not_have_and_one_without_mcp_bars_none() -> None:
    assert bar_of(after(), ORGANIZATION) == Bar(by="system:plan", why="the plan Plus has no organization tokens")
    assert bar_of(after(), PERSONAL) is None
    assert bar_of(after(plan="alpha"), ORGANIZATION) is None
    assert bar_of(after(plan="starter"), ORGANIZATION) is None


def test_a_policy_bars_what_breaks_it() -> None:
    bar = bar_of(after(SHORT), PERSONAL)

    assert bar == Bar(by="system:token_policy", why="the workspace allows its tokens 30 days at most")


@pytest.mark.parametrize(
    ("workspace", "kind", "code"),
    [
        (after(LEFT), TokenKind.PERSONAL, "role_required"),
        (after(DEMOTED), TokenKind.PERSONAL, "role_required"),
        (after(), TokenKind.ORGANIZATION, "kind_not_allowed"),
        (after(SHORT), TokenKind.PERSONAL, "policy_broken"),
    ],
)
def test_what_a_workspace_may_not_have_does_not_return(workspace: Workspace, kind: TokenKind, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        check_may_return(workspace, PERSONAL if kind is TokenKind.PERSONAL else ORGANIZATION)
    assert refused.value.code == code


def test_what_a_workspace_may_have_returns() -> None:
    check_may_return(after(), PERSONAL)
    check_may_return(after(plan="alpha"), ORGANIZATION)
    check_may_return(after(plan="starter"), ORGANIZATION)  # where it is refused by the plan all the same
    assert lost_owner(after(), PERSONAL) is None


@pytest.mark.parametrize(
    ("workspace", "since"),
    [
        (after(), NOON),
        (after(plan="alpha"), None),
        (after(AccessGranted(at=LATER), plan="alpha"), LATER),
        (after(AccessGranted(at=LATER)), NOON),  # it was in already
        (after(PlanChanged(plan="starter", at=LATER)), NOON),
        (after(PlanChanged(plan="starter", at=NOON), PlanChanged(plan="plus", at=LATER)), LATER),
        (after(AccessSuspended(reason="unpaid", at=NOON), AccessGranted(at=LATER)), LATER),
        (after(AccessSuspended(reason="unpaid", at=NOON), PlanChanged(plan="alpha", at=LATER)), NOON),
    ],
)
def test_a_workspace_knows_since_when_its_tokens_are_let_in(workspace: Workspace, since: object) -> None:
    assert workspace.open_since == since
