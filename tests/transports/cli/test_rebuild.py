"""merchant-mcp rebuild: what follows from the sealed trail, made anew on a place that works."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.services.trail.fold_seals import fold_seals
from shared.services.trail.seal_trail import seal_trail
from shared.storage.engine import Delete, Key, Table
from tests.data.tenants import A_DAY, NOON
from tests.services.trail.sealing import LOG_NAME, KeyInMemory
from tests.transports.cli.program import Program

A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def sealed(shop: Program) -> Program:
    """Two workspaces of which all is sealed and folded."""
    shop.run("workspace", "create", "Another shop", "--id", "wks_2")
    on = shop.wiring
    for workspace_id in ("wks_1", "wks_2"):
        on.seals.mark(workspace_id, since=NOON - A_DAY, until=NOON + A_DAY, now=NOON)
    seal_trail(
        now=NOON + A_MINUTE,
        origin=LOG_NAME,
        seals=on.seals,
        people=on.people,
        archive=on.archive,
        signer=KeyInMemory(),
    )
    for workspace_id in ("wks_1", "wks_2"):
        fold_seals(workspace_id, seals=on.seals, index=on.trail_index, archive=on.archive)
    return shop


def counted(*, seals: int = 1, documents: int = 2, written: int = 0, deleted: int = 0) -> dict[str, int]:
    return {"seals": seals, "documents": documents, "written": written, "deleted": deleted}


def lose_a_day(program: Program, workspace_id: str) -> None:
    key = Key(f"W#{workspace_id}#TRAIL", f"DAY#{NOON:%Y-%m-%d}")
    program.wiring.engine.write(Delete(table=Table.CORE, key=key))


def test_all_workspaces_are_made_anew_and_what_was_put_right_is_counted(sealed: Program) -> None:
    lose_a_day(sealed, "wks_2")

    ran = sealed.run("rebuild", "--json")

    assert ran.json == [{"workspace": "wks_1", **counted()}, {"workspace": "wks_2", **counted(written=1)}]
    assert sealed.run("rebuild", "--json").json[1] == {"workspace": "wks_2", **counted()}


def test_one_workspace_is_made_anew_by_its_id(sealed: Program) -> None:
    lose_a_day(sealed, "wks_1")
    lose_a_day(sealed, "wks_2")

    ran = sealed.run("rebuild", "-w", "wks_1")

    assert ran.code == 0
    assert [line.split() for line in ran.out.splitlines()[1:]] == [["wks_1", "1", "2", "1", "0"]]
    assert sealed.run("rebuild", "-w", "wks_2", "--json").json[0]["written"] == 1


def test_a_workspace_that_there_is_not_is_refused(sealed: Program) -> None:
    ran = sealed.run("rebuild", "-w", "wks_none")

    assert (ran.code, ran.err.startswith("Error: There is no such workspace.")) == (1, True)


def test_where_there_is_nothing_it_says_so(program: Program) -> None:
    assert program.run("rebuild").out == "There is no workspace yet.\n"


def test_a_seal_that_the_archive_has_lost_is_named(sealed: Program) -> None:
    (lost,) = sealed.wiring.archive.list("trail/wks_1/")
    sealed.wiring.archive.delete(lost.key)

    ran = sealed.run("rebuild", "-w", "wks_1")

    assert (ran.code, "Seal 1 of the trail" in ran.err) == (1, True)
