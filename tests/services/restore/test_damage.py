"""What is large, damaged or of a later release in a backup keeps nothing else from coming back."""

from __future__ import annotations

import pytest

from shared.domain.token.state import Status
from shared.domain.workspace.commands import AddMember
from shared.domain.workspace.decider import Access
from shared.domain.workspace.events import Role
from shared.domain.workspace.restoring import Flaw
from shared.services.manage_contacts import set_contact
from shared.services.refusals import Reason
from shared.storage.engine import Delete, Key, Table, Update
from tests.data.tenants import A_DAY, ISSUER, NOON, origin
from tests.services.lived import Interrupted, die
from tests.services.restore.worlds import World, answer, backup_of, restore, restored, without_core

MORE_THAN_A_TRANSACTION = 120


@pytest.fixture
def world() -> World:
    return World()


def test_a_workspace_comes_back_however_many_members_it_has(world: World) -> None:
    for number in range(MORE_THAN_A_TRANSACTION):
        added = AddMember(
            member_id=f"mem_{number}", issuer=ISSUER, subject=f"person {number}", role=Role.ANALYST, at=NOON
        )
        world.order(added)

    back = restored(world, world.moment())

    assert back.stores.workspaces.get("wks_1") == world.stores.workspaces.get("wks_1")
    for number in range(MORE_THAN_A_TRANSACTION):
        person = (ISSUER, f"person {number}")
        assert back.stores.workspaces.memberships(*person) == world.stores.workspaces.memberships(*person)


@pytest.mark.parametrize("is_gone", [True, False], ids=["gone", "not to be read"])
@pytest.mark.parametrize("is_old", [True, False], ids=["history in the backup alone", "history in the trail, too"])
def test_a_workspace_whose_row_is_damaged_is_made_of_its_history_and_shut_out(
    world: World, *, is_gone: bool, is_old: bool
) -> None:
    it = world.make()
    if is_old:
        grow_old(world)
    backup = backup_of(world, world.moment())
    row = Key("W#wks_1", "STATE")
    damage = Delete(table=Table.CORE, key=row) if is_gone else Update(table=Table.CORE, key=row, set={"access": "odd"})
    backup.transact([damage], request_token="damage")
    back = without_core(world)

    done = restore(back, backup)

    before, after = world.stores.workspaces.get("wks_1"), back.stores.workspaces.get("wks_1")
    assert before is not None
    assert after is not None
    assert after.workspace.members == before.workspace.members
    assert (done.is_whole, after.workspace.access) == (False, Access.SUSPENDED)
    assert after.version == before.version + 1
    assert [(each.token.token_id, each.flaw) for each in done.tokens] == [(it, Flaw.UNCERTAIN)]
    assert answer(back, world.texts[it][0]) is not None


def test_a_damaged_workspace_goes_on_behind_an_event_of_a_later_release(world: World) -> None:
    world.make()
    grow_old(world)
    before = world.stores.workspaces.get("wks_1")
    assert before is not None
    backup = backup_of(world, world.moment())
    backup.write(Update(table=Table.CORE, key=Key("W#wks_1", "STATE"), set={"access": "odd"}))
    last = Key("W#wks_1", f"E#{before.version:08d}")
    backup.write(Update(table=Table.CORE, key=last, set={"type": "workspace.of_a_later_release"}))
    back = without_core(world)

    done = restore(back, backup)

    after = back.stores.workspaces.get("wks_1")
    assert after is not None
    assert (done.is_whole, after.workspace.access) == (False, Access.SUSPENDED)
    assert after.version == before.version + 1
    kept = back.engine.get(Table.CORE, last)
    assert kept is not None
    assert kept["type"] == "workspace.of_a_later_release"


@pytest.mark.parametrize("is_old", [True, False], ids=["history in the backup alone", "history in the trail, too"])
def test_a_token_of_a_later_release_is_ended_behind_all_of_its_history_and_the_others_come_back(
    world: World, *, is_old: bool
) -> None:
    odd, other = world.make(), world.make()
    world.suspend(odd)
    world.resume(odd)
    world.suspend(odd)
    if is_old:
        grow_old(world)
    backup = backup_of(world, world.moment())
    backup.write(Update(table=Table.CORE, key=Key(f"TOK#{odd}", "STATE"), set={"status": "of a later release"}))
    later = Update(table=Table.CORE, key=Key(f"TOK#{odd}", "E#00000003"), set={"type": "token.of_a_later_release"})
    backup.write(later)
    back = without_core(world)

    done = restore(back, backup)

    assert {each.token.token_id: each.flaw for each in done.tokens} == {odd: Flaw.DAMAGED, other: None}
    row = back.stores.tokens.get(odd)
    assert row is not None
    assert (row.token.status, row.version) == (Status.REVOKED, 5)
    assert back.engine.get(Table.CORE, Key(f"TOK#{odd}", "E#00000005")) is not None
    assert answer(back, world.texts[odd][0]) is Reason.TOKEN_UNKNOWN
    assert answer(back, world.texts[other][0]) is None


def test_a_slow_run_puts_nothing_old_over_what_has_changed_since_another_one_ended(world: World) -> None:
    reach(world, "before@shop.example")
    backup = backup_of(world, world.moment())
    alone = without_core(world)
    undisturbed = Interrupted(of=alone.engine, at=-1, by=die)
    restore(alone, backup, engine=undisturbed)

    for number in undisturbed.writes:
        other = without_core(world)

        def finish_and_go_on(other: World = other) -> None:
            restore(other, backup)
            reach(other, "after@shop.example")

        restore(other, backup, engine=Interrupted(of=other.engine, at=number, by=finish_and_go_on))

        assert other.stores.contacts.of_workspace("wks_1") == {"mem_olivia": "after@shop.example"}, number


def grow_old(world: World) -> None:
    """Let all that has happened be older than the seal that a backup knows."""
    world.pass_time(A_DAY)
    world.seal()


def reach(world: World, address: str) -> None:
    set_contact(
        "mem_olivia",
        address,
        workspace_id="wks_1",
        actor_id=None,
        origin=origin(),
        now=world.now,
        workspaces=world.stores.workspaces,
        contacts=world.stores.contacts,
    )
