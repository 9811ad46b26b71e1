from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shared.domain.analytics.definitions import METRICS
from shared.domain.facts.settings import Settings
from shared.domain.scopes import Scope
from shared.services.tool_catalogue import TOOLS
from tests.data.rollups import overview, store
from tests.transports.mcp.shop import Shop


def test_it_tells_whose_numbers_these_are_and_what_day_it_is_there() -> None:
    shop = Shop(scopes=frozenset({Scope.PNL, Scope.ADS}))
    store(
        shop.engine,
        settings=Settings(timezone="America/New_York", currency="CAD", fiscal_year_start=2),
        found=overview(),
    )
    shop.clock.now = datetime(2026, 11, 22, 3, 30, tzinfo=UTC)  # half past ten in the evening in New York

    content = shop.call("get_workspace_context").content

    assert content["data"] == {
        "tenant_name": "A shop",
        "timezone": "America/New_York",
        "currency": "CAD",
        "fiscal_year_start": 2,
        "plan": "plus",
        "today": "2026-11-21",
        "data_from": "2025-01-01",
        "data_through": "2026-11-20",
        "credential": {
            "kind": "pat",
            "scopes": ["mcp:ads:read", "mcp:pnl:read"],
            "expires_at": "2026-12-21T12:00:00Z",
        },
        "limits": {"per_minute": 60, "remaining": 59},
        "tools": content["data"]["tools"],
        "metrics": None,
    }
    tools = content["data"]["tools"]
    allowed = sum(tool["allowed"] for tool in tools)
    assert content["summary"] == (
        '"A shop": today is 2026-11-21 in America/New_York, amounts are in CAD, data reaches to 2026-11-20. '
        f"The token may call {allowed} of the {len(tools)} tools."
    )


def test_every_tool_is_told_with_its_scope_and_whether_this_token_may_call_it() -> None:
    shop = Shop(scopes=frozenset({Scope.PNL, Scope.ADS}))

    tools = {tool["name"]: tool for tool in shop.call("get_workspace_context").content["data"]["tools"]}

    assert tools["pma_list_data_sources"] == {"name": "pma_list_data_sources", "scope": None, "allowed": True}
    assert tools["get_pnl"] == {"name": "get_pnl", "scope": "mcp:pnl:read", "allowed": True}
    assert tools["list_activity"] == {"name": "list_activity", "scope": "mcp:activity:read", "allowed": False}
    listed = {tool["name"] for tool in shop.rpc("tools/list").result["tools"]}
    assert {name for name, tool in tools.items() if tool["allowed"]} == listed
    assert [*tools] == [entry.name for entry in TOOLS]


def test_in_full_it_tells_how_every_number_is_made() -> None:
    content = Shop().call("get_workspace_context", detail="full").content

    told = content["data"]["metrics"]
    metrics = {(metric["key"], metric["definition_version"]): metric for metric in told}
    assert metrics["cm2", "pnl.v1"] == {
        "key": "cm2",
        "label": "Contribution margin 2",
        "unit": "money",
        "formula": "cm1 - fulfilment - payment_fees - platform_fees",
        "definition_version": "pnl.v1",
    }
    assert ("retention", "cohort.v1") in metrics
    assert len(metrics) == len(told) == len(METRICS)  # nothing has two meanings in one definition


def test_a_workspace_without_data_is_an_answer() -> None:
    content = Shop().call("get_workspace_context").content

    assert (content["data"]["data_from"], content["data"]["data_through"]) == (None, None)
    assert "no data has been imported yet" in content["summary"]


def test_a_workspace_of_ads_and_books_has_data_and_no_orders() -> None:
    shop = Shop()
    store(shop.engine, found=overview(data_from=None, data_through=None, expense_lines=["opex"]))

    assert "no orders have been imported yet" in shop.call("get_workspace_context").content["summary"]


@pytest.mark.parametrize(("calls", "remaining"), [(1, 59), (2, 58)])
def test_the_calls_that_are_left_include_this_one(calls: int, remaining: int) -> None:
    shop = Shop()
    contents = [shop.call("get_workspace_context").content for _ in range(calls)]

    assert contents[-1]["data"]["limits"]["remaining"] == remaining
