"""Callers and makers of tokens against whoever ends them at that moment; `make soak` takes a hundred times as many."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from tests.services.fencing import NARROWER
from tests.services.racing import ENDINGS, race
from tests.services.racing_makers import MAKERS, race_makers

TRIES = 10 * settings().max_examples
ROUNDS = settings().max_examples // 50


@pytest.mark.parametrize("name", ENDINGS)
def test_no_call_that_starts_after_the_end_of_its_token_was_answered_is_let_in(name: str, tmp_path: Path) -> None:
    tally = race(ENDINGS[name], tries=TRIES, folder=tmp_path)

    assert tally.let_in == 0
    assert tally.refused == {ENDINGS[name].reason: tally.tries}
    assert tally.tries >= TRIES
    assert tally.earlier_let_in > 0


@pytest.mark.parametrize("name", NARROWER)
def test_no_token_that_is_made_while_its_workspace_grants_less_escapes(name: str, tmp_path: Path) -> None:
    for seed in range(ROUNDS):
        outcome = race_makers(NARROWER[name], folder=tmp_path, seed=seed)

        assert (outcome.late, outcome.escaped) == (0, 0)
        assert outcome.made >= seed % MAKERS
