"""Whatever is sent, the endpoint stays on its feet and tells nothing of its inside."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.transports.mcp.diagnostic_tools import A_SECRET, DIAGNOSTICS
from tests.transports.mcp.shop import MODERN, Shop, envelope

INSIDE = (A_SECRET, "Traceback", ".py", "merchant-mcp-", "sqlite", "dynamodb", "pydantic", "wks_1", "mem_olivia")

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12
)
versions = st.sampled_from(["2024-11-05", "2025-03-26", "2025-11-25", MODERN, "2031-01-01", None])
methods = st.sampled_from(["tools/call", "tools/list", "initialize", "ping", "server/discover", "x"]) | st.text(
    st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20
)
names = st.sampled_from(["echo", "breaks", "group", "ads_only", "get_pnl"]) | st.text(max_size=20)
quick = settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def shop() -> Shop:
    """Give one shop for all examples."""
    return Shop(catalogue=DIAGNOSTICS)


def stays_on_its_feet(shop: Shop, body: bytes, headers: dict[str, str | None]) -> None:
    shop.clock.advance(seconds=2)  # so that the limit does not answer for the rest
    reply = shop.send(body, headers=headers)

    assert reply.status in {200, 202, 400, 404}
    if reply.status != 202:
        assert {"result", "error"} & reply.json.keys()
    sent = body.decode("utf-8", "replace")
    for word in INSIDE:
        assert word in sent or word not in reply.text


@quick
@given(body=st.binary(max_size=300), version=versions)
def test_any_bytes(shop: Shop, body: bytes, version: str | None) -> None:
    text = body.decode("latin-1").encode()  # API Gateway hands text on
    stays_on_its_feet(shop, text, {"mcp-protocol-version": version})


@quick
@given(message=json_values, version=versions)
def test_any_json(shop: Shop, message: Any, version: str | None) -> None:  # noqa: ANN401 - any JSON
    stays_on_its_feet(shop, json.dumps(message).encode(), {"mcp-protocol-version": version})


@quick
@given(method=methods, params=json_values, message_id=json_values, version=versions)
def test_any_message(shop: Shop, method: str, params: Any, message_id: Any, version: str | None) -> None:  # noqa: ANN401 - any JSON
    message = {"jsonrpc": "2.0", "id": message_id, "method": method, "params": params}
    stays_on_its_feet(shop, json.dumps(message).encode(), {"mcp-protocol-version": version})


@quick
@given(name=names, arguments=json_values, version=st.sampled_from(["2025-06-18", MODERN]))
def test_any_call(shop: Shop, name: str, arguments: Any, version: str) -> None:  # noqa: ANN401 - any JSON
    params: dict[str, Any] = {"name": name, "arguments": arguments}
    headers: dict[str, str | None] = {"mcp-protocol-version": version}
    if version == MODERN:
        params["_meta"] = envelope()
        headers |= {"mcp-method": "tools/call", "mcp-name": name.encode("ascii", "ignore").decode()}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    stays_on_its_feet(shop, json.dumps(message).encode(), headers)


@pytest.mark.parametrize("depth", [50, 190])
def test_deep_arguments_are_hashed_and_answered(shop: Shop, depth: int) -> None:
    deep = '{"a":' * depth + "1" + "}" * depth
    body = f'{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"echo","arguments":{deep}}}}}'
    stays_on_its_feet(shop, body.encode(), {"mcp-protocol-version": "2025-11-25"})


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer",
        "Bearer ",
        "Bearer  x",
        "Basic eDp5",
        "Bearer " + "a" * 5_000,
        "Bearer mfp_\u00e9",
        "\x00",
        "Bearer a b",
    ],
)
def test_any_credential_that_is_none_of_ours_is_a_401(shop: Shop, authorization: str) -> None:
    reply = shop.rpc("tools/list", headers={"authorization": authorization})

    assert (reply.status, reply.error["data"]["reason"]) == (401, "token_malformed")


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("user-agent", "a\x07b\u202e" + "c" * 5_000),
        ("origin", "\u00ff" * 100),
        ("accept", "," * 5_000),
        ("content-type", "application/json" + ";a=b" * 1_000),
        ("mcp-protocol-version", "2026-07-28\u00ff"),
    ],
)
def test_any_header(shop: Shop, header: str, value: str) -> None:
    assert shop.rpc("tools/list", headers={header: value}).status in {200, 400, 403, 406}
