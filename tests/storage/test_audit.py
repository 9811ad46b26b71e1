"""What every engine promises about the trail, through the store."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.domain.activity import CallEvent, Outcome
from shared.storage.contracts.audit import AuditEntry, AuditFilter, TrailConflict
from shared.storage.contracts.calls import CountedCall
from shared.storage.contracts.streams import PositionInvalid
from shared.storage.engine import Engine, Table
from shared.storage.rows import audit as audit_rows
from shared.storage.rows.audit import StoredAudit
from tests.data.examples import NOON, ONE_DAY, ORIGIN, call_denied, store_token, store_workspace, tool_called
from tests.data.stores import Stores

EVERYTHING = AuditFilter()
MOST_PAGES = 200


def record(stores: Stores, *events: CallEvent, workspace_id: str = "ws1") -> None:
    for event in events:
        stores.audit.record(event, workspace_id=workspace_id, origin=ORIGIN)


def pages(
    audit: StoredAudit, matching: AuditFilter = EVERYTHING, *, limit: int = 100, now: datetime = NOON
) -> list[tuple[AuditEntry, ...]]:
    found: list[tuple[AuditEntry, ...]] = []
    after: str | None = None
    for _ in range(MOST_PAGES):
        page = audit.entries("ws1", matching=matching, limit=limit, now=now, after=after)
        found.append(page.items)
        after = page.next
        if after is None:
            return found
    raise AssertionError("the trail does not end")


def entries(stores: Stores, matching: AuditFilter = EVERYTHING, **how: Any) -> list[AuditEntry]:  # noqa: ANN401  # of `pages`
    return [entry for page in pages(stores.audit, matching, **how) for entry in page]


def numbers(found: list[AuditEntry]) -> list[object]:
    return [entry.data["number"] for entry in found]


def test_a_call_is_read_back_in_its_envelope(stores: Stores) -> None:
    record(stores, tool_called(number=7, error_code="no_data", outcome=Outcome.ERROR))

    (entry,) = entries(stores)

    assert (entry.type, entry.at, entry.workspace_id, entry.stream, entry.origin) == (
        "mcp.call",
        NOON,
        "ws1",
        "token:tok1",
        ORIGIN,
    )
    assert entry.data == {
        "token_id": "tok1",
        "number": 7,
        "tool": "get_pnl",
        "scope": "mcp:pnl:read",
        "arguments_hash": "5f0c",
        "outcome": "error",
        "error_code": "no_data",
        "milliseconds": 12,
        "result_bytes": 3400,
        "protocol_version": "2025-11-25",
        "client_name": "inspector",
        "client_version": "2.12",
    }


def test_the_same_call_recorded_twice_is_one_row(stores: Stores) -> None:
    record(stores, tool_called(), tool_called(), call_denied(), call_denied())

    assert len(entries(stores)) == 2


def test_another_call_under_a_number_that_is_taken_is_an_error_and_changes_nothing(stores: Stores) -> None:
    record(stores, tool_called(tool="get_pnl"))

    with pytest.raises(TrailConflict):
        record(stores, tool_called(tool="get_cohort_retention"))

    assert [entry.data["tool"] for entry in entries(stores)] == ["get_pnl"]


def test_refusals_of_one_millisecond_are_all_kept(stores: Stores) -> None:
    for n in range(3):
        stores.audit.record(call_denied(), workspace_id="ws1", origin=replace(ORIGIN, request_id=f"r{n}"))

    assert sorted(entry.origin.request_id for entry in entries(stores)) == ["r0", "r1", "r2"]


def test_the_newest_entry_comes_first_across_days(stores: Stores) -> None:
    record(stores, *(tool_called(number=n, at=NOON - n * timedelta(hours=7)) for n in range(12)))

    assert numbers(entries(stores)) == list(range(12))


@pytest.mark.parametrize("limit", [1, 2, 5, 12, 100])
def test_pages_of_any_size_give_every_entry_once(stores: Stores, limit: int) -> None:
    record(stores, *(tool_called(number=n, at=NOON - n * timedelta(hours=7)) for n in range(12)))

    found = pages(stores.audit, limit=limit)

    assert numbers([entry for page in found for entry in page]) == list(range(12))
    assert all(len(page) <= limit for page in found)


def test_a_workspace_sees_nothing_of_another(stores: Stores) -> None:
    record(stores, tool_called(number=1), workspace_id="ws1")
    record(stores, tool_called(number=2), workspace_id="ws2")
    record(stores, tool_called(number=3), workspace_id="ws1#2026-11-21")

    assert numbers(entries(stores)) == [1]


@pytest.mark.parametrize(
    ("matching", "found"),
    [
        (AuditFilter(token_id="tok2"), [3]),
        (AuditFilter(tool="get_cohort_retention"), [2]),
        (AuditFilter(outcome="denied_scope"), [4]),
        (AuditFilter(actor="mem_olga"), [1, 2, 3, 4]),
        (AuditFilter(actor="nobody"), []),
        (AuditFilter(types=frozenset({"mcp.call"})), [1, 2, 3, 4]),
        (AuditFilter(types=frozenset({"mcp.call_denied"})), []),
        (AuditFilter(since=NOON - timedelta(seconds=2)), [1, 2]),
        (AuditFilter(until=NOON - timedelta(seconds=2)), [3, 4]),
        (AuditFilter(since=NOON - timedelta(seconds=3), until=NOON - timedelta(seconds=1)), [2, 3]),
        (AuditFilter(since=NOON, until=NOON), []),
        (AuditFilter(token_id="tok1", tool="get_pnl", outcome="ok"), [1]),
    ],
    ids=str,
)
def test_a_filter_gives_what_matches_and_nothing_else(stores: Stores, matching: AuditFilter, found: list[int]) -> None:
    second = timedelta(seconds=1)
    record(
        stores,
        tool_called(number=1, at=NOON - 1 * second),
        tool_called(number=2, at=NOON - 2 * second, tool="get_cohort_retention"),
        tool_called(number=3, at=NOON - 3 * second, token_id="tok2"),
        tool_called(number=4, at=NOON - 4 * second, outcome=Outcome.DENIED_SCOPE),
    )

    assert numbers(entries(stores, matching, limit=2)) == found


def test_the_trail_of_a_token_holds_its_life_and_its_calls(stores: Stores) -> None:
    store_workspace(stores)
    store_token(stores, token_id="tok1")
    store_token(stores, token_id="tok2")
    record(stores, tool_called(at=NOON + timedelta(seconds=1)), call_denied(at=NOON + timedelta(seconds=2)))

    found = entries(stores, AuditFilter(token_id="tok1"))

    assert [entry.type for entry in found] == ["mcp.call_denied", "mcp.call", "token.created"]


def test_the_trail_ends_where_it_is_no_longer_kept(engine: Engine) -> None:
    audit = StoredAudit(engine, trail_kept=timedelta(days=10))
    for days in (0, 9, 11):
        audit.record(tool_called(number=days + 1, at=NOON - days * ONE_DAY), workspace_id="ws1", origin=ORIGIN)

    assert [entry.data["number"] for page in pages(audit) for entry in page] == [1, 10]


def test_a_row_of_the_trail_is_kept_for_as_long_as_was_asked(engine: Engine) -> None:
    audit = StoredAudit(engine, trail_kept=timedelta(days=10))

    audit.record(tool_called(), workspace_id="ws1", origin=ORIGIN)

    (row,) = engine.query(Table.AUDIT, "W#ws1#2026-11-21").items
    assert row["ttl"] == int((NOON + 10 * ONE_DAY).timestamp())


def test_a_row_that_a_container_ahead_of_us_wrote_after_midnight_is_seen(stores: Stores) -> None:
    midnight = NOON + ONE_DAY / 2
    record(stores, tool_called(at=midnight + timedelta(seconds=1)))

    assert len(entries(stores, now=midnight - timedelta(seconds=1))) == 1


def test_a_page_costs_bounded_work_however_little_matches(
    engine: Engine, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_rows, "ROWS_A_PAGE", 20)
    monkeypatch.setattr(audit_rows, "ROWS_A_READ", 10)
    record(stores, *(tool_called(number=n + 1, at=NOON - n * timedelta(minutes=1)) for n in range(60)))
    record(stores, tool_called(number=61, tool="rare", at=NOON - 80 * ONE_DAY))
    before = engine.operations["query"]

    found = pages(stores.audit, AuditFilter(tool="rare"))

    assert numbers([entry for page in found for entry in page]) == [61]
    assert [len(page) for page in found[:3]] == [0, 0, 0]
    assert engine.operations["query"] - before <= 100


@pytest.mark.parametrize(
    "position", ["", "x", "2026-11-21", "2026-13-41/", "2026-11-21/x", "2026-11-21/1795262400000", "9" * 2000]
)
def test_a_position_that_no_page_gave_is_refused(stores: Stores, position: str) -> None:
    with pytest.raises(PositionInvalid):
        stores.audit.entries("ws1", matching=EVERYTHING, limit=10, now=NOON, after=position)


@pytest.mark.parametrize("position", ["2020-01-01/", "2030-01-01/", "2030-01-01/0000000000000#x", "2026-11-21/"])
def test_a_position_outside_the_trail_harms_nothing(stores: Stores, position: str) -> None:
    record(stores, tool_called())

    page = stores.audit.entries("ws1", matching=EVERYTHING, limit=10, now=NOON, after=position)

    assert len(page.items) <= 1


def test_counted_calls_are_found_by_what_their_counter_says(stores: Stores) -> None:
    record(stores, tool_called(number=6, at=NOON - ONE_DAY), tool_called(number=7))
    record(stores, tool_called(token_id="tok2", number=1))
    record(stores, tool_called(token_id="tok3", number=1), workspace_id="ws2")

    found = stores.audit.calls(
        "ws1",
        [
            CountedCall(token_id="tok1", number=6, at=NOON - ONE_DAY),
            CountedCall(token_id="tok2", number=1, at=NOON),
            CountedCall(token_id="tok3", number=1, at=NOON),
        ],
    )

    assert {token_id: (entry.data["number"], entry.at) for token_id, entry in found.items()} == {
        "tok1": (6, NOON - ONE_DAY),
        "tok2": (1, NOON),
    }
