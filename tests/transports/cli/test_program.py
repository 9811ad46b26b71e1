from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from functions.wiring import Wiring
from shared.services.credentials.keys import KeysUnusable
from shared.transports.cli.app import build_app
from shared.transports.cli.place import CannotConnect, Place
from tests.data.tenants import NOON
from tests.transports.cli.program import Program

GROUPS = {
    "workspace": {"create", "list", "show", "plan", "grant", "suspend"},
    "member": {"add", "list", "role", "remove", "forget"},
    "token": {"create", "list", "show", "rename", "revoke"},
    "audit": {"list"},
}


class NoCredentials(Exception):
    """What an AWS client says when nobody is signed in."""


def failing(error: Exception) -> tuple[int, str]:
    """Run a command at a place that cannot be opened."""

    def connect(_: Place) -> Wiring:
        raise error

    app = build_app(connect, now=lambda: NOON, operator="kim", troubles=(NoCredentials,))
    result = CliRunner().invoke(app, ["workspace", "list"])
    assert result.exception is not None
    if not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.stdout == ""
    return result.exit_code, result.stderr


@pytest.mark.parametrize("words", [(), ("--help",), *[(group, "--help") for group in GROUPS], ("import", "--help")])
def test_help_needs_no_place(program: Program, words: tuple[str, ...]) -> None:
    ran = program.run(*words)

    assert "Usage:" in ran.out + ran.err
    assert program.asked_for == []


@pytest.mark.parametrize(
    ("group", "command"), [(group, each) for group, all_ in GROUPS.items() for each in sorted(all_)]
)
def test_every_command_explains_itself_and_prints_json_for_programs(program: Program, group: str, command: str) -> None:
    ran = program.run(group, command, "--help")

    assert ran.code == 0
    assert "--json" in ran.out


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ((), Place()),
        (("--stack", "merchant-mcp"), Place(stack="merchant-mcp")),
        (("--data", "elsewhere"), Place(data=Path("elsewhere"))),
    ],
)
def test_the_place_is_said_before_the_command(program: Program, words: tuple[str, ...], place: Place) -> None:
    program.run(*words, "workspace", "list")

    assert program.asked_for == [place]


def test_two_places_at_once_are_a_mistake_of_use(program: Program) -> None:
    ran = program.run("--stack", "merchant-mcp", "--data", "elsewhere", "workspace", "list")

    assert (ran.code, program.asked_for) == (2, [])


@pytest.mark.parametrize("words", [("nonsense",), ("token", "nonsense"), ("token", "show"), ("token", "list")])
def test_a_mistake_of_use_is_exit_code_2(program: Program, words: tuple[str, ...]) -> None:
    ran = program.run(*words)

    assert (ran.code, ran.out) == (2, "")
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    "error",
    [
        CannotConnect("There is no local stack here."),
        KeysUnusable("the key document is empty"),
        NoCredentials("Sign in."),
    ],
)
def test_a_place_that_cannot_be_opened_is_one_line(error: Exception) -> None:
    assert failing(error) == (1, f"Error: {error}\n")


def test_a_disk_that_is_full_is_one_line_that_tells_to_look_before_asking_again() -> None:
    code, said = failing(OSError(errno.ENOSPC, "No space left on device"))

    assert code == 1
    assert said.startswith("Error: The answer cannot be printed: No space left on device. ")
    assert said.endswith(" look before you ask again.\n")


def test_a_file_that_cannot_be_used_is_named() -> None:
    assert failing(PermissionError(errno.EACCES, "Permission denied", "keys.json")) == (
        1,
        "Error: keys.json: Permission denied.\n",
    )


def test_a_reader_who_has_read_enough_is_told_nothing() -> None:
    assert failing(BrokenPipeError(errno.EPIPE, "Broken pipe")) == (1, "")


@pytest.mark.parametrize(
    "words", [("token", "list", "-w", "\udce9"), ("import", "caf\udce9.csv", "-w", "wks_1"), ("\udce9",)]
)
def test_what_is_not_utf_8_is_refused_before_anything_is_opened(program: Program, words: tuple[str, ...]) -> None:
    ran = program.run(*words)

    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "Error: What was typed is not UTF-8. Say it in UTF-8; rename a file whose name is not.\n"
    assert program.asked_for == []


def test_a_bug_is_not_dressed_up() -> None:
    with pytest.raises(RuntimeError, match="a bug"):
        failing(RuntimeError("a bug"))


@pytest.fixture
def kept(tmp_path: Path) -> Program:
    """The program on a store that outlives it, with one workspace."""
    program = Program(tmp_path, in_memory=False)
    program.run("workspace", "create", "A shop", "--id", "wks_1")
    return program


def test_a_store_that_is_locked_is_one_line(kept: Program) -> None:
    other = sqlite3.connect(kept.folder / "store.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")

    ran = kept.run("workspace", "grant", "wks_1")
    other.close()

    assert ran.code == 1
    assert ran.err.startswith("Error: The store cannot be used now: ")
    assert ran.err.count("\n") == 1


def test_a_change_that_was_made_is_there_for_the_next_run(kept: Program) -> None:
    again = Program(kept.folder, in_memory=False)

    assert again.run("workspace", "show", "wks_1", "--json").json["name"] == "A shop"
