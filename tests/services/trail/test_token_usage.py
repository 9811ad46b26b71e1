"""How much a token is used: the calls of its days, as far as they are sealed, and what it costs to ask."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from shared.domain.activity import Outcome
from shared.services.trail.token_usage import LONGEST_DAYS, TokenUsage, UsedTool, token_usage
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.examples import NOON, call_denied, token_created, token_of, tool_called
from tests.services.trail.history import Happened, History
from tests.services.trail.sealing import A_MINUTE

A_DAY = timedelta(days=1)
TOKEN = token_of(token_created())
TODAY, YESTERDAY = date(2026, 11, 21), date(2026, 11, 20)


def usage(history: History, *, days: int = 30, now: datetime = NOON) -> TokenUsage:
    return token_usage(TOKEN, days=days, now=now, index=history.sealing.index)


def test_calls_are_told_by_day_and_tool_latest_first() -> None:
    history = History()
    history.write(
        Happened(event=tool_called(at=NOON - A_DAY, milliseconds=100, result_bytes=10)),
        Happened(event=tool_called(at=NOON - A_MINUTE, milliseconds=30, result_bytes=1_000)),
        Happened(event=tool_called(at=NOON - A_MINUTE, milliseconds=20, result_bytes=200, outcome=Outcome.ERROR)),
        Happened(event=tool_called(at=NOON, milliseconds=1, result_bytes=0, outcome=Outcome.DENIED_SCOPE)),
        Happened(event=tool_called(at=NOON, tool="list_goals", milliseconds=7, result_bytes=70)),
        Happened(event=tool_called(at=NOON, token_id="tok2")),
        Happened(event=call_denied(at=NOON)),
        Happened(event=tool_called(at=NOON, tool=None, outcome=Outcome.ERROR)),
    )
    history.seal()

    assert usage(history) == TokenUsage(
        since=date(2026, 10, 23),
        until=TODAY,
        counted_to=NOON,
        tools=[
            UsedTool(day=TODAY, tool="get_pnl", calls=3, errors=2, milliseconds=51, result_bytes=1_200),
            UsedTool(day=TODAY, tool="list_goals", calls=1, errors=0, milliseconds=7, result_bytes=70),
            UsedTool(day=YESTERDAY, tool="get_pnl", calls=1, errors=0, milliseconds=100, result_bytes=10),
        ],
    )


def test_only_the_days_asked_for_are_told_today_among_them() -> None:
    history = History()
    for ago in range(4):
        history.write(Happened(event=tool_called(at=NOON - ago * A_DAY)))
    history.seal()

    assert [tool.day for tool in usage(history, days=1).tools] == [TODAY]
    assert [tool.day for tool in usage(history, days=2).tools] == [TODAY, YESTERDAY]
    assert usage(history, days=2).since == YESTERDAY
    assert usage(history, now=NOON + 30 * A_DAY).tools == []


def test_what_is_not_sealed_yet_is_not_counted_and_the_answer_says_how_far_it_goes() -> None:
    history = History()
    history.write(Happened(event=tool_called(at=NOON)))
    nothing = usage(history)
    history.seal()
    history.write(Happened(event=tool_called(at=NOON + A_MINUTE)))
    first = usage(history)
    history.seal()
    both = usage(history)

    assert (nothing.counted_to, nothing.tools) == (None, [])
    assert (first.counted_to, [tool.calls for tool in first.tools]) == (NOON, [1])
    assert (both.counted_to, [tool.calls for tool in both.tools]) == (NOON + A_MINUTE, [2])


def test_the_longest_question_costs_two_requests_however_many_tokens_there_are() -> None:
    engine = SqliteEngine()
    history = History(engine=engine)
    history.write(*(Happened(event=tool_called(at=NOON, token_id=f"tok{number}")) for number in range(40)))
    history.seal()
    before = engine.operations.copy()

    assert len(usage(history, days=LONGEST_DAYS).tools) == 1

    assert dict(engine.operations - before) == {"query": 1, "get_many": 1}
