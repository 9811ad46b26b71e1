"""What is known of a token comes back with it, and what is not known keeps it out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.domain.token.state import Status
from shared.domain.trail.events import CallUnaccounted
from shared.domain.workspace.commands import ChangeMemberRole, GrantAccess
from shared.domain.workspace.events import Role
from shared.domain.workspace.restoring import Flaw
from shared.services.credentials.keys import CredentialKeys
from shared.services.refusals import Reason
from shared.storage.engine import Delete, Item, Key, Put, Table, Update
from tests.data.tenants import A_DAY, NOON, origin, token, workspace
from tests.services.restore.worlds import World, answer, backup_of, restore, restored, rows, without_core

AN_HOUR = timedelta(hours=1)
GONE = CredentialKeys.of({"2": "credential keys that nobody has now: " * 3})


@pytest.fixture
def world() -> World:
    return World()


def test_what_a_token_was_used_for_before_the_backup_is_known_beside_what_it_was_used_for_since(world: World) -> None:
    it = world.make()
    world.call(it)
    first = world.now.date()
    world.stores.evidence.note(it, first, scope="mcp:pnl:read")  # as the reader of the stream does
    world.pass_time(A_DAY)
    world.seal()  # what came before is no longer read in the trail
    moment = world.moment()
    world.pass_time(A_DAY)
    world.call(it)

    back = restored(world, moment)

    assert back.stores.evidence.of(it).days == (first, world.now.date())


def test_a_gap_in_the_history_of_the_workspace_keeps_its_tokens_out_though_theirs_are_whole(world: World) -> None:
    it = world.make()
    moment = world.moment()
    for role in (Role.ADMIN, Role.ANALYST):
        world.order(ChangeMemberRole(member_id="mem_ana", role=role, at=NOON))
    back = without_core(world)
    back.engine.write(Delete(table=Table.AUDIT, key=newest_but_one(world, "workspace:wks_1")))

    done = restore(back, backup_of(world, moment))

    assert not done.is_whole
    assert [(each.token.token_id, each.flaw) for each in done.suspended] == [(it, Flaw.UNCERTAIN)]
    back.order(GrantAccess(at=NOON))
    assert answer(back, world.texts[it][0]) is Reason.TOKEN_SUSPENDED


def test_a_history_with_an_event_that_cannot_be_read_keeps_its_token_out(world: World) -> None:
    it = world.make()
    moment = world.moment()
    world.suspend(it)
    world.resume(it)
    back = without_core(world)
    key = newest_but_one(world, f"token:{it}")
    back.engine.write(Update(table=Table.AUDIT, key=key, set={"type": "token.of_a_later_version"}))

    done = restore(back, backup_of(world, moment))

    assert [(each.token.token_id, each.flaw) for each in done.suspended] == [(it, Flaw.UNCERTAIN)]
    assert answer(back, world.texts[it][0]) is Reason.TOKEN_SUSPENDED


def test_the_highest_number_counts_though_the_clock_of_its_container_was_behind(world: World) -> None:
    it = world.make()
    moment = world.moment()
    world.pass_time(timedelta(seconds=2))
    world.call(it)
    world.pass_time(-timedelta(seconds=1))
    world.call(it)

    back = restored(world, moment)

    row = back.stores.tokens.get(it)
    assert row is not None
    assert row.calls == 2


@pytest.mark.parametrize("is_old", [True, False], ids=["no call since the seal", "another call since the seal"])
def test_a_number_that_is_unaccounted_for_is_not_given_out_again(world: World, *, is_old: bool) -> None:
    it = world.make()
    world.call(it)
    called_at = world.now
    if is_old:
        world.pass_time(A_DAY)
        world.seal()
    moment = world.moment()
    lost = CallUnaccounted(token_id=it, number=2, counted_at=world.now, at=world.now)
    world.stores.audit.record(lost, workspace_id="wks_1", origin=origin("system:sealer"))

    back = restored(world, moment)

    row = back.stores.tokens.get(it)
    assert row is not None
    assert row.calls == 2
    assert row.last_used_at == called_at


def test_a_token_whose_key_is_gone_keeps_its_seal_and_is_not_taken_for_damaged(world: World) -> None:
    it = world.make(keys=GONE)

    back = restored(world, world.moment())

    was, row = world.stores.tokens.get(it), back.stores.tokens.get(it)
    assert was is not None
    assert row is not None
    assert (row.token.status, row.version, row.credential) == (Status.ACTIVE, was.version, was.credential)


def test_a_token_of_another_workspace_is_not_brought_with_this_one(world: World) -> None:
    workspace(world.stores, "wks_2")
    others = token(world.stores, workspace_id="wks_2")
    it = others.token.token_id
    moment = world.moment()
    backup = backup_of(world, moment)
    backup.write(Put(table=Table.CORE, item={"pk": "W#wks_1#TOKENS", "sk": f"{0:013d}#{it}"}))
    back = without_core(world)

    done = restore(back, backup)

    assert (done.tokens, done.unknown) == ([], [it])
    assert back.stores.tokens.get(it) is None
    restore(back, backup, workspace_id="wks_2")
    assert answer(back, others.text) is None


def test_the_first_use_of_a_rotated_token_is_known_from_its_calls_since(world: World) -> None:
    it = world.rotate(world.make())
    moment = world.moment()
    world.pass_time(AN_HOUR)
    first = world.now
    world.call(it)
    world.pass_time(AN_HOUR)
    world.call(it)

    back = restored(world, moment)

    row = back.stores.tokens.get(it)
    assert row is not None
    assert (row.first_used_at, row.last_used_at) == (first, world.now)


def newest_but_one(world: World, stream: str) -> Key:
    """Name the place of the last but one event of a history in the trail."""

    def number(item: Item) -> int:
        return int(str(item["seq"]))

    history = [item for item in rows(world.engine, Table.AUDIT) if f"#{stream}#" in str(item["sk"])]
    found = sorted(history, key=number)[-2]
    return Key(str(found["pk"]), str(found["sk"]))
