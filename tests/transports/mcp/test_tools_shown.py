"""What a token sees of the tools, and what every tool promises about itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from shared.domain.scopes import Scope
from shared.services.tool_catalogue import ANY, TOOLS, ToolEntry, tools_for
from shared.transports.mcp.tools.arguments import Arguments, input_schema
from shared.transports.mcp.tools.catalogue import CATALOGUE
from shared.transports.mcp.tools.tool import Catalogue, Tool
from tests.transports.mcp.diagnostic_tools import ANYTHING, BREAKS, ECHO
from tests.transports.mcp.shop import MODERN, Shop

EVERY_TOOL: list[Tool[Any]] = list(CATALOGUE)
NO_RULES = ("description", "default")
"""Keywords that say something and forbid nothing."""


def test_the_catalogue_that_other_doors_show_is_the_one_that_is_served() -> None:
    assert tuple(tool.entry for tool in CATALOGUE) == TOOLS


@pytest.mark.parametrize("version", ["2025-11-25", MODERN])
@pytest.mark.parametrize("scopes", [{Scope.PNL}, {Scope.CUSTOMERS}, {Scope.VALUATION}, set(Scope)])
def test_a_token_sees_exactly_what_it_may_call(scopes: set[Scope], version: str) -> None:
    held = frozenset(scopes)
    shop = Shop(scopes=held)

    listed = [tool["name"] for tool in shop.rpc("tools/list", version=version).result["tools"]]

    assert listed == [entry.name for entry in tools_for(held)]
    for entry in TOOLS:
        assert (shop.call(entry.name, version=version).status == 403) == (entry.name not in listed)


@given(st.frozensets(st.sampled_from(Scope)))
def test_a_tool_is_visible_exactly_where_nothing_is_lacking(scopes: frozenset[Scope]) -> None:
    assert CATALOGUE.visible_to(scopes) == tools_for(scopes)


@pytest.mark.parametrize("tool", EVERY_TOOL, ids=lambda tool: tool.name)
def test_a_tool_tells_models_when_to_use_it_and_when_not(tool: Tool[Any]) -> None:
    assert 200 <= len(tool.description) <= 700
    assert "Use it " in tool.description
    assert "Not for " in tool.description


@pytest.mark.parametrize("tool", EVERY_TOOL, ids=lambda tool: tool.name)
def test_the_schemas_of_a_tool_are_json_schema_and_its_arguments_are_closed(tool: Tool[Any]) -> None:
    arguments = input_schema(tool.arguments)

    Draft202012Validator.check_schema(arguments)
    Draft202012Validator.check_schema(dict(tool.output))
    assert arguments["additionalProperties"] is False
    assert "$ref" not in str(arguments)
    # What no keyword is, a validator lets pass: a bound that pydantic put behind one of our checks would bind nobody.
    properties: dict[str, dict[str, Any]] = arguments["properties"]
    assert {word for each in properties.values() for word in each} <= {*Draft202012Validator.VALIDATORS, *NO_RULES}
    assert "anyOf" not in str(arguments)
    for name, field in arguments["properties"].items():
        assert field["description"], name
        assert "type" in field, name


def test_every_tool_is_marked_as_reading_only(shop: Shop) -> None:
    for tool in shop.rpc("tools/list").result["tools"]:
        assert tool["annotations"] == {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": False,
        }
        assert tool["outputSchema"]["type"] == "object"


def test_what_a_model_reads_of_all_tools_is_short(shop: Shop) -> None:
    tools = shop.rpc("tools/list").result["tools"]

    told = [{key: tool[key] for key in ("name", "title", "description", "inputSchema")} for tool in tools]

    assert len(json.dumps(told, separators=(",", ":"))) < 2_250 * len(tools)  # it reads them before every conversation


def test_the_whole_list_of_tools_with_the_schemas_for_programs_stays_small(shop: Shop) -> None:
    assert len(shop.rpc("tools/list").text) < 135_000


def test_a_tool_that_declares_neither_a_scope_nor_any_does_not_load() -> None:
    entry = ToolEntry(name="careless", title="t", summary="s", scope=None)  # pyright: ignore[reportArgumentType] - what a careless author could do at run time

    with pytest.raises(TypeError, match="neither a scope nor ANY"):
        Tool(entry=entry, description="d", arguments=Arguments, output=ANYTHING, run=BREAKS.run)


def test_two_tools_of_one_name_do_not_load() -> None:
    with pytest.raises(ValueError, match="two tools are named echo"):
        Catalogue.of(ECHO, ECHO)


def test_a_tool_for_any_credential_needs_no_scope_at_all() -> None:
    assert ECHO.entry.scope is ANY
    assert ECHO.entry.lacks(frozenset()) == frozenset()
