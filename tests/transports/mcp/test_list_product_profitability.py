"""`list_product_profitability`, worked out by hand from the lines that were imported."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.facts.settings import Settings
from shared.domain.scopes import Scope
from tests.data.merchants import Line, Merchant, header, order, refund
from tests.transports.mcp.shop import Shop

NOVEMBER: dict[str, Any] = {"date_from": "2026-11-01", "date_to": "2026-11-20"}
GOODS: list[Line] = [
    {"type": "product", "sku": "S-1", "title": "Shirt, red", "product_id": "shirt", "category": "Tops"},
    {"type": "product", "sku": "S-2", "title": "Shirt, blue", "product_id": "shirt", "category": "Tops"},
    {"type": "product", "sku": "M-1", "title": "Mug", "category": "Kitchen"},
    {"type": "cost", "sku": "S-1", "effective_from": "2026-01-01", "unit_cost": "6.00"},
    {"type": "cost", "sku": "S-2", "effective_from": "2026-01-01", "unit_cost": "9.00"},
]
SOLD: list[Line] = [
    # 30 of 40 are the red shirt's: it bears 3 of the 4 to send it, and 0.75 of the fee.
    order(
        1,
        "2026-11-02",
        lines=[
            {"sku": "S-1", "quantity": 2, "price": "20.00", "discount": "10.00"},
            {"sku": "S-2", "quantity": 1, "price": "10.00"},
        ],
        fulfilment_cost="4.00",
        payment_fee="1.00",
    ),
    order(2, "2026-11-03", lines=[{"sku": "M-1", "quantity": 5, "price": "8.00"}]),
    order(3, "2026-11-04", lines=[{"quantity": 1, "price": "1.00"}]),
    refund(1, "2026-11-10", order_id="1", lines=[{"sku": "S-2", "quantity": 1, "amount": "10.00"}]),
    order(4, "2026-10-15", lines=[{"sku": "S-1", "quantity": 1, "price": "20.00"}]),
]


def sold(*more: Line, settings: Settings | None = None) -> Shop:
    merchant = Merchant()
    shop = Shop(engine=merchant.engine, scopes=frozenset({Scope.PRODUCTS}))
    if settings is not None:
        merchant.settle(settings)
    merchant.import_lines(
        header(complete=[{"type": "order", "from": "2026-09-01", "to": "2026-11-20"}]), *GOODS, *SOLD, *more
    )
    return shop


@pytest.fixture(scope="module")
def shop() -> Shop:
    return sold()


def asked(shop: Shop, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    result = shop.call("list_product_profitability", **{**NOVEMBER, **arguments}).result
    assert result["isError"] is False, result
    return result["structuredContent"]


def rows(content: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip(content["data"]["columns"], row, strict=True)) for row in content["data"]["rows"]]


def codes(content: dict[str, Any]) -> list[str]:
    return [warning["code"] for warning in content["meta"]["warnings"]]


def test_a_variant_line_by_line(shop: Shop) -> None:
    red = rows(asked(shop, query="red"))[0]

    assert red == {
        "sku": "S-1",
        "title": "Shirt, red",
        "units": 2,
        "net_sales": 30.0,
        "discount_rate": 0.25,
        "refund_rate": 0.0,
        "cogs": 12.0,
        "cm1": 18.0,
        "cm2": 14.25,
        "cm2_margin": 0.475,
        "ad_spend_allocated": None,
        "share_of_sales": 0.4225,
        "cogs_source": "shop",
        "cogs_coverage": 1.0,
        "net_sales_before": 20.0,
        "cm2_before": 14.0,
    }


def test_which_skus_lose_money_is_answered_by_the_first_rows_and_the_summary(shop: Shop) -> None:
    content = asked(shop, sort_by="cm2", order="asc")

    # 10 were sold and given back, 9 spent on the shirt, 1 on sending it, 0.25 on being paid; none came back to stock.
    assert [(row["sku"], row["cm2"]) for row in rows(content)] == [
        ("S-2", -10.25),
        ("S-1", 14.25),
        ("M-1", None),
        (None, None),
    ]
    assert content["totals"]["losing_money"] == 1
    assert "1 of them lost money, 10.25 USD together" in content["summary"]


def test_an_unknown_cost_is_null_and_never_nothing(shop: Shop) -> None:
    mug = rows(asked(shop, query="mug"))[0]

    assert (mug["cogs"], mug["cm1"], mug["cm2"], mug["cm2_margin"], mug["cogs_source"]) == (None,) * 5
    assert (mug["net_sales"], mug["cogs_coverage"]) == (40.0, 0.0)


def test_a_margin_of_goods_of_which_some_have_no_known_cost_is_unknown_and_comes_last() -> None:
    shop = sold(
        {"type": "product", "sku": "S-3", "title": "Shirt, grey", "product_id": "shirt", "category": "Tops"},
        {"type": "product", "sku": "P-1", "title": "Pan", "category": "Cooking"},
        order(5, "2026-11-05", lines=[{"sku": "S-3", "quantity": 1, "price": "90.00"}]),
        order(6, "2026-11-05", lines=[{"sku": "P-1", "quantity": 1, "price": "9.00", "unit_cost": "8.00"}]),
    )

    found = rows(asked(shop, level="category", sort_by="cm2_margin"))

    assert found[0]["category"] == "Cooking"
    assert {row["category"]: row["cm2_margin"] for row in found if row["category"] == "Tops"} == {"Tops": None}


def test_a_loss_is_told_where_the_cost_of_nothing_that_was_sold_is_known() -> None:
    merchant = Merchant()
    shop = Shop(engine=merchant.engine)
    merchant.import_lines(
        header(),
        order(1, "2026-10-15", lines=[{"sku": "A", "quantity": 1, "price": "900.00"}]),
        order(2, "2026-11-02", lines=[{"sku": "B", "quantity": 1, "price": "50.00"}]),
        refund(1, "2026-11-10", order_id="1", lines=[{"sku": "A", "quantity": 1, "amount": "900.00"}]),
    )

    assert asked(shop)["summary"].endswith(
        "no cost of what was sold is known, so neither is CM2 in all. 1 of them lost money, 900.00 USD together."
    )


@pytest.mark.parametrize("day", ["2024-01-31", "2026-11-21"])
def test_where_no_order_is_known_what_goods_earned_is_unknown_and_not_nothing(shop: Shop, day: str) -> None:
    content = asked(shop, date_from=day, date_to=day)

    assert {name: value for name, value in content["totals"].items() if value is not None} == {
        "rows": 0,
        "losing_money": 0,
        "cost_unknown": 0,
    }
    assert content["summary"].endswith(f"What was sold in {day} is unknown.")


def test_what_is_compared_with_days_before_the_data_says_so_and_has_no_numbers_of_them(shop: Shop) -> None:
    content = asked(shop, compare="custom", compare_from="2024-11-01", compare_to="2024-11-20")

    assert {*content["comparison"]["data"].values()} == {None}
    assert {row["net_sales_before"] for row in rows(content)} == {None}
    assert "comparison_before_data" in codes(content)


@pytest.mark.parametrize(
    ("first", "last", "warned"),
    [("2026-10-12", "2026-10-31", False), ("2026-10-11", "2026-10-31", True), ("2026-10-20", "2026-11-08", True)],
    ids=["as long and apart", "longer", "overlapping"],
)
def test_what_is_no_fair_comparison_is_said_to_be_none(shop: Shop, first: str, last: str, *, warned: bool) -> None:
    content = asked(shop, compare="custom", compare_from=first, compare_to=last)

    assert ("comparison_length" in codes(content)) == warned


def test_totals_are_those_of_all_rows_on_whatever_page(shop: Shop) -> None:
    content = asked(shop, limit=1)

    assert (content["meta"]["page"]["returned"], content["meta"]["page"]["total"]) == (1, 4)
    # 81 sold after discounts less 10 given back; 21 is the cost of the shirts, 5 that of sending and being paid.
    assert content["totals"] == {
        "rows": 4,
        "losing_money": 1,
        "cost_unknown": 2,
        "units": 9,
        "net_sales": 71.0,
        "cogs": 21.0,
        "cm1": 50.0,
        "cm2": 45.0,
        "cm2_margin": None,
        "ad_spend_allocated": None,
    }
    assert content["meta"]["coverage"] == {"cogs": 0.4938}
    assert content["comparison"]["data"]["net_sales"] == 20.0
    assert content["comparison"]["change"]["net_sales"] == {"abs": None, "pct": None}, "orders are known in part"


def test_a_change_is_told_where_the_orders_of_all_days_of_both_periods_are_known(shop: Shop) -> None:
    against = {"compare": "custom", "compare_from": "2026-10-15", "compare_to": "2026-10-31"}
    content = asked(shop, date_from="2026-11-01", date_to="2026-11-17", **against)

    assert content["comparison"]["change"]["net_sales"] == {"abs": 51.0, "pct": 255.0}


def test_variants_add_up_to_products_and_these_to_categories(shop: Shop) -> None:
    products = {row["product_id"]: row for row in rows(asked(shop, level="product"))}
    categories = {row["category"]: row for row in rows(asked(shop, level="category"))}

    assert (products["shirt"]["units"], products["shirt"]["cm2"], products["shirt"]["title"]) == (3, 4.0, "Shirt")
    assert products["M-1"]["units"] == 5, "a variant of no product stands for itself"
    assert (categories["Tops"]["cm2"], categories["Kitchen"]["net_sales"]) == (4.0, 40.0)
    assert (categories[None]["units"], categories["Tops"]["title"]) == (1, None)


def test_a_product_of_which_one_variant_was_sold_goes_by_what_all_its_variants_are_called() -> None:
    sizes = [
        {"type": "product", "sku": sku, "title": title, "product_id": "knife"}
        for sku, title in (("K-L", "Chef's knife - L"), ("K-2", "Chef's knife - Large"), ("K-3", "Chef's knife - XL"))
    ]
    sizes.append(order("k", "2026-11-02", lines=[{"sku": "K-L", "quantity": 1, "price": "50.00"}]))
    found = {row["product_id"]: row["title"] for row in rows(asked(sold(*sizes), level="product"))}

    assert found["knife"] == "Chef's knife"


def test_a_refund_that_names_no_sku_is_spread_over_its_order() -> None:
    shop = sold(refund(2, "2026-11-11", order_id="1", lines=[{"amount": "4.00"}]))
    found = {row["sku"]: row["net_sales"] for row in rows(asked(shop))}

    assert found == {"S-1": 27.0, "S-2": -1.0, "M-1": 40.0, None: 1.0}


def test_ad_spend_is_shared_out_by_net_sales_to_the_last_cent() -> None:
    shop = sold(
        {"type": "ad_day", "platform": "meta", "campaign_id": "c", "date": "2026-11-05", "spend": "7.10", "source": "m"}
    )
    content = asked(shop, ad_allocation="revenue_share")

    # Of 71 net sales; the shirt that was given back has no part.
    assert {row["sku"]: row["ad_spend_allocated"] for row in rows(content)} == {
        "S-1": 3.0,
        "S-2": 0.0,
        "M-1": 4.0,
        None: 0.1,
    }
    assert content["totals"]["ad_spend_allocated"] == 7.1


def test_ad_spend_that_nobody_told_is_unknown(shop: Shop) -> None:
    content = asked(shop, ad_allocation="revenue_share")

    assert content["totals"]["ad_spend_allocated"] is None
    assert "ad_spend_unknown" in codes(content)


def test_what_makes_the_numbers_partial_is_told_with_the_share_it_leaves(shop: Shop) -> None:
    warnings = {warning["code"]: warning for warning in asked(shop)["meta"]["warnings"]}

    assert warnings["cogs_partial"]["share"] == 0.4938
    assert warnings["no_sku"]["share"] == 0.9877
    assert warnings["costs_unknown"]["share"] == 0.3333


def test_costs_that_came_as_invoices_for_the_shop_are_named_and_shared_out_to_nobody() -> None:
    shop = sold({"type": "expense", "id": 1, "date": "2026-11-05", "amount": "50.00", "line": "fulfilment"})
    content = asked(shop)

    assert content["totals"]["cm2"] == 45.0
    (told,) = [w for w in content["meta"]["warnings"] if w["code"] == "costs_not_allocated"]
    assert "50.00 USD" in told["message"]


def test_facts_in_a_currency_without_a_rate_count_nowhere_and_are_counted() -> None:
    shop = sold(order(9, "2026-11-06", currency="EUR", lines=[{"sku": "S-1", "quantity": 9, "price": "99.00"}]))
    content = asked(shop)

    assert content["totals"]["units"] == 9
    assert "fx_rate_missing" in codes(content)


def test_a_query_finds_by_any_name_and_shares_stay_those_of_the_whole(shop: Shop) -> None:
    content = asked(shop, query="SHIRT")

    assert {row["sku"] for row in rows(content)} == {"S-1", "S-2"}
    assert content["totals"]["net_sales"] == 30.0
    assert {row["share_of_sales"] for row in rows(content)} == {0.4225, 0.0}


def test_a_query_of_which_nothing_can_be_read_is_no_wish_to_see_everything(shop: Shop) -> None:
    content = shop.call("list_product_profitability", query="\u0000\u200b").content

    assert (content["code"], content["field"]) == ("invalid_argument", "query")


def test_days_on_which_nothing_happened_are_an_answer(shop: Shop) -> None:
    content = asked(shop, date_from="2026-10-20", date_to="2026-10-21", compare="none")

    assert (rows(content), content["totals"]["rows"], content["comparison"]) == ([], 0, None)
    assert content["summary"] == "Nothing of this was sold or came back in 2026-10-20 to 2026-10-21."


@pytest.mark.parametrize(
    "arguments",
    [
        {"date_from": "2025-10-01"},
        {"compare": "custom", "compare_from": "2025-01-01", "compare_to": "2026-10-31"},
    ],
    ids=["the period", "the one before"],
)
def test_more_than_400_days_are_too_many(shop: Shop, arguments: dict[str, Any]) -> None:
    result = shop.call("list_product_profitability", **{**NOVEMBER, **arguments}).result

    assert result["structuredContent"]["code"] == "range_too_long"


def test_pages_follow_each_other_through_all_rows(shop: Shop) -> None:
    first = asked(shop, limit=3, sort_by="units")
    second = asked(shop, limit=3, sort_by="units", cursor=first["meta"]["page"]["next_cursor"])

    assert [row["units"] for row in rows(first) + rows(second)] == [5, 2, 1, 1]
    assert second["meta"]["page"]["next_cursor"] is None
