"""Callers and makers of tokens against whoever ends them at that moment; `make soak` takes a hundred times as many."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import settings

from shared.services.create_token import NewToken
from shared.services.refusals import Reason
from tests.data.stores import Stores
from tests.services.fencing import NARROWER
from tests.services.racing import ENDINGS, Ending, race
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


def test_an_end_that_is_answered_and_not_recorded_would_be_noticed(tmp_path: Path) -> None:
    def only_answer(_stores: Stores, _made: NewToken, _at: datetime) -> None:
        return

    tally = race(Ending(act=only_answer, reason=Reason.TOKEN_REVOKED), tries=1, folder=tmp_path)

    assert tally.let_in > 0


@pytest.mark.parametrize("name", NARROWER)
def test_no_token_that_is_made_while_its_workspace_grants_less_escapes(name: str, tmp_path: Path) -> None:
    for seed in range(ROUNDS):
        outcome = race_makers(NARROWER[name], folder=tmp_path, seed=seed)

        assert (outcome.late, outcome.escaped) == (0, 0)
        assert outcome.made >= seed % MAKERS
