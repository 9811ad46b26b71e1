"""merchant-mcp audit verify, as docs/audit.md has a reader use it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.services.trail.sealing import LOG_NAME, KeyInMemory
from tests.transports.cli.program import Program
from tests.transports.cli.sealed_shop import Shop


def elsewhere(tmp_path: Path) -> Program:
    """The program on a machine where nothing can be opened."""
    folder = tmp_path / "another machine"
    folder.mkdir()
    return Program(folder)


def test_an_export_is_checked_and_so_is_the_next_against_it(trail: Shop, tmp_path: Path) -> None:
    keys = trail.file("keys.txt", "keys")
    first = trail.file("first.ndjson", "export", "-w", "wks_1")
    trail.works()
    second = trail.file("second.ndjson", "export", "-w", "wks_1", "--earlier", first)
    reader = elsewhere(tmp_path)

    checked = reader.run("audit", "verify", first, "--key", keys)
    then = reader.run("audit", "verify", second, "--key", keys, "--earlier", first, "--json").json

    assert (checked.code, reader.asked_for) == (0, [])
    assert checked.out.splitlines()[1] == "No proof of yours was given, so that the log only grew is not shown."
    told = dict(line.split("  ", 1) for line in checked.out.splitlines()[2:])
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


def test_what_a_file_does_not_show_is_said_plainly(trail: Shop) -> None:
    keys = trail.file("keys.txt", "keys")
    first = trail.file("first.ndjson", "export", "-w", "wks_1")
    trail.works()
    third = trail.file("third.ndjson", "export", "-w", "wks_1", "--earlier", first)
    second = trail.file("second.ndjson", "export", "-w", "wks_1", "--first", "2")

    assert trail.run("verify", third, "--key", keys).out.splitlines()[1:3] == [
        "Seals 1 to 2 are not in this file.",
        "No proof of yours was given, so that the log only grew is not shown.",
    ]
    assert trail.run("verify", second, "--key", keys).out.splitlines()[1] == "Seal 1 is not in this file."
    assert "No proof of yours" not in trail.run("verify", third, "--key", keys, "--earlier", first).out


def test_a_file_that_holds_and_is_not_what_was_asked_for_is_refused(trail: Shop) -> None:
    keys = trail.file("keys.txt", "keys")
    file = trail.file("second.ndjson", "export", "-w", "wks_1", "--first", "2")

    assert trail.run("verify", file, "--key", keys, "-w", "wks_1", "--first", "2", "--last", "2").code == 0
    for words, told in (
        (["--workspace", "wks_2"], "the workspace is wks_1, not wks_2."),
        (["--first", "1"], "the first seal is 2, not 1."),
        (["--last", "3"], "the last seal is 2, not 3."),
    ):
        for form in ([], ["--json"]):
            ran = trail.run("verify", file, "--key", keys, *words, *form)
            assert (ran.code, ran.out) == (1, "")
            assert ran.err == f"Error: The file holds, but it is not what you asked for: {told}\n"


def test_what_was_made_of_an_export_is_told_from_one(trail: Shop) -> None:
    keys = trail.file("keys.txt", "keys")
    packed = trail.desk / "export.ndjson.gz"
    packed.write_bytes(gzip.compress(trail.run("export", "-w", "wks_1").out.encode()))

    for file, told in (
        (trail.file("export.csv", "export", "-w", "wks_1", "--format", "csv"), "is a reading in CSV"),
        (trail.file("export.ocsf", "export", "-w", "wks_1", "--format", "ocsf"), "is a reading in OCSF"),
        (str(packed), "is packed. Unpack it first"),
    ):
        ran = trail.run("verify", file, "--key", keys)
        assert (ran.code, ran.out) == (1, "")
        assert f"{file} {told}" in ran.err


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
    (finding,) = json.loads(refused.out)["findings"]
    assert finding["fault"] == "key_unknown"
    assert finding["detail"].endswith("is signed by " + "+".join(new.split("+")[:2]))


def test_a_file_of_keys_may_come_from_windows_and_hold_remarks(trail: Shop) -> None:
    file = trail.file("export.ndjson", "export", "-w", "wks_1")
    key = trail.run("keys").out.strip()
    keys = trail.desk / "keys.txt"
    keys.write_bytes(f"\ufeff# from the shop's page\r\n\r\n{key}\r\n".encode())

    assert trail.run("verify", file, "--key", str(keys)).code == 0


@pytest.mark.parametrize("line", ["no key", "+", "a+00000000+AA=="])
def test_a_line_that_is_no_key_is_named(trail: Shop, line: str) -> None:
    file = trail.file("export.ndjson", "export", "-w", "wks_1")
    keys = trail.desk / "keys.txt"
    keys.write_text(f"{trail.run('keys').out}\n{line}\n", encoding="utf-8")

    ran = trail.run("verify", file, "--key", str(keys))

    assert ran.code == 1
    assert ran.err.startswith(f"Error: {keys}, line 3: This is no key of a log: ")


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


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("/dev/zero", "--key", "KEY"), "a line of /dev/zero is longer than 64 MB"),
        (("EXPORT", "--key", "KEY", "--earlier", "/dev/zero"), "a line of /dev/zero is longer than 64 MB"),
        (("EXPORT", "--key", "/dev/zero"), "/dev/zero is larger than 10 MB"),
    ],
)
def test_a_file_without_an_end_is_not_read_to_it(trail: Shop, words: tuple[str, ...], said: str) -> None:
    meant = {"KEY": trail.run("keys").out.strip(), "EXPORT": trail.file("first.ndjson", "export", "-w", "wks_1")}

    ran = trail.run("verify", *(meant.get(word, word) for word in words))

    assert ran.code == 2
    assert said in ran.err


@pytest.mark.parametrize("content", [b"", b"no export\n", b"\xff\xfe\n", b"{}\n"])
def test_whatever_a_file_holds_there_is_an_answer(trail: Shop, content: bytes) -> None:
    file = trail.desk / "file"
    file.write_bytes(content)

    ran = trail.run("verify", str(file), "--key", trail.run("keys").out.strip())

    assert (ran.code, ran.err) == (1, "")
    assert "file_unreadable (line 1)" in ran.out
