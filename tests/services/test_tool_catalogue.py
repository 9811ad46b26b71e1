from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.analytics.query_fields import REPORTS
from shared.domain.scopes import Scope
from shared.services.tool_catalogue import ANY, TOOL_BY_NAME, TOOLS, tools_for

scopes = st.frozensets(st.sampled_from(Scope))


def test_no_two_tools_have_one_name() -> None:
    assert len(TOOL_BY_NAME) == len(TOOLS)


@given(scopes)
def test_a_token_sees_the_open_tools_and_those_of_its_scopes_and_no_other(held: frozenset[Scope]) -> None:
    seen = tools_for(held)

    assert {tool.name for tool in TOOLS if tool.scope is ANY} <= {tool.name for tool in seen}
    assert all(tool.scope is ANY or tool.opened_by & held for tool in seen)
    assert all(tool.scope is not ANY and not tool.opened_by & held for tool in TOOLS if tool not in seen)


@given(scopes, scopes)
def test_more_scopes_never_hide_a_tool(held: frozenset[Scope], more: frozenset[Scope]) -> None:
    assert set(tools_for(held)) <= set(tools_for(held | more))


@given(scopes, st.sampled_from(sorted(REPORTS)))
def test_a_query_needs_the_scope_of_its_report_type_whatever_else_a_token_holds(
    held: frozenset[Scope], report_type: str
) -> None:
    query, needed = TOOL_BY_NAME["pma_query_custom"], REPORTS[report_type].scope

    assert query.lacks(held, {"report_type": report_type}) == frozenset({needed}) - held


@given(scopes, st.one_of(st.none(), st.text(), st.lists(st.text()), st.just({}), st.just({"report_type": ["order"]})))
def test_a_query_that_names_no_report_type_needs_what_shows_the_tool(held: frozenset[Scope], arguments: object) -> None:
    query = TOOL_BY_NAME["pma_query_custom"]

    assert bool(query.lacks(held, arguments)) == (query not in tools_for(held))
