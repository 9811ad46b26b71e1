"""What the server says to mend a refusal reaches the person in front of the client, word for word.

The words come from the one table of refusals. Each client is run as it is; what it prints must hold the hint.
"""

from __future__ import annotations

import pytest

from shared.services.refusals import FORMS, Reason
from tests.clients.programs import (
    PMA_FIRST_TOOL,
    PROGRAMS,
    Program,
    Shown,
    desktop_client,
    inspector,
    inspector_of_2026,
)
from tests.clients.relay import listing_with
from tests.clients.served_stack import ServedStack

SCOPED_TOOL = "get_cohort_retention"
OWN_WORDS_AT_CONNECT = {inspector_of_2026}
"""Refused at its first request, it says that the server requires authorization and keeps the answer to itself."""


def assert_shown(shown: Shown, reason: Reason) -> None:
    """The client ended in an error, and its words hold ours."""
    assert shown.exit_code != 0, shown.text
    assert FORMS[reason].hint in shown.text


@pytest.mark.parametrize("program", [program for program in PROGRAMS if program not in OWN_WORDS_AT_CONNECT])
def test_an_expired_token_is_told_with_its_hint(stack: ServedStack, expired_token: str, program: Program) -> None:
    assert_shown(program(stack.mcp_url, expired_token, PMA_FIRST_TOOL), Reason.TOKEN_EXPIRED)


@pytest.mark.parametrize("program", [program for program in PROGRAMS if program not in OWN_WORDS_AT_CONNECT])
def test_a_revoked_token_is_told_with_its_hint(stack: ServedStack, revoked_token: str, program: Program) -> None:
    assert_shown(program(stack.mcp_url, revoked_token, PMA_FIRST_TOOL), Reason.TOKEN_REVOKED)


@pytest.mark.parametrize("program", [p for p in (*PROGRAMS, desktop_client) if p not in {inspector, inspector_of_2026}])
def test_a_missing_scope_is_told_with_its_hint(stack: ServedStack, narrow_token: str, program: Program) -> None:
    assert_shown(program(stack.mcp_url, narrow_token, SCOPED_TOOL), Reason.INSUFFICIENT_SCOPE)


@pytest.mark.parametrize("program", [inspector, inspector_of_2026])
def test_the_inspector_makes_no_call_that_the_list_does_not_name(
    stack: ServedStack, narrow_token: str, program: Program
) -> None:
    shown = program(stack.mcp_url, narrow_token, SCOPED_TOOL)

    assert shown.exit_code != 0
    assert f"Tool '{SCOPED_TOOL}' not found on server." in shown.text


@pytest.mark.parametrize("program", [inspector, inspector_of_2026])
def test_the_inspector_tells_a_missing_scope_with_its_hint_when_it_makes_the_call(
    stack: ServedStack, narrow_token: str, program: Program
) -> None:
    with listing_with(stack.token, url=stack.mcp_url) as url:
        shown = program(url, narrow_token, SCOPED_TOOL)

    assert_shown(shown, Reason.INSUFFICIENT_SCOPE)


@pytest.mark.parametrize("program", [*PROGRAMS, desktop_client])
def test_a_limit_that_is_reached_is_told_with_its_hint(
    shown_over_the_limit: dict[Program, Shown], program: Program
) -> None:
    assert_shown(shown_over_the_limit[program], Reason.RATE_LIMITED)


@pytest.mark.parametrize("program", [*PROGRAMS, desktop_client])
def test_a_store_that_is_out_of_reach_is_told_with_its_hint(
    shown_without_store: dict[Program, Shown], program: Program
) -> None:
    assert_shown(shown_without_store[program], Reason.STORE_UNAVAILABLE)
