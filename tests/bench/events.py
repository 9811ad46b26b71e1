"""The calls that ours and what is beside it are given, as API Gateway hands them on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

MODERN = "2026-07-28"
ERAS = ("2025-11-25", MODERN)
ECHO: Mapping[str, Any] = {"name": "echo", "arguments": {"text": "hello"}}
PNL: Mapping[str, Any] = {"name": "get_pnl", "arguments": {"period": "last_month"}}


def call_event(version: str, token: str | None, number: int, call: Mapping[str, Any] = ECHO) -> dict[str, Any]:
    """Make a `tools/call` at a version of the protocol."""
    params = dict(call)
    headers = {
        "accept": "application/json, text/event-stream",
        "content-type": "application/json",
        "host": "localhost",
        "mcp-protocol-version": version,
        "user-agent": "bench/1",
    }
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    if version == MODERN:
        headers |= {"mcp-method": "tools/call", "mcp-name": str(call["name"])}
        params["_meta"] = {
            "io.modelcontextprotocol/protocolVersion": MODERN,
            "io.modelcontextprotocol/clientCapabilities": {},
        }
    return {
        "version": "2.0",
        "routeKey": "ANY /mcp",
        "rawPath": "/mcp",
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "requestId": f"bench-{number}",
            "http": {"method": "POST", "path": "/mcp", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"},
        },
        "body": json.dumps({"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}),
        "isBase64Encoded": False,
    }


def is_answered(answer: Mapping[str, Any]) -> bool:
    """Tell whether a handler gave the result of a call."""
    message = json.loads(answer["body"])
    return answer["statusCode"] == 200 and "result" in message and not message["result"].get("isError", False)
