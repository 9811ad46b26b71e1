"""merchant-mcp audit export, verify, prove, keys and checkpoint, as docs/audit.md has a reader use them."""

from __future__ import annotations

import csv
import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.services.trail.minutes import a_minute_passes
from tests.services.trail.sealing import A_MINUTE, LOG_NAME, KeyInMemory
from tests.transports.cli.program import Program as Anywhere
from tests.transports.cli.program import Ran
from tests.transports.cli.test_trail import call

PAGE = (Path(__file__).parents[3] / "docs/audit.md").read_text(encoding="utf-8")


@dataclass
class Shop:
    """A shop whose trail is sealed each minute, and the desk of somebody who reads it."""

    program: Anywhere
    desk: Path
    signer: KeyInMemory = field(default_factory=KeyInMemory)
    calls: int = 0

    def works(self, *, calls: int = 1) -> None:
        """Let a minute pass in which tools are called."""
        for _ in range(calls):
            self.calls += 1
            call(self.program, self.calls)
        self.seals()

    def seals(self) -> None:
        self.program.now += A_MINUTE
        a_minute_passes(self.program.wiring.trail, now=self.program.now, signer=self.signer)

    def run(self, *words: str, typed: str = "") -> Ran:
        return self.program.run("audit", *words, typed=typed)

    def file(self, name: str, *words: str) -> str:
        """Write what a command prints into a file on the desk."""
        ran = self.run(*words)
        assert ran.code == 0, ran.err
        path = self.desk / name
        path.write_text(ran.out, encoding="utf-8", newline="\n")
        return str(path)

    def events(self) -> list[dict[str, Any]]:
        lines = map(json.loads, self.run("export", "-w", "wks_1").out.splitlines())
        return [line for line in lines if line["kind"] == "event"]


@pytest.fixture
def trail(shop: Anywhere, tmp_path: Path) -> Shop:
    desk = tmp_path / "desk"
    desk.mkdir()
    sealed = Shop(shop, desk)
    sealed.works(calls=3)
    sealed.works(calls=2)
    return sealed


def elsewhere(tmp_path: Path) -> Anywhere:
    """The program on a machine where nothing can be opened."""
    folder = tmp_path / "another machine"
    folder.mkdir()
    return Anywhere(folder)


def test_an_export_is_checked_and_so_is_the_next_against_it(trail: Shop, tmp_path: Path) -> None:
    keys = trail.file("keys.txt", "keys")
    first = trail.file("first.ndjson", "export", "-w", "wks_1")
    trail.works()
    second = trail.file("second.ndjson", "export", "-w", "wks_1", "--earlier", first)
    reader = elsewhere(tmp_path)

    checked = reader.run("audit", "verify", first, "--key", keys)
    then = reader.run("audit", "verify", second, "--key", keys, "--earlier", first, "--json").json

    assert (checked.code, reader.asked_for) == (0, [])
    told = dict(line.split("  ", 1) for line in checked.out.splitlines()[1:])
    assert {name: value.strip() for name, value in told.items()} == {
        "workspace": "wks_1",
        "first seal": "1",
        "last seal": "2",
        "rows": "8",  # five calls, and the shop and its two members
        "last sealed at": "2026-11-21T12:02:00.000000Z",
        "log": LOG_NAME,
        "seals in the log": "2",
        "compared with": "no proof",
    }
    assert (then["holds"], then["first_seal"], then["last_seal"], then["findings"]) == (True, 3, 3, [])


def test_the_last_line_of_an_export_is_all_that_has_to_be_kept(trail: Shop) -> None:
    keys = trail.file("keys.txt", "keys")
    first = Path(trail.file("first.ndjson", "export", "-w", "wks_1"))
    kept = trail.desk / "kept"
    kept.write_text(first.read_text("utf-8").splitlines()[-1], encoding="utf-8")
    trail.works()

    second = trail.file("second.ndjson", "export", "-w", "wks_1", "--earlier", str(kept))

    assert trail.run("verify", second, "--key", keys, "--earlier", str(kept), "--json").json["holds"]
    assert json.loads(Path(second).read_text("utf-8").splitlines()[0])["first"] == 3


