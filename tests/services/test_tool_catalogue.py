from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.scopes import Scope
from shared.services.tool_catalogue import ANY, TOOL_BY_NAME, TOOLS, tools_for

scopes = st.frozensets(st.sampled_from(Scope))


def test_no_two_tools_have_one_name() -> None:
    assert len(TOOL_BY_NAME) == len(TOOLS)


@given(scopes)
def test_a_token_sees_the_open_tools_and_those_of_its_scopes_and_no_other(held: frozenset[Scope]) -> None:
    seen = tools_for(held)

    assert {tool.name for tool in TOOLS if tool.scope is ANY} <= {tool.name for tool in seen}
    assert all(tool.scope is ANY or tool.scope in held for tool in seen)
    assert all(tool.scope is not ANY and tool.scope not in held for tool in TOOLS if tool not in seen)


@given(scopes, scopes)
def test_more_scopes_never_hide_a_tool(held: frozenset[Scope], more: frozenset[Scope]) -> None:
    assert set(tools_for(held)) <= set(tools_for(held | more))
