"""What is wrong with the form of a request is said before anybody asks who sent it."""

from __future__ import annotations

import json
import string
from collections.abc import Callable

import pytest

from tests.transports.mcp.shop import HANDSHAKE, MODERN, Reply, Shop, envelope

PING = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"})


def said(reply: Reply) -> tuple[int, int, str]:
    return reply.status, reply.error["code"], reply.error["data"]["reason"]


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("version", [*HANDSHAKE, MODERN, None])
def test_any_method_but_post_is_405_in_every_era(shop: Shop, method: str, version: str | None) -> None:
    reply = shop.send(method=method, headers={"mcp-protocol-version": version}, bearer=None)

    assert (reply.status, reply.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 200),
        ("https://mcp.shop.test", 200),  # our own
        ("https://app.shop.test", 200),  # configured
        ("https://evil.test", 403),
        ("http://mcp.shop.test", 403),
        ("https://mcp.shop.test.evil.test", 403),
        ("null", 403),
        ("", 403),
    ],
)
def test_a_web_page_may_call_from_our_own_and_configured_origins_only(
    shop: Shop, origin: str | None, status: int
) -> None:
    assert shop.send(PING, headers={"origin": origin}).status == status


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/json, text/event-stream", 200),
        ("application/json", 200),
        ("text/event-stream;q=1, Application/*;q=0.1", 200),
        ("*/*", 200),
        (None, 200),
        ("text/event-stream", 406),
        ("text/html", 406),
        ("application/json;q=0", 406),
        ("", 406),
    ],
)
def test_answers_are_json_so_json_must_be_accepted(shop: Shop, accept: str | None, status: int) -> None:
    assert shop.send(PING, headers={"accept": accept}).status == status


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("Application/JSON; charset=utf-8", 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/json-seq", 415),
        (None, 415),
        ("", 415),
    ],
)
def test_the_body_is_json_and_says_so(shop: Shop, content_type: str | None, status: int) -> None:
    assert shop.send(PING, headers={"content-type": content_type}).status == status


def test_a_body_of_one_mebibyte_is_read_and_one_byte_more_is_not(shop: Shop) -> None:
    def padded(size: int) -> str:
        return PING + " " * (size - len(PING))

    assert shop.send(padded(1_048_576)).status == 200
    assert said(shop.send(padded(1_048_577))) == (413, -32600, "body_too_large")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "{'jsonrpc': '2.0'}",
        '{"jsonrpc": "2.0", "id": 1, "method": "ping"} and more',
        '{"jsonrpc": "2.0", "id": NaN, "method": "ping"}',
        '{"jsonrpc": "2.0", "id": 1, "method": "\\ud800"}',
        "[" * 100_000,
        '{"jsonrpc": "2.0", "id": 1, "method": "ping", "params": ' + '{"a":' * 5_000 + "1" + "}" * 5_001,
        '{"jsonrpc": "2.0", "id": ' + "9" * 5_000 + ', "method": "ping"}',
    ],
    ids=["nothing", "cut", "python", "two", "nan", "half a surrogate", "deep array", "deep object", "huge number"],
)
@pytest.mark.parametrize("version", ["2025-11-25", MODERN])
def test_what_is_not_json_is_a_parse_error(shop: Shop, body: str, version: str) -> None:
    reply = shop.send(body, headers={"mcp-protocol-version": version})

    assert said(reply) == (400, -32700, "parse_error")
    assert reply.json["id"] is None


@pytest.mark.parametrize("version", [*HANDSHAKE, MODERN])
@pytest.mark.parametrize("body", ["[]", f"[{PING}]", f"[{PING},{PING}]"])
def test_arrays_are_refused_at_every_version(shop: Shop, version: str, body: str) -> None:
    reply = shop.send(body, headers={"mcp-protocol-version": version})

    assert said(reply) == (400, -32600, "batch_not_supported")


