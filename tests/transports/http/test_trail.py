from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.domain.activity import CallDenied, Outcome, ToolCalled
from tests.data.tenants import A_DAY, NOON, origin
from tests.data.tenants import token as token_of
from tests.services.trail.sealing import Sealing
from tests.transports.http.api import PUBLIC_URL, Answer, Api

NDJSON = {"accept": "application/x-ndjson"}


def call(
    api: Api, token_id: str, number: int, *, at: datetime, tool: str = "get_pnl", outcome: Outcome = Outcome.OK
) -> None:
    event = ToolCalled(
        token_id=token_id,
        number=number,
        tool=tool,
        scope="mcp:pnl:read",
        arguments_hash="0" * 64,
        outcome=outcome,
        error_code=None,
        milliseconds=12,
        result_bytes=345,
        protocol_version="2026-07-28",
        client_name="tests",
        client_version="1",
        at=at,
    )
    api.stores.audit.record(event, workspace_id="wks_1", origin=origin("mem_olivia", f"call-{number}"))


def kinds(answer: Answer) -> list[str]:
    return [event["type"] for event in answer.json["data"]]


def test_the_trail_tells_the_life_of_a_token_newest_first(api: Api) -> None:
    made = api.post("/v1/tokens", {"name": "CI", "scopes": ["mcp:pnl:read"], "expires_in_days": 30}, by="adam").json
    call(api, made["id"], 1, at=NOON + timedelta(seconds=1))
    api.now = NOON + timedelta(seconds=2)
    api.post(f"/v1/tokens/{made['id']}/revoke", {"reason": "leaked"})
    request_id = f"request-{api.requests}"

    answer = api.get("/v1/audit/events", token=made["id"])

    assert answer.status == 200
    revoked, called, created = answer.json["data"]
    assert revoked == {
        "id": revoked["id"],
        "type": "token.revoked",
        "at": "2026-11-21T12:00:02Z",
        "stream": f"token:{made['id']}",
        "actor": "mem_olivia",
        "request_id": request_id,
        "ip": "192.0.2.7",
        "user_agent": "tests/1",
        "data": {"revoked_by": "mem_olivia", "reason": "leaked"},
    }
    assert (called["type"], called["data"]["tool"], called["data"]["outcome"]) == ("mcp.call", "get_pnl", "ok")
    assert called["data"]["milliseconds"] == 12
    assert (created["type"], created["actor"], created["data"]["prefix"]) == (
        "token.created",
        "mem_adam",
        made["prefix"],
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"type": "mcp.call"}, [4, 3, 2, 1]),
        ({"type": ["mcp.call", "audit.exported"]}, [4, 3, 2, 1]),
        ({"tool": "get_pnl"}, [3, 2, 1]),
        ({"outcome": "error"}, [2]),
        ({"tool": "get_pnl", "outcome": "ok"}, [3, 1]),
        ({"actor": "mem_nobody"}, []),
        ({"actor": "mem_olivia", "type": "mcp.call", "since": "2026-11-21T09:00:00Z"}, [4, 3]),
        ({"type": "mcp.call", "until": "2026-11-21T09:00:00Z"}, [2, 1]),
        ({"type": "mcp.call", "since": "2026-11-21T10:00:00+01:00", "until": "2026-11-21T10:00:00Z"}, [3]),
    ],
)
def test_each_filter_lets_through_what_it_says(api: Api, query: dict[str, Any], expected: list[int]) -> None:
    token = token_of(api.stores, at=NOON - A_DAY).token
    morning = NOON - timedelta(hours=5)
    call(api, token.token_id, 1, at=morning)
    call(api, token.token_id, 2, at=morning + timedelta(hours=1), outcome=Outcome.ERROR)
    call(api, token.token_id, 3, at=morning + timedelta(hours=2))
    call(api, token.token_id, 4, at=morning + timedelta(hours=3), tool="get_cohort_retention")

    answer = api.get("/v1/audit/events", **query)

    assert [event["data"]["number"] for event in answer.json["data"]] == expected


def test_what_a_client_calls_itself_is_kept_as_one_short_line(api: Api) -> None:
    body = {"name": "CI", "scopes": ["mcp:pnl:read"], "expires_in_days": 30}

    api.post("/v1/tokens", body, headers={"user-agent": "curl\x1b[2J\t" + "x" * 5_000})

    (event,) = api.get("/v1/audit/events", type="token.created").json["data"]
    assert event["user_agent"] == "curl[2J " + "x" * 192


