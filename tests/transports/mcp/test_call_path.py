"""What a call costs, in which order things happen, and what is known of it afterwards."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from shared.domain.scopes import Scope
from shared.storage.contracts.audit import AuditFilter
from shared.storage.engine import Table
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.tenants import token, workspace
from tests.transports.mcp.diagnostic_tools import A_SECRET, DIAGNOSTICS
from tests.transports.mcp.outages import EVERYTHING, Outage
from tests.transports.mcp.shop import MODERN, Clock, Shop

READS = ("get", "get_many", "query")
AN_ECHO: dict[str, Any] = {"name": "echo", "arguments": {}}
WRITES = ("put", "update", "delete", "transact")


def spent(shop: Shop, before: Counter[str]) -> tuple[int, int]:
    """Count the reads and the writes since then."""
    now = shop.engine.operations - before
    return sum(now[name] for name in READS), sum(now[name] for name in WRITES)


@pytest.mark.parametrize(
    ("plan", "method", "reads", "writes"),
    [
        ("plus", "tools/call", 0, 2),
        ("alpha", "tools/call", 1, 2),
        ("plus", "tools/list", 1, 0),
        ("plus", "ping", 1, 0),
        ("plus", "initialize", 1, 0),
        ("plus", "notifications/initialized", 1, 0),
        ("alpha", "tools/list", 1, 1),  # the PMA page counts requests
        ("alpha", "notifications/initialized", 1, 1),
    ],
)
def test_a_warm_request_costs_these_store_operations(plan: str, method: str, reads: int, writes: int) -> None:
    shop = Shop(plan=plan, catalogue=DIAGNOSTICS)
    shop.rpc("tools/list")  # the container meets the token
    params: dict[str, dict[str, Any]] = {
        "tools/call": {"name": "echo", "arguments": {}},
        "initialize": {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "c", "version": "1"},
        },
    }
    before = shop.engine.operations.copy()

    reply = shop.rpc(
        method, params.get(method), message_id=None if method.startswith("notifications") else 1, version=None
    )

    assert reply.status in {200, 202}
    assert spent(shop, before) == (reads, writes)


@pytest.mark.parametrize("version", ["2025-11-25", MODERN])
def test_a_call_with_arguments_lists_no_tools_behind_our_back(bench: Shop, version: str) -> None:
    # The SDK's own HTTP entry runs tools/list for every call with arguments; that would count twice.
    bench.call("echo", version=version)
    before = bench.engine.operations.copy()

    bench.call("echo", version=version, text="arguments")

    assert spent(bench, before) == (0, 2)


@pytest.mark.parametrize(
    ("plan", "method", "counted"),
    [
        ("plus", "tools/call", True),
        ("plus", "tools/list", False),
        ("alpha", "tools/list", True),
        ("alpha", "ping", True),
    ],
)
def test_every_counted_answer_tells_the_limit_and_no_other_does(plan: str, method: str, counted: bool) -> None:  # noqa: FBT001 - a column of the table
    shop = Shop(plan=plan, catalogue=DIAGNOSTICS)
    params = AN_ECHO if method == "tools/call" else None

    reply = shop.rpc(method, params)

    quota = {"plus": 60, "alpha": 30}[plan]
    told = (reply.headers.get("ratelimit-policy"), reply.headers.get("ratelimit"))
    assert told == ((f'"{plan}";q={quota};w=60', f'"{plan}";r={quota - 1};t=66') if counted else (None, None))


def test_what_is_left_counts_down_to_the_refusal(bench: Shop) -> None:
    replies = [bench.call("echo") for _ in range(61)]

    assert [reply.status for reply in replies] == [200] * 60 + [429]
    assert [reply.headers["ratelimit"] for reply in replies] == [f'"plus";r={59 - i};t=66' for i in range(60)] + [
        '"plus";r=0;t=66'
    ]


def test_a_client_that_waits_as_long_as_it_was_told_is_let_in_again(bench: Shop) -> None:
    for _ in range(60):
        bench.call("echo")
    refused = bench.call("echo")

    bench.clock.advance(seconds=int(refused.headers["retry-after"]) - 1)
    assert bench.call("echo").status == 429
    bench.clock.advance(seconds=1)
    assert bench.call("echo").status == 200


def test_calls_are_numbered_without_a_gap_and_each_is_in_the_trail(bench: Shop) -> None:
    outcomes = [("echo", "ok"), ("breaks", "error"), ("nonsense", "error"), ("echo", "ok")]
    for tool, _ in outcomes:
        bench.call(tool)

    assert [(entry.data["number"], entry.data["outcome"]) for entry in bench.trail()] == [
        (number, outcome) for number, (_, outcome) in enumerate(outcomes, start=1)
    ]


def test_the_trail_tells_who_called_what_and_how_it_went_and_no_argument(bench: Shop) -> None:
    reply = bench.call("echo", text="the value of an argument")

    (entry,) = bench.trail()
    assert entry.origin.actor == "mem_olivia"
    assert entry.origin.request_id == reply.headers["x-request-id"] == "gateway-1"
    assert (entry.origin.ip, entry.origin.user_agent) == ("203.0.113.7", "tests/1")
    assert entry.data["token_id"] == bench.token.token.token_id
    assert (entry.data["tool"], entry.data["scope"], entry.data["error_code"]) == ("echo", None, None)
    assert entry.data["result_bytes"] == len(reply.text.encode())
    assert isinstance(entry.data["milliseconds"], int)
    assert "the value" not in str(entry)


def test_equal_arguments_have_one_hash_and_different_ones_or_workspaces_another(bench: Shop) -> None:
    bench.rpc("tools/call", {"name": "echo", "arguments": {"text": "a", "detail": "full"}})
    bench.rpc("tools/call", {"name": "echo", "arguments": {"detail": "full", "text": "a"}})
    bench.call("echo", text="b")
    bench.call("echo")
    bench.rpc("tools/call", {"name": "echo"})

    hashes = [entry.data["arguments_hash"] for entry in bench.trail()]
    assert hashes[0] == hashes[1]
    assert hashes[3] == hashes[4]
    assert len(set(hashes)) == 3

    other = Shop(catalogue=DIAGNOSTICS)
    workspace(other.stores, "wks_2")
    theirs = token(other.stores, workspace_id="wks_2", at=other.clock())
    other.call("echo", bearer=theirs.text, text="b")
    other.call("echo", text="b")
    elsewhere = other.stores.audit.entries(
        "wks_2", matching=AuditFilter(types=frozenset({"mcp.call"})), limit=9, now=other.clock()
    ).items
    assert elsewhere[0].data["arguments_hash"] != other.trail()[0].data["arguments_hash"] == hashes[2]


def test_no_audit_no_answer() -> None:
    engine = Outage(SqliteEngine())
    shop = Shop(catalogue=DIAGNOSTICS, engine=engine)
    engine.lost = frozenset({Table.AUDIT})

    reply = shop.call("echo", text="what stays inside")

    assert (reply.status, reply.error["data"]["reason"]) == (503, "audit_unavailable")
    assert "what stays inside" not in reply.text
    engine.lost = frozenset()
    assert shop.call("echo").status == 200
    assert [entry.data["number"] for entry in shop.trail()] == [2]  # the gap shows the call that was withheld


def test_a_refusal_for_want_of_a_scope_is_withheld_too_when_it_cannot_be_written_down() -> None:
    engine = Outage(SqliteEngine())
    shop = Shop(catalogue=DIAGNOSTICS, engine=engine, scopes=frozenset({Scope.PNL}))
    engine.lost = frozenset({Table.AUDIT})

    assert shop.call("ads_only").error["data"]["reason"] == "audit_unavailable"


def test_a_tool_that_cannot_reach_its_figures_is_a_503_and_stands_in_the_trail(bench: Shop) -> None:
    reply = bench.call("offline")

    assert (reply.status, reply.error["data"]["reason"]) == (503, "store_unavailable")
    assert (reply.headers["retry-after"], reply.headers["ratelimit"]) == ("5", '"plus";r=59;t=66')
    assert [(e.data["outcome"], e.data["error_code"]) for e in bench.trail()] == [("error", "store_unavailable")]


def test_a_store_that_is_away_answers_503_and_comes_back() -> None:
    engine = Outage(SqliteEngine())
    shop = Shop(catalogue=DIAGNOSTICS, engine=engine)
    engine.lost = EVERYTHING
    assert shop.rpc("tools/list").status == 503

    engine.lost = frozenset()
    assert shop.rpc("tools/list").status == 200


def test_a_request_that_the_gateway_repeats_is_counted_once(bench: Shop) -> None:
    bench.call("echo")
    bench.requests -= 1  # the same gateway id again

    again = bench.call("echo")

    assert again.headers["ratelimit"] == '"plus";r=59;t=66'
    assert [entry.data["number"] for entry in bench.trail()] == [1]


@pytest.mark.parametrize("tool", ["breaks", "group", "shapeless"])
@pytest.mark.parametrize("version", ["2025-03-26", "2025-11-25", MODERN])
def test_a_tool_that_breaks_says_internal_and_nothing_of_what_broke(
    bench: Shop, tool: str, version: str, caplog: pytest.LogCaptureFixture
) -> None:
    reply = bench.call(tool, version=version)

    assert reply.status == 200
    assert reply.result["isError"] is True
    assert reply.result["content"][0]["text"].startswith("internal: ")
    assert reply.headers["x-request-id"] in reply.text
    for word in (A_SECRET, "RuntimeError", "Traceback", "wks_1", ".py"):
        assert word not in reply.text
    assert A_SECRET not in caplog.text
    (logged,) = (record for record in caplog.records if record.name == "shared.transports.mcp.server")
    assert "tools/tool.py" in logged.__dict__["trace"] or "to_json" in logged.__dict__["trace"]
    assert logged.__dict__["request_id"] == reply.headers["x-request-id"]
    assert [e.data["error_code"] for e in bench.trail()] == ["internal"]


def test_after_a_tool_broke_the_next_call_is_answered(bench: Shop) -> None:
    assert bench.call("group").result["isError"] is True
    assert bench.call("echo").result["isError"] is False


def test_a_fault_of_the_door_itself_is_a_500_that_tells_nothing(caplog: pytest.LogCaptureFixture) -> None:
    class BrokenClock(Clock):
        def __call__(self) -> datetime:
            raise RuntimeError(A_SECRET)

    shop = Shop(catalogue=DIAGNOSTICS)
    shop.clock = BrokenClock()
    shop.handler = shop.container()

    reply = shop.rpc("tools/list")

    assert (reply.status, reply.error["code"]) == (500, -32603)
    assert reply.error["data"]["request_id"] == reply.headers["x-request-id"]
    assert reply.error["data"]["docs_url"] == "https://mcp.shop.test/docs"
    assert A_SECRET not in reply.text + caplog.text


def test_calls_at_the_same_time_do_not_mix_their_answers(bench: Shop, loop: asyncio.AbstractEventLoop) -> None:
    app = bench.handler.app

    async def ask(number: int) -> dict[str, Any]:
        params = {"name": "echo", "arguments": {"text": f"{number}"}}
        body = json.dumps({"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}).encode()
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            await asyncio.sleep(0)
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:  # noqa: ANN401 - an ASGI message
            sent.append(message)

        headers = [(b"content-type", b"application/json"), (b"authorization", f"Bearer {bench.token.text}".encode())]
        scope: Any = {"type": "http", "method": "POST", "path": "/mcp", "headers": headers, "client": ("::1", 1)}
        await app(scope, receive, send)
        return json.loads(sent[1]["body"])

    async def all_at_once() -> list[dict[str, Any]]:
        return list(await asyncio.gather(*(ask(number) for number in range(20))))

    for number, answer in enumerate(loop.run_until_complete(all_at_once())):
        assert answer["id"] == number
        assert answer["result"]["structuredContent"]["summary"] == f"{number}"
