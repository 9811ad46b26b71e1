"""The events that both apps are given."""

from __future__ import annotations

import json
from typing import Any

MODERN = "2026-07-28"
ERAS = ("2025-11-25", MODERN)


def call_event(version: str, token: str | None, number: int) -> dict[str, Any]:
    """Make a `tools/call` of `echo` as API Gateway hands it on."""
    params: dict[str, Any] = {"name": "echo", "arguments": {"text": "hello"}}
    headers = {
        "accept": "application/json, text/event-stream",
        "content-type": "application/json",
        "host": "localhost",
        "mcp-protocol-version": version,
    }
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    if version == MODERN:
        headers |= {"mcp-method": "tools/call", "mcp-name": "echo"}
        params["_meta"] = {
            "io.modelcontextprotocol/protocolVersion": MODERN,
            "io.modelcontextprotocol/clientCapabilities": {},
        }
    return {
        "version": "2.0",
        "rawPath": "/mcp",
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "requestId": f"bench-{number}",
            "http": {"method": "POST", "path": "/mcp", "sourceIp": "127.0.0.1"},
        },
        "body": json.dumps({"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}),
        "isBase64Encoded": False,
    }
