from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from tests.walls.callers import Caller
from tests.walls.machine import Question, Walls, walls_of
from tests.walls.operations import OPERATIONS, operation_named
from tests.walls.place import Place
from tests.walls.references import Whose
from tests.walls.tenants import TENANTS, Side
from tests.walls.vocabulary import Operation

WRONG = [way for way in Whose if way is not Whose.OWN]
NEVER_ANSWERED = {"GET /mcp", "tools/call"}
"""The endpoint takes POST alone, and the tool that is called is none."""


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
def test_each_reference_is_the_askers_or_unknown(place: Place, operation: Operation) -> None:
    """Each way in which each reference of an operation can be wrong, one after the other."""
    answered: set[Side] = set()

    @settings(max_examples=2)
    @given(data=st.data())
    def ask(data: st.DataObject) -> None:
        walls = Walls(place)
        for side in Side if operation.door != "command" else TENANTS:
            straight = [walls.ask(data, operation, side, None) for _ in range(3)]
            if any(straight):
                answered.add(side)
            for name in operation.references:
                for way in WRONG:
                    walls.ask(data, operation, side, name, way)
        walls.teardown()

    ask()
    assert operation.name in NEVER_ANSWERED or answered >= TENANTS.keys(), (
        "a wall that nobody comes through shows nothing"
    )


@pytest.mark.parametrize(("flooding", "calm"), [(Side.ZEBRA, Side.QUOKKA), (Side.QUOKKA, Side.ZEBRA)])
def test_a_full_window_of_one_is_not_felt_by_the_other(place: Place, flooding: Side, calm: Side) -> None:
    walls = Walls(place)

    def call(side: Side) -> bool:
        caller = Caller(side=side, who="a token", bearer=walls.known[side].bearers[0])
        operation = operation_named("get_workspace_context")
        return walls.hold(Question(caller=caller, operation=operation, values={}, whose={}))

    of_the_flood = [call(flooding) for _ in range(61)]

    assert (of_the_flood[0], of_the_flood[-1]) == (True, False)
    assert call(calm)
    walls.teardown()


@settings(max_examples=60)
@given(data=st.data())
def test_no_tampered_credential_gets_in(place: Place, data: st.DataObject) -> None:
    walls = Walls(place)
    for name in ("GET /v1/scopes", "GET /v1/tokens", "tools/list", "get_workspace_context"):
        walls.ask(data, operation_named(name), Side.NOBODY, None)


def test_to_each_workspace_the_other_does_not_exist(place: Place) -> None:
    examples = settings().max_examples * 2 // 3
    run_state_machine_as_test(walls_of(place), settings=settings(max_examples=examples, stateful_step_count=50))
