"""Each tool, over a shop that has something of everything, with what its schema allows and with what it forbids."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from infra.local.sample_import import shop_settings
from infra.local.sample_shop.export import export
from shared.transports.mcp.tools.arguments import input_schema
from shared.transports.mcp.tools.catalogue import CATALOGUE
from shared.transports.mcp.tools.tool import Tool
from tests.data.merchants import Merchant
from tests.data.tenants import NOON
from tests.security.mcp_arguments import fitting, mutated
from tests.security.mcp_bodies import call_of, named
from tests.security.mcp_judge import judge
from tests.security.product import Answered, Product, numbers_of
from tests.security.tally import TALLY
from tests.transports.mcp.shop import HANDSHAKE, MODERN
from tests.transports.questions.sample import YESTERDAY

SOME = settings(max_examples=max(10, settings().max_examples // 10))
"""Of each tool."""
TOOLS = {tool.name: tool for tool in CATALOGUE}
FIRST = date(2025, 11, 1)
versions = st.sampled_from([HANDSHAKE[-1], MODERN])


def lines() -> Iterator[Mapping[str, Any]]:
    """Export the sample shop since a year before this month, which is as much as a valuation wants."""
    written = "".join(export(FIRST, YESTERDAY, opened=FIRST, now=NOON))
    return (json.loads(line) for line in written.splitlines())


def is_kept(line: Mapping[str, Any]) -> bool:
    """Keep a few orders of each day, with what belongs to them: folding all of them takes ten seconds."""
    order_id = line["id"] if line["type"] == "order" else line.get("order_id")
    return order_id is None or int(order_id.rpartition("-")[2]) % 8 == 1


@pytest.fixture(scope="module", autouse=True)
def furnished(standing: Product) -> Iterator[None]:
    """Import some of the sample shop; at the end, look that every call stands in the trail, once."""
    merchant = Merchant(engine=standing.engine, objects=standing.objects, now=NOON)
    merchant.settle(shop_settings())
    assert merchant.import_lines(*filter(is_kept, lines())).rejected == 0
    assert call(standing, "get_workspace_context", {}, MODERN).status == 200
    yield
    numbers = numbers_of(standing)
    assert numbers == [*range(1, len(numbers) + 1)]


def call(product: Product, tool: str, arguments: Mapping[str, Any], version: str) -> Answered:
    product.clock.advance(seconds=1.2)  # so that the limit does not answer for the rest
    headers = {
        "content-type": "application/json",
        "authorization": f"Bearer {product.token.text}",
        **named(version, "tools/call", tool),
    }
    body = call_of(tool, json.dumps(arguments), modern=version == MODERN)
    return product.ask("POST", "/mcp", headers, body)


def holds(product: Product, tool: Tool[Any], arguments: Mapping[str, Any], version: str) -> str:
    """Call, and hold the answer against all that is promised of any; give how it ended."""
    answered = call(product, tool.name, arguments, version)
    ended = judge(product, answered, sent=json.dumps(arguments, ensure_ascii=False))
    assert answered.status == 200
    assert answered.writes == 2  # the place in the window, and the row of the trail
    assert answered.hashes == 0
    assert len(answered.text) < 100_000
    if ended == "200 result":
        validator: Any = Draft202012Validator(tool.output)
        validator.validate(answered.json["result"]["structuredContent"])
    return ended


@pytest.mark.parametrize("name", TOOLS)
@SOME
@given(data=st.data(), version=versions)
def test_what_the_schema_of_a_tool_allows_is_answered_or_refused_by_a_rule(
    standing: Product, name: str, data: st.DataObject, version: str
) -> None:
    tool = TOOLS[name]
    ended = holds(standing, tool, data.draw(fitting(tool)), version)

    TALLY.note("tools: what schemas allow", ended)


@pytest.mark.parametrize("name", TOOLS)
@SOME
@given(data=st.data(), version=versions)
def test_what_the_schema_of_a_tool_forbids_is_refused_and_the_argument_is_named(
    standing: Product, name: str, data: st.DataObject, version: str
) -> None:
    tool = TOOLS[name]
    arguments = data.draw(mutated(tool))
    ended = holds(standing, tool, arguments, version)

    TALLY.note("tools: what schemas forbid", ended)
    schema: Any = Draft202012Validator({**input_schema(tool.arguments)})
    given = {name: value for name, value in arguments.items() if value is not None}  # null: not given
    if not schema.is_valid(given):
        assert ended.startswith("200 ")
        assert ended != "200 result"
