"""What holds of every answer of `/mcp`, whatever was sent: the judge of all attacks on it."""

from __future__ import annotations

import json
from typing import Any, cast

from tests.security.mcp_bodies import CANARY
from tests.security.product import IP, Answered, Product
from tests.transports.mcp.shop import PLACE

INSIDE = (
    *("Traceback", 'File "', ".py", "site-packages", "object at 0x", "<class", "NoneType", "Exception"),
    *("sqlite", "dynamodb", "boto", "pydantic", "mangum", "argon2", "anyio", "core-of-the-stack", "merchant-mcp-"),
    *("TOK#", "WKS#", "EVENT#", "STATE", "wks_2"),
)
"""Words of our inside, and the id of the other workspace; keys of rows among them."""
STATUSES = frozenset({200, 202, 400, 401, 403, 404, 405, 406, 413, 415})
"""What may come of a request where the store works and the limit is not reached."""
INTERNAL = -32603


def judge(product: Product, answered: Answered, *, sent: str = "") -> str:
    """Hold an answer against what is promised, and give how it ended, in a word."""
    assert answered.status in STATUSES, (answered.status, answered.text[:500])
    _tells_nothing_inside(product, answered, sent)
    _logs_nothing_of_anybody(product, answered)
    assert answered.headers["x-request-id"]
    if answered.status == 202:
        assert answered.text == ""
        return "202"
    assert answered.headers["content-type"] == "application/json"
    assert "cache-control" in answered.headers
    document = json.loads(answered.text, parse_constant=_refuse)
    if "jsonrpc" not in document:  # a path that is nobody's, and the metadata of RFC 9728
        assert answered.status in {200, 404}
        assert not answered.costs
        return str(answered.status)
    assert document["jsonrpc"] == "2.0"
    assert isinstance(document["id"], str | int | None)
    if "result" in document:
        assert document.keys() == {"jsonrpc", "id", "result"}
        return _judge_result(document["result"])
    return f"{answered.status} {_judge_error(document, answered)}"


def costs_nothing(answered: Answered) -> None:
    """Hold that garbage took no look into the store, no write and no argon2, and at most one line of metrics."""
    assert answered.costs == {}
    assert sum(map(len, answered.logged)) < 400, answered.logged


def costs_what_is_documented(answered: Answered, *, is_call: bool) -> None:
    """Hold what a request of a token takes that the container knows: of a call two writes, of all else one read."""
    assert answered.hashes == 0
    assert answered.writes <= 2, answered.costs
    if not is_call:
        assert answered.costs in ({}, {"get": 1}), answered.costs


def _judge_result(result: dict[str, Any]) -> str:
    if not result.get("isError"):
        return "200 result"
    told = result["structuredContent"]
    assert told["code"] != "internal", told
    assert told["message"]
    assert told["hint"]
    assert told["request_id"]
    return f"200 {told['code']}"


def _judge_error(document: dict[str, Any], answered: Answered) -> str:
    error = document["error"]
    assert isinstance(error["code"], int)
    assert error["code"] != INTERNAL, error
    data = cast("dict[str, str]", error["data"])
    assert data["hint"]
    assert data["docs_url"] == PLACE.docs_url
    assert data["request_id"] == answered.headers["x-request-id"]
    assert data["hint"] in error["message"] or answered.status == 200, error
    return data["reason"]


def _tells_nothing_inside(product: Product, answered: Answered, sent: str) -> None:
    shown = answered.shown
    leaked = [word for word in INSIDE if word in shown and word not in sent]
    assert not leaked, (leaked, shown[:1000])
    assert product.token.text[16:] not in shown
    assert not any("\r" in value or "\n" in value for value in answered.headers.values())
    assert "x-injected" not in answered.headers


def _logs_nothing_of_anybody(product: Product, answered: Answered) -> None:
    log = "\n".join(answered.logged)
    secret = product.token.text
    for word in (CANARY, IP, secret[16:40], "mem_olivia", "olivia", "Weekly P&L"):
        assert word not in log, log[:2000]
    assert '"level":"ERROR"' not in log, log[:4000]
    for line in answered.logged:
        json.loads(line)


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")