@pytest.mark.parametrize(
    "message",
    [
        None,
        7,
        "ping",
        {},
        {"id": 1, "method": "ping"},
        {"jsonrpc": "1.0", "id": 1, "method": "ping"},
        {"jsonrpc": "2.0", "id": None, "method": "ping"},
        {"jsonrpc": "2.0", "id": 1.5, "method": "ping"},
        {"jsonrpc": "2.0", "id": True, "method": "ping"},
        {"jsonrpc": "2.0", "id": {}, "method": "ping"},
        {"jsonrpc": "2.0", "id": 1, "method": 5},
        {"jsonrpc": "2.0", "id": 1},
        {"jsonrpc": "2.0", "id": 1, "method": "ping", "params": []},
    ],
)
@pytest.mark.parametrize("version", ["2025-11-25", MODERN])
def test_json_that_is_no_message_is_an_invalid_request(shop: Shop, message: object, version: str) -> None:
    reply = shop.send(json.dumps(message), headers={"mcp-protocol-version": version})

    assert said(reply) == (400, -32600, "invalid_request")


@pytest.mark.parametrize("version", ["2025-11-25", MODERN, "1999-01-01"])
@pytest.mark.parametrize("message_id", [1, 0, "a", ""])
@pytest.mark.parametrize(
    "rest",
    [
        {"jsonrpc": "2.0", "method": "ping", "params": "x"},
        {"jsonrpc": "2.0", "method": "ping", "params": []},
        {"jsonrpc": "2.0"},
        {"jsonrpc": "1.0", "method": "ping"},
        {"method": "ping"},
    ],
)
def test_the_id_of_what_is_no_message_comes_back_all_the_same(
    shop: Shop, rest: dict[str, object], message_id: int | str, version: str
) -> None:
    reply = shop.send(json.dumps({**rest, "id": message_id}), headers={"mcp-protocol-version": version})

    assert said(reply) == (400, -32600, "invalid_request")
    assert reply.json["id"] == message_id


@pytest.mark.parametrize("message_id", [True, False, 1.0, 1.5, None, {}, [1]])
def test_an_id_that_is_none_does_not_come_back(shop: Shop, message_id: object) -> None:
    reply = shop.send(json.dumps({"jsonrpc": "2.0", "id": message_id, "method": "ping", "params": "x"}))

    assert said(reply) == (400, -32600, "invalid_request")
    assert reply.json["id"] is None


@pytest.mark.parametrize("message_id", [0, 7, -1, 2**53, "", "7", "server-discover-probe-1", "é"])
@pytest.mark.parametrize("version", ["2025-11-25", MODERN])
def test_a_request_id_comes_back_as_it_was(shop: Shop, message_id: int | str, version: str) -> None:
    assert shop.rpc("tools/list", version=version, message_id=message_id).json["id"] == message_id
    assert shop.rpc("no/such", version=version, message_id=message_id).json["id"] == message_id
    assert shop.rpc("tools/list", version=version, message_id=message_id, bearer="x").json["id"] == message_id


@pytest.mark.parametrize(
    "headers",
    [
        {"mcp-method": None},
        {"mcp-method": "tools/list"},
        {"mcp-name": None},
        {"mcp-name": "get_cohort_retention"},
    ],
)
def test_routing_headers_that_do_not_say_what_the_body_says_are_a_mismatch(
    shop: Shop, headers: dict[str, str | None]
) -> None:
    reply = shop.rpc("tools/call", {"name": "get_pnl"}, version=MODERN, headers=headers)

    assert (reply.status, reply.error["code"]) == (400, -32020)
    assert shop.trail() == []


def test_a_routing_header_given_twice_is_a_mismatch(shop: Shop) -> None:
    # API Gateway joins what came twice with a comma.
    reply = shop.rpc("tools/list", version=MODERN, headers={"mcp-method": "tools/list,tools/list"})

    assert (reply.status, reply.error["code"]) == (400, -32020)