def test_refusals_of_a_token_stand_in_the_trail_with_their_count(api: Api) -> None:
    token = token_of(api.stores).token
    event = CallDenied(
        token_id=token.token_id, reason="token_revoked", method="tools/call", tool="get_pnl", count=20, at=NOON
    )
    api.stores.audit.record(event, workspace_id="wks_1", origin=origin("mem_olivia", "call-9"))

    answer = api.get("/v1/audit/events", type="mcp.call_denied", token=token.token_id)

    assert [(event["data"]["reason"], event["data"]["count"]) for event in answer.json["data"]] == [
        ("token_revoked", 20)
    ]


@pytest.mark.parametrize("headers", [{}, NDJSON], ids=["json", "ndjson"])
def test_the_trail_is_paged_without_gap_or_repeat(api: Api, headers: dict[str, str]) -> None:
    token = token_of(api.stores, at=NOON - A_DAY).token
    for number in range(1, 8):
        call(api, token.token_id, number, at=NOON - timedelta(hours=number))

    seen: list[int] = []
    following = "/v1/audit/events?type=mcp.call&limit=3"
    while following:
        path, _, query = following.removeprefix(PUBLIC_URL).partition("?")
        answer = api.send("GET", path, by="olivia", query=query, headers=headers)
        events = [json.loads(line) for line in answer.text.splitlines()] if headers else answer.json["data"]
        seen += [event["data"]["number"] for event in events]
        following = answer.headers.get("link", "").partition("<")[2].partition(">")[0]

    assert seen == [1, 2, 3, 4, 5, 6, 7]


def test_the_cursor_in_the_document_is_the_one_in_the_link(api: Api) -> None:
    answer = api.get("/v1/audit/events", limit=1)

    assert answer.json["next_cursor"] is not None
    assert f"cursor={answer.json['next_cursor']}>" in answer.headers["link"]
    assert kinds(api.get("/v1/audit/events", limit=1, cursor=answer.json["next_cursor"])) == ["workspace.member_added"]


def test_a_cursor_does_not_go_with_other_filters(api: Api) -> None:
    cursor = api.get("/v1/audit/events", limit=1).json["next_cursor"]

    answer = api.get("/v1/audit/events", limit=1, cursor=cursor, actor="mem_olivia")

    assert (answer.status, answer.code) == (422, "cursor_invalid")


def test_ndjson_is_one_event_a_line(api: Api) -> None:
    as_json = api.get("/v1/audit/events", limit=1000)
    as_lines = api.get("/v1/audit/events", limit=1000, headers=NDJSON)

    assert as_lines.headers["content-type"] == "application/x-ndjson"
    assert [json.loads(line) for line in as_lines.text.splitlines()] == as_json.json["data"]
    assert as_lines.text.endswith("\n")


