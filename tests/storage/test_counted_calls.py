"""What every engine promises about counted calls: a mark waits, and names those whose row is not in the trail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.token.events import TokenRenamed
from shared.storage.attributes import image_of
from shared.storage.contracts.calls import CallsToAccountFor, CountedCall
from shared.storage.contracts.tokens import Admitted
from shared.storage.engine import Engine, Table
from shared.storage.rows.audit import StoredAudit
from shared.storage.rows.calls import StoredCountedCalls, call_counted
from shared.storage.rows.subjects import StoredSubjects
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.examples import (
    NOON,
    ONE_DAY,
    ORIGIN,
    arrival,
    call_denied,
    store_token,
    store_workspace,
    tool_called,
)
from tests.data.stores import Stores

A_MINUTE = timedelta(minutes=1)
A_SECOND = timedelta(seconds=1)


@pytest.fixture
def calls(engine: Engine) -> StoredCountedCalls:
    return StoredCountedCalls(engine)


@pytest.fixture
def audit(engine: Engine) -> StoredAudit:
    return StoredAudit(engine)


def counted(number: int, *, token_id: str = "tok1", days: int = 0) -> CountedCall:
    return CountedCall(token_id=token_id, number=number, at=NOON + number * A_SECOND + days * ONE_DAY)


def marked(calls: StoredCountedCalls, *some: CountedCall) -> CallsToAccountFor:
    calls.mark("ws1", some, now=NOON, name="1")
    (mark,) = calls.marks(before=NOON + ONE_DAY, limit=10)
    return mark


def record(audit: StoredAudit, *some: CountedCall, workspace_id: str = "ws1") -> None:
    for call in some:
        event = tool_called(token_id=call.token_id, number=call.number, at=call.at)
        audit.record(event, workspace_id=workspace_id, origin=ORIGIN)


# --- marks ------------------------------------------------------------------------------------------------------------


def test_marks_are_given_oldest_first_from_the_minutes_before(calls: StoredCountedCalls) -> None:
    for minute, workspace_id in ((2, "ws2"), (0, "ws1"), (1, "ws3")):
        calls.mark(workspace_id, [counted(minute)], now=NOON + minute * A_MINUTE + 59 * A_SECOND, name="1")

    found = calls.marks(before=NOON + 2 * A_MINUTE, limit=10)

    assert [(mark.workspace_id, mark.calls) for mark in found] == [("ws1", (counted(0),)), ("ws3", (counted(1),))]
    assert [mark.workspace_id for mark in calls.marks(before=NOON + ONE_DAY, limit=1)] == ["ws1"]


def test_a_mark_of_the_same_name_is_the_same_mark_and_one_that_is_taken_away_is_gone(
    calls: StoredCountedCalls,
) -> None:
    for name in ("a", "b", "a"):
        calls.mark("ws1", [counted(1)], now=NOON, name=name)
    first, second = calls.marks(before=NOON + ONE_DAY, limit=10)

    calls.unmark(first)
    calls.unmark(first)

    assert calls.marks(before=NOON + ONE_DAY, limit=10) == [second]


# --- rows -------------------------------------------------------------------------------------------------------------


def test_calls_without_a_row_are_named_and_no_others(calls: StoredCountedCalls, audit: StoredAudit) -> None:
    some = [
        counted(number, token_id=token_id, days=days)
        for token_id in ("tok1", "tok2")
        for days in (0, 1)
        for number in (1, 2, 3)
    ]
    missing = {some[0], some[4], some[11]}
    record(audit, *(call for call in some if call not in missing))

    assert set(calls.without_row(marked(calls, *some))) == missing


def test_neither_a_refusal_nor_another_call_nor_another_workspace_fills_the_place_of_a_call(
    calls: StoredCountedCalls, audit: StoredAudit
) -> None:
    call = counted(1)
    audit.record(call_denied(at=call.at), workspace_id="ws1", origin=ORIGIN)
    record(audit, counted(2), counted(1, token_id="tok2"))
    record(audit, call, workspace_id="ws2")
    event = tool_called(number=1, at=call.at + timedelta(milliseconds=1))
    audit.record(event, workspace_id="ws1", origin=ORIGIN)

    assert calls.without_row(marked(calls, call)) == [call]


def test_rows_are_found_over_several_pages(audit: StoredAudit, calls: StoredCountedCalls) -> None:
    some = [counted(number) for number in range(1, 16)]
    for call in some:
        event = tool_called(number=call.number, at=call.at, arguments_hash="x" * 100_000)  # a page has 1 MB
        audit.record(event, workspace_id="ws1", origin=ORIGIN)

    assert calls.without_row(marked(calls, *some)) == []


# --- what a change of a counter says ----------------------------------------------------------------------------------


def seen(engine: SqliteEngine) -> Sequence[tuple[str, CountedCall] | None]:
    """Read the changes of the core."""
    return [
        call_counted(record["Keys"]["pk"]["S"], before=record.get("OldImage", {}), after=record.get("NewImage", {}))
        for change in engine.changes().read(0, limit=1_000)
        for record in [change.record["dynamodb"]]
        if change.table is Table.CORE
    ]


@pytest.mark.parametrize("shared", [False, True])
def test_every_call_that_takes_a_number_is_read_off_the_row_that_counts_it_and_nothing_else(*, shared: bool) -> None:
    engine = SqliteEngine()
    stores = Stores.over(engine)
    store_workspace(stores)
    row = store_token(stores)
    numbered: list[tuple[str, CountedCall]] = []
    for minute, is_call in enumerate((True, False, True, True)):
        at = NOON + minute * A_MINUTE
        asked = arrival(request_id=f"req-{minute}", now=at, is_call=is_call, token_id="tok1")
        answer = (
            StoredSubjects(engine).admit("ws1", "workspace", asked, limit=60)
            if shared
            else stores.tokens.admit("tok1", asked, limit=60)
        )
        assert isinstance(answer, Admitted)
        if is_call:
            numbered.append(("ws1", CountedCall(token_id="tok1", number=answer.number, at=at)))
        stores.tokens.note_use("tok1", at + A_SECOND)
    renamed = TokenRenamed(name="Another", renamed_by="mem_olga", at=NOON)
    stores.tokens.append(
        [renamed], row.token, credential=replace(row.credential, seal="seal-2"), based_on=row, origin=ORIGIN
    )
    StoredCountedCalls(engine).mark("ws1", [call for _, call in numbered], now=NOON, name="batch")

    assert [call for call in seen(engine) if call is not None] == numbered


def test_a_counter_that_somebody_deletes_counts_no_call() -> None:
    before = image_of({"pk": "TOK#tok1", "sk": "STATE", "workspace_id": "ws1", "calls": 7})

    assert call_counted("TOK#tok1", before=before, after={}) is None
