"""The core table is lost, and a backup of it is brought back: what has happened since has happened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from shared.domain.errors import Conflict
from shared.domain.token.policy import TokenPolicy
from shared.domain.token.state import Status
from shared.domain.workspace.commands import (
    ChangeMemberRole,
    ChangePlan,
    RemoveMember,
    SetTokenPolicy,
    SuspendAccess,
)
from shared.domain.workspace.events import Role
from shared.services.refusals import Reason
from shared.services.trail.fold_seals import fold_seals
from shared.storage.engine import Delete, Key, Table
from tests.data.tenants import A_DAY, NOON
from tests.services.restore.worlds import World, answer, backup_of, restore, restored, rows, trail, without_core

WORK: dict[str, Callable[[World, str], object]] = {
    "revoked": lambda world, it: world.revoke(it),
    "suspended": lambda world, it: world.suspend(it),
    "rotated away": lambda world, it: world.rotate(it, overlap=0),
    "member removed": lambda world, _: world.order(RemoveMember(member_id="mem_adam", at=NOON)),
    "member demoted": lambda world, _: world.order(ChangeMemberRole(member_id="mem_adam", role=Role.ANALYST, at=NOON)),
    "workspace suspended": lambda world, _: world.order(SuspendAccess(reason="unpaid", at=NOON)),
    "plan without it": lambda world, _: world.order(ChangePlan(plan="starter", at=NOON)),
    "policy narrowed": lambda world, _: world.order(
        SetTokenPolicy(policy=TokenPolicy(longest_days=7), set_by="mem_olivia", at=NOON)
    ),
    "networks narrowed": lambda world, _: world.order(
        SetTokenPolicy(policy=TokenPolicy(networks=("198.51.100.0/24",)), set_by="mem_olivia", at=NOON)
    ),
    "expired": lambda world, _: world.pass_time(timedelta(days=31)),
}


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize("sealed", [True, False], ids=["sealed", "not sealed"])
@pytest.mark.parametrize("what", WORK)
def test_what_was_taken_from_a_token_since_the_backup_stays_taken(world: World, what: str, *, sealed: bool) -> None:
    it = world.make("adam")
    if sealed:
        world.seal()
    moment = world.moment()
    world.pass_time(timedelta(hours=2))
    WORK[what](world, it)

    back = restored(world, moment)

    assert answer(back, world.texts[it][0]) == answer(world, world.texts[it][0])
    assert answer(back, world.texts[it][0]) is not None


def test_a_token_to_which_nothing_happened_goes_on_with_its_history_its_use_and_its_numbers(world: World) -> None:
    it = world.make()
    world.call(it)
    moment = world.moment()
    world.pass_time(timedelta(hours=2))
    world.call(it)

    back = restored(world, moment)

    was, row = world.stores.tokens.get(it), back.stores.tokens.get(it)
    assert was is not None
    assert row is not None
    assert (row.token, row.version, row.credential, row.terms) == (was.token, was.version, was.credential, was.terms)
    assert (row.calls, row.last_used_at) == (was.calls, was.last_used_at) == (2, world.now)
    assert back.stores.tokens.history(it) == world.stores.tokens.history(it)
    back.call(it)
    assert sorted(str(entry.data["number"]) for entry in trail(back, "mcp.call")) == ["1", "2", "3"]


def test_what_a_token_was_used_for_since_is_known(world: World) -> None:
    it = world.make()
    moment = world.moment()
    world.pass_time(A_DAY)
    world.call(it)

    back = restored(world, moment)

    evidence = back.stores.evidence.of(it)
    assert evidence.days == (world.now.date(),)
    assert evidence.scopes == {"mcp:pnl:read": world.now.date()}


def test_a_token_that_was_made_since_is_ended_as_nobody_can_check_its_secret(world: World) -> None:
    moment = world.moment()
    it = world.make()

    back = restored(world, moment)

    assert answer(back, world.texts[it][0]) is Reason.TOKEN_UNKNOWN
    row = back.stores.tokens.get(it)
    assert row is not None
    assert row.token.status is Status.REVOKED
    (said,) = trail(back, "token.revoked")
    assert (said.stream, said.origin.actor) == (f"token:{it}", "operator:kim")
    assert (said.data["revoked_by"], "generate another" in str(said.data["reason"])) == ("system:restore", True)


def test_a_grant_that_was_renewed_since_ends_and_none_of_its_tokens_is_good(world: World) -> None:
    it = world.connect()
    moment = world.moment()
    world.pass_time(timedelta(minutes=50))
    world.refresh(it)

    back = restored(world, moment)

    assert [answer(back, text) for text in world.texts[it]] == [Reason.TOKEN_UNKNOWN] * 2
    for renewal in world.renewals[it]:
        back.try_to(lambda renewal=renewal: back.refresh(it, world.renewals[it].index(renewal)))
    assert len(world.texts[it]) == 2
    (said,) = trail(back, "token.revoked")
    assert "connect the app again" in str(said.data["reason"])


def test_a_grant_that_was_not_renewed_goes_on_and_is_renewed(world: World) -> None:
    it = world.connect()
    moment = world.moment()

    back = restored(world, moment)

    assert answer(back, world.texts[it][0]) is None
    back.refresh(it)
    assert answer(back, world.texts[it][1]) is None


def test_a_refresh_token_of_before_the_last_is_not_answered_though_the_last_pair_may_be_unused(world: World) -> None:
    it = world.connect()
    world.pass_time(timedelta(minutes=50))
    world.refresh(it)
    moment = world.moment()
    world.call(it)
    world.pass_time(timedelta(minutes=50))

    back = restored(world, moment)
    back.try_to(lambda: back.refresh(it, 0))

    row = back.stores.tokens.get(it)
    assert row is not None
    assert row.token.status is Status.REVOKED  # as in the world where nothing was lost
    assert len(world.texts[it]) == 2


def test_a_history_with_a_gap_keeps_its_token_out_and_says_so(world: World) -> None:
    it, other = world.make(), world.make()
    moment = world.moment()
    world.suspend(it)
    world.pass_time(A_DAY)
    world.resume(it)
    gone = next(item for item in rows(world.engine, Table.AUDIT) if item["type"] == "token.suspended")
    back = without_row(world, Key(str(gone["pk"]), str(gone["sk"])))

    done = restore(back, backup_of(world, moment))

    assert answer(back, world.texts[it][0]) is Reason.TOKEN_SUSPENDED
    assert answer(back, world.texts[other][0]) is None
    assert {each.token.token_id for each in done.tokens if each.flaw is not None} == {it}
    (said,) = trail(back, "token.suspended")
    assert said.data["suspended_by"] == "system:restore"
    back.resume(it)  # somebody has read its trail
    assert answer(back, world.texts[it][0]) is None


def test_the_end_of_a_history_that_only_its_seal_knows_of_keeps_the_token_out(world: World) -> None:
    it = world.make()
    world.seal()
    moment = world.moment()
    world.pass_time(A_DAY)
    world.revoke(it)
    world.seal()
    gone = next(item for item in rows(world.engine, Table.AUDIT) if item.get("type") == "token.revoked")
    back = without_row(world, Key(str(gone["pk"]), str(gone["sk"])))

    restore(back, backup_of(world, moment))

    assert answer(back, world.texts[it][0]) is Reason.TOKEN_SUSPENDED


@pytest.mark.parametrize("sealed", [True, False])
def test_a_backup_of_another_stack_is_refused_and_nothing_of_it_is_brought(world: World, *, sealed: bool) -> None:
    world.make()
    world.seal()
    others = World(now=NOON + A_DAY)
    others.make()
    if sealed:
        others.seal()
    back = without_core(world)

    with pytest.raises(Conflict, match="is not what the trail here tells") as refused:
        restore(back, backup_of(others, others.moment()))

    assert refused.value.code == "backup_of_others"
    assert rows(back.engine, Table.CORE) == []


def test_a_backup_that_is_older_than_the_trail_in_its_table_lets_nothing_in(world: World) -> None:
    it = world.make(days=365)
    world.seal()
    moment = world.moment()
    world.pass_time(timedelta(days=20))
    world.revoke(it)
    world.seal()
    world.pass_time(timedelta(days=100))
    back = without_core(world)

    done = restore(back, backup_of(world, moment))

    assert not done.is_whole
    assert answer(back, world.texts[it][0]) is not None


def test_what_is_sealed_goes_on_behind_the_last_seal_and_nothing_is_left_unsealed(world: World) -> None:
    it = world.make()
    world.seal()
    moment = world.moment()
    world.pass_time(timedelta(hours=2))
    world.call(it)
    world.seal()
    world.call(it)  # not sealed when the table is lost, and its mark is lost, too

    back = restored(world, moment)
    back.pass_time(timedelta(minutes=2))
    back.seal_marked()

    was, head = world.stores.seals.head("wks_1"), back.stores.seals.head("wks_1")
    assert was is not None
    assert head is not None
    assert head.last.number == was.last.number + 1
    assert not back.stores.seals.unsealed("wks_1", since=NOON - A_DAY * 2, until=back.now, limit=10)


def test_the_index_of_the_trail_is_folded_on_and_comes_to_the_same(world: World) -> None:
    it = world.make()
    world.call(it)
    world.seal()
    moment = world.moment()
    world.pass_time(timedelta(hours=2))
    world.call(it)
    world.seal()

    back = restored(world, moment)
    fold_seals("wks_1", seals=back.stores.seals, index=back.stores.trail_index, archive=back.archive)

    assert index(back) == index(world)


def index(world: World) -> list[tuple[object, ...]]:
    found = (row for row in rows(world.engine, Table.CORE) if row["pk"] == "W#wks_1#TRAIL")
    return sorted((row["sk"], row["doc"], row["through"]) for row in found)


def without_row(world: World, key: Key) -> World:
    """Give the world without its core table, and without a row of its trail."""
    other = without_core(world)
    other.engine.write(Delete(table=Table.AUDIT, key=key))
    return other
