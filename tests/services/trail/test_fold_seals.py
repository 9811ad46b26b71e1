"""What is folded from seals: what a count over the rows gives, and made anew the same to the byte."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.activity import CallEvent, Outcome, ToolCalled
from shared.domain.trail.index import DayIndex
from shared.services.trail.archive import read_archived
from shared.services.trail.fold_seals import fold_seal
from shared.storage.engine import Table
from shared.storage.rows.trail_index import StoredTrailIndex
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.engines import Killed, MeddledEngine, die_before
from tests.data.examples import NOON, call_denied, tool_called
from tests.services.trail.sealing import A_MINUTE, KeysByName, Sealing

TOOLS = ("get_pnl", "list_goals")
minutes = st.integers(0, 3 * 24 * 60)
calls = st.builds(
    tool_called,
    at=minutes.map(lambda minute: NOON + timedelta(minutes=minute)),
    token_id=st.sampled_from(["tok1", "tok2"]),
    tool=st.sampled_from(TOOLS),
    outcome=st.sampled_from(Outcome),
)
batches = st.lists(st.lists(calls, min_size=1, max_size=6), min_size=1, max_size=6)


def numbered(rows: Sequence[Sequence[ToolCalled]]) -> list[list[ToolCalled]]:
    """Give each call a number of its own, as the gate does."""
    numbers = count(1)
    return [[replace(call, number=next(numbers)) for call in some] for some in rows]


def sealed(sealing: Sealing, rows: Sequence[Sequence[CallEvent]], *, folded_each_time: bool = True) -> None:
    now = NOON
    for some in rows:
        sealing.record(*some, now=now)
        now += A_MINUTE
        sealing.run(now)
        if folded_each_time:
            sealing.fold()
    sealing.fold()


def folds(engine: SqliteEngine) -> list[object]:
    return sorted(engine.query(Table.CORE, "W#ws1#TRAIL").items, key=str)


def day_index(sealing: Sealing, day: str) -> DayIndex:
    ((found, index),) = sealing.index.days("ws1", since=day, upto=day, limit=1)
    assert found == day
    return index


@given(batches)
def test_days_minutes_and_uses_are_what_a_count_over_the_rows_gives(drawn: list[list[ToolCalled]]) -> None:
    rows = numbered(drawn)
    sealing = Sealing.in_memory()
    sealed(sealing, rows)
    every = [call for some in rows for call in some]

    for day in {f"{call.at:%Y-%m-%d}" for call in every}:
        of_day = [call for call in every if f"{call.at:%Y-%m-%d}" == day]
        index = day_index(sealing, day)
        assert index.rows == len(of_day)
        assert index.counts["tool"] == Counter(call.tool for call in of_day)
        assert index.counts["outcome"] == Counter(call.outcome.value for call in of_day)
        assert index.counts["token"] == Counter(call.token_id for call in of_day)
        for hour, found in sealing.index.hours("ws1", day, upto=23, limit=24):
            wanted = {"token": frozenset({"tok1"}), "tool": frozenset({"get_pnl"})}
            may = {call.at.minute for call in of_day if call.at.hour == hour}
            tok1 = {call.at.minute for call in of_day if call.at.hour == hour and call.token_id == "tok1"}
            pnl = {call.at.minute for call in of_day if call.at.hour == hour and call.tool == "get_pnl"}
            assert list(found.minutes_of({})) == sorted(may, reverse=True)
            assert list(found.minutes_of(wanted)) == sorted(tok1 & pnl, reverse=True)
        uses = {
            (token, tool, outcome): use.calls
            for token in ("tok1", "tok2")
            for did in sealing.index.uses("ws1", token, [day]).values()
            for tool, outcomes in did.uses.items()
            for outcome, use in outcomes.items()
        }
        assert uses == Counter((call.token_id, call.tool, call.outcome.value) for call in of_day)


@given(batches)
def test_folds_that_are_made_anew_from_the_archive_are_the_same_to_the_byte(drawn: list[list[ToolCalled]]) -> None:
    engine, anew = SqliteEngine(), SqliteEngine()
    sealing = Sealing.over(engine)
    sealed(sealing, numbered(drawn))

    for kept in sealing.kept():
        fold_seal(read_archived(kept.seal, archive=sealing.archive), index=StoredTrailIndex(anew))

    assert folds(anew) == folds(engine)


@given(batches)
def test_it_does_not_matter_when_seals_are_folded(drawn: list[list[ToolCalled]]) -> None:
    at_once, late = SqliteEngine(), SqliteEngine()
    sealed(Sealing.over(at_once, people=KeysByName()), numbered(drawn))
    sealed(Sealing.over(late, people=KeysByName()), numbered(drawn), folded_each_time=False)

    assert folds(late) == folds(at_once)


THREE = numbered([[tool_called(), tool_called(token_id="tok2")], [tool_called(tool="list_goals")], [tool_called()]])


@pytest.mark.parametrize("write", range(18))
def test_folding_that_dies_is_finished_by_the_next_and_counts_nothing_twice(write: int) -> None:
    whole, engine = SqliteEngine(), MeddledEngine()
    sealed(Sealing.over(whole, people=KeysByName()), THREE)
    sealing = Sealing.over(engine, people=KeysByName())
    for number, some in enumerate(THREE):
        sealing.record(*some, now=NOON + number * A_MINUTE)
        sealing.run(NOON + (number + 1) * A_MINUTE)
    engine.meddle = die_before(write)
    with suppress(Killed):
        sealing.fold()
    engine.meddle = None

    assert sealing.fold() == len(THREE)
    assert folds(engine) == folds(whole)


@pytest.mark.parametrize("write", range(18))
def test_two_that_fold_at_once_count_nothing_twice(write: int) -> None:
    whole, engine = SqliteEngine(), MeddledEngine()
    sealed(Sealing.over(whole, people=KeysByName()), THREE)
    sealing = Sealing.over(engine, people=KeysByName())
    for number, some in enumerate(THREE):
        sealing.record(*some, now=NOON + number * A_MINUTE)
        sealing.run(NOON + (number + 1) * A_MINUTE)

    def overtaken(number: int) -> None:
        if number == write:
            sealing.fold()

    engine.meddle = overtaken
    sealing.fold()

    assert folds(engine) == folds(whole)


def test_refusals_are_in_the_index_and_are_no_use() -> None:
    sealing = Sealing.in_memory()
    sealed(sealing, [[call_denied()]])

    day = day_index(sealing, "2026-11-21")
    assert (day.rows, day.counts["type"], day.counts["token"]) == (1, {"mcp.call_denied": 1}, {"tok1": 1})
    assert [did.uses for did in sealing.index.uses("ws1", "tok1", ["2026-11-21"]).values()] == [{}]


def test_a_workspace_without_seals_has_nothing_to_fold() -> None:
    assert Sealing.in_memory().fold("ws9") == 0
