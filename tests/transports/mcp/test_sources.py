"""The two tools of the PMA page that tell of sources."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.facts.rollups import Account, DataMonth
from tests.data.rollups import account, data_month, holding, overview, store
from tests.transports.mcp.shop import Shop

SHOPIFY = account(holdings=[holding("order"), holding("refund", rows=3)])
TIKTOK = account("tiktok_ads", "adv_9", holdings=[], status="reconnect", last_export=None)
META = account("meta_ads", "act_1", holdings=[holding("ad_day")], status="synced")


def shop_with(*accounts: Account, months: tuple[DataMonth, ...] = ()) -> Shop:
    shop = Shop(plan="alpha")
    store(shop.engine, *months, found=overview(accounts=accounts))
    return shop


def asked(shop: Shop, tool: str, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    result = shop.call(tool, **arguments).result
    assert result["isError"] is False, result
    return result["structuredContent"]


def records(content: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip(content["data"]["columns"], row, strict=True)) for row in content["data"]["rows"]]


# --- pma_list_data_sources -------------------------------------------------------------------------------------------


def test_each_source_tells_whether_it_has_data_and_when_it_last_synced() -> None:
    content = asked(shop_with(SHOPIFY, TIKTOK), "pma_list_data_sources")

    assert records(content) == [
        {
            "connector": "shopify",
            "platform": "Shopify",
            "account_id": "shop-1",
            "account_name": "The shop-1",
            "has_data": True,
            "last_sync": "2026-11-21T03:00:00Z",
            "status": "synced",
            "data_from": "2025-01-01",
            "data_through": "2026-11-20",
            "report_types": ["order", "refund"],
        },
        {
            "connector": "tiktok_ads",
            "platform": "TikTok",
            "account_id": "adv_9",
            "account_name": "The adv_9",
            "has_data": False,
            "last_sync": None,
            "status": "reconnect",
            "data_from": None,
            "data_through": None,
            "report_types": [],
        },
    ]
    assert content["totals"] == {"sources": 2, "with_data": 1}
    assert content["summary"] == "2 connected sources, 1 of them with data."


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({"connector": "meta_ads"}, ["meta_ads"]),
        ({"status": "reconnect"}, ["tiktok_ads"]),
        ({"connector": "meta_ads", "status": "reconnect"}, []),
    ],
)
def test_sources_can_be_chosen_by_connector_and_state(arguments: dict[str, Any], found: list[str]) -> None:
    content = asked(shop_with(SHOPIFY, TIKTOK, META), "pma_list_data_sources", **arguments)

    assert [record["connector"] for record in records(content)] == found


@pytest.mark.parametrize("name", ["tiktok", "TikTok Ads", "tiktok-ads", "tikto_ads"])
def test_a_connector_that_is_none_is_told_the_nearest_name(name: str) -> None:
    content = shop_with(SHOPIFY, TIKTOK).call("pma_list_data_sources", connector=name).content

    assert (content["code"], content["field"]) == ("unknown_connector", "connector")
    assert "tiktok_ads" in content["hint"]
    assert content["allowed"] == ["shopify", "tiktok_ads"]


def test_an_empty_workspace_has_an_empty_list_and_says_why() -> None:
    content = asked(Shop(), "pma_list_data_sources", connector="shopify")

    assert content["data"]["rows"] == []
    assert [warning["code"] for warning in content["meta"]["warnings"]] == ["no_data"]


# --- pma_inspect_org_data --------------------------------------------------------------------------------------------

ORDERS = (
    data_month("2026-09", {1: 5, 2: 4, 9: 1}, duplicate_keys=2, fields=["shipping"]),
    data_month("2026-10", {1: 7}),
)
ADS = data_month("2026-10", {1: 1, 3: 1}, family="ad_day", source="meta_ads", name="act_1")


def test_each_report_tells_its_rows_reach_gaps_and_duplicates() -> None:
    content = asked(shop_with(SHOPIFY, META, months=(*ORDERS, ADS)), "pma_inspect_org_data")

    orders, ads = reversed(records(content))
    assert orders == {
        "connector": "shopify",
        "report_type": "order",
        "accounts": ["shop-1"],
        "rows": 17,
        "date_min": "2026-09-01",
        "date_max": "2026-10-01",
        "gaps": [{"from": "2026-09-03", "to": "2026-09-08"}, {"from": "2026-09-10", "to": "2026-09-30"}],
        "duplicate_keys": 2,
        "fields": None,
    }
    assert ads["gaps"] == [{"from": "2026-10-02", "to": "2026-10-02"}]
    assert content["totals"] == {"rows": 19, "duplicate_keys": 2}
    assert [finding["cause"] for finding in content["data"]["diagnosis"]] == ["none"]


def test_two_days_without_an_order_are_no_gap() -> None:
    content = asked(shop_with(SHOPIFY, months=(data_month("2026-09", {1: 1, 4: 1}),)), "pma_inspect_org_data")

    assert records(content)[0]["gaps"] == []


def test_the_fields_of_a_report_are_described_and_those_that_are_filled_are_marked() -> None:
    content = asked(shop_with(SHOPIFY, months=ORDERS), "pma_inspect_org_data", level="fields")

    fields = {field["name"]: field for field in records(content)[0]["fields"]}
    assert fields["shipping"] == {
        "name": "shipping",
        "type": "amount",
        "role": "metric",
        "unit": "micros",
        "pii": False,
        "filled": True,
    }
    assert fields["tax"]["filled"] is False
    assert fields["lines"]["filled"] is True  # there is no order without lines


@pytest.mark.parametrize(
    ("arguments", "causes", "said"),
    [
        ({"connector": "tiktok"}, ["name_mismatch"], "Did you mean tiktok_ads?"),
        ({"connector": "tiktok_ads"}, ["sync_incomplete"], "its status is reconnect"),
        ({"connector": "meta_ads", "report_type": "order"}, ["wrong_report_type"], "There are: ad_day."),
        ({"connector": "meta_ads"}, ["none"], "has rows"),
    ],
)
def test_the_causes_that_the_pma_page_lists_are_found_and_said_in_words(
    arguments: dict[str, Any], causes: list[str], said: str
) -> None:
    content = asked(shop_with(SHOPIFY, TIKTOK, META, months=(*ORDERS, ADS)), "pma_inspect_org_data", **arguments)

    assert [finding["cause"] for finding in content["data"]["diagnosis"]] == causes
    assert said in content["data"]["diagnosis"][0]["message"]
    assert said in content["summary"]


def test_accounts_that_give_nothing_are_named_with_the_reason() -> None:
    silent = account("shopify", "shop-2", holdings=[])

    content = asked(shop_with(SHOPIFY, silent, TIKTOK), "pma_inspect_org_data")

    assert content["data"]["accounts_excluded"] == [
        {"connector": "shopify", "account_id": "shop-2", "reason": "no_rows"},
        {"connector": "tiktok_ads", "account_id": "adv_9", "reason": "reconnect"},
    ]


def test_a_report_type_that_is_none_is_told_the_nearest_name() -> None:
    content = shop_with(SHOPIFY).call("pma_inspect_org_data", report_type="orders").content

    assert (content["code"], content["field"]) == ("unknown_report_type", "report_type")
    assert content["hint"] == "Did you mean order?"


def test_an_empty_workspace_is_told_that_nothing_has_come() -> None:
    content = asked(Shop(), "pma_inspect_org_data")

    assert content["data"]["rows"] == []
    assert content["data"]["diagnosis"] == [
        {"cause": "sync_incomplete", "message": "Nothing has been imported into this workspace yet."}
    ]
