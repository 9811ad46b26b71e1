"""Tokens made, resumed and changed at the moment at which their workspace changes: none escapes."""

from __future__ import annotations

import pytest

from shared.domain.errors import DomainError
from shared.domain.token.policy import TokenPolicy
from shared.domain.token.state import Status
from shared.domain.workspace.commands import (
    AddMember,
    ChangeMemberRole,
    ChangePlan,
    GrantAccess,
    SetTokenPolicy,
    WorkspaceCommand,
)
from shared.domain.workspace.decider import decide, replay
from shared.domain.workspace.events import Role
from shared.services.change_workspace import PATIENCE
from shared.services.manage_tokens import resume_token, suspend_token
from tests.data.engines import Killed, die_before
from tests.data.stores import Stores
from tests.data.tenants import ISSUER, KEYS, NOON, member, order, origin, rotation, token
from tests.services.fencing import NARROWER, WRITES, ListingEngine, escaped, rows, run_sweep, shop


def try_to_create(stores: Stores) -> None:
    try:
        token(stores, owner="adam")
    except DomainError:
        return


def try_to_rotate(stores: Stores, token_id: str) -> None:
    try:
        rotation(stores, token_id, by="adam")
    except DomainError:
        return


def of_adam(stores: Stores) -> str:
    return next(row.token.token_id for row in rows(stores) if row.token.owner_id == "mem_adam")


@pytest.mark.parametrize("name", NARROWER)
@pytest.mark.parametrize("rotates", [False, True], ids=["created", "rotated"])
def test_no_token_that_is_made_at_any_moment_of_a_change_escapes_it(name: str, rotates: bool) -> None:  # noqa: FBT001 - two columns of a table
    for number in range(WRITES[name] + 2):
        engine, stores = shop()
        old = of_adam(stores)

        def make(at: int, stores: Stores = stores, old: str = old, number: int = number) -> None:
            if at == number:
                try_to_rotate(stores, old) if rotates else try_to_create(stores)

        engine.meddle = make
        order(NARROWER[name], stores=stores)
        engine.meddle = None

        assert escaped(stores) == [], f"before write {number}"
        # Made before the record it is found, after it nothing is made.
        assert len(rows(stores)) == (4 if number == 0 else 3)


@pytest.mark.parametrize("name", NARROWER)
@pytest.mark.parametrize("rotates", [False, True], ids=["created", "rotated"])
def test_no_token_escapes_a_change_that_comes_while_it_is_made(name: str, rotates: bool) -> None:  # noqa: FBT001 - the same
    engine, stores = shop()
    old = of_adam(stores)

    def change_first(number: int) -> None:
        if number == 0:
            order(NARROWER[name], stores=stores)

    engine.meddle = change_first
    try_to_rotate(stores, old) if rotates else try_to_create(stores)
    engine.meddle = None

    assert escaped(stores) == []
    assert len(rows(stores)) == 3


@pytest.mark.parametrize("name", NARROWER)
@pytest.mark.parametrize("rotates", [False, True], ids=["created", "rotated"])
def test_from_the_record_on_nothing_is_made_though_nothing_is_fenced_yet(name: str, rotates: bool) -> None:  # noqa: FBT001 - the same
    engine, stores = shop()
    old = of_adam(stores)
    engine.meddle = die_before(write=1)
    with pytest.raises(Killed):
        order(NARROWER[name], stores=stores)
    engine.meddle = None

    with pytest.raises(DomainError):
        rotation(stores, old, by="adam") if rotates else token(stores, owner="adam")

    assert len(rows(stores)) == 3


@pytest.mark.parametrize("name", NARROWER)
def test_a_token_that_is_suspended_and_resumed_meanwhile_does_not_escape(name: str) -> None:
    for number in range(WRITES[name]):
        engine, stores = shop()
        old = of_adam(stores)

        def pause(at: int, stores: Stores = stores, old: str = old, number: int = number) -> None:
            if at == number:
                _pause_and_resume(stores, old)

        engine.meddle = pause
        order(NARROWER[name], stores=stores)
        engine.meddle = None

        assert escaped(stores) == [], f"before write {number}"


