"""Five protocol versions, one endpoint: what each asks for, and the HTTP status in which each hears of an error."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.transports.mcp.shop import HANDSHAKE, MODERN, Shop, envelope

EVERY = [*HANDSHAKE, MODERN]


@pytest.mark.parametrize("version", HANDSHAKE)
def test_the_handshake_agrees_on_the_version_that_was_asked_for(shop: Shop, version: str) -> None:
    hello = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "c", "version": "1"}}

    reply = shop.rpc("initialize", hello, version=None)

    assert reply.status == 200
    assert reply.result["protocolVersion"] == version
    assert reply.result["serverInfo"]["name"] == "merchant-mcp"
    assert "mcp-session-id" not in reply.headers


@pytest.mark.parametrize("asked", ["2031-01-01", MODERN, "1"])
def test_the_handshake_offers_its_newest_version_to_others(shop: Shop, asked: str) -> None:
    hello = {"protocolVersion": asked, "capabilities": {}, "clientInfo": {"name": "c", "version": "1"}}

    assert shop.rpc("initialize", hello, version=None).result["protocolVersion"] == "2025-11-25"


def test_the_server_names_the_version_of_the_product(shop: Shop) -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]

    info = shop.rpc("server/discover", version=MODERN).result["_meta"]["io.modelcontextprotocol/serverInfo"]

    assert (info["name"], info["version"]) == (project["name"], project["version"])


def test_nothing_is_promised_that_needs_a_stream(shop: Shop) -> None:
    hello = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "c", "version": "1"}}
    old = shop.rpc("initialize", hello, version=None).result["capabilities"]
    new = shop.rpc("server/discover", version=MODERN).result["capabilities"]

    assert old == new == {"tools": {"listChanged": False}}


def test_discovery_tells_versions_and_takes_the_place_of_the_handshake(shop: Shop) -> None:
    found = shop.rpc("server/discover", version=MODERN, message_id="probe-1")

    assert found.status == 200
    assert found.result["supportedVersions"] == [MODERN, "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]
    assert found.result["resultType"] == "complete"
    refused = shop.rpc("initialize", {"protocolVersion": MODERN}, version=MODERN)
    assert (refused.status, refused.error["code"]) == (404, -32601)


def test_discovery_and_the_refusal_of_an_unknown_version_name_the_same_versions(shop: Shop) -> None:
    found = shop.rpc("server/discover", version=MODERN).result["supportedVersions"]
    refused = shop.rpc("server/discover", version="v999.0.0").error["data"]

    assert refused["supported"] == found
    assert refused["requested"] == "v999.0.0"


def test_listening_for_changes_is_answered_at_once_with_method_not_found(shop: Shop) -> None:
    wanted = {"notifications": {"toolsListChanged": True}}

    reply = shop.rpc("subscriptions/listen", wanted, version=MODERN)

    assert (reply.status, reply.error["code"]) == (404, -32601)


@pytest.mark.parametrize("version", [*EVERY, None])
def test_tools_are_listed_and_called_without_any_handshake(shop: Shop, version: str | None) -> None:
    listed = shop.rpc("tools/list", version=version)
    called = shop.call("get_workspace_context", version=version)

    assert {tool["name"] for tool in listed.result["tools"]} >= {"get_pnl", "get_workspace_context"}
    assert called.status == 200
    assert called.result["isError"] is False
    text = called.result["content"][0]["text"]
    assert json.loads(text.partition("\n")[2])["data"]["tenant_name"] == "A shop"


@pytest.mark.parametrize("version", ["2025-06-18", "2025-11-25", MODERN])
def test_where_the_version_knows_it_the_answer_is_structured(shop: Shop, version: str) -> None:
    content = shop.call("get_workspace_context", version=version).content

    assert content["data"]["tenant_name"] == "A shop"


@pytest.mark.parametrize("version", EVERY)
@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("no/such", None, -32601),
        ("prompts/list", None, -32601),
        ("tools/call", {"name": "no_such_tool", "arguments": {}}, -32602),
        ("tools/call", {"name": "get_pnl", "arguments": []}, -32602),
        ("tools/call", {"arguments": {}}, -32602),
    ],
)
def test_an_error_has_its_code_everywhere_and_the_status_of_its_era(
    shop: Shop, version: str, method: str, params: dict[str, Any] | None, code: int
) -> None:
    reply = shop.rpc(method, params, version=version)

    assert reply.error["code"] == code
    assert reply.status == ({-32601: 404, -32602: 400}[code] if version == MODERN else 200)


@pytest.mark.parametrize("version", EVERY)
@pytest.mark.parametrize("method", ["notifications/initialized", "notifications/cancelled", "no/such", "tools/call"])
def test_a_notification_is_accepted_and_a_call_in_its_form_never_runs(shop: Shop, version: str, method: str) -> None:
    params: dict[str, Any] = {"name": "get_pnl", "arguments": {}} if method == "tools/call" else {}

    reply = shop.rpc(method, params, version=version, message_id=None)

    assert (reply.status, reply.text) == (202, "")
    assert shop.trail() == []


def test_a_notification_is_accepted_only_from_whom_a_request_would_be(shop: Shop) -> None:
    assert shop.rpc("notifications/initialized", message_id=None, bearer=None).status == 401
    assert shop.rpc("notifications/initialized", message_id=None, bearer="mfp_nonsense").status == 401


def test_a_notification_at_a_version_that_nobody_speaks_is_told_so(shop: Shop) -> None:
    body = json.dumps({"jsonrpc": "2.0", "method": "notifications/cancelled"})

    reply = shop.send(body, headers={"mcp-protocol-version": "2031-01-01"})

    assert (reply.status, reply.error["code"]) == (400, -32022)


def test_an_answer_to_a_question_that_we_never_asked_is_taken_silently_in_the_handshake_era(shop: Shop) -> None:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "result": {}})

    assert shop.send(body, headers={"mcp-protocol-version": "2025-11-25"}).status == 202
    assert shop.send(body, headers={"mcp-protocol-version": MODERN}).status == 400


def test_a_client_of_the_newest_version_may_keep_the_list_for_itself_for_a_while(shop: Shop) -> None:
    listed = shop.rpc("tools/list", version=MODERN).result

    assert (listed["ttlMs"], listed["cacheScope"]) == (300_000, "private")


def test_the_trail_tells_the_version_and_the_client_where_the_call_says_it(shop: Shop) -> None:
    shop.call("get_workspace_context", version=MODERN)
    shop.call("get_workspace_context", version="2025-06-18")
    shop.call("get_workspace_context", version=None)

    told = [(e.data["protocol_version"], e.data["client_name"], e.data["client_version"]) for e in shop.trail()]
    assert told == [(MODERN, "a client", "9.1"), ("2025-06-18", "", ""), ("2025-03-26", "", "")]
    assert {entry.origin.user_agent for entry in shop.trail()} == {"tests/1"}


def test_an_envelope_that_lies_about_the_client_is_no_reason_to_fail(shop: Shop) -> None:
    meta = {**envelope(), "io.modelcontextprotocol/clientInfo": ["nobody"]}
    body = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "get_workspace_context", "_meta": meta},
    }
    headers: dict[str, str | None] = {
        "mcp-protocol-version": MODERN,
        "mcp-method": "tools/call",
        "mcp-name": "get_workspace_context",
    }

    assert shop.send(json.dumps(body), headers=headers).status in {200, 400}
    assert [entry.data["client_name"] for entry in shop.trail()] == [""]
