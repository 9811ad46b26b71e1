"""The two tools of the PMA page that tell of sources."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.facts.rollups import Account, Rollup
from shared.storage.sqlite.engine import SqliteEngine
from tests.bench.metered import Metered, Spent
from tests.data.rollups import account, data_month, holding, inspection, overview, store
from tests.transports.mcp.shop import Shop

SHOPIFY = account(holdings=[holding("order"), holding("refund", rows=3)])
TIKTOK = account("tiktok_ads", "adv_9", holdings=[], status="reconnect", last_export=None)
META = account("meta_ads", "act_1", holdings=[holding("ad_day")], status="synced")
ORDERS = inspection(
    gaps=[["2025-09-03", "2025-09-08"], ["2025-09-10", "2025-09-30"]],
    gap_days=27,
    duplicate_keys=2,
    fields=["shipping"],
)
REFUNDS = inspection("refund")
ADS = inspection("ad_day", "meta_ads")


def shop_with(*accounts: Account, found: tuple[Rollup, ...] = (ORDERS, REFUNDS, ADS)) -> Shop:
    shop = Shop(plan="alpha")
    store(shop.engine, *found, found=overview(accounts=accounts))
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
    assert content["summary"] == (
        '2 connected sources, 1 of them with data. Not in order: tiktok_ads "adv_9" (reconnect).'
    )


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
    assert content["outside_text"] == ["allowed"]
    assert "tiktok_ads" in content["hint"]
    assert content["allowed"] == ["shopify", "tiktok_ads"]


@pytest.mark.parametrize("name", ["facebook", "Instagram Ads"])
def test_a_platform_may_be_meant_by_the_name_of_what_it_owns(name: str) -> None:
    content = shop_with(META, account("quickbooks", "main")).call("pma_list_data_sources", connector=name).content

    assert content["hint"] == "Did you mean meta_ads?"


def test_an_empty_workspace_has_an_empty_list_and_says_why() -> None:
    content = asked(Shop(), "pma_list_data_sources", connector="shopify")

    assert content["data"]["rows"] == []
    assert [warning["code"] for warning in content["meta"]["warnings"]] == ["no_data"]


# --- pma_inspect_org_data --------------------------------------------------------------------------------------------


def diagnoses(content: dict[str, Any]) -> list[str]:
    return [found["cause"] for found in content["data"]["diagnosis"]]


def test_each_report_tells_its_rows_reach_gaps_and_duplicates() -> None:
    content = asked(shop_with(SHOPIFY, META), "pma_inspect_org_data")

    ads, orders, refunds = records(content)
    assert orders == {
        "connector": "shopify",
        "report_type": "order",
        "accounts": ["shop-1"],
        "rows": 100,
        "date_min": "2025-01-01",
        "date_max": "2026-11-20",
        "gaps": [{"from": "2025-09-03", "to": "2025-09-08"}, {"from": "2025-09-10", "to": "2025-09-30"}],
        "gap_days": 27,
        "duplicate_keys": 2,
        "fields": None,
    }
    assert (ads["connector"], ads["report_type"], ads["gaps"]) == ("meta_ads", "ad_day", [])
    assert (refunds["report_type"], refunds["rows"]) == ("refund", 3)
    assert content["totals"] == {"rows": 203, "duplicate_keys": 2}


def test_one_report_type_is_asked_for_without_the_others() -> None:
    content = asked(shop_with(SHOPIFY, META), "pma_inspect_org_data", report_type="ad_day")

    assert [(row["connector"], row["report_type"]) for row in records(content)] == [("meta_ads", "ad_day")]


def test_rows_of_a_connector_are_those_of_all_its_accounts() -> None:
    second = account("shopify", "shop-2", holdings=[holding("order", rows=7)])

    orders = records(asked(shop_with(SHOPIFY, second), "pma_inspect_org_data", report_type="order"))[0]

    assert (orders["accounts"], orders["rows"]) == (["shop-1", "shop-2"], 107)


def test_the_fields_of_a_report_are_described_and_those_that_are_filled_are_marked() -> None:
    content = asked(shop_with(SHOPIFY), "pma_inspect_org_data", level="fields", report_type="order")

    fields = {field["name"]: field for field in records(content)[0]["fields"]}
    assert fields["shipping"] == {
        "name": "shipping",
        "type": "amount",
        "role": "metric",
        "unit": "money",
        "pii": False,
        "filled": True,
        "queryable": True,
    }
    assert (fields["tax"]["filled"], fields["tax"]["queryable"]) == (False, False)
    assert fields["lines"]["filled"] is True  # there is no order without lines


@pytest.mark.parametrize(
    ("arguments", "causes", "said"),
    [
        ({"connector": "tiktok"}, ["name_mismatch"], "Did you mean tiktok_ads?"),
        ({"connector": "tiktok_ads"}, ["reconnect"], "its status is reconnect"),
        ({"connector": "snapchat_ads"}, ["sync_incomplete"], "its status is syncing"),
        ({"connector": "meta_ads", "report_type": "order"}, ["wrong_report_type"], "There are: ad_day."),
        ({"connector": "meta_ads"}, ["none"], "has rows"),
    ],
)
def test_the_causes_that_the_pma_page_lists_are_found_and_said_in_words(
    arguments: dict[str, Any], causes: list[str], said: str
) -> None:
    syncing = account("snapchat_ads", "s_1", holdings=[], status="syncing", last_export=None)
    shop = shop_with(SHOPIFY, TIKTOK, META, syncing)

    content = asked(shop, "pma_inspect_org_data", **arguments)

    assert diagnoses(content) == causes
    (found,) = content["data"]["diagnosis"]
    assert said in found["message"]
    assert said in content["summary"]
    assert bool(found["fix"]) == (causes != ["none"])


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


def test_an_empty_workspace_is_told_that_nothing_has_come_and_how_it_comes() -> None:
    content = asked(Shop(), "pma_inspect_org_data")

    assert content["data"]["rows"] == []
    (found,) = content["data"]["diagnosis"]
    assert (found["cause"], found["message"]) == (
        "sync_incomplete",
        "Nothing has been imported into this workspace yet.",
    )
    assert "merchant-mcp import" in found["fix"]


# --- what it reads ---------------------------------------------------------------------------------------------------


def read_by_inspecting(*more: Rollup, **arguments: Any) -> Spent:  # noqa: ANN401 - any JSON
    engine = Metered(SqliteEngine())
    shop = Shop(engine=engine, plan="alpha")
    store(engine, ORDERS, REFUNDS, ADS, *more, found=overview(accounts=(SHOPIFY, META)))
    asked(shop, "pma_inspect_org_data")  # the first call of a container reads more
    engine.spent = Spent()
    asked(shop, "pma_inspect_org_data", **arguments)
    return engine.spent


@pytest.mark.parametrize("level", ["summary", "fields"])
def test_it_reads_no_more_of_years_than_of_weeks(level: str) -> None:
    """Each month of each type has a row of its own, with a number for each day: none of them is read."""
    years = [
        data_month(f"{year}-{month:02}", dict.fromkeys(range(1, 29), 1), family=family)
        for year in (2023, 2024, 2025)
        for month in range(1, 13)
        for family in ("order", "refund", "ad_day")
    ]

    assert read_by_inspecting(*years, level=level) == read_by_inspecting(level=level)
