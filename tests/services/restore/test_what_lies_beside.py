"""What else the core table holds comes back with it: members, addresses, keys of people, numbers, what streams see."""

from __future__ import annotations

import pytest

from shared.domain.scopes import Scope
from shared.domain.token.state import Status
from shared.domain.workspace.commands import (
    AddMember,
    ChangeMemberRole,
    ChangePlan,
    RemoveMember,
)
from shared.domain.workspace.events import Role
from shared.services.forget_member import forget_member
from shared.services.manage_contacts import set_contact
from shared.storage.contracts.notices import TokenHappened
from shared.storage.engine import Key, Table, Update
from shared.storage.rows.calls import call_counted
from shared.storage.rows.notices import event_told
from shared.storage.rows.uses import use_seen
from tests.data.tenants import A_DAY, ISSUER, NOON, origin, workspace
from tests.services.restore.worlds import World, backup_of, restore, restored, rows, trail, without_core


@pytest.fixture
def world() -> World:
    return World()


def test_members_and_their_roles_are_as_they_were_when_the_table_was_lost(world: World) -> None:
    moment = world.moment()
    world.order(RemoveMember(member_id="mem_adam", at=NOON))
    world.order(ChangeMemberRole(member_id="mem_ana", role=Role.ADMIN, at=NOON))
    world.order(AddMember(member_id="mem_new", issuer=ISSUER, subject="nora", role=Role.ANALYST, at=NOON))

    back = restored(world, moment)

    assert back.stores.workspaces.get("wks_1") == world.stores.workspaces.get("wks_1")
    assert back.stores.workspaces.history("wks_1") == world.stores.workspaces.history("wks_1")
    for subject in ("olivia", "adam", "ana", "nora"):
        found = back.stores.workspaces.memberships(ISSUER, subject)
        assert found == world.stores.workspaces.memberships(ISSUER, subject)
    assert back.stores.workspaces.all(limit=10) == world.stores.workspaces.all(limit=10)


def test_an_address_that_was_changed_since_is_not_written_to_any_more(world: World) -> None:
    reach(world, "olivia", "olivia@shop.example")
    reach(world, "ana", "ana@shop.example")
    moment = world.moment()
    world.pass_time(A_DAY)
    reach(world, "ana", "new@shop.example")

    back = restored(world, moment)

    assert back.stores.contacts.of_workspace("wks_1") == {"mem_olivia": "olivia@shop.example"}


@pytest.mark.parametrize("comes_again", [False, True])
def test_the_address_of_a_member_who_left_since_stays_gone(world: World, *, comes_again: bool) -> None:
    reach(world, "olivia", "olivia@shop.example")
    reach(world, "adam", "adam@shop.example")
    moment = world.moment()
    world.order(RemoveMember(member_id="mem_adam", at=NOON))
    if comes_again:
        world.order(AddMember(member_id="mem_adam", issuer=ISSUER, subject="adam", role=Role.ADMIN, at=NOON))

    back = restored(world, moment)

    assert back.stores.contacts.of_workspace("wks_1") == {"mem_olivia": "olivia@shop.example"}


def test_whoever_was_forgotten_since_is_forgotten_and_others_keep_their_pseudonyms(world: World) -> None:
    world.make("adam")
    world.seal()
    moment = world.moment()
    world.pass_time(A_DAY)
    world.order(RemoveMember(member_id="mem_adam", at=NOON))
    forget_member(
        "mem_adam",
        workspace_id="wks_1",
        actor_id=None,
        origin=origin(),
        now=world.now,
        workspaces=world.stores.workspaces,
        people=world.stores.people,
        audit=world.stores.audit,
    )

    back = restored(world, moment)

    assert back.stores.people.known("wks_1") == world.stores.people.known("wks_1")
    assert back.stores.people.key_of("wks_1", "mem_adam") is None


