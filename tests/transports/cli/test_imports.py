from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.data.merchants import as_file, header, order
from tests.transports.cli.importing import Attended, Halting, Left
from tests.transports.cli.program import Program

GOOD = 30
LINES = [header(), *(order(number) for number in range(GOOD)), {**order("bad"), "date": "soon"}]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path, kind=Attended)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "orders.ndjson"
    path.write_bytes(as_file(LINES))
    return path


def test_an_import_is_told_with_its_counts_and_its_bad_lines(shop: Program, file: Path) -> None:
    ran = shop.run("import", str(file), "--workspace", "wks_1")

    assert (ran.code, ran.err) == (0, "")
    assert ["order", f"{GOOD}", "0", "0", "0", "0", "0"] in [line.split() for line in ran.out.splitlines()]
    assert "1 rejected" in ran.out
    (bad,) = [line for line in ran.out.splitlines() if line.startswith(f"{len(LINES)} ")]
    assert "date" in bad
    assert shop.wiring.figures.overview("wks_1").generation == 1


def test_the_same_file_again_says_so_and_changes_nothing(shop: Program, file: Path) -> None:
    first = shop.run("import", str(file), "-w", "wks_1", "--json").json
    second = shop.run("import", str(file), "-w", "wks_1", "--json").json
    told = shop.run("import", str(file), "-w", "wks_1")

    assert (first["status"], first["imported_before"]) == ("finished", False)
    assert second == {**first, "imported_before": True}
    assert "was imported before" in told.out
    assert shop.wiring.figures.overview("wks_1").generation == 1


def test_people_at_a_terminal_see_how_far_it_has_come_and_programs_do_not(shop: Program, file: Path) -> None:
    for_programs = shop.run("import", str(file), "-w", "wks_1", "--json", terminal=True)
    for_people = shop.run("import", str(file), "-w", "wks_1", terminal=True)

    assert "Importing" in for_people.err
    assert for_programs.err == ""
    assert for_programs.json["status"] == "finished"


def test_programs_get_the_whole_report(shop: Program, file: Path) -> None:
    record = shop.run("import", str(file), "-w", "wks_1", "--json").json

    assert record["file_name"] == "orders.ndjson"
    assert record["requested_by"] == "operator:kim"
    nothing_else = dict.fromkeys(("changed", "unchanged", "older", "repeated", "gone"), 0)
    assert record["report"]["counts"]["order"] == {"new": GOOD, **nothing_else}
    assert [(error["line"], error["field"]) for error in record["report"]["errors"]] == [(len(LINES), "date")]


def test_a_file_may_come_over_standard_input(shop: Program, file: Path) -> None:
    piped = shop.run("import", "-", "-w", "wks_1", "--json", typed=file.read_bytes()).json
    named = shop.run("import", str(file), "-w", "wks_1", "--json").json

    assert piped["status"] == "finished"
    assert named["imported_before"] is True  # the same bytes are the same import, whatever they are called


def test_a_file_that_is_refused_whole_is_one_line_and_exit_code_1(shop: Program, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("id,date\n1,2026-10-05\n")

    ran = shop.run("import", str(path), "-w", "wks_1")
    again = shop.run("import", str(path), "-w", "wks_1", "--json")

    assert ran.code == 1
    assert ran.err.startswith("Error: The file was refused: ")
    assert ran.err.count("\n") == 1
    assert (again.code, json.loads(again.out)["status"]) == (1, "refused")
    assert shop.wiring.figures.overview("wks_1").generation == 0


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("nowhere.ndjson", "-w", "wks_1"), 2, "there is no file nowhere.ndjson"),
        (("nowhere\x1b[2J.ndjson", "-w", "wks_1"), 2, "there is no file nowhere\\x1b[2J.ndjson"),
        (("-", "-w", "wks_none"), 1, "There is no such workspace."),
    ],
)
def test_what_cannot_be_imported_is_said_at_once(
    shop: Program, words: tuple[str, ...], code: int, message: str
) -> None:
    ran = shop.run("import", *words)

    assert (ran.code, ran.out) == (code, "")  # nor is a first import announced that is none
    assert message in ran.err


def test_a_file_that_nobody_takes_up_is_not_waited_for_for_ever(tmp_path: Path, file: Path) -> None:
    alone = Program(tmp_path)
    alone.run("workspace", "create", "A shop", "--id", "wks_1")

    ran = alone.run("import", str(file), "-w", "wks_1", "--patience", "0")

    assert ran.code == 1
    assert "Nobody has taken the file up" in ran.err
    assert "make run" in ran.err


def test_an_import_that_does_not_move_is_told_of_once_and_still_waited_for(tmp_path: Path, file: Path) -> None:
    halting = Program(tmp_path, kind=Halting)
    halting.run("workspace", "create", "A shop", "--id", "wks_1")

    ran = halting.run("import", str(file), "-w", "wks_1", "--patience", "0", "--json")

    assert ran.json["status"] == "finished"
    assert ran.err == (
        "The import is running, but nothing has moved for 0 seconds. A run may take 15 minutes; "
        "sending the same file again takes it up safely.\n"
    )


def test_an_import_that_moves_is_not_complained_about(tmp_path: Path, file: Path) -> None:
    halting = Program(tmp_path, kind=Halting)
    halting.run("workspace", "create", "A shop", "--id", "wks_1")

    assert halting.run("import", str(file), "-w", "wks_1", "--json").err == ""


def test_whoever_stops_waiting_is_told_that_the_import_goes_on(tmp_path: Path, file: Path) -> None:
    left = Program(tmp_path, kind=Left)
    left.run("workspace", "create", "A shop", "--id", "wks_1")

    ran = left.run("import", str(file), "-w", "wks_1")

    assert ran.code == 130
    assert ran.err.startswith("You have stopped waiting; the import goes on. merchant-mcp imports show imp_")
    assert left.wiring.figures.overview("wks_1").generation == 1


def test_the_first_import_says_what_it_fixes(shop: Program, file: Path, tmp_path: Path) -> None:
    shop.run("workspace", "settings", "wks_1", "--timezone", "America/New_York")
    other = tmp_path / "other.ndjson"
    other.write_bytes(as_file([header(), order("other")]))

    said = "days are read in America/New_York, amounts that do not say their currency in USD"
    assert said in shop.run("import", str(file), "-w", "wks_1").out
    assert said not in shop.run("import", str(other), "-w", "wks_1").out


def test_a_long_list_in_the_trail_is_only_counted(shop: Program, tmp_path: Path) -> None:
    path = tmp_path / "orders.ndjson"
    path.write_bytes(as_file([header(), *(order(month, date=f"2026-{month:02}-05") for month in range(1, 10))]))
    shop.run("import", str(path), "-w", "wks_1")

    ran = shop.run("audit", "list", "-w", "wks_1", "--type", "import.finished")

    assert "buckets=(9 of them)" in ran.out
