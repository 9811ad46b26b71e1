"""Whatever takes several calls to the store may die before any of them, and unheard after the last."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.data.stores import Stores
from tests.data.tenants import token
from tests.services.killing import Known, Operation, kill_everywhere
from tests.services.mortal_changes import OPERATIONS


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_wherever_it_dies_nothing_is_lost_and_nothing_happens_twice(operation: Operation, tmp_path: Path) -> None:
    for deaths in kill_everywhere(operation, tmp_path / "kills"):
        assert (deaths.lost, deaths.twice) == (0, 0), deaths
        assert deaths.places > 2


def test_what_nobody_finishes_is_lost(tmp_path: Path) -> None:
    def do_nothing(_stores: Stores, _known: Known) -> None:
        return

    unfinished = replace(OPERATIONS[-1], finishers={"nobody": do_nothing})

    (deaths,) = kill_everywhere(unfinished, tmp_path / "kills")

    assert deaths.lost > 0


def test_what_is_not_recognised_when_it_comes_again_is_there_twice(tmp_path: Path) -> None:
    def create_without_a_key(stores: Stores, _: Known) -> None:
        token(stores, owner="adam", name="new")

    (create, *_) = OPERATIONS
    (deaths,) = kill_everywhere(
        replace(create, act=create_without_a_key, finishers={"the same again": create_without_a_key}),
        tmp_path / "kills",
    )

    assert deaths.twice > 0
