"""merchant-mcp audit export, prove, keys and checkpoint, as docs/audit.md has a reader use them."""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import typer

from shared.transports.cli.trail_files import write
from tests.transports.cli.program import Program
from tests.transports.cli.sealed_shop import Shop
from tests.transports.cli.test_trail import call

PAGE = (Path(__file__).parents[3] / "docs/audit.md").read_text(encoding="utf-8")


def test_the_last_line_of_an_export_is_all_that_has_to_be_kept(trail: Shop) -> None:
    keys = trail.file("keys.txt", "keys")
    first = Path(trail.file("first.ndjson", "export", "-w", "wks_1"))
    kept = trail.desk / "kept"
    kept.write_text(first.read_text("utf-8").splitlines()[-1], encoding="utf-8")
    trail.works()

    second = trail.file("second.ndjson", "export", "-w", "wks_1", "--earlier", str(kept))

    assert trail.run("verify", second, "--key", keys, "--earlier", str(kept), "--json").json["holds"]
    assert json.loads(Path(second).read_text("utf-8").splitlines()[0])["first"] == 3


def test_one_event_is_proved_without_its_neighbours(trail: Shop) -> None:
    keys = trail.file("keys.txt", "keys")
    first, *others = [event["id"] for event in trail.events()]

    file = Path(trail.file("event.ndjson", "prove", first, "-w", "wks_1"))

    text = file.read_text("utf-8")
    assert len(text.splitlines()) == 5
    assert not any(other in text for other in others)
    checked = trail.run("verify", str(file), "--key", keys, "--json").json
    assert (checked["holds"], checked["rows"]) == (True, 1)


def test_one_event_is_proved_against_the_export_that_was_kept(trail: Shop) -> None:
    keys = trail.file("keys.txt", "keys")
    first = trail.file("first.ndjson", "export", "-w", "wks_1")
    old = trail.events()[0]["id"]
    trail.works()
    new = trail.events()[-1]["id"]

    for event in (old, new):
        file = trail.file("event.ndjson", "prove", event, "-w", "wks_1", "--earlier", first)
        assert trail.run("verify", file, "--key", keys, "--earlier", first, "--json").json["holds"]


def test_a_proof_of_another_workspace_is_refused(trail: Shop) -> None:
    trail.program.run("workspace", "create", "Another", "--id", "wks_other")
    first = trail.file("first.ndjson", "export", "-w", "wks_1")

    for words in (["export"], ["prove", trail.events()[0]["id"]]):
        ran = trail.run(*words, "-w", "wks_other", "--earlier", first)
        assert ran.code == 1
        assert ran.err == ("Error: That proof is of wks_1. Give the last line of an export of wks_other.\n")


def test_an_event_that_is_none_or_not_sealed_yet_is_told_so(trail: Shop) -> None:
    call(trail.program, 99)
    (new,) = [
        event["id"] for event in trail.run("list", "-w", "wks_1", "--json").json if event["data"].get("number") == 99
    ]

    assert "no such event" in trail.run("prove", "019a0000-0000-7000-8000-000000000000", "-w", "wks_1").err
    assert trail.run("prove", new, "-w", "wks_1").err == (
        "Error: The event has no signed seal yet. Rows are sealed within two minutes.\n"
    )


def test_the_readings_have_a_row_for_each_event_and_no_proof(trail: Shop) -> None:
    ids = [event["id"] for event in trail.events()]

    as_ocsf = [json.loads(line) for line in trail.run("export", "-w", "wks_1", "--format", "ocsf").out.splitlines()]
    as_csv = csv.DictReader(trail.run("export", "-w", "wks_1", "--format", "csv").out.splitlines())

    assert [event["metadata"]["uid"] for event in as_ocsf] == ids
    assert [row["id"] for row in as_csv] == ids


def test_each_export_is_in_the_trail_with_who_took_it(trail: Shop) -> None:
    trail.run("export", "-w", "wks_1", "--first", "2", "--format", "csv")

    (event,) = trail.run("list", "-w", "wks_1", "--type", "audit.exported", "--json").json
    assert (event["actor"], event["data"]) == ("operator:kim", {"first_seal": 2, "last_seal": 2, "form": "csv"})


def test_seals_that_are_not_there_are_refused(trail: Shop) -> None:
    assert "The seals go from 1 to 2." in trail.run("export", "-w", "wks_1", "--last", "3").err
    assert "Nothing was sealed behind seal 2 yet." in trail.run("export", "-w", "wks_1", "--first", "3").err
    assert trail.run("export", "-w", "wks_1", "--first", "2", "--last", "1").err == (
        "Error: The first seal that is wanted, 2, is behind the last, 1."
        " Give a first that is not greater than last, or leave last out.\n"
    )


def test_the_checkpoint_is_the_note_that_an_export_ends_with(trail: Shop) -> None:
    last = json.loads(trail.run("export", "-w", "wks_1").out.splitlines()[-1])

    assert trail.run("checkpoint").out == last["note"]


@pytest.mark.parametrize("command", ["keys", "checkpoint"])
def test_a_log_that_was_never_signed_says_so(shop: Program, command: str) -> None:
    assert shop.run("audit", command).err.startswith("Error: The log has not been signed yet.")