def test_a_key_is_a_file_or_the_line_itself_and_one_of_several_is_enough(trail: Shop) -> None:
    old = trail.run("keys").out.strip()
    trail.signer = KeyInMemory()
    trail.works()
    file = trail.file("export.ndjson", "export", "-w", "wks_1")
    (new,) = [line for line in trail.run("keys").out.splitlines() if line != old]

    assert trail.run("verify", file, "--key", new).code == 0
    assert trail.run("verify", file, "--key", old, "--key", new).code == 0
    refused = trail.run("verify", file, "--key", old, "--json")
    assert refused.code == 1
    assert [finding["fault"] for finding in json.loads(refused.out)["findings"]] == ["key_unknown"]


def test_an_export_is_checked_as_it_comes_over_standard_input(trail: Shop) -> None:
    keys = trail.file("keys.txt", "keys")

    assert trail.run("verify", "-", "--key", keys, typed=trail.run("export", "-w", "wks_1").out).code == 0


def test_what_is_wrong_is_told_with_its_name_its_line_and_what_it_means(trail: Shop) -> None:
    keys = trail.file("keys.txt", "keys")
    file = Path(trail.file("export.ndjson", "export", "-w", "wks_1"))
    lines = file.read_text("utf-8").splitlines(keepends=True)
    number = next(place for place, line in enumerate(lines) if '"tool":"get_pnl"' in line)
    lines[number] = lines[number].replace("get_pnl", "get_pml")
    file.write_text("".join(lines), encoding="utf-8", newline="\n")

    ran = trail.run("verify", str(file), "--key", keys)

    assert ran.code == 1
    assert ran.out.splitlines()[0] == "The file does not hold: 1 finding."
    assert f"row_modified (line {number + 1}): row " in ran.out
    assert "A row was changed after it was sealed." in ran.out


@pytest.mark.parametrize("content", [b"", b"no export\n", b"\xff\xfe\n", b"{}\n"])
def test_whatever_a_file_holds_there_is_an_answer(trail: Shop, content: bytes) -> None:
    file = trail.desk / "file"
    file.write_bytes(content)

    ran = trail.run("verify", str(file), "--key", trail.run("keys").out.strip())

    assert (ran.code, ran.err) == (1, "")
    assert "file_unreadable (line 1)" in ran.out


def test_one_event_is_proved_without_its_neighbours(trail: Shop) -> None:
    keys = trail.file("keys.txt", "keys")
    first, *others = [event["id"] for event in trail.events()]

    file = Path(trail.file("event.ndjson", "prove", first, "-w", "wks_1"))

    text = file.read_text("utf-8")
    assert len(text.splitlines()) == 5
    assert not any(other in text for other in others)
    checked = trail.run("verify", str(file), "--key", keys, "--json").json
    assert (checked["holds"], checked["rows"]) == (True, 1)


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


def test_the_checkpoint_is_the_note_that_an_export_ends_with(trail: Shop) -> None:
    last = json.loads(trail.run("export", "-w", "wks_1").out.splitlines()[-1])

    assert trail.run("checkpoint").out == last["note"]


@pytest.mark.parametrize("command", ["keys", "checkpoint"])
def test_a_log_that_was_never_signed_says_so(shop: Anywhere, command: str) -> None:
    assert shop.run("audit", command).err.startswith("Error: The log has not been signed yet.")


def test_a_file_has_its_name_when_it_is_whole(trail: Shop) -> None:
    file = trail.desk / "export.ndjson"
    file.write_text("what was there before", encoding="utf-8")

    ran = trail.run("export", "-w", "wks_1", "-o", str(file))

    assert (ran.code, ran.out) == (0, "")
    assert trail.run("verify", str(file), "--key", trail.run("keys").out.strip()).code == 0
    assert list(trail.desk.iterdir()) == [file]


def test_an_export_that_breaks_off_leaves_what_was_there(trail: Shop) -> None:
    file = trail.desk / "export.ndjson"
    file.write_text("what was there before", encoding="utf-8")
    _, last = list(trail.program.wiring.archive.list("trail/"))
    trail.program.wiring.archive.delete(last.key)

    ran = trail.run("export", "-w", "wks_1", "-o", str(file))

    assert ran.code == 1
    assert ran.err.startswith("Error: The archive does not have the rows of seal ")
    assert file.read_text("utf-8") == "what was there before"
    assert list(trail.desk.iterdir()) == [file]


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
    (block,) = re.findall(r"## With our program\n\n```sh\n(.+?)```", PAGE, re.DOTALL)
    return [line.partition("#")[0].strip().removeprefix("merchant-mcp ") for line in block.splitlines()]
