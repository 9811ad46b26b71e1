"""What a query refuses, and never answers with something else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.data.merchants import order, refund
from tests.transports.mcp.query_told import (
    ANY,
    BY_CAMPAIGN_AND_DAY,
    asked,
    busy_shop,
    refused,
    shop_with,
)
from tests.transports.mcp.shop import Shop


@pytest.fixture(scope="module")
def busy() -> Shop:
    return busy_shop()


@pytest.mark.parametrize(
    ("changed", "code", "field", "said"),
    [
        ({"connector": "tiktok"}, "unknown_connector", "connector", "Did you mean tiktok_ads?"),
        ({"report_type": "order"}, "unknown_report_type", "report_type", "tiktok_ads has: ad_day."),
        ({"report_type": "bank_txn"}, "unknown_report_type", "report_type", "ad_day"),
        ({"dimensions": ["campain"]}, "unknown_metric", "dimensions", "Did you mean campaign"),
        ({"dimensions": ["spend"]}, "unknown_metric", "dimensions", "It is one of the metrics"),
        ({"metrics": ["spent"]}, "unknown_metric", "metrics", "spend"),
        ({"metrics": []}, "invalid_argument", "metrics", "give at least one"),
        ({"metrics": [f"m{n}" for n in range(11)]}, "invalid_argument", "metrics", "10"),
        ({"dimensions": [f"d{n}" for n in range(6)]}, "invalid_argument", "dimensions", "5"),
        ({"limit": 101}, "invalid_argument", "limit", "100"),
        ({"order_by": "clicks"}, "invalid_argument", "order_by", "spend desc"),
        ({"order_by": "spend up"}, "invalid_argument", "order_by", "spend desc"),
        ({"date_from": "2025-01-01"}, "range_too_long", "date_from", "669 days"),
        ({"date_from": "2026-07-01"}, "range_too_long", "date_from", "92 are the most"),
        ({"filters": [{"field": "spend", "op": "gt", "value": "5"}]}, "invalid_argument", "filters", "a number"),
        ({"filters": [{"field": "campaign", "op": "gt", "value": "5"}]}, "invalid_argument", "filters", "contains"),
        ({"filters": [{"field": "campaign", "op": "in", "value": "a"}]}, "invalid_argument", "filters", "a list"),
        ({"filters": [{"field": "campaign", "op": "eq", "value": ["a"]}]}, "invalid_argument", "filters", "one value"),
        ({"filters": [{"field": "campaign", "op": "eq", "value": None}]}, "invalid_argument", "filters", "a text"),
        ({"filters": [{"field": "campaign", "op": "like", "value": "a"}]}, "invalid_argument", "filters", "contains"),
        ({"filters": [{"field": "nothing", "op": "eq", "value": "a"}]}, "unknown_metric", "filters", "campaign"),
    ],
)
def test_what_is_wrong_is_named_with_what_would_be_right(
    busy: Shop, changed: dict[str, Any], code: str, field: str, said: str
) -> None:
    content = refused(busy, **{**BY_CAMPAIGN_AND_DAY, **changed})

    assert (content["code"], content["field"]) == (code, field)
    assert said in f"{content['message']} {content['hint']} {content.get('allowed')}"


def test_a_list_of_nothing_to_compare_with_is_refused(busy: Shop) -> None:
    content = refused(busy, **BY_CAMPAIGN_AND_DAY, filters=[{"field": "campaign", "op": "in", "value": []}])

    assert (content["code"], content["field"]) == ("invalid_argument", "filters")
    assert "a list of at least one" in content["message"]


@pytest.mark.parametrize(
    ("name", "op", "value", "said"),
    [
        ("date", "gt", "18.11.2026", "days as yyyy-mm-dd"),
        ("date", "eq", "2026-11-1", "days as yyyy-mm-dd"),
        ("date", "lt", "20261101", "days as yyyy-mm-dd"),
        ("date", "in", ["2026-10-05", "2026-02-30"], "days as yyyy-mm-dd"),
        ("date", "gt", "2026-10", "days as yyyy-mm-dd"),
        ("week", "eq", "2026-10-06", "Mondays"),
        ("month", "gt", "2026-10-25", "months as yyyy-mm"),
        ("month", "eq", "October", "months as yyyy-mm"),
    ],
)
def test_a_date_that_is_none_is_refused_and_never_compared_as_a_text(
    busy: Shop, name: str, op: str, value: str | list[str], said: str
) -> None:
    content = refused(busy, **BY_CAMPAIGN_AND_DAY, filters=[{"field": name, "op": op, "value": value}])

    assert (content["code"], content["field"]) == ("invalid_argument", "filters")
    assert said in content["message"]
    assert "yyyy-mm" in content["hint"]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ({"connector": "tiktok_ads", "report_type": "ad_day", "dimensions": ["date"]}, "400 are the most"),
        ({"connector": "shop", "report_type": "expense"}, "639 days"),
        ({"connector": "shop", "report_type": "product", "dimensions": ["sku"]}, "639 days"),
    ],
)
def test_what_would_be_too_much_to_read_is_refused_and_never_cut(
    busy: Shop, question: dict[str, Any], said: str
) -> None:
    metrics = [ANY[question["report_type"]]]

    content = refused(busy, **question, metrics=metrics, date_from="2025-01-31")

    assert (content["code"], content["field"]) == ("range_too_long", "date_from")
    assert said in content["message"]


@pytest.mark.parametrize("argument", ["dimensions", "metrics", "filters"])
@pytest.mark.parametrize(
    "name",
    [
        *("customer", "customer_id", "email", "customerEmail", "Billing Name", "name", "first_name", "note", "Notes"),
        *("shipping_address", "phone", "postcode", "zip", "ip"),
    ],
)
def test_fields_about_people_are_refused_as_such(busy: Shop, argument: str, name: str) -> None:
    value: list[Any] = [{"field": name, "op": "eq", "value": "x"}] if argument == "filters" else [name]

    content = refused(busy, **{**BY_CAMPAIGN_AND_DAY, argument: value})

    assert (content["code"], content["field"]) == ("pii_not_permitted", argument)
    assert name not in content["message"]


@pytest.mark.parametrize("name", ["campaign_name", "account_name", "product_name"])
def test_the_name_of_a_thing_is_none_of_a_person(busy: Shop, name: str) -> None:
    assert refused(busy, **{**BY_CAMPAIGN_AND_DAY, "dimensions": [name]})["code"] == "unknown_metric"


@pytest.mark.parametrize("format_", ["csv", "JSON ", "", 5])
def test_a_format_that_there_is_not_is_refused(busy: Shop, format_: object) -> None:
    content = refused(busy, **BY_CAMPAIGN_AND_DAY, format=format_)

    assert (content["code"], content["field"]) == ("invalid_argument", "format")
    assert "json" in content["message"]


@pytest.mark.parametrize(
    ("report_type", "instead"),
    [
        ("order", "get_pnl"),
        ("refund", "get_pnl"),
        ("expense", "list_expenses"),
        ("product", "list_product_profitability"),
    ],
)
def test_what_several_connectors_have_told_is_never_given_as_that_of_one(report_type: str, instead: str) -> None:
    rent: dict[str, Any] = {"type": "expense", "id": "e", "date": "2026-10-03", "amount": "9.00", "category": "Rent"}
    shop = shop_with(
        *(order("1"), refund("r1"), rent),
        *({**line, "source": "amazon", "account": "eu"} for line in (order("2"), refund("r2"), rent)),
    )

    for connector, other in (("shop", "amazon"), ("amazon", "shop")):
        content = refused(shop, connector=connector, report_type=report_type, metrics=[ANY[report_type]])
        assert (content["code"], content["field"]) == ("invalid_argument", "connector")
        assert other in content["message"]
        assert content["hint"].startswith(instead)


def test_two_accounts_of_a_connector_and_who_pays_out_do_not_hinder_a_query() -> None:
    paid: dict[str, Any] = {"type": "payment", "id": "p", "date": "2026-10-06", "nature": "charge", "amount": "5.00"}
    shop = shop_with(
        *(order("1"), order("2", account="eu"), refund("r1")),
        {**paid, "source": "stripe"},
    )

    orders = asked(shop, connector="shop", report_type="order", metrics=["orders"])
    refunds = asked(shop, connector="shop", report_type="refund", metrics=["refunds"])

    assert (orders["totals"]["orders"], refunds["totals"]["refunds"]) == (2, 1)
