"""What the emulator leaves out of the template is known, measured, told to operators, and covered by another test."""

from __future__ import annotations

import pytest

from infra.local.pool import PROJECT
from tests.deployed.dropped import DROPPED, Dropped
from tests.deployed.stack import DeployedStack

EACH = pytest.mark.parametrize("dropped", DROPPED, ids=lambda dropped: dropped.what)


@EACH
def test_the_emulator_still_leaves_it_out(stack: DeployedStack, dropped: Dropped) -> None:
    assert not dropped.is_kept(stack), "it is kept now: try it here, and take it from the list"


@EACH
def test_a_test_of_the_template_covers_it(dropped: Dropped) -> None:
    named = [test.split("::") for test in dropped.covered_by]

    assert named
    assert [name for path, name in named if f"def {name}(" not in (PROJECT / path).read_text(encoding="utf-8")] == []


@EACH
def test_operators_are_told(dropped: Dropped) -> None:
    page = (PROJECT / "docs" / "unproved.md").read_text(encoding="utf-8")

    assert [test for test in dropped.covered_by if test in page], f"docs/unproved.md says nothing of: {dropped.what}"