def test_a_version_that_nobody_speaks_is_told_which_are_spoken(shop: Shop) -> None:
    meta = {**envelope(), "io.modelcontextprotocol/protocolVersion": "2031-01-01"}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": meta}})

    reply = shop.send(body, headers={"mcp-protocol-version": "2031-01-01", "mcp-method": "tools/list"})

    assert (reply.status, reply.error["code"]) == (400, -32022)
    assert reply.error["data"]["supported"] == [MODERN, "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]


@pytest.mark.parametrize("version", ["1999-01-01", "2027-01-01", "", "2025-11-25,2025-11-25", "latest"])
def test_a_version_that_nobody_speaks_is_the_first_thing_that_is_wrong(shop: Shop, version: str) -> None:
    # Without an envelope, as an older client sends it.
    reply = shop.send(PING, headers={"mcp-protocol-version": version})

    assert (reply.status, reply.error["code"], reply.json["id"]) == (400, -32022, 1)
    assert reply.error["data"]["requested"] == version
    assert reply.error["data"]["supported"] == [MODERN, *reversed(HANDSHAKE)]


def test_a_message_of_the_newest_version_needs_its_envelope(shop: Shop) -> None:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})

    reply = shop.send(body, headers={"mcp-protocol-version": MODERN, "mcp-method": "tools/list"})

    assert (reply.status, reply.error["code"]) == (400, -32602)


FAULTS: dict[str, tuple[int, Callable[[Shop], Reply]]] = {
    "method": (-32600, lambda shop: shop.send(method="GET")),
    "origin": (-32600, lambda shop: shop.send(PING, headers={"origin": "https://evil.test"})),
    "accept": (-32600, lambda shop: shop.send(PING, headers={"accept": "text/html"})),
    "content type": (-32600, lambda shop: shop.send(PING, headers={"content-type": None})),
    "size": (-32600, lambda shop: shop.send(PING + " " * 1_048_576)),
    "no JSON": (-32700, lambda shop: shop.send("{")),
    "array": (-32600, lambda shop: shop.send("[]")),
    "no message": (-32600, lambda shop: shop.send("7")),
    "no envelope": (-32602, lambda shop: shop.send(PING, headers={"mcp-protocol-version": MODERN})),
    "version": (-32022, lambda shop: shop.send(PING, headers={"mcp-protocol-version": '`"1999"`'})),
    "header": (-32020, lambda shop: shop.rpc("tools/list", version=MODERN, headers={"mcp-method": "x"})),
    "unknown tool": (-32602, lambda shop: shop.rpc("tools/call", {"name": '`"x"`'})),
    "unknown method": (-32601, lambda shop: shop.rpc('`"x"`')),
    "unknown method, newest": (-32601, lambda shop: shop.rpc('`"x"`', version=MODERN)),
    "wrong params": (-32602, lambda shop: shop.rpc("tools/call", {"name": "get_pnl", "arguments": []})),
    "wrong params, newest": (-32602, lambda shop: shop.rpc("tools/call", {"arguments": {}}, version=MODERN)),
}


@pytest.mark.parametrize("wrong", FAULTS)
def test_every_fault_says_why_and_how_to_mend_it_in_words_that_are_shown_as_typed(shop: Shop, wrong: str) -> None:
    # Some clients print the raw body, and some show the message alone.
    code, send = FAULTS[wrong]
    reply = send(shop)
    data = reply.error["data"]
    words = reply.error["message"] + data["hint"]

    assert reply.error["code"] == code
    assert data["reason"]
    assert data["hint"]
    assert reply.error["message"].endswith(f". {data['hint']}")
    assert (data["docs_url"], data["request_id"]) == ("https://mcp.shop.test/docs", reply.headers["x-request-id"])
    assert set(words) <= set(string.printable) - set('"\\`\t\n\r\x0b\x0c'), words


def test_every_fault_names_the_request_and_where_to_read_on(shop: Shop) -> None:
    reply = shop.send("{")

    assert reply.error["data"]["request_id"] == reply.headers["x-request-id"] == "gateway-1"
    assert reply.error["data"]["docs_url"] == "https://mcp.shop.test/docs"


def test_the_form_is_checked_before_the_credential(shop: Shop) -> None:
    before = shop.engine.operations.total()

    assert shop.send("{", bearer=None).status == 400
    assert shop.send("{").status == 400
    assert shop.engine.operations.total() == before
