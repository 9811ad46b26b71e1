"""docs/security.md names a test for each defence, and places of the code: all of them are there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/security.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
HEAD = "| attack | | defence | where | test |"


def rows() -> Iterator[list[str]]:
    """Give the cells of every attack."""
    for table in PAGE.read_text("utf-8").split(HEAD)[1:]:
        for line in table.lstrip("\n").splitlines()[1:]:
            if not line.startswith("|"):
                break
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


def names_in(file: Path) -> set[str]:
    found = ast.walk(ast.parse(file.read_text("utf-8")))
    return {node.name for node in found if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}


@pytest.mark.parametrize("attack", [*rows()], ids=lambda cells: cells[0])
def test_an_attack_has_its_defence_its_place_and_tests_that_there_are(attack: list[str]) -> None:
    what, kinds, defence, where, tests = attack
    named = NAMED.findall(tests)

    assert what
    assert defence
    assert where
    for path in re.findall(r"`([\w/.-]+)`", where):
        assert (ROOT / "shared" / path).exists() or (ROOT / path).exists(), path
    assert set(kinds.split(", ")) <= set("STRIDE")
    assert named
    for path, name in named:
        assert (ROOT / path).is_file(), path
        assert not name or name in names_in(ROOT / path), f"{path}::{name}"


def test_the_page_is_read_in_ten_minutes() -> None:
    assert len(list(rows())) > 40
    assert len(PAGE.read_text("utf-8").split()) < 3_000
