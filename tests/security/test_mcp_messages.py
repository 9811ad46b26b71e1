"""Whatever stands in a body, in either era: an answer that says how to mend it, and nothing of our inside."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.security.mcp_bodies import call_of, damaged, deep, messages, named, plain, values, versions, wild
from tests.security.mcp_judge import costs_nothing, costs_what_is_documented, judge
from tests.security.product import Answered, Product, numbers_of
from tests.security.tally import TALLY
from tests.transports.mcp.shop import HANDSHAKE, MODERN

JSON = {"content-type": "application/json", "accept": "application/json, text/event-stream", "user-agent": "attack/1"}
A_LOT = settings(max_examples=max(200, settings().max_examples))


@pytest.fixture(scope="module", autouse=True)
def met(standing: Product) -> Iterator[None]:
    """Have the container meet the token; and at the end, look that every call stands in the trail, once."""
    answered = send(standing, plain("tools/list").encode(), HANDSHAKE[-1], "tools/list")
    assert (answered.status, answered.hashes) == (200, 1)
    yield
    numbers = numbers_of(standing)
    assert numbers == [*range(1, len(numbers) + 1)]
    assert numbers, "nothing came as far as the trail"


def send(product: Product, body: bytes, version: str | None, method: str, tool: str | None = None) -> Answered:
    product.clock.advance(seconds=2)  # so that the limit does not answer for the rest
    headers = {**JSON, "authorization": f"Bearer {product.token.text}"}
    for name, value in named(version, method, tool).items():
        headers[name] = "".join(letter for letter in value if letter.isprintable())[:200]
    return product.ask("POST", "/mcp", headers, body)


@A_LOT
@given(drawn=messages(values | deep))
def test_any_message(standing: Product, drawn: tuple[str, str | None, str]) -> None:
    text, version, method = drawn
    answered = send(standing, text.encode(), version, method)

    TALLY.note("mcp: messages of any shape", judge(standing, answered, sent=text))
    costs_what_is_documented(answered, is_call="tools/call" in text)


@A_LOT
@given(raw=damaged() | st.binary(max_size=300), version=versions, method=st.sampled_from(["tools/call", "tools/list"]))
def test_any_bytes(standing: Product, raw: bytes, version: str | None, method: str) -> None:
    answered = send(standing, raw, version, method)

    TALLY.note("mcp: damaged bytes", judge(standing, answered, sent=raw.decode("utf-8", "replace")))


@A_LOT
@given(arguments=wild | deep, version=st.sampled_from([HANDSHAKE[0], HANDSHAKE[-1], MODERN]), message_id=wild)
def test_arguments_that_are_no_json_or_not_an_object(
    standing: Product, arguments: str, version: str, message_id: str
) -> None:
    body = call_of("get_pnl", arguments, modern=version == MODERN, message_id=message_id)
    answered = send(standing, body.encode("utf-8", "surrogatepass"), version, "tools/call", "get_pnl")

    TALLY.note("mcp: arguments that are none", judge(standing, answered, sent=body))


@settings(max_examples=max(10, settings().max_examples // 4))
@given(
    body=st.sampled_from(
        [
            b"[" * 1_000_000,
            b'{"a":' * 180_000,
            b'"' + b"a" * 1_048_000 + b'"',
            b"9" * 1_048_000,
            b" " * 1_048_576,
            b" " * 1_048_577,
            plain("tools/list").encode() + b" " * 1_048_576,
            b'{"jsonrpc":"2.0","id":"' + b"i" * 1_000_000 + b'","method":"ping"}',
            b'{"jsonrpc":"2.0","id":1,"method":"' + b"m" * 1_000_000 + b'"}',
            b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"' + b"n" * 1_000_000 + b'"}}',
            b"{" + b",".join(b'"k%d":1' % n for n in range(90_000)) + b"}",
            b"[" + b"1," * 520_000 + b"1]",
        ]
    ),
    version=st.sampled_from([HANDSHAKE[-1], MODERN]),
)
def test_a_huge_body(standing: Product, body: bytes, version: str) -> None:
    answered = send(standing, body, version, "ping")

    TALLY.note("mcp: huge bodies", judge(standing, answered, sent=body.decode()))
    assert answered.writes == 0 or b"tools/call" in body
    assert sum(map(len, answered.logged)) < 2_000
    assert len(answered.text) < 4_000 or json.loads(answered.text)["id"], "an answer grows with its question's id alone"


@pytest.mark.parametrize("bearer", ["garbage", None])
@settings(max_examples=max(10, settings().max_examples // 2))
@given(drawn=messages(values | deep))
def test_without_a_token_any_message_costs_nothing(
    standing: Product, drawn: tuple[str, str | None, str], bearer: str | None
) -> None:
    text, version, _ = drawn
    shown = {} if bearer is None else {"authorization": f"Bearer {bearer}"}
    headers = {**JSON, **shown, **named(version, "tools/list")}
    answered = standing.ask("POST", "/mcp", headers, text)

    TALLY.note("mcp: any message, no token", judge(standing, answered, sent=text))
    assert answered.status in {400, 401}
    costs_nothing(answered)
