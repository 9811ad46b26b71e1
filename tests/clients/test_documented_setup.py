"""The page about clients keeps its word: its blocks run, and it names the versions that the suite runs."""

from __future__ import annotations

import json
from importlib.metadata import version

import pytest

from tests.clients.documented import PAGE, URL, block_of
from tests.clients.programs import NODE_FOLDER, run_node, run_python
from tests.clients.served_stack import ServedStack

PACKAGES: dict[str, str] = json.loads((NODE_FOLDER / "package.json").read_text())["dependencies"]


def test_the_typescript_block_answers(stack: ServedStack) -> None:
    script = block_of("TypeScript", "js").replace(URL, stack.mcp_url)

    shown = run_node(["--input-type=module", "--eval", script], MERCHANT_MCP_TOKEN=stack.token)

    assert shown.exit_code == 0, shown.text
    assert "net revenue" in shown.printed


def test_the_python_block_answers(stack: ServedStack) -> None:
    script = block_of("Python", "python").replace(URL, stack.mcp_url)

    shown = run_python(["-c", script], MERCHANT_MCP_TOKEN=stack.token)

    assert shown.exit_code == 0, shown.text
    assert "net revenue" in shown.printed


@pytest.mark.parametrize("package", PACKAGES)
def test_the_page_names_the_version_of_an_npm_package_that_is_run(package: str) -> None:
    assert f"`{package}` {PACKAGES[package]}" in PAGE


def test_the_page_names_the_version_of_the_python_package_that_is_run() -> None:
    assert f"`mcp` {version('mcp')}" in PAGE
