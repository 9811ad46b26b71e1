"""Unchanged clients connect to the deployed stack, list the tools and call one, and show why they are turned away."""

from __future__ import annotations

import pytest

from shared.services.refusals import FORMS, Reason
from tests.clients.programs import (
    PMA_FIRST_TOOL,
    PROGRAMS,
    Program,
    desktop_client,
    newest_npm_client,
    pma_example,
    python_client_of_2025,
)
from tests.deployed.stack import DeployedStack


@pytest.mark.parametrize("program", [*PROGRAMS, desktop_client])
def test_a_client_lists_the_tools_and_calls_one(stack: DeployedStack, program: Program) -> None:
    shown = program(stack.mcp_url, stack.token, PMA_FIRST_TOOL)

    assert shown.exit_code == 0, shown.text
    assert "has_data" in shown.text


@pytest.mark.parametrize("program", [pma_example, newest_npm_client, python_client_of_2025])
def test_a_client_shows_why_it_was_refused(stack: DeployedStack, program: Program) -> None:
    tenant = stack.tenant()
    token = tenant.token()
    tenant.revoke(token)

    shown = program(stack.mcp_url, token.text, PMA_FIRST_TOOL)

    assert shown.exit_code != 0
    assert FORMS[Reason.TOKEN_REVOKED].hint in shown.text