def _pause_and_resume(stores: Stores, token_id: str) -> None:
    try:
        suspend_token(
            token_id,
            reason="odd calls",
            workspace_id="wks_1",
            member=member(stores),
            now=NOON,
            keys=KEYS,
            tokens=stores.tokens,
            origin=origin("mem_olivia"),
        )
        resume_token(
            token_id,
            reason="fine",
            workspace_id="wks_1",
            member=member(stores),
            now=NOON,
            keys=KEYS,
            tokens=stores.tokens,
            workspaces=stores.workspaces,
            origin=origin("mem_olivia"),
        )
    except DomainError:
        return


def test_a_token_resumed_between_the_record_of_a_policy_and_its_fencing_is_found_by_it() -> None:
    """Whoever resumes has read the old policy, and writes after the new one was recorded and before any fencing."""
    engine, stores = shop()
    old = of_adam(stores)
    suspend_token(
        old,
        reason="odd calls",
        workspace_id="wks_1",
        member=member(stores),
        origin=origin("mem_olivia"),
        now=NOON,
        keys=KEYS,
        tokens=stores.tokens,
    )

    def record_only(number: int) -> None:
        if number == 0:
            found = stores.workspaces.get("wks_1")
            assert found is not None
            events = decide(NARROWER["policy"], found.workspace)
            after = replay(events, found.workspace)
            assert after is not None
            stores.workspaces.append(
                events, after, expected_version=found.version, origin=origin(), fence_by=NOON + PATIENCE
            )

    engine.meddle = record_only
    row = resume_token(
        old,
        reason="fine",
        workspace_id="wks_1",
        member=member(stores),
        origin=origin("mem_olivia"),
        now=NOON,
        keys=KEYS,
        tokens=stores.tokens,
        workspaces=stores.workspaces,
    )
    engine.meddle = None
    assert row.token.status is Status.ACTIVE

    run_sweep(stores)

    assert escaped(stores) == []


# --- an older run beside a newer one ------------------------------------------------------------------------------

READMITTED = AddMember(member_id="mem_adam", issuer=ISSUER, subject="adam", role=Role.ADMIN, at=NOON)
OLDER_AND_NEWER: dict[str, tuple[WorkspaceCommand, WorkspaceCommand]] = {
    "policy": (NARROWER["policy"], SetTokenPolicy(policy=TokenPolicy(), set_by="mem_olivia", at=NOON)),
    "access": (NARROWER["access"], GrantAccess(at=NOON)),
    "plan": (NARROWER["plan"], ChangePlan(plan="plus", at=NOON)),
    "role": (NARROWER["role"], ChangeMemberRole(member_id="mem_adam", role=Role.ADMIN, at=NOON)),
    "member": (NARROWER["member"], READMITTED),
}


@pytest.mark.parametrize("name", OLDER_AND_NEWER)
def test_a_token_made_after_a_newer_change_is_left_alone_by_an_older_run(name: str) -> None:
    older, newer = OLDER_AND_NEWER[name]
    for number in range(1, WRITES[name]):
        engine, stores = shop()
        made: list[str] = []

        def undo(at: int, stores: Stores = stores, made: list[str] = made, number: int = number) -> None:
            if at == number:
                order(newer, stores=stores)
                made.append(token(stores, owner="adam").token.token_id)

        engine.meddle = undo
        order(older, stores=stores)
        engine.meddle = None
        run_sweep(stores)

        assert escaped(stores) == []
        (row,) = [row for row in rows(stores) if row.token.token_id in made]
        assert row.token.status is Status.ACTIVE, f"before write {number}"


@pytest.mark.parametrize("name", OLDER_AND_NEWER)
def test_a_token_made_after_a_newer_change_is_left_alone_by_an_older_run_that_lists_it(name: str) -> None:
    """The newer change comes after the older one was recorded and before it looks at the tokens."""
    older, newer = OLDER_AND_NEWER[name]
    engine = ListingEngine()
    stores = shop(engine)[1]
    made: list[str] = []

    def undo() -> None:
        order(newer, stores=stores)
        made.append(token(stores, owner="adam").token.token_id)

    engine.before_listing = undo
    order(older, stores=stores)

    (row,) = [row for row in rows(stores) if row.token.token_id in made]
    assert row.token.status is Status.ACTIVE
    run_sweep(stores)
    assert escaped(stores) == []
