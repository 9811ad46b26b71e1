"""A restore that dies before any of its calls to the store is finished by another, and by two at once."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest

from shared.domain.workspace.commands import ChangeMemberRole, SuspendAccess
from shared.domain.workspace.decider import standing_of
from shared.domain.workspace.events import Role
from shared.services.change_workspace import live_tokens
from shared.storage.engine import Engine, Item, Table
from tests.data.engines import Killed
from tests.data.tenants import NOON
from tests.services.lived import Interrupted, die
from tests.services.restore.worlds import World, answer, backup_of, restore, rows, without_core

CHANCE = frozenset({"digest", "seal", "id"})
"""What comes of chance: the digest of nobody's secret, and what is made of it."""


@pytest.fixture(scope="module")
def lost() -> tuple[World, Engine]:
    """A world with one token of each fate."""
    world = World()
    kept, revoked, demoted = world.make(), world.make(), world.make("adam")
    world.connect()
    renewed = world.connect()
    world.call(kept)
    world.seal()
    moment = world.moment()
    world.pass_time(timedelta(minutes=50))
    world.call(kept)
    world.revoke(revoked)
    world.order(ChangeMemberRole(member_id="mem_adam", role=Role.ANALYST, at=NOON))
    world.refresh(renewed)
    world.make()
    assert answer(world, world.texts[demoted][0]) is not None
    return world, backup_of(world, moment)


def test_wherever_it_dies_another_run_finishes_it(lost: tuple[World, Engine]) -> None:
    world, backup = lost
    whole = without_core(world)
    undisturbed = Interrupted(of=whole.engine, at=-1, by=die)
    restore(whole, backup, engine=undisturbed)
    expected = facts(whole)

    for number in range(undisturbed.calls):
        other = without_core(world)
        with suppress(Killed):
            restore(other, backup, engine=Interrupted(of=other.engine, at=number, by=die))
        nobody_too_many(world, other)
        restore(other, backup)
        assert facts(other) == expected, number


def test_two_at_once_come_to_the_same_as_one(lost: tuple[World, Engine]) -> None:
    world, backup = lost
    alone = without_core(world)
    undisturbed = Interrupted(of=alone.engine, at=-1, by=die)
    restore(alone, backup, engine=undisturbed)

    for number in range(0, undisturbed.calls, 3):
        other = without_core(world)
        restore(
            other, backup, engine=Interrupted(of=other.engine, at=number, by=lambda other=other: restore(other, backup))
        )
        assert facts(other) == facts(alone), number


def test_a_workspace_that_is_shut_out_meanwhile_has_no_token_that_has_not_heard_of_it(
    lost: tuple[World, Engine],
) -> None:
    world, backup = lost
    whole = without_core(world)
    undisturbed = Interrupted(of=whole.engine, at=-1, by=die)
    restore(whole, backup, engine=undisturbed)

    for number in range(undisturbed.calls):
        other = without_core(world)

        def shut(other: World = other) -> None:
            other.try_to(lambda: other.order(SuspendAccess(reason="unpaid", at=NOON)))

        restore(other, backup, engine=Interrupted(of=other.engine, at=number, by=shut))
        found = other.stores.workspaces.get("wks_1")
        assert found is not None
        standings = {row.terms.standing for row in live_tokens("wks_1", other.stores.tokens)}
        assert standings == {standing_of(found.workspace)}, number


def nobody_too_many(world: World, other: World) -> None:
    """Half of it is there: what is let in is so in the world without a loss."""
    for row in rows(other.engine, Table.CORE):
        if row["sk"] == "STATE" and row["pk"] != "W#wks_1":
            token_id = str(row["pk"]).removeprefix("TOK#")
            was = world.stores.tokens.get(token_id)
            assert was is not None
            assert row["status"] in {"revoked", was.token.status.value}


def facts(world: World) -> list[Item]:
    """Give the rows, but for what comes of chance."""
    found = [row for table in (Table.CORE, Table.AUDIT) for row in rows(world.engine, table)]
    kept = [
        {
            name: value
            for name, value in row.items()
            if name not in CHANCE and not (name == "version" and row["pk"] == "SEAL#DUE")
        }
        for row in found
    ]
    return sorted(kept, key=lambda row: (str(row["pk"]), str(row["sk"])))
