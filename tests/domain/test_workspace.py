"""The rules of a workspace."""

from __future__ import annotations

from contextlib import suppress
from typing import get_args

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from shared.domain.errors import Conflict, DomainError, Invalid, NotFound, NotPermitted
from shared.domain.plans import PLANS, Plan
from shared.domain.scopes import Scope
from shared.domain.token.events import TokenKind
from shared.domain.token.policy import ANYTHING, TokenPolicy
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
from shared.domain.workspace.decider import (
    Access,
    Standing,
    Workspace,
    decide,
    evolve,
    plan_for_new_token,
    replay,
    standing_of,
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
from tests.data.examples import NOON, workspace_events
from tests.domain.deciding import Given

ISSUER = "https://id.example"
REGISTERED, OLGA = workspace_events()
ANN = MemberAdded(member_id="mem_ann", issuer=ISSUER, subject="ann", role=Role.OWNER, at=NOON)


def on_plan(plan: str) -> WorkspaceRegistered:
    return WorkspaceRegistered(workspace_id="ws1", name="Tea & Sons", plan=plan, at=NOON)


def register(name: str = "Tea & Sons", plan: str = "plus") -> RegisterWorkspace:
    return RegisterWorkspace(workspace_id="ws1", name=name, plan=plan, at=NOON)


def add(member_id: str = "mem_ann", subject: str = "ann", role: Role = Role.OWNER, issuer: str = ISSUER) -> AddMember:
    return AddMember(member_id=member_id, issuer=issuer, subject=subject, role=role, at=NOON)


def change_role(role: Role, member_id: str = "mem_olga") -> ChangeMemberRole:
    return ChangeMemberRole(member_id=member_id, role=role, at=NOON)


def remove(member_id: str = "mem_olga") -> RemoveMember:
    return RemoveMember(member_id=member_id, at=NOON)


def suspend(reason: str = "invoice overdue") -> SuspendAccess:
    return SuspendAccess(reason=reason, at=NOON)


def set_policy(policy: TokenPolicy) -> SetTokenPolicy:
    return SetTokenPolicy(policy=policy, set_by="mem_olga", at=NOON)


LATER: list[WorkspaceCommand] = [
    set_policy(TokenPolicy(longest_days=90)),
    ChangePlan(plan="alpha", at=NOON),
    GrantAccess(at=NOON),
    suspend(),
    add(),
    change_role(Role.ADMIN),
    remove(),
]
people = st.sampled_from(["olga", "ann", "bob", "eve"])
members = people.map(lambda name: f"mem_{name}")
roles = st.sampled_from(Role)
commands = st.one_of(
    st.just(register()),
    st.builds(ChangePlan, plan=st.sampled_from([*PLANS, "gold", ""]), at=st.just(NOON)),
    st.just(GrantAccess(at=NOON)),
    st.builds(suspend, reason=st.sampled_from(["invoice overdue", " ", ""])),
    st.builds(add, member_id=members, subject=people, role=roles),
    st.builds(change_role, role=roles, member_id=members),
    st.builds(remove, member_id=members),
    st.sampled_from(
        [ANYTHING, TokenPolicy(longest_days=90), TokenPolicy(networks=("10.0.0.0/8",)), TokenPolicy(networks=("?",))]
    ).map(set_policy),
)


def given(*history: WorkspaceEvent) -> Given[WorkspaceCommand, WorkspaceEvent, Workspace]:
    return Given(decide, replay(history))


def after(*history: WorkspaceEvent) -> Workspace:
    workspace = replay(history)
    assert workspace is not None
    return workspace


def history_of(asked: list[WorkspaceCommand]) -> list[WorkspaceEvent]:
    """Carry out commands one after the other; those that are refused leave no trace."""
    history: list[WorkspaceEvent] = []
    for command in asked:
        with suppress(DomainError):
            history += decide(command, replay(history))
    return history


# --- the workspace ----------------------------------------------------------------------------------------------------


def test_a_workspace_is_registered_once() -> None:
    given().when(register()).then(REGISTERED)
    given(REGISTERED).when(register()).refused(Conflict, "workspace_exists")


def test_the_name_of_a_workspace_is_cleaned() -> None:
    given().when(register(name=" Tea \u202e&\nSons ")).then(REGISTERED)


@pytest.mark.parametrize("name", ["", "\n", "x" * 101])
def test_the_name_of_a_workspace_has_one_to_a_hundred_characters(name: str) -> None:
    given().when(register(name=name)).refused(Invalid, "name_invalid", field="name")


def test_a_workspace_is_on_a_plan_that_there_is() -> None:
    given().when(register(plan="gold")).refused(Invalid, "plan_unknown", field="plan")
    given(REGISTERED).when(ChangePlan(plan="gold", at=NOON)).refused(Invalid, "plan_unknown", field="plan")


def test_a_plan_is_changed() -> None:
    given(REGISTERED).when(ChangePlan(plan="alpha", at=NOON)).then(PlanChanged(plan="alpha", at=NOON))


def test_access_is_granted_suspended_and_granted_again() -> None:
    granted, suspended = AccessGranted(at=NOON), AccessSuspended(reason="invoice overdue", at=NOON)

    given(REGISTERED).when(GrantAccess(at=NOON)).then(granted)
    given(REGISTERED, granted).when(suspend(" invoice\noverdue ")).then(suspended)
    given(REGISTERED, suspended).when(GrantAccess(at=NOON)).then(granted)


def test_a_suspension_needs_a_reason() -> None:
    given(REGISTERED).when(suspend(" \n ")).refused(Invalid, "reason_invalid", field="reason")


@pytest.mark.parametrize("command", LATER, ids=lambda command: type(command).__name__)
def test_nothing_can_be_asked_of_a_workspace_that_is_not_there(command: WorkspaceCommand) -> None:
    given().when(command).refused(NotFound, "workspace_not_found")


def test_a_token_policy_is_set_in_its_normal_form() -> None:
    asked = TokenPolicy(longest_days=90, scopes=frozenset({Scope.PNL}), networks=("2001:DB8::/48", "203.0.113.7"))
    kept = TokenPolicySet(
        policy=TokenPolicy(
            longest_days=90, scopes=frozenset({Scope.PNL}), networks=("2001:db8::/48", "203.0.113.7/32")
        ),
        set_by="mem_olga",
        at=NOON,
    )

    given(REGISTERED).when(set_policy(asked)).then(kept)
    given(REGISTERED, kept).when(set_policy(asked)).then()
    given(REGISTERED, kept).when(set_policy(ANYTHING)).then(TokenPolicySet(policy=ANYTHING, set_by="mem_olga", at=NOON))
    assert after(REGISTERED).token_policy == ANYTHING
    assert after(REGISTERED, kept).token_policy == kept.policy


def test_a_token_policy_that_cannot_be_kept_is_refused() -> None:
    given(REGISTERED).when(set_policy(TokenPolicy(networks=("everywhere",)))).refused(
        Invalid, "policy_invalid", field="networks"
    )


def test_what_is_told_to_others_holds_no_token() -> None:
    secret = "mfs_" + "7Kq2" * 12

    given().when(register(name=f"Shop {secret}")).refused(Invalid, "name_invalid", field="name")
    given(REGISTERED).when(suspend(f"found {secret}")).refused(Invalid, "reason_invalid", field="reason")
    given(REGISTERED).when(set_policy(TokenPolicy(name_pattern=f"{secret}*"))).refused(
        Invalid, "policy_invalid", field="name_pattern"
    )
    given(REGISTERED).when(add(secret)).refused(Invalid, "id_invalid", field="member_id")
    given(REGISTERED).when(add("mem_x", secret)).refused(Invalid, "sign_in_invalid", field="subject")
    given(REGISTERED).when(add("mem_x", issuer=secret)).refused(Invalid, "sign_in_invalid", field="issuer")


def test_no_id_can_be_taken_for_an_option_of_a_command() -> None:
    given(REGISTERED).when(add("--help")).refused(Invalid, "id_invalid", field="member_id")


# --- its members ------------------------------------------------------------------------------------------------------


def test_a_person_joins_once() -> None:
    given(REGISTERED, OLGA).when(add()).then(ANN)
    given(REGISTERED, OLGA, ANN).when(add("mem_other")).refused(Conflict, "member_exists")


def test_a_member_id_is_given_to_one_person() -> None:
    given(REGISTERED, OLGA).when(add("mem_olga", "ann")).refused(Conflict, "member_exists")


def test_the_same_subject_of_another_issuer_is_another_person() -> None:
    outcome = given(REGISTERED, OLGA, ANN).when(add("mem_ann2", issuer="https://other.example"))

    assert [type(event) for event in outcome.events] == [MemberAdded]


def test_a_person_who_left_may_come_back() -> None:
    left = MemberRemoved(member_id="mem_ann", at=NOON)

    given(REGISTERED, OLGA, ANN, left).when(add()).then(ANN)


def test_a_role_is_changed() -> None:
    given(REGISTERED, OLGA, ANN).when(change_role(Role.ANALYST)).then(
        MemberRoleChanged(member_id="mem_olga", role=Role.ANALYST, at=NOON)
    )


@pytest.mark.parametrize("command", [change_role(Role.ADMIN, "mem_eve"), remove("mem_eve")])
def test_a_stranger_is_no_member(command: WorkspaceCommand) -> None:
    given(REGISTERED, OLGA).when(command).refused(NotFound, "member_not_found")


@pytest.mark.parametrize("command", [change_role(Role.ADMIN), change_role(Role.ANALYST), remove()])
def test_the_last_owner_stays(command: WorkspaceCommand) -> None:
    analyst = MemberAdded(member_id="mem_bob", issuer=ISSUER, subject="bob", role=Role.ANALYST, at=NOON)

    given(REGISTERED, OLGA, analyst).when(command).refused(Conflict, "last_owner")
    assert len(given(REGISTERED, OLGA, ANN, analyst).when(command).events) == 1


# --- what it lets its credentials do ----------------------------------------------------------------------------------

GRANTED, SUSPENDED = AccessGranted(at=NOON), AccessSuspended(reason="x", at=NOON)


@pytest.mark.parametrize(
    ("plan", "history", "standing"),
    [
        ("starter", [], Standing.PLAN_REQUIRED),
        ("starter", [GRANTED], Standing.PLAN_REQUIRED),
        ("plus", [], Standing.OPEN),
        ("plus", [GRANTED], Standing.OPEN),
        ("plus", [SUSPENDED], Standing.NOT_AUTHORIZED),
        ("plus", [SUSPENDED, GRANTED], Standing.OPEN),
        ("alpha", [], Standing.NOT_AUTHORIZED),
        ("alpha", [GRANTED], Standing.OPEN),
        ("alpha", [GRANTED, SUSPENDED], Standing.NOT_AUTHORIZED),
    ],
)
def test_plan_and_allow_list_decide_whether_credentials_are_let_in(
    plan: str, history: list[WorkspaceEvent], standing: Standing
) -> None:
    workspace = after(on_plan(plan), OLGA, *history)

    assert standing_of(workspace) is standing
    if standing is Standing.OPEN:
        assert plan_for_new_token(workspace, "mem_olga") == PLANS[plan]
    else:
        with pytest.raises(NotPermitted) as refused:
            plan_for_new_token(workspace, "mem_olga")
        assert refused.value.code == standing


@pytest.mark.parametrize("role", Role)
def test_only_owners_and_admins_may_generate_tokens(role: Role) -> None:
    member = MemberAdded(member_id="mem_bob", issuer=ISSUER, subject="bob", role=role, at=NOON)
    workspace = after(REGISTERED, OLGA, member)

    if role in {Role.OWNER, Role.ADMIN}:
        assert plan_for_new_token(workspace, "mem_bob") == PLANS["plus"]
    else:
        with pytest.raises(NotPermitted) as refused:
            plan_for_new_token(workspace, "mem_bob")
        assert refused.value.code == "role_required"


def test_a_stranger_may_not_generate_tokens() -> None:
    with pytest.raises(NotPermitted) as refused:
        plan_for_new_token(after(REGISTERED, OLGA), "mem_eve")

    assert refused.value.code == "role_required"


@pytest.mark.parametrize("plan", PLANS.values(), ids=lambda plan: plan.key)
def test_an_organization_token_needs_a_plan_that_has_them(plan: Plan) -> None:
    workspace = after(on_plan(plan.key), OLGA, GRANTED)

    if plan.organization_tokens:
        assert plan_for_new_token(workspace, "mem_olga", TokenKind.ORGANIZATION) == plan
    else:
        with pytest.raises(NotPermitted) as refused:
            plan_for_new_token(workspace, "mem_olga", TokenKind.ORGANIZATION)
        assert refused.value.code == ("kind_not_allowed" if plan.includes_mcp else "plan_required")


# --- what always holds ------------------------------------------------------------------------------------------------


@for_all(asked=st.lists(commands, max_size=12))
def test_a_workspace_that_has_an_owner_keeps_one(asked: list[WorkspaceCommand]) -> None:
    workspace = replay(workspace_events())
    for command in asked:
        with suppress(DomainError):
            workspace = replay(decide(command, workspace), workspace)

        assert workspace is not None
        assert any(member.role is Role.OWNER for member in workspace.members.values())


@for_all(asked=st.lists(commands, max_size=12))
def test_nobody_is_a_member_twice(asked: list[WorkspaceCommand]) -> None:
    workspace = after(*history_of([register(), *asked]))

    people = [(member.issuer, member.subject) for member in workspace.members.values()]
    assert len(people) == len(set(people))
    for member_id, member in workspace.members.items():
        assert member.member_id == member_id
        assert workspace.member_of(member.issuer, member.subject) == member


@for_all(asked=st.lists(commands, max_size=12))
def test_the_state_is_what_the_history_says(asked: list[WorkspaceCommand]) -> None:
    history = history_of([register(), *asked])
    workspace = after(*history)

    for split in range(len(history) + 1):
        assert replay(history[split:], replay(history[:split])) == workspace
    said = [event for event in history if isinstance(event, AccessGranted | AccessSuspended)]
    last = {AccessGranted: Access.GRANTED, AccessSuspended: Access.SUSPENDED}
    assert workspace.access is (last[type(said[-1])] if said else Access.NOT_GRANTED)
    policies = [event.policy for event in history if isinstance(event, TokenPolicySet)]
    assert workspace.token_policy == (policies[-1] if policies else ANYTHING)
    plans = [event.plan for event in history if isinstance(event, WorkspaceRegistered | PlanChanged)]
    assert workspace.plan == plans[-1]


@for_all(asked=st.lists(commands, max_size=8), command=commands)
def test_the_same_command_again_changes_nothing_more(asked: list[WorkspaceCommand], command: WorkspaceCommand) -> None:
    workspace = replay(history_of([register(), *asked]))
    with suppress(DomainError):
        workspace = replay(decide(command, workspace), workspace)
        with suppress(Conflict, NotFound):  # a member who joined or left already
            assert decide(command, workspace) == ()


def test_every_command_and_every_event_is_tried_here() -> None:
    """A new one does not slip past the properties: it has to be added to them."""
    asked: list[WorkspaceCommand] = [register(), add("mem_olga", "olga"), *LATER]
    happened = {type(event) for event in history_of(asked)}

    assert {type(command) for command in asked} == set(get_args(WorkspaceCommand))
    assert happened == set(get_args(WorkspaceEvent)) - {MemberContactChanged}  # a fact that no rule decides


@for_all(asked=st.lists(commands, max_size=8))
def test_where_a_member_is_reached_changes_nothing_that_is_decided(asked: list[WorkspaceCommand]) -> None:
    workspace = after(*history_of([register(), *asked]))

    assert evolve(workspace, MemberContactChanged(member_id="mem_olga", has_contact=True, at=NOON)) == workspace


def test_an_event_before_its_workspace_makes_nothing() -> None:
    assert evolve(None, OLGA) is None
