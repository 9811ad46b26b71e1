"""Containers whose clocks differ, by less than AWS lets them: what a token's end and a limit are worth then.

By more than five minutes the store refuses whoever asks (see the faults), and nothing is let in or changed at all.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial

import pytest

from shared.services.gate import Gate, Pass
from shared.services.refusals import Reason
from shared.storage.engine import Engine
from tests.data.stores import Stores
from tests.data.tenants import A_DAY, KEYS, NOON, token, workspace
from tests.faults.cells import Laboratory
from tests.faults.engines import engine_at
from tests.faults.faults import AT_EASE_SECONDS
from tests.faults.wire import nothing
from tests.services.lived import swept
from tests.services.place import reasons, send

A_MINUTE = timedelta(minutes=1)
FOUR_MINUTES = timedelta(minutes=4)
HALF_A_MINUTE = timedelta(seconds=30)
PLUS_A_MINUTE = 60
"""What the plan lets in."""

Containers = Callable[[], Stores]


@pytest.fixture
def containers(lab: Laboratory) -> Generator[Containers]:
    """Open the same tables as often as asked, each time over a connection of its own."""
    lab.wire.meet(nothing)
    with lab.empty_tables() as tables, ExitStack() as opened:
        one = partial(engine_at, lab.wire.address, tables, patience=AT_EASE_SECONDS)

        def another() -> Stores:
            engine: Engine = opened.enter_context(one())
            return Stores.over(engine)

        yield another


def gate(stores: Stores) -> Gate:
    return Gate(keys=KEYS, tokens=stores.tokens, subjects=stores.subjects, audit=stores.audit)


def test_a_token_ends_by_each_containers_own_clock_and_for_all_when_that_is_recorded(containers: Containers) -> None:
    stores = containers()
    workspace(stores, at=NOON - 31 * A_DAY)
    made = token(stores, days=30, at=NOON - 30 * A_DAY)  # it ends at noon
    behind, right, ahead = gate(containers()), gate(containers()), gate(containers())

    def asked(before_noon: timedelta) -> list[Reason | None]:
        at = NOON - before_noon
        answers = [send(who, made.text, at=at + off) for who, off in ((behind, -FOUR_MINUTES), (right, timedelta()))]
        return reasons([*answers, send(ahead, made.text, at=at + FOUR_MINUTES)])

    assert asked(A_MINUTE) == [None, None, Reason.TOKEN_EXPIRED]
    assert asked(-A_MINUTE) == [None, Reason.TOKEN_EXPIRED, Reason.TOKEN_EXPIRED]
    swept(stores, NOON + A_MINUTE)
    assert asked(-A_MINUTE) == [Reason.TOKEN_EXPIRED] * 3


@pytest.mark.parametrize("off", [timedelta(), HALF_A_MINUTE, A_MINUTE], ids=str)
def test_a_limit_is_one_for_containers_whose_clocks_are_up_to_a_window_apart(
    containers: Containers, off: timedelta
) -> None:
    stores = containers()
    workspace(stores)
    made = token(stores, days=30, at=NOON - A_DAY)
    right, ahead = gate(containers()), gate(containers())
    turns: list[tuple[Gate, datetime]] = [(right, NOON), (ahead, NOON + off)]

    let_in = [isinstance(send(who, made.text, at=at), Pass) for _ in range(PLUS_A_MINUTE // 2 + 5) for who, at in turns]

    assert sum(let_in) == PLUS_A_MINUTE
