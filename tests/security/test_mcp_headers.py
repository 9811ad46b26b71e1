"""Whatever stands in headers, and whatever an event of the gateway leaves out or gets wrong."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.local.http_event import decoded
from tests.security.mcp_bodies import CANARY, named, plain
from tests.security.mcp_judge import costs_nothing, judge
from tests.security.product import Answered, Product
from tests.security.tally import TALLY
from tests.transports.mcp.shop import HANDSHAKE, MODERN, PLACE

MANY = settings(max_examples=max(200, settings().max_examples))
NAMES = (
    *("mcp-protocol-version", "mcp-method", "mcp-name", "mcp-session-id", "mcp-param-x", "last-event-id"),
    *(
        "accept",
        "content-type",
        "content-length",
        "content-encoding",
        "transfer-encoding",
        "expect",
        "origin",
        "cookie",
    ),
    *("x-forwarded-for", "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto", "forwarded", "x-request-id"),
    *(
        "x-amzn-trace-id",
        "x-http-method-override",
        "user-agent",
        "referer",
        "host",
        "upgrade",
        "range",
        "x-original-url",
    ),
)
ODD = (
    *("", " ", ",", ", ,", ";;;", "\t", "\x00", "\r\nx-injected: 1", "a\nb", "\u00ff", "\u0130", "\U0001f9fe", CANARY),
    *("text/html", "application/json", "application/json, text/html", "application/json;q=0", "*/*;q=abc"),
    *(
        MODERN,
        f"{MODERN},{MODERN}",
        f"{MODERN}, 2025-11-25",
        " 2026-07-28",
        "2026-07-28\x00",
        "\uff12\uff10\uff12\uff16-07-28",
    ),
    *("tools/list", "tools/list,tools/list", "TOOLS/LIST", "get_pnl", "=?UTF-8?B?Z2V0X3BubA==?=", "null", "-1", "1e9"),
    *("https://evil.test", PLACE.public_url + ".evil.test", PLACE.public_url + "@evil.test", "a:b:c", "[::1]:8000"),
    *(
        "a" * 9_000,
        "," * 9_000,
        ";a=b" * 2_000,
        "application/json" + ";q=0.1" * 1_500,
        "../" * 500,
        "%0d%0ax-injected:1",
    ),
)
METHODS = {HANDSHAKE[-1]: "ping", MODERN: "server/discover"}
"""Of each era one that is soon answered."""
headers_of_any_kind = st.lists(
    st.tuples(
        st.sampled_from(NAMES) | st.from_regex(r"[a-z-]{1,20}", fullmatch=True),
        st.sampled_from(ODD) | st.text(max_size=20),
    ),
    max_size=4,
)


@pytest.fixture(scope="module", autouse=True)
def met(standing: Product) -> Iterator[None]:
    ask(standing, [], HANDSHAKE[-1])
    before = standing.engine.rows().keys()
    yield
    assert standing.engine.rows().keys() == before, "a request that is no call left a row"


def ask(product: Product, more: list[tuple[str, str]], version: str) -> Answered:
    replaced = {name for name, _ in more}
    usual = {
        "content-type": "application/json",
        "authorization": f"Bearer {product.token.text}",
        **named(version, METHODS[version]),
    }
    lines = [*((name, value) for name, value in usual.items() if name not in replaced), *more]
    return product.ask("POST", "/mcp", lines, plain(METHODS[version], version=version))


@MANY
@given(more=headers_of_any_kind, version=st.sampled_from([HANDSHAKE[-1], MODERN]))
def test_any_headers(standing: Product, more: list[tuple[str, str]], version: str) -> None:
    answered = ask(standing, more, version)

    TALLY.note("mcp: headers of any kind", judge(standing, answered, sent="\n".join(value for _, value in more)))
    assert answered.costs in ({}, {"get": 1})


@MANY
@given(name=st.sampled_from(NAMES), value=st.sampled_from(ODD), version=st.sampled_from([HANDSHAKE[-1], MODERN]))
def test_each_header_with_each_odd_value(standing: Product, name: str, value: str, version: str) -> None:
    answered = ask(standing, [(name, value)], version)

    TALLY.note("mcp: one odd header", judge(standing, answered, sent=value))


@given(
    method=st.sampled_from(
        ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "post", "X\r\nY", ""]
    ),
    path=st.sampled_from(
        ["/mcp", "/mcp/", "/MCP", "//mcp", "/mcp/../v1", "/.well-known/oauth-protected-resource", "/x"]
    )
    | st.text(max_size=30).map(lambda text: f"/{text}"),
)
def test_any_method_at_any_path(standing: Product, method: str, path: str) -> None:
    if standing.is_of_others(decoded(path)):
        return
    answered = standing.ask(method, path, {"authorization": f"Bearer {standing.token.text}"})

    if answered.status == 204:  # a preflight of the metadata
        assert method == "OPTIONS"
    else:
        TALLY.note("mcp: any method at any path", judge(standing, answered, sent=path))
    costs_nothing(answered)


def an_event(product: Product) -> dict[str, Any]:
    headers = {
        "content-type": "application/json",
        "authorization": f"Bearer {product.token.text}",
        "host": "mcp.shop.test",
    }
    return {
        "version": "2.0",
        "routeKey": "ANY /mcp",
        "rawPath": "/mcp",
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "requestId": "gateway-of-an-event",
            "http": {
                "method": "POST",
                "path": "/mcp",
                "sourceIp": "203.0.113.7",
                "protocol": "HTTP/1.1",
                "userAgent": "",
            },
            "stage": "$default",
            "timeEpoch": int(product.clock().timestamp() * 1000),
        },
        "body": plain("ping"),
        "isBase64Encoded": False,
    }


Change = Callable[[dict[str, Any]], object]
ENCODED = base64.b64encode(plain("ping").encode()).decode()
EVENTS: dict[str, tuple[Change, set[int]]] = {
    "as it is": (dict[str, Any].copy, {200}),
    "in base64": (lambda event: event.update(body=ENCODED, isBase64Encoded=True), {200}),
    "base64 without its end": (lambda event: event.update(body=ENCODED[:-3], isBase64Encoded=True), {400}),
    "base64 that is none": (lambda event: event.update(body="\u00e9\u00e9", isBase64Encoded=True), {400}),
    "base64 of garbage": (lambda event: event.update(body="////", isBase64Encoded=True), {400}),
    "no body": (lambda event: event.pop("body"), {400}),
    "a body that is null": (lambda event: event.update(body=None), {400}),
    "half a surrogate": (lambda event: event.update(body='"\ud800"'), {400}),
    "half a surrogate in a header": (lambda event: event["headers"].update({"user-agent": "\ud800"}), {200, 400}),
    "no headers": (lambda event: event.pop("headers"), {415}),
    "headers that are null": (lambda event: event.update(headers=None), {415}),
    "no address": (lambda event: event["requestContext"]["http"].pop("sourceIp"), {200}),
    "no request id": (lambda event: event["requestContext"].pop("requestId"), {200}),
    "a request id that is empty": (lambda event: event["requestContext"].update(requestId=""), {200}),
    "a long request id": (lambda event: event["requestContext"].update(requestId="r" * 10_000), {200}),
    "cookies": (lambda event: event.update(cookies=["a=b", "session=x" * 500]), {200}),
    "cookies that are null": (lambda event: event.update(cookies=None), {200}),
    "a port that is none": (lambda event: event["headers"].update({"x-forwarded-port": "x"}), {200}),
    "a host with a port that is none": (lambda event: event["headers"].update(host="mcp.shop.test:x"), {200}),
    "a host of IPv6": (lambda event: event["headers"].update(host="[::1]:8000"), {200}),
    "a host of many colons": (lambda event: event["headers"].update(host="a:b:c"), {200}),
    "names in capitals": (
        lambda event: event.update(headers={name.title(): value for name, value in event["headers"].items()}),
        {200},
    ),
    "a header of no letters": (lambda event: event["headers"].update({"": ""}), {200}),
}


@pytest.mark.parametrize("what", EVENTS)
def test_an_event_that_is_not_as_it_should_be_is_answered(standing: Product, what: str) -> None:
    change, statuses = EVENTS[what]
    event = an_event(standing)
    change(event)
    answered = standing.hand(event)

    TALLY.note("mcp: events of the gateway", judge(standing, answered, sent=json.dumps(event)))
    assert answered.status in statuses
    assert len(answered.headers["x-request-id"]) < 20_000