def test_what_is_nowhere_in_the_trail_is_found_missing_in_a_few_pages(api: Api) -> None:
    missing = "workspace.member_forgotten"
    pages = [api.get("/v1/audit/events", type=missing).json]
    while (cursor := pages[-1]["next_cursor"]) is not None:
        pages.append(api.get("/v1/audit/events", type=missing, cursor=cursor).json)

    assert [page["data"] for page in pages] == [[]] * len(pages)
    assert len(pages) < 5
    assert api.get("/v1/audit/events", type=missing, headers=NDJSON).text == ""


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-11-21T12:00:00"}, "since"),
        ({"until": "2026-11-21"}, "until"),
        ({"limit": 1001}, "limit"),
        ({"tokn": "x"}, "tokn"),
        ({"token": "x" * 301}, "token"),
        ({"type": "bogus"}, "type.0"),
        ({"type": ["mcp.call", "bogus"]}, "type.1"),
        ({"outcome": "bogus"}, "outcome"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(api: Api, query: dict[str, Any], field: str) -> None:
    answer = api.get("/v1/audit/events", **query)

    assert (answer.status, answer.code, answer.json["field"]) == (422, "request_invalid", field)


@pytest.mark.parametrize(
    "at",
    [
        "1763726400",
        "1763726400000",
        "1763726400.5",
        "-1",
        "0",
        "",
        "yesterday",
        "2026-11-21",
        "2026-11-21T12:00:00",
        "2026-11-21T12:00Z",
        "2026-11-21T12:00:00 01:00",
        "20261121T120000Z",
        "٢٠٢٦-11-21T12:00:00Z",
        "2026-11-21T12:00:00Z\n",
    ],
)
@pytest.mark.parametrize("name", ["since", "until"])
def test_a_moment_is_written_in_one_way_and_the_refusal_shows_it(api: Api, name: str, at: str) -> None:
    query: dict[str, Any] = {name: at}

    answer = api.get("/v1/audit/events", **query)

    assert (answer.status, answer.code, answer.json["field"]) == (422, "request_invalid", name)
    assert "like 2026-11-21T14:30:00Z or 2026-11-21T15:30:00+01:00 " in answer.json["detail"]  # as JSON takes it
    assert "+ is written %2B" in answer.json["detail"]


@pytest.mark.parametrize(
    "at",
    ["2026-11-21T14:30:00Z", "2026-11-21t14:30:00.123456z", "2026-11-21T15:30:00+01:00", "2026-11-21T09:30:00-05:00"],
)
@pytest.mark.parametrize("name", ["since", "until"])
def test_a_moment_may_have_any_offset_and_parts_of_a_second(api: Api, name: str, at: str) -> None:
    query: dict[str, Any] = {name: at}

    assert api.get("/v1/audit/events", **query).status == 200


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1969-12-31T23:59:59Z"])
@pytest.mark.parametrize("name", ["since", "until"])
def test_a_moment_at_the_end_of_the_calendar_is_refused(api: Api, name: str, at: str) -> None:
    query: dict[str, Any] = {name: at}

    answer = api.get("/v1/audit/events", **query)

    assert (answer.status, answer.code, answer.json["field"]) == (422, "moment_invalid", name)


def test_a_time_that_ends_before_it_begins_is_refused(api: Api) -> None:
    answer = api.get("/v1/audit/events", since="2026-11-21T12:00:01Z", until="2026-11-21T12:00:00Z")

    assert (answer.status, answer.code, answer.json["field"]) == (422, "moment_invalid", "since")


@pytest.mark.parametrize("at", ["1970-01-01T00:00:00+14:00", "9998-12-31T23:59:59-14:00"])
@pytest.mark.parametrize("name", ["since", "until"])
def test_a_moment_long_ago_or_far_ahead_is_only_far_away(api: Api, name: str, at: str) -> None:
    query: dict[str, Any] = {name: at}

    assert api.get("/v1/audit/events", **query).status == 200


@pytest.mark.parametrize("wanted", ["text/html", "*/*", "application/json", "", "nonsense"])
def test_whoever_asks_for_something_else_gets_json(api: Api, wanted: str) -> None:
    answer = api.get("/v1/audit/events", headers={"accept": wanted})

    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")


def sealed_calls(api: Api) -> None:
    """Have calls sealed, and their rows leave the table."""
    sealing = Sealing(
        audit=api.stores.audit,
        seals=api.stores.seals,
        people=api.stores.people,
        index=api.stores.trail_index,
        archive=api.stores.archive,
    )
    for number in (1, 2, 3):
        call(api, "t" * 16, number, at=NOON - timedelta(hours=number))
    api.stores.seals.mark("wks_1", since=NOON - timedelta(hours=3), until=NOON, now=NOON)
    sealing.run()
    sealing.fold("wks_1")
    api.now = NOON + 120 * A_DAY


def test_events_that_left_the_table_are_read_on_page_by_page(api: Api) -> None:
    sealed_calls(api)

    pages = [api.get("/v1/audit/events", type=["mcp.call", "mcp.call_denied"], limit=2).json]
    while (cursor := pages[-1]["next_cursor"]) is not None:
        pages.append(api.get("/v1/audit/events", type=["mcp.call", "mcp.call_denied"], limit=2, cursor=cursor).json)

    events = [event for page in pages for event in page["data"]]
    assert [event["data"]["number"] for event in events] == [1, 2, 3]
    assert {event["actor"] for event in events} == {"mem_olivia"}


def test_a_hole_in_the_archive_is_refused_and_not_passed_over(api: Api) -> None:
    sealed_calls(api)
    api.stores.archive.contents.clear()

    answer = api.get("/v1/audit/events", token="t" * 16)

    assert (answer.status, answer.code) == (500, "archive_incomplete")
