"""Somebody changes something at the same moment as a rotation: no successor escapes."""

from __future__ import annotations

import pytest

from shared.domain.errors import Conflict, NotPermitted
from shared.domain.scopes import Scope
from shared.domain.token.commands import RenameToken
from shared.domain.token.policy import ANYTHING, TokenPolicy
from shared.domain.token.state import Status
from shared.domain.workspace.commands import (
    ChangeMemberRole,
    ChangePlan,
    RemoveMember,
    SetTokenPolicy,
    SuspendAccess,
    WorkspaceCommand,
)
from shared.domain.workspace.events import Role
from shared.services.credentials.seal import is_sealed
from shared.storage.contracts.streams import StreamMoved
from tests.data.engines import MeddledEngine
from tests.data.stores import Stores, memory_stores
from tests.data.tenants import KEYS, NOON, order, rotation, token, workspace
from tests.services.rotating import REVOKE, SUSPEND, TokenChange, change, in_the_list, row_of, trail


@pytest.fixture
def engine() -> MeddledEngine:
    return MeddledEngine()


@pytest.fixture
def stores(engine: MeddledEngine) -> Stores:
    stores = memory_stores(engine)
    workspace(stores)
    return stores


NARROWER: list[tuple[WorkspaceCommand, str]] = [
    (ChangePlan(plan="starter", at=NOON), "plan_required"),
    (SuspendAccess(reason="unpaid", at=NOON), "organization_not_authorized"),
    (RemoveMember(member_id="mem_adam", at=NOON), "role_required"),
    (ChangeMemberRole(member_id="mem_adam", role=Role.ANALYST, at=NOON), "role_required"),
    (
        SetTokenPolicy(policy=TokenPolicy(scopes=frozenset({Scope.ADS})), set_by="mem_olivia", at=NOON),
        "token_suspended",
    ),
]
NAMES = [type(command).__name__ for command, _ in NARROWER]


@pytest.mark.parametrize(("command", "code"), NARROWER, ids=NAMES)
def test_a_change_of_the_workspace_that_comes_first_refuses_the_rotation(
    engine: MeddledEngine, stores: Stores, command: WorkspaceCommand, code: str
) -> None:
    old = token(stores, owner="adam")

    def narrow(number: int) -> None:  # between our look at the two and our write
        if number == 0:
            order(command, stores=stores)

    engine.meddle = narrow
    with pytest.raises((NotPermitted, Conflict)) as refused:
        rotation(stores, old.token.token_id, by="adam")

    assert refused.value.code == code
    assert in_the_list(stores) == {old.token.token_id}
    assert trail(stores, "token.rotated") == []


@pytest.mark.parametrize(("command", "_code"), NARROWER, ids=NAMES)
def test_a_change_of_the_workspace_that_comes_later_finds_the_successor(
    stores: Stores, command: WorkspaceCommand, _code: str
) -> None:
    new = rotation(stores, token(stores, owner="adam").token.token_id, by="adam")

    order(command, stores=stores)

    row = row_of(stores, new)
    assert (row.token.status, row.terms.standing) != ("active", "open")
    assert is_sealed(row, KEYS)


@pytest.mark.parametrize("reached", range(4))
def test_a_narrowing_that_is_half_done_lets_no_successor_escape(
    engine: MeddledEngine, stores: Stores, reached: int
) -> None:
    """A rotation comes before each write of a member's removal: whichever wins, nothing that lives is left."""
    old = token(stores, owner="adam")
    outcomes: list[str] = []

    def rotate_now(number: int) -> None:
        if number == reached:
            try:
                rotation(stores, old.token.token_id, by="adam")
                outcomes.append("made")
            except (NotPermitted, Conflict) as refused:
                outcomes.append(refused.code)

    engine.meddle = rotate_now
    order(RemoveMember(member_id="mem_adam", at=NOON), stores=stores)
    engine.meddle = None

    living = [
        row.token.token_id
        for row in stores.tokens.of_workspace("wks_1", limit=100).items
        if row.token.status is Status.ACTIVE
    ]
    assert living == []
    assert outcomes in (["made"], ["role_required"], ["token_ended"], [])
    assert outcomes == ["made"] if reached == 0 else outcomes != ["made"]


def test_a_policy_that_is_half_done_lets_no_token_slip_into_a_successor_that_keeps_to_it(
    engine: MeddledEngine, stores: Stores
) -> None:
    old = token(stores, scopes=(Scope.PNL, Scope.ADS))
    refused: list[str] = []

    def rotate_now(number: int) -> None:
        if number == 1:  # the policy stands; the token is not yet suspended
            with pytest.raises(Conflict) as refusal:
                rotation(stores, old.token.token_id, scopes=(Scope.ADS,))
            refused.append(refusal.value.code)

    engine.meddle = rotate_now
    policy = TokenPolicy(scopes=frozenset({Scope.ADS}))
    order(SetTokenPolicy(policy=policy, set_by="mem_olivia", at=NOON), stores=stores)
    engine.meddle = None

    assert refused == ["policy_broken"]
    assert row_of(stores, old).token.status is Status.SUSPENDED
    assert in_the_list(stores) == {old.token.token_id}


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (REVOKE, "token_ended"),
        (SUSPEND, "token_suspended"),
    ],
    ids=["revoked", "suspended"],
)
def test_a_token_that_is_taken_out_of_use_at_the_same_moment_gets_no_successor(
    engine: MeddledEngine, stores: Stores, command: TokenChange, code: str
) -> None:
    old = token(stores)

    def interfere(number: int) -> None:
        if number == 0:
            change(stores, old, command)

    engine.meddle = interfere
    with pytest.raises(Conflict) as refused:
        rotation(stores, old.token.token_id)

    assert refused.value.code == code
    assert in_the_list(stores) == {old.token.token_id}


def test_a_token_that_is_renamed_at_the_same_moment_hands_on_its_new_name(
    engine: MeddledEngine, stores: Stores
) -> None:
    old = token(stores, name="before")

    def rename(number: int) -> None:
        if number == 0:
            change(stores, old, RenameToken(name="after", renamed_by="mem_olivia", policy=ANYTHING, at=NOON))

    engine.meddle = rename

    assert rotation(stores, old.token.token_id).token.name == "after"


def test_a_change_of_the_workspace_that_does_not_concern_the_token_only_delays_it(
    engine: MeddledEngine, stores: Stores
) -> None:
    old = token(stores)

    def move(number: int) -> None:
        if number < 2:
            order(ChangePlan(plan=("alpha", "plus")[number], at=NOON), stores=stores)

    engine.meddle = move
    new = rotation(stores, old.token.token_id)

    workspace_now = stores.workspaces.get("wks_1")
    assert workspace_now is not None
    assert (row_of(stores, new).terms.plan, row_of(stores, new).terms.version) == ("plus", workspace_now.version)


def test_a_workspace_that_never_stands_still_is_given_up(engine: MeddledEngine, stores: Stores) -> None:
    old = token(stores)

    def move(number: int) -> None:
        order(ChangePlan(plan=("alpha", "plus")[number % 2], at=NOON), stores=stores)

    engine.meddle = move
    with pytest.raises(StreamMoved):
        rotation(stores, old.token.token_id)

    engine.meddle = None
    assert in_the_list(stores) == {old.token.token_id}
