from __future__ import annotations

from contextlib import nullcontext

import pytest

from shared.domain.errors import Conflict, NotFound, NotPermitted
from shared.domain.scopes import Scope
from shared.domain.token.commands import RevokeToken
from shared.domain.token.policy import TokenPolicy
from shared.domain.token.state import Status
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
from shared.domain.workspace.decider import Standing, standing_of
from shared.domain.workspace.events import Role
from shared.services.change_token import change_token
from shared.services.change_workspace import finish_fencing
from shared.services.credentials.seal import is_sealed
from shared.storage.contracts.audit import AuditFilter
from shared.storage.contracts.streams import StreamMoved
from shared.storage.contracts.tokens import TokenRow
from shared.storage.engine import Key, Table, Update
from tests.data.engines import Killed, MeddledEngine, die_before
from tests.data.stores import Stores, memory_stores
from tests.data.tenants import A_DAY, KEYS, NOON, order, origin, token, workspace

NARROWER: list[WorkspaceCommand] = [
    ChangePlan(plan="starter", at=NOON),
    SuspendAccess(reason="unpaid", at=NOON),
    ChangeMemberRole(member_id="mem_adam", role=Role.ANALYST, at=NOON),
    RemoveMember(member_id="mem_adam", at=NOON),
]
TOKENS = 5


def concerns_all(command: WorkspaceCommand) -> bool:
    """Tell whether a command is about every token, or about those of one member."""
    return isinstance(command, ChangePlan | SuspendAccess)


@pytest.fixture
def engine() -> MeddledEngine:
    return MeddledEngine()


@pytest.fixture
def stores(engine: MeddledEngine) -> Stores:
    """A workspace with two tokens of its owner and three of its admin."""
    stores = memory_stores(engine)
    workspace(stores)
    for owner in ("olivia", "adam", "adam", "olivia", "adam"):
        token(stores, owner=owner)
    return stores


def rows(stores: Stores) -> list[TokenRow]:
    return list(stores.tokens.of_workspace("wks_1", limit=100).items)


def live(stores: Stores) -> list[str]:
    """Name the owners of the tokens that would be let in."""
    assert all(is_sealed(row, KEYS) for row in rows(stores))
    return sorted(
        row.token.owner_id
        for row in rows(stores)
        if row.token.status is Status.ACTIVE and row.terms.standing is Standing.OPEN
    )


@pytest.mark.parametrize("command", NARROWER, ids=lambda command: type(command).__name__)
def test_when_a_narrowing_returns_every_token_that_it_concerns_is_fenced(
    stores: Stores, command: WorkspaceCommand
) -> None:
    order(command, stores=stores)

    assert live(stores) == ([] if concerns_all(command) else ["mem_olivia", "mem_olivia"])


@pytest.mark.parametrize("command", NARROWER, ids=lambda command: type(command).__name__)
def test_a_narrowing_that_died_anywhere_is_finished_by_the_same_command(command: WorkspaceCommand) -> None:
    # The record, a write for each token that is concerned (all three, or the two of the admin), and that it is done.
    writes = 1 + (3 if concerns_all(command) else 2) + 1
    for number in range(writes + 1):
        engine = MeddledEngine()
        stores = memory_stores(engine)
        workspace(stores)
        for owner in ("olivia", "adam", "adam"):
            token(stores, owner=owner)

        engine.meddle = die_before(write=number)
        with pytest.raises(Killed) if number < writes else nullcontext():
            order(command, stores=stores)
        engine.meddle = None
        order(command, stores=stores)

        assert live(stores) == ([] if concerns_all(command) else ["mem_olivia"])


def test_tokens_are_fenced_however_many_there_are(stores: Stores) -> None:
    for _ in range(120):
        token(stores)

    order(SuspendAccess(reason="unpaid", at=NOON), stores=stores)

    assert live(stores) == []
    assert len([*stores.tokens.of_workspace("wks_1", limit=1000).items]) == TOKENS + 120


def test_a_widening_reaches_every_token_too(stores: Stores) -> None:
    order(SuspendAccess(reason="unpaid", at=NOON), stores=stores)
    order(ChangePlan(plan="alpha", at=NOON), stores=stores)

    order(GrantAccess(at=NOON), stores=stores)

    assert len(live(stores)) == TOKENS
    assert {row.terms.plan for row in rows(stores)} == {"alpha"}


def test_a_revocation_says_why_and_who_asked(stores: Stores) -> None:
    order(RemoveMember(member_id="mem_adam", at=NOON), stores=stores)

    ends = stores.audit.entries(
        "wks_1", matching=AuditFilter(types=frozenset({"token.revoked"})), limit=10, now=NOON
    ).items
    assert [(entry.origin.actor, entry.data["reason"]) for entry in ends] == [
        ("operator:tests", "the owner left the workspace")
    ] * 3


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN])
def test_a_role_that_may_hold_tokens_keeps_them(stores: Stores, role: Role) -> None:
    order(ChangeMemberRole(member_id="mem_adam", role=role, at=NOON), stores=stores)

    assert len(live(stores)) == TOKENS


