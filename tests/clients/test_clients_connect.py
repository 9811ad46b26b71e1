"""Unchanged clients connect with the URL and the token alone, list the tools and call one."""

from __future__ import annotations

import hashlib
import json

import pytest

from shared.domain.scopes import Scope
from shared.services.tool_catalogue import TOOLS as ALL_TOOLS
from shared.services.tool_catalogue import tools_for
from tests.clients.programs import (
    NODE_FOLDER,
    PMA_FIRST_TOOL,
    PROGRAMS,
    Program,
    desktop_client,
    newest_npm_client,
    pma_example,
    python_client,
    python_client_of_2025,
    run_inspector,
)
from tests.clients.served_stack import ServedStack

TOOLS = {tool.name for tool in ALL_TOOLS}


@pytest.mark.parametrize("program", [*PROGRAMS, desktop_client])
def test_a_client_lists_the_tools_and_calls_one(stack: ServedStack, program: Program) -> None:
    shown = program(stack.mcp_url, stack.token, PMA_FIRST_TOOL)

    assert shown.exit_code == 0, shown.text
    assert "has_data" in shown.text, "the answer of the tool is shown"


def test_the_example_of_the_pma_page_is_the_published_one() -> None:
    published = "d28441f8a2805a7d9178fc30fdb4fc72383996db285524540463c04524f6b9e4"  # SHA-256 of the page's lines

    assert hashlib.sha256((NODE_FOLDER / "pma_example.mjs").read_bytes()).hexdigest() == published


def test_the_example_of_the_pma_page_runs_to_its_end(stack: ServedStack) -> None:
    shown = pma_example(stack.mcp_url, stack.token, PMA_FIRST_TOOL)

    assert shown.exit_code == 0, shown.text
    assert "Available PMA MCP tools:" in shown.text
    assert all(f"'{tool}'" in shown.text for tool in TOOLS)


@pytest.mark.parametrize(
    ("program", "version"),
    [
        (newest_npm_client, "2026-07-28"),
        (python_client, "2026-07-28"),
        (python_client_of_2025, "2025-11-25"),
    ],
)
def test_client_and_server_agree_on_the_newest_protocol_that_the_client_asks_for(
    stack: ServedStack, program: Program, version: str
) -> None:
    shown = program(stack.mcp_url, stack.token, PMA_FIRST_TOOL)

    assert f"Protocol: {version}\n" in shown.text


@pytest.mark.parametrize("era", ["legacy", "modern"])
def test_the_inspector_lists_what_the_token_may_call(stack: ServedStack, era: str) -> None:
    token = stack.create_token(["mcp:pnl:read"])

    shown = run_inspector(stack.mcp_url, token.text, "--protocol-era", era, "--method", "tools/list")

    assert shown.exit_code == 0, shown.text
    listed = {tool["name"] for tool in json.loads(shown.printed)["tools"]}
    assert listed == {tool.name for tool in tools_for(frozenset({Scope.PNL}))}


def test_the_example_of_the_pma_page_runs_with_the_token_of_an_organization(stack: ServedStack) -> None:
    shown = pma_example(stack.mcp_url, stack.create_organization_token(), PMA_FIRST_TOOL)

    assert shown.exit_code == 0, shown.text
    assert all(f"'{tool}'" in shown.printed for tool in TOOLS)
