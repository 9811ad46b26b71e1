"""merchant-mcp restore: on a local stack whose core rows are gone, from a copy of its file."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from shared.domain.token.state import Status
from shared.services.restore.restore_workspace import Restored, Restorer
from shared.storage.contracts.streams import StoreUnavailable, StreamMoved
from tests.transports.cli.program import Program


@pytest.fixture
def lost(tmp_path: Path) -> tuple[Program, Path, dict[str, str]]:
    """Two tokens of before the backup, of which one was revoked since, one that was made since, and no core row."""
    program = Program(folder=tmp_path, in_memory=False)
    file, backup = tmp_path / "store.db", tmp_path / "backup.db"
    program.run("workspace", "create", "Shop", "--id", "wks_1")
    program.run("member", "add", "-w", "wks_1", "--subject", "olivia", "--role", "owner", "--id", "mem_olivia")
    kept, revoked = made(program, "kept"), made(program, "revoked")
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(file, backup)
    assert program.run("token", "revoke", revoked, "--reason", "seen in a log", "--yes").code == 0
    since = made(program, "since")
    with sqlite3.connect(file) as connection:
        connection.execute("DELETE FROM items WHERE tbl = 'core'")
    return program, backup, {"kept": kept, "revoked": revoked, "since": since}


def made(program: Program, name: str) -> str:
    words = ("-w", "wks_1", "--name", name, "--scope", "all", "--days", "30")
    return str(program.run("token", "create", *words, "--json").json["id"])


def statuses(program: Program) -> dict[str, str]:
    listed = program.run("token", "list", "-w", "wks_1", "--json").json
    return {one["id"]: one["status"] for one in listed}


def test_what_was_lost_is_back_as_it_was_in_the_end(lost: tuple[Program, Path, dict[str, str]]) -> None:
    program, backup, ids = lost
    assert program.run("workspace", "list", "--json").json == []

    ran = program.run("restore", "--from", str(backup))

    assert ran.code == 0, ran.err
    assert [line.split() for line in ran.out.splitlines()[1:]] == [["wks_1", "3", "1", "0", "0", "0", "whole"]]
    assert "(since, mem_olivia): a backup was brought back that is older than this token" in ran.err
    assert statuses(program) == {
        ids["kept"]: Status.ACTIVE,
        ids["revoked"]: Status.REVOKED,
        ids["since"]: Status.REVOKED,
    }


def test_a_second_run_finds_all_of_it_there(lost: tuple[Program, Path, dict[str, str]]) -> None:
    program, backup, _ = lost
    first = program.run("restore", "--from", str(backup), "--json").json
    assert [(each["whole"], len(each["tokens"]), each["there"]) for each in first] == [(True, 3, 0)]

    again = program.run("restore", "--from", str(backup), "-w", "wks_1", "--json").json

    assert again == [{"workspace": "wks_1", "whole": True, "tokens": [], "there": 3, "unknown": []}]


def test_a_backup_that_knows_no_workspace_is_refused(lost: tuple[Program, Path, dict[str, str]]) -> None:
    program, backup, _ = lost
    empty = backup.with_name("empty.db")
    empty.touch()

    ran = program.run("restore", "--from", str(empty))

    assert (ran.code, ran.err.startswith("Error: The backup knows no workspace.")) == (1, True)


def test_a_workspace_that_nothing_knows_is_refused(lost: tuple[Program, Path, dict[str, str]]) -> None:
    program, backup, _ = lost

    ran = program.run("restore", "--from", str(backup), "-w", "wks_none")

    assert (ran.code, ran.err.startswith("Error: Neither the backup nor the trail knows")) == (1, True)


def test_what_cannot_be_brought_costs_no_other_its_return(lost: tuple[Program, Path, dict[str, str]]) -> None:
    program, backup, ids = lost

    ran = program.run("restore", "--from", str(backup), "-w", "wks_none", "-w", "wks_1")

    assert ran.code == 1
    assert ran.out.splitlines()[1].split()[:2] == ["wks_1", "3"]
    assert "(since, mem_olivia): " in ran.err
    assert "Not brought back" in ran.err
    assert "wks_none" in ran.err.splitlines()[-2]
    assert ran.err.splitlines()[-1].startswith("Error: Neither the backup nor the trail knows the workspace wks_none.")
    assert statuses(program)[ids["kept"]] == Status.ACTIVE


@pytest.mark.parametrize(
    ("trouble", "asked", "said"),
    [
        (StreamMoved(), ["wks_2", "wks_1"], "Others kept changing"),
        (StoreUnavailable("throttled"), ["wks_2"], "The store cannot be used now"),
    ],
    ids=["others kept changing it", "the store is away"],
)
def test_of_many_those_that_were_not_brought_are_named_and_a_store_that_is_away_is_not_waited_for_again(
    lost: tuple[Program, Path, dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    trouble: Exception,
    asked: list[str],
    said: str,
) -> None:
    program, backup, _ = lost
    reached: list[str] = []
    bring = Restorer.restore

    def troubled(self: Restorer, workspace_id: str) -> Restored | None:
        reached.append(workspace_id)
        if workspace_id == "wks_2":
            raise trouble
        return bring(self, workspace_id)

    monkeypatch.setattr(Restorer, "restore", troubled)

    ran = program.run("restore", "--from", str(backup), "-w", "wks_2", "-w", "wks_1")

    assert (ran.code, reached) == (1, asked)
    named = next(line for line in ran.err.splitlines() if line.startswith("Not brought back"))
    assert {each for each in ("wks_1", "wks_2") if each in named} == {"wks_1", "wks_2"} - set(asked[1:])
    assert said in ran.err


@pytest.mark.parametrize("nothing", ["", " "])
def test_a_backup_whose_name_is_empty_is_asked_for(program: Program, nothing: str) -> None:
    ran = program.run("restore", "--from", nothing)

    assert (ran.code, program.asked_for) == (2, [])
    assert "name the table that the backup was restored to" in " ".join(ran.err.replace("│", " ").split())