def test_who_comes_back_can_be_removed_again(stores: Stores) -> None:
    person = AddMember(member_id="mem_adam", issuer="https://issuer.test", subject="adam", role=Role.ADMIN, at=NOON)
    order(RemoveMember(member_id="mem_adam", at=NOON), stores=stores)
    order(person, stores=stores)
    token(stores, owner="adam")
    assert live(stores).count("mem_adam") == 1

    after = order(RemoveMember(member_id="mem_adam", at=NOON), stores=stores)

    assert "mem_adam" not in after.members
    assert live(stores) == ["mem_olivia", "mem_olivia"]


def test_two_workspaces_do_not_concern_each_other(stores: Stores) -> None:
    workspace(stores, "wks_2", people={"oscar": Role.OWNER})
    token(stores, workspace_id="wks_2", owner="oscar")

    order(SuspendAccess(reason="unpaid", at=NOON), stores=stores, workspace_id="wks_2")

    assert len(live(stores)) == TOKENS


def test_an_older_change_that_is_still_under_way_does_not_undo_a_newer_one(
    engine: MeddledEngine, stores: Stores
) -> None:
    def grant_in_between(number: int) -> None:
        if number == 2:  # our suspension is recorded and one token is fenced: it is taken back meanwhile
            order(GrantAccess(at=NOON), stores=stores)

    engine.meddle = grant_in_between
    order(SuspendAccess(reason="unpaid", at=NOON), stores=stores)

    row = stores.workspaces.get("wks_1")
    assert row is not None
    assert standing_of(row.workspace) is Standing.OPEN
    assert len(live(stores)) == TOKENS


def test_no_token_is_made_under_the_old_terms_while_the_others_are_fenced(
    engine: MeddledEngine, stores: Stores
) -> None:
    def another_token(number: int) -> None:
        if number == 1:  # recorded, nothing fenced yet
            with pytest.raises(NotPermitted):
                token(stores)

    engine.meddle = another_token
    order(SuspendAccess(reason="unpaid", at=NOON), stores=stores)

    assert live(stores) == []
    assert len(rows(stores)) == TOKENS


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (ChangePlan(plan="plus", at=NOON), NotFound),
        (RemoveMember(member_id="mem_adam", at=NOON), NotFound),
    ],
)
def test_a_workspace_that_is_none_cannot_be_changed(
    stores: Stores, command: WorkspaceCommand, error: type[Exception]
) -> None:
    with pytest.raises(error):
        order(command, stores=stores, workspace_id="wks_none")


def test_a_workspace_is_registered_once(stores: Stores) -> None:
    with pytest.raises(Conflict):
        order(RegisterWorkspace(workspace_id="wks_1", name="Another", plan="plus", at=NOON), stores=stores)


def test_a_workspace_that_never_stands_still_is_given_up(engine: MeddledEngine, stores: Stores) -> None:
    def move(number: int) -> None:
        order(ChangePlan(plan=("alpha", "plus")[number % 2], at=NOON), stores=stores)

    engine.meddle = move

    with pytest.raises(StreamMoved):
        order(SuspendAccess(reason="unpaid", at=NOON), stores=stores)


SHORTER = SetTokenPolicy(policy=TokenPolicy(longest_days=7), set_by="mem_olivia", at=NOON)


def test_a_token_that_ends_while_a_policy_is_applied_does_not_stop_it(engine: MeddledEngine, stores: Stores) -> None:
    victim = rows(stores)[0].token.token_id

    def revoke_first(number: int) -> None:
        if number == 2:  # after the record of the policy and the terms of the first token
            command = RevokeToken(revoked_by="mem_adam", reason="over", at=NOON)
            change_token(victim, command, origin=origin(), keys=KEYS, tokens=stores.tokens)

    engine.meddle = revoke_first
    order(SHORTER, stores=stores)
    engine.meddle = None

    assert sorted(row.token.status for row in rows(stores)) == [Status.REVOKED, *[Status.SUSPENDED] * (TOKENS - 1)]
    assert stores.workspaces.unfenced(NOON + A_DAY, limit=9) == ()


def test_a_damaged_row_holds_up_neither_a_policy_nor_the_sweep(engine: MeddledEngine, stores: Stores) -> None:
    damaged = rows(stores)[2].token.token_id
    engine.write(Update(table=Table.CORE, key=Key(f"TOK#{damaged}", "STATE"), set={"scopes": [*Scope]}))

    order(SHORTER, stores=stores)
    finish_fencing("wks_1", origin=origin(), now=NOON, keys=KEYS, workspaces=stores.workspaces, tokens=stores.tokens)

    suspended = {row.token.token_id for row in rows(stores) if row.token.status is Status.SUSPENDED}
    assert len(suspended) == TOKENS - 1
    assert damaged not in suspended
    assert stores.workspaces.unfenced(NOON + A_DAY, limit=9) == ()
