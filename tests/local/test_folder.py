"""The folder is one stack's at a time, and only what a stack made is ever deleted."""

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from infra.local.cli import app
from infra.local.folder import FolderInUse, LocalFolder, NotAStackFolder, write_private


@pytest.fixture
def folder(tmp_path: Path) -> LocalFolder:
    made = LocalFolder(path=tmp_path / ".local")
    made.prepare()
    return made


def test_only_one_may_hold_it_and_the_other_is_told_who(folder: LocalFolder) -> None:
    with folder.hold() as hold:
        hold.describe("process 7 at http://127.0.0.1:8765")
        with pytest.raises(FolderInUse, match=r"process 7 at http://127\.0\.0\.1:8765"):
            folder.hold()

    folder.hold().release()


def test_emptying_leaves_nothing(folder: LocalFolder, tmp_path: Path) -> None:
    folder.hold().release()
    folder.database.write_text("rows")
    (folder.objects / "local" / "raw").mkdir(parents=True)
    (folder.objects / "local" / "raw" / "upload").write_text("lines")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("not ours")
    (folder.path / "link").symlink_to(elsewhere)

    folder.empty()

    assert list(folder.path.iterdir()) == []
    assert (elsewhere / "kept").exists()


def test_emptying_is_refused_while_a_stack_runs(folder: LocalFolder) -> None:
    folder.database.write_text("rows")

    with folder.hold(), pytest.raises(FolderInUse):
        folder.empty()

    assert folder.database.read_text() == "rows"


@pytest.mark.parametrize("words", [("reset",), ("up", "--port", "0")], ids=" ".join)
def test_who_is_refused_while_a_stack_runs_is_told_to_end_it_first(folder: LocalFolder, words: tuple[str, ...]) -> None:
    with folder.hold() as hold:
        hold.describe("process 7 at http://127.0.0.1:8765")
        ran = CliRunner().invoke(app, [*words, "--data", str(folder.path)])

    assert ran.exit_code == 1
    assert ran.stderr.endswith("(process 7 at http://127.0.0.1:8765). End that one first: Ctrl-C where it runs.\n")


def test_a_folder_that_no_stack_made_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")

    with pytest.raises(NotAStackFolder):
        LocalFolder(path=tmp_path).empty()

    assert (tmp_path / "thesis.txt").exists()


def test_a_stack_does_not_move_into_a_folder_with_other_files(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    tmp_path.chmod(0o755)

    ran = CliRunner().invoke(app, ["up", "--port", "0", "--data", str(tmp_path)])

    assert ran.exit_code == 1
    assert "Name an empty folder" in ran.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_a_stack_that_was_killed_while_it_made_its_folder_finds_it_as_its_own(folder: LocalFolder) -> None:
    folder.logs.rmdir()

    folder.prepare()

    assert folder.logs.is_dir()


def test_emptying_what_is_not_there_does_nothing(tmp_path: Path) -> None:
    LocalFolder(path=tmp_path / "never made").empty()


def test_a_private_file_is_replaced_whole_and_stays_private(tmp_path: Path) -> None:
    path = tmp_path / "connection.json"
    path.write_text("before")
    path.chmod(0o644)
    before = os.open(path, os.O_RDONLY)

    write_private(path, "after")

    assert os.read(before, 100) == b"before", "who has it open still reads the whole of what it opened"
    os.close(before)
    assert path.read_text() == "after"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]