def test_a_workspace_that_was_registered_since_is_made_of_its_trail(world: World) -> None:
    moment = world.moment()
    workspace(world.stores, "wks_2", at=NOON)
    back = without_core(world)

    done = restore(back, backup_of(world, moment), workspace_id="wks_2")

    assert done.is_whole
    assert back.stores.workspaces.get("wks_2") == world.stores.workspaces.get("wks_2")


def test_calls_on_a_limit_of_the_whole_workspace_are_numbered_on(world: World) -> None:
    world.order(ChangePlan(plan="alpha", at=NOON))
    it = world.make()
    world.call(it)
    moment = world.moment()
    world.call(it)

    back = restored(world, moment)
    back.call(it)

    assert sorted(str(entry.data["number"]) for entry in trail(back, "mcp.call")) == ["1", "2", "3"]


def test_a_limit_of_the_workspace_that_nobody_has_called_on_since_is_numbered_on_as_well(world: World) -> None:
    world.order(ChangePlan(plan="alpha", at=NOON))
    it = world.make()
    world.call(it)
    world.pass_time(A_DAY)
    world.seal()

    back = restored(world, world.moment())
    back.call(it)

    assert sorted(str(entry.data["number"]) for entry in trail(back, "mcp.call")) == ["1", "2"]


def test_the_streams_take_nothing_that_was_brought_back_for_new(world: World) -> None:
    it = world.make()
    world.call(it)
    moment = world.moment()
    world.suspend(it)

    changes = restored(world, moment).engine.changes().read(0, limit=10_000)

    core = [(change.record["eventName"], change.record["dynamodb"]) for change in changes if change.table is Table.CORE]
    assert any(told.get("NewImage", {}).get("type") == {"S": "token.suspended"} for _, told in core)
    for kind, told in core:
        pk, before, after = told["Keys"]["pk"]["S"], told.get("OldImage", {}), told.get("NewImage", {})
        assert event_told(kind, after) is None
        assert call_counted(pk, before=before, after=after) is None
        assert use_seen(pk, told["Keys"]["sk"]["S"], before=before, after=after) is None


def test_the_owner_of_a_token_that_was_ended_is_told(world: World) -> None:
    moment = world.moment()
    it = world.make()

    changes = restored(world, moment).engine.changes().read(0, limit=10_000)

    images = [change.record["dynamodb"].get("NewImage", {}) for change in changes if change.table is Table.CORE]
    told = [happened for image in images if (happened := event_told("INSERT", image)) is not None]
    assert [(each.event.type, each.token_id) for each in told if isinstance(each, TokenHappened)] == [
        ("token.revoked", it)
    ]


def test_a_run_over_a_table_that_nothing_is_missing_from_changes_nothing(world: World) -> None:
    it = world.make()
    moment = world.moment()
    world.pass_time(A_DAY)
    world.revoke(it)
    before = {Key(str(row["pk"]), str(row["sk"])): row for row in rows(world.engine, Table.CORE)}

    done = restore(world, backup_of(world, moment))

    after = {Key(str(row["pk"]), str(row["sk"])): row for row in rows(world.engine, Table.CORE)}
    assert {key: row for key, row in after.items() if key.pk != "SEAL#DUE"} == before
    assert (done.there, done.tokens) == (1, [])


def test_a_row_that_somebody_else_has_written_is_not_built_on(world: World) -> None:
    it = world.make()
    world.engine.write(Update(table=Table.CORE, key=Key(f"TOK#{it}", "STATE"), set={"scopes": ["mcp:ads:read"]}))
    moment = world.moment()

    back = restored(world, moment)

    row = back.stores.tokens.get(it)
    assert row is not None
    assert (row.token.status, row.token.scopes) == (Status.REVOKED, {Scope.PNL})


def reach(world: World, name: str, address: str) -> None:
    set_contact(
        f"mem_{name}",
        address,
        workspace_id="wks_1",
        actor_id=None,
        origin=origin(),
        now=world.now,
        workspaces=world.stores.workspaces,
        contacts=world.stores.contacts,
    )
