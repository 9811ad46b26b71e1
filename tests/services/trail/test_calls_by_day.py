"""Calls and refusals by day: as far as they are sealed, at the same cost whatever happened."""

from __future__ import annotations

from datetime import date, timedelta

from shared.domain.activity import Outcome
from shared.services.trail.calls_by_day import CallsByDay, DayOfCalls, calls_by_day
from shared.services.trail.export_trail import Limits
from shared.services.trail.hand_out_trail import newest_at_once
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.examples import NOON, call_denied, token_created, tool_called
from tests.services.trail.history import Happened, History
from tests.services.trail.sealing import A_MINUTE, Sealing, calls

A_DAY = timedelta(days=1)


def counted(history: History, *, days: int = 3) -> CallsByDay:
    return calls_by_day("ws1", days=days, now=NOON, index=history.sealing.index)


def test_calls_and_refusals_are_told_of_each_day_in_order() -> None:
    history = History()
    history.write(
        Happened(event=tool_called(at=NOON - 3 * A_DAY)),
        Happened(event=tool_called(at=NOON - A_DAY)),
        Happened(event=tool_called(at=NOON - A_DAY, outcome=Outcome.ERROR)),
        Happened(event=tool_called(at=NOON, outcome=Outcome.DENIED_SCOPE)),
        Happened(event=tool_called(at=NOON, token_id="tok2", tool=None, outcome=Outcome.ERROR)),
        Happened(event=call_denied(at=NOON)),
        Happened(event=token_created(token_id="tok3", at=NOON), token_id="tok3"),
    )
    history.seal()

    assert counted(history) == CallsByDay(
        days=[
            DayOfCalls(day=date(2026, 11, 19), calls=0, refusals=0),
            DayOfCalls(day=date(2026, 11, 20), calls=2, refusals=0),
            DayOfCalls(day=date(2026, 11, 21), calls=1, refusals=2),
        ],
        counted_to=NOON,
    )


def test_what_is_not_sealed_is_not_counted() -> None:
    history = History()
    history.write(Happened(event=tool_called(at=NOON)))

    assert [day.calls for day in counted(history).days] == [0, 0, 0]
    assert counted(history).counted_to is None


def test_thirty_days_cost_two_requests() -> None:
    engine = SqliteEngine()
    history = History(engine=engine)
    for ago in range(40):
        history.write(Happened(event=tool_called(at=NOON - ago * A_DAY)))
    history.seal()
    before = engine.operations.copy()

    assert sum(day.calls for day in counted(history, days=30).days) == 30
    assert dict(engine.operations - before) == {"query": 2}


def test_an_export_is_offered_from_the_first_seal_on_that_fits_in() -> None:
    sealing = Sealing.in_memory()
    assert newest_at_once("ws1", seals=sealing.seals) is None

    for minute in range(6):
        now = NOON + minute * A_MINUTE
        sealing.record(*calls(10, first=10 * minute + 1, at=now), now=now)
        sealing.run(now + A_MINUTE)
    assert [kept.seal.total for kept in sealing.kept()] == [10, 20, 30, 40, 50, 60]

    def first(*, seals: int = 500, rows: int = 2_000) -> int | None:
        return newest_at_once("ws1", seals=sealing.seals, limits=Limits(seals=seals, rows=rows))

    assert first() == 1
    assert [first(rows=rows) for rows in (60, 59, 30, 29, 10, 9)] == [1, 2, 4, 5, 6, 6]  # one seal is never too much
    assert [first(seals=seals) for seals in (6, 5, 1)] == [1, 2, 6]
