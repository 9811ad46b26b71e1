"""Each number that a call took has a row that says how it ended, or one that says that nothing does."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import pytest

from shared.services.trail.account_calls import Accounted, account_for_calls
from shared.storage.contracts.audit import AuditEntry, AuditFilter
from shared.storage.contracts.calls import CountedCall
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.engines import Killed
from tests.data.examples import NOON, ONE_DAY, ORIGIN, tool_called
from tests.data.stores import Stores
from tests.services.trail.going_wrong import Faults, SteppedEngine, Steps, die_at

A_SECOND = timedelta(seconds=1)
A_MINUTE = timedelta(minutes=1)
LATER = NOON + 6 * A_MINUTE
CALLS = [CountedCall(token_id="tok1", number=number, at=NOON + number * A_SECOND) for number in range(1, 7)]
STEPS = 10
"""The marks are read; of two marks rows are read, two calls recorded each, and the mark is taken away: 1 + 2 * 4."""


def prepared(engine: SqliteEngine) -> Stores:
    """Have six calls counted, in two batches, of which the first and the last are answered."""
    stores = Stores.over(engine)
    for name, some in (("1", CALLS[:3]), ("2", CALLS[3:])):
        stores.counted_calls.mark("ws1", some, now=NOON + 7 * A_SECOND, name=name)
    for call in (CALLS[0], CALLS[5]):
        stores.audit.record(tool_called(number=call.number, at=call.at), workspace_id="ws1", origin=ORIGIN)
    return stores


def run(stores: Stores, *minutes: int) -> list[Accounted]:
    return [
        account_for_calls(now=NOON + minute * A_MINUTE, calls=stores.counted_calls, audit=stores.audit)
        for minute in minutes
    ]


def unaccounted(stores: Stores) -> Sequence[AuditEntry]:
    """Give the rows that say so, oldest first."""
    wanted = AuditFilter(types=frozenset({"mcp.call_unaccounted"}))
    return stores.audit.entries("ws1", matching=wanted, limit=100, now=NOON + ONE_DAY).items[::-1]


def test_calls_without_a_row_are_recorded_once_the_time_of_grace_is_over() -> None:
    stores = prepared(SqliteEngine())

    ran = run(stores, 5, 6, 7)

    assert [(each.calls, each.unaccounted) for each in ran] == [(0, 0), (6, 4), (0, 0)]
    rows = unaccounted(stores)
    assert [(row.data["number"], row.data["counted_at"]) for row in rows] == [
        (number, f"2026-11-21T12:00:0{number}.000000Z") for number in (2, 3, 4, 5)
    ]
    assert {(row.stream, row.origin.actor) for row in rows} == {("token:tok1", "system:sealer")}


def test_a_row_that_comes_in_time_accounts_for_its_call() -> None:
    stores = prepared(SqliteEngine())
    for call in CALLS[1:5]:
        stores.audit.record(tool_called(number=call.number, at=call.at), workspace_id="ws1", origin=ORIGIN)

    assert [each.unaccounted for each in run(stores, 6)] == [0]
    assert unaccounted(stores) == ()


def test_calls_that_are_marked_again_are_recorded_once() -> None:
    stores = prepared(SqliteEngine())
    run(stores, 6)
    stores.counted_calls.mark("ws1", CALLS, now=LATER, name="1")

    run(stores, 12)

    assert [row.data["number"] for row in unaccounted(stores)] == [2, 3, 4, 5]


@pytest.mark.parametrize("step", range(STEPS))
def test_a_run_that_dies_before_any_of_its_calls_loses_nothing(step: int) -> None:
    engine = SqliteEngine()
    stores = prepared(engine)
    steps = Steps(faults=Faults(before=die_at(step)))

    with suppress(Killed):
        run(Stores.over(SteppedEngine(engine, steps)), 6)
        assert step == steps.count == STEPS - 1, "there are fewer steps"
    run(stores, 7)

    assert [row.data["number"] for row in unaccounted(stores)] == [2, 3, 4, 5]
    assert stores.counted_calls.marks(before=NOON + ONE_DAY, limit=10) == []


@pytest.mark.parametrize("step", range(STEPS))
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_run_that_dies_before_or_after_any_of_its_calls_leaves_no_lost_call_untold(when: str, step: int) -> None:
    engine = SqliteEngine()
    stores = prepared(engine)
    told: list[int] = []
    faults = Faults(before=die_at(step)) if when == "before" else Faults(after=die_at(step))
    dying = Stores.over(SteppedEngine(engine, Steps(faults=faults)))

    with suppress(Killed):
        account_for_calls(now=LATER, calls=dying.counted_calls, audit=dying.audit, meter=told.append)
    account_for_calls(now=LATER, calls=stores.counted_calls, audit=stores.audit, meter=told.append)

    assert sum(told) >= len(unaccounted(stores)) == 4
