from __future__ import annotations

from typing import Any

import pytest

from shared.domain.scopes import GRANTS, Scope
from shared.services.tool_catalogue import ANY, TOOLS, tools_for
from tests.transports.http.api import Api


def test_the_seven_scopes_are_listed_with_what_they_grant_and_open(api: Api) -> None:
    answer = api.get("/v1/scopes")

    assert answer.status == 200
    assert [(each["scope"], each["grants"]) for each in answer.json["data"]] == [(str(s), GRANTS[s]) for s in Scope]
    opened = {each["scope"]: each["tools"] for each in answer.json["data"]}
    assert opened == {str(scope): [tool.name for tool in TOOLS if scope in tool.opened_by] for scope in Scope}
    assert "get_pnl" in opened["mcp:pnl:read"]


@pytest.mark.parametrize(
    "query",
    [
        {"scopes": "mcp:pnl:read,mcp:customers:read"},
        {"scopes": ["mcp:pnl:read", "mcp:customers:read"]},
        {"scopes": ["mcp:customers:read, mcp:pnl:read", "mcp:pnl:read"]},
    ],
)
def test_the_preview_shows_the_tools_of_the_scopes(api: Api, query: dict[str, Any]) -> None:
    answer = api.get("/v1/tools/preview", **query)

    assert answer.status == 200
    assert answer.json["scopes"] == ["mcp:customers:read", "mcp:pnl:read"]
    expected = tools_for(frozenset({Scope.PNL, Scope.CUSTOMERS}))
    assert [tool["name"] for tool in answer.json["tools"]] == [tool.name for tool in expected]


def test_the_preview_says_which_scope_opens_a_tool(api: Api) -> None:
    tools = api.get("/v1/tools/preview", scopes="mcp:ads:read,mcp:pnl:read").json["tools"]

    scopes = {tool["name"]: (tool["scope"], tool["scopes"]) for tool in tools}
    assert scopes["pma_list_data_sources"] == (None, [])
    assert scopes["get_pnl"] == ("mcp:pnl:read", ["mcp:pnl:read"])
    assert scopes["pma_query_custom"] == (None, ["mcp:ads:read", "mcp:pnl:read", "mcp:products:read"])
    assert {name: any_of for name, (_, any_of) in scopes.items()} == {
        tool.name: sorted(tool.opened_by)
        for tool in TOOLS
        if tool.scope is ANY or tool.opened_by & {Scope.PNL, Scope.ADS}
    }
    assert {tool["title"] for tool in tools} <= {tool.title for tool in TOOLS}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({}, "scope_required"),
        ({"scopes": ""}, "scope_required"),
        ({"scopes": " , "}, "scope_required"),
        ({"scopes": "mcp:pnl:write"}, "scope_unknown"),
        ({"scopes": ["mcp:pnl:read"] * 51}, "request_invalid"),
        ({"scope": "mcp:pnl:read"}, "request_invalid"),
    ],
)
def test_a_preview_of_no_scopes_is_refused(api: Api, query: dict[str, Any], code: str) -> None:
    answer = api.get("/v1/tools/preview", **query)

    assert (answer.status, answer.code) == (422, code)
