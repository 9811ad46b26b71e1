"""What the RFCs ask of us, row by row."""

from __future__ import annotations

import pytest

from tests.transports.web.rfc_scene import Row, Scene
from tests.transports.web.rfc_table import TABLE


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.source}: {row.says}")
def test_each_requirement_is_met(row: Row) -> None:
    row.answered.check(row.asked.act(Scene()))


def test_every_requirement_says_something_of_its_own() -> None:
    assert len({row.says for row in TABLE}) == len(TABLE)
