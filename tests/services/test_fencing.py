"""Changes of a workspace against its tokens: recorded first, and finished whatever dies."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.data.engines import Killed, die_before
from tests.data.tenants import order
from tests.services.fencing import LATER, NARROWER, WRITES, escaped, run_sweep, shop, told_twice

DEATHS = [(name, number) for name, writes in WRITES.items() for number in range(writes)]


@pytest.mark.parametrize(("name", "number"), DEATHS)
def test_a_change_that_died_anywhere_is_finished_by_the_sweep(name: str, number: int) -> None:
    engine, stores = shop()
    engine.meddle = die_before(write=number)
    with pytest.raises(Killed):
        order(NARROWER[name], stores=stores)
    engine.meddle = None
    recorded = number > 0

    assert stores.workspaces.unfenced(LATER - timedelta(milliseconds=1), limit=9) == ()  # whoever began may be at it
    assert stores.workspaces.unfenced(LATER, limit=9) == (("wks_1",) if recorded else ())
    assert [run_sweep(stores).fenced for _ in range(2)] == [int(recorded), 0]

    assert escaped(stores) == []
    assert told_twice(stores) == []
    assert stores.workspaces.unfenced(LATER, limit=9) == ()


@pytest.mark.parametrize("name", NARROWER)
def test_the_writes_of_a_change_are_those_that_were_killed(name: str) -> None:
    engine, stores = shop()
    seen: list[int] = []
    engine.meddle = seen.append

    order(NARROWER[name], stores=stores)

    assert len(seen) == WRITES[name]
    assert escaped(stores) == []


@pytest.mark.parametrize(("name", "number"), DEATHS)
def test_a_change_that_died_anywhere_is_finished_by_the_same_change(name: str, number: int) -> None:
    engine, stores = shop()
    engine.meddle = die_before(write=number)
    with pytest.raises(Killed):
        order(NARROWER[name], stores=stores)
    engine.meddle = None

    order(NARROWER[name], stores=stores)

    assert escaped(stores) == []
    assert told_twice(stores) == []
    assert run_sweep(stores).fenced == 0


@pytest.mark.parametrize("name", NARROWER)
def test_a_sweep_that_dies_while_it_finishes_is_finished_by_the_next(name: str) -> None:
    deaths = 0
    for number in range(WRITES[name]):
        engine, stores = shop()
        engine.meddle = die_before(write=1)
        with pytest.raises(Killed):
            order(NARROWER[name], stores=stores)
        engine.meddle = die_before(write=number)
        try:
            run_sweep(stores)
        except Killed:
            deaths += 1
        engine.meddle = None

        run_sweep(stores)

        assert escaped(stores) == []
        assert told_twice(stores) == []
    assert deaths >= WRITES[name] - 1