def test_a_file_has_its_name_when_it_is_whole(trail: Shop) -> None:
    file = trail.desk / "export.ndjson"

    ran = trail.run("export", "-w", "wks_1", "-o", str(file))

    assert (ran.code, ran.out) == (0, "")
    assert trail.run("verify", str(file), "--key", trail.run("keys").out.strip()).code == 0
    assert list(trail.desk.iterdir()) == [file]


def test_a_file_that_is_there_is_left_alone_and_nothing_is_handed_out(trail: Shop) -> None:
    file = trail.desk / "export.ndjson"
    file.write_text("what was there before", encoding="utf-8")

    for words in (["export"], ["prove", trail.events()[0]["id"]]):
        ran = trail.run(*words, "-w", "wks_1", "-o", str(file))
        assert ran.code == 1
        assert ran.err == f"Error: {file} is there already. Give another name, or delete it first.\n"

    assert file.read_text("utf-8") == "what was there before"
    assert len(trail.run("list", "-w", "wks_1", "--type", "audit.exported", "--json").json) == 1  # by `events`


def test_what_is_no_regular_file_is_written_into_and_stays_what_it_is(trail: Shop) -> None:
    pipe = trail.desk / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as reader:
        read = reader.submit(pipe.read_text, "utf-8")

        ran = trail.run("export", "-w", "wks_1", "-o", str(pipe))

        assert (ran.code, ran.out) == (0, "")
        text = read.result()
    assert pipe.is_fifo()
    assert trail.run("verify", "-", "--key", trail.run("keys").out.strip(), typed=text).code == 0


def test_a_full_device_is_told_in_one_line(trail: Shop) -> None:
    ran = trail.run("export", "-w", "wks_1", "-o", "/dev/full")

    assert (ran.code, ran.err) == (1, "Error: /dev/full cannot be written: No space left on device.\n")


def test_a_full_standard_output_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(typer.Exit) as ended:
            write(["a line"], None)
        # When it is closed, what is left in its buffer fails no more.

    assert ended.value.exit_code == 1
    assert capsys.readouterr().err == "Error: Standard output cannot be written: No space left on device.\n"


def test_what_cannot_be_read_is_no_fault_of_the_file_that_is_written(trail: Shop) -> None:
    file = trail.desk / "export.ndjson"
    _, last = list(trail.program.wiring.archive.list("trail/"))
    trail.program.wiring.archive.delete(last.key)
    trail.program.wiring.archive.put(last.key, b"no archive")

    ran = trail.run("export", "-w", "wks_1", "-o", str(file))

    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "cannot be written" not in ran.err
    assert list(trail.desk.iterdir()) == []


def test_an_export_that_breaks_off_leaves_nothing_behind(trail: Shop) -> None:
    file = trail.desk / "export.ndjson"
    _, last = list(trail.program.wiring.archive.list("trail/"))
    trail.program.wiring.archive.delete(last.key)

    ran = trail.run("export", "-w", "wks_1", "-o", str(file))

    assert ran.code == 1
    assert ran.err.startswith("Error: Seal 2 of the trail or rows under it are gone")
    assert list(trail.desk.iterdir()) == []


def test_a_proof_of_another_kind_of_file_is_none(trail: Shop) -> None:
    file = trail.desk / "notes"
    file.write_text("remember the milk\n", encoding="utf-8")

    ran = trail.run("export", "-w", "wks_1", "--earlier", str(file))

    assert ran.err.startswith(f"Error: {file} does not end with the proof of an export.")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["verify", "{desk}/none", "--key", "{key}"], "none cannot be read: No such file or directory."),
        (["verify", "{desk}", "--key", "{key}"], "cannot be read: Is a directory."),
        (["verify", "{desk}/none", "--key", "k" * 999], "is neither a key of a log nor a file of keys."),
        (["verify", "{desk}/none", "--key", "{desk}"], "is neither a key of a log nor a file of keys."),
        (["export", "-w", "wks_1", "-o", "{desk}/no/where"], "where cannot be written: No such file or directory."),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_one_line(trail: Shop, words: list[str], told: str) -> None:
    key = trail.run("keys").out.strip()

    ran = trail.run(*(word.format(desk=trail.desk, key=key) for word in words))

    assert ran.code == 1
    assert told in ran.err
    assert ran.err.count("\n") == 1


def test_whoever_follows_the_page_has_a_trail_that_was_checked_twice(
    trail: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(trail.desk)
    event = trail.events()[0]["id"]
    commands = [each.replace("wks_...", "wks_1").replace("019c...", event) for each in _commands()]

    for command in commands:
        words, _, file = command.partition(" > ")
        ran = trail.program.run(*shlex.split(words))
        assert ran.code == 0, f"{command}: {ran.err}"
        if file:
            Path(file).write_text(ran.out, encoding="utf-8", newline="\n")
        if "first.ndjson" in command and "verify" in command:
            trail.works()  # so that there is something to go on with

    assert len(commands) == 6
    first, then = (Path(name).read_text("utf-8").splitlines() for name in ("first.ndjson", "next.ndjson"))
    assert json.loads(then[0])["first"] == json.loads(first[0])["last"] + 1
    assert len(Path("event.ndjson").read_text("utf-8").splitlines()) == 5


def _commands() -> list[str]:
    (section,) = re.findall(r"## With our program\n(.+?)\n#", PAGE, re.DOTALL)
    lines = "".join(re.findall(r"```sh\n(.+?)```", section, re.DOTALL)).splitlines()
    return [line.partition("#")[0].strip().removeprefix("merchant-mcp ") for line in lines]
