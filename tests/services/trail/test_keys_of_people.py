"""The keys of people's pseudonyms are lost with their rows: what is sealed holds, and is nobody's any more."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta

import pytest

from shared.domain.trail.note import NamedKey
from shared.domain.trail.verify import verify_export
from shared.services.trail.check_signature import TrustedKeys
from shared.services.trail.export_trail import Wanted, export_trail
from shared.storage.engine import Delete, Key, Table
from tests.services.restore.worlds import World, rows
from tests.services.trail.sealing import LOG_NAME


@pytest.fixture
def world() -> World:
    """One in which a call of olivia's is sealed before and after the keys are lost."""
    world = World()
    it = world.make()
    world.call(it)
    world.seal()
    for row in rows(world.engine, Table.CORE):
        if row["pk"] == "W#wks_1#PEOPLE":
            world.engine.write(Delete(table=Table.CORE, key=Key(str(row["pk"]), str(row["sk"]))))
    world.pass_time(timedelta(minutes=10))
    world.call(it)
    world.seal()
    return world


def callers(world: World) -> list[str]:
    """Give who called, as the archive has it, by time."""
    lines = [line for content in world.archive.contents.values() for line in gzip.decompress(content).splitlines()]
    calls = [event for line in lines if (event := json.loads(line)).get("type") == "mcp.call"]
    return [event["actor"] for event in sorted(calls, key=lambda event: event["at"])]


def test_a_person_has_another_pseudonym_from_then_on(world: World) -> None:
    before, after = callers(world)

    assert before.startswith("psn_")
    assert after.startswith("psn_")
    assert before != after


def test_every_proof_holds_all_the_same(world: World) -> None:
    lines = list(export_trail("wks_1", Wanted(), seals=world.stores.seals, archive=world.archive))

    keys = TrustedKeys.of_lines([str(NamedKey(name=LOG_NAME, public=world.signer.public_key))])
    assert verify_export(lines, check_signature=keys.check).holds
