"""Whatever takes several calls to the store may die before any of them, and unheard after the last."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.services.killing import Operation, kill_everywhere
from tests.services.mortal_changes import OPERATIONS


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_wherever_it_dies_nothing_is_lost_and_nothing_happens_twice(operation: Operation, tmp_path: Path) -> None:
    for deaths in kill_everywhere(operation, tmp_path / "kills"):
        assert (deaths.lost, deaths.twice) == (0, 0), deaths
        assert deaths.places > 2
