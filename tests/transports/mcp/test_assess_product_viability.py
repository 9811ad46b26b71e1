"""`assess_product_viability`: what it stands on, and what it makes of it."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.scopes import Scope
from tests.data.merchants import Line, Merchant, header, order, refund
from tests.transports.mcp.shop import Shop


def ad_day(day: str, spend: str) -> Line:
    return {"type": "ad_day", "platform": "meta", "campaign_id": "c", "date": day, "spend": spend, "source": "m"}


LINES: list[Line] = [
    {"type": "product", "sku": "NEW", "title": "Not sold yet", "price": "50.00"},
    {"type": "cost", "sku": "A", "effective_from": "2026-01-01", "unit_cost": "6.00"},
    {"type": "cost", "sku": "A", "effective_from": "2026-11-15", "unit_cost": "8.00"},
    # Four pieces in two orders: 100 before and 80 after discounts.
    order(
        1,
        "2026-11-01",
        lines=[{"sku": "A", "quantity": 3, "price": "25.00", "discount": "15.00"}],
        fulfilment_cost="6.00",
        payment_fee="3.00",
    ),
    order(
        2,
        "2026-11-02",
        lines=[{"sku": "A", "quantity": 1, "price": "25.00", "discount": "5.00"}],
        fulfilment_cost="2.00",
        payment_fee="1.00",
    ),
    refund(1, "2026-11-05", order_id="2", lines=[{"sku": "A", "quantity": 1, "amount": "8.00"}]),
    order(3, "2026-11-20", lines=[{"sku": "B", "quantity": 1, "price": "20.00"}]),
    ad_day("2026-11-01", "0.00"),
    ad_day("2026-11-05", "9.00"),
    ad_day("2026-11-20", "0.00"),
]


@pytest.fixture(scope="module")
def shop() -> Shop:
    merchant = Merchant()
    shop = Shop(engine=merchant.engine, scopes=frozenset({Scope.PRODUCTS}))
    merchant.import_lines(header(), *LINES)
    return shop


def asked(shop: Shop, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    result = shop.call("assess_product_viability", **arguments).result
    assert result["isError"] is False, result
    return result["structuredContent"]


def inputs(content: dict[str, Any]) -> dict[str, tuple[float | None, str | None]]:
    return {each["name"]: (each["value"], each["source"]) for each in content["data"]["inputs"]}


def test_a_sku_stands_on_its_last_90_days_and_its_cost_of_today(shop: Shop) -> None:
    content = asked(shop, sku="A")

    assert inputs(content) == {
        "price": (25.0, "observed"),
        "discount_rate": (0.2, "observed"),
        "return_rate": (0.1, "observed"),
        "unit_cost": (8.0, "observed"),
        "restock_rate": (0.0, "observed"),
        "shipping": (2.0, "observed"),
        "fee_rate": (0.05, "observed"),
        "units_per_order": (2.0, "observed"),
        "cpa": (3.0, "default"),
        "sales_rank": (1.0, "observed"),
    }
    assert content["meta"]["period"] == {"from": "2026-08-23", "to": "2026-11-20", "partial": False}


def test_an_order_costs_in_ads_what_it_did_on_the_days_of_which_ads_are_told() -> None:
    merchant = Merchant()
    merchant.import_lines(header(), *(line for line in LINES if line != ad_day("2026-11-01", "0.00")))

    content = asked(Shop(engine=merchant.engine, scopes=frozenset({Scope.PRODUCTS})), sku="A")

    assert inputs(content)["cpa"] == (9.0, "default")  # one of the three orders is of these days


def test_its_economics_and_its_verdict(shop: Shop) -> None:
    data = asked(shop, sku="A")["data"]

    # 20 are paid for a piece and 2 go back; 8, 2 and 1 are spent on it.
    money = ("unit_net", "cogs", "shipping", "fees", "unit_cm2", "break_even_cpa", "max_cpa_at_target")
    assert [data[name] for name in money] == [18.0, 8.0, 2.0, 1.0, 7.0, 14.0, 8.6]
    assert (data["cm2_margin"], data["break_even_roas"]) == (0.3889, 2.5714)
    # 40 x 0.3889/0.40 + 30 x 11/14 + 15 x 2/3 + 15
    assert (data["score"], data["verdict"], data["missing_terms"]) == (87.5, "viable", [])
    assert data["gates"] == [{"gate": "cost_known", "passed": True}, {"gate": "unit_cm2_positive", "passed": True}]


def test_what_is_given_goes_before_what_is_known(shop: Shop) -> None:
    content = asked(shop, sku="A", price=40, unit_cost=10.5, shipping=0, fee_rate=0.1, expected_return_rate=0, cpa=20)
    given = ("price", "unit_cost", "shipping", "fee_rate", "return_rate", "cpa")

    assert {inputs(content)[name][1] for name in given} == {"given"}
    # 32 are paid after the usual discount.
    assert content["data"]["unit_cm2"] == 32 - 10.5 - 3.2


def test_a_product_that_was_never_sold_has_its_list_price_and_the_shops_averages(shop: Shop) -> None:
    content = asked(shop, sku="NEW", unit_cost=20)

    found = inputs(content)
    # 8 of 100 went back in the shop, 4 were fees, and 8 were spent to send five pieces.
    assert found["price"] == (50.0, "observed")
    assert (found["return_rate"], found["fee_rate"], found["shipping"]) == (
        (0.08, "default"),
        (0.04, "default"),
        (1.6, "default"),
    )
    assert "inputs_assumed" in [warning["code"] for warning in content["meta"]["warnings"]]


def test_without_a_cost_there_is_no_verdict_and_the_gate_says_why(shop: Shop) -> None:
    content = asked(shop, sku="B")

    assert (content["data"]["verdict"], content["data"]["score"], content["data"]["unit_cm2"]) == (None, None, None)
    assert content["data"]["gates"][0] == {"gate": "cost_known", "passed": False}
    assert "unknown" in content["summary"]


def test_a_piece_that_costs_more_than_it_brings_is_not_viable(shop: Shop) -> None:
    data = asked(shop, sku="B", unit_cost=30)["data"]

    assert (data["verdict"], data["score"], data["break_even_roas"]) == ("not_viable", 0.0, None)
    assert data["unit_cm2"] < 0


def test_costs_that_nobody_knows_are_no_ground_for_a_verdict() -> None:
    content = asked(Shop(), price=20, unit_cost=1, expected_return_rate=0)

    assert (content["data"]["score"], content["data"]["verdict"]) == (100.0, None)
    assert content["summary"] == (
        "The planned product leaves at most 19.0 USD of CM2 a piece and scores 100.0 of 100: no verdict while nobody "
        "knows shipping, fee_rate, cpa. An order may cost at most 19.0 USD in advertising to break even."
    )


def test_what_came_back_after_the_last_order_came_back_all_the_same() -> None:
    merchant = Merchant()
    shop = Shop(engine=merchant.engine)
    sold = order(1, "2026-11-10", lines=[{"sku": "A", "quantity": 1, "price": "25.00", "unit_cost": "5.00"}])
    back = refund(1, "2026-11-15", order_id="1", lines=[{"sku": "A", "quantity": 1, "amount": "25.00"}])
    merchant.import_lines(header(), sold, back)

    content = asked(shop, sku="A", shipping=1, fee_rate=0, cpa=1)

    assert inputs(content)["return_rate"] == (1.0, "observed")
    assert content["data"]["verdict"] == "not_viable"


def test_a_planned_product_needs_nothing_imported() -> None:
    content = asked(Shop(), price=20, unit_cost=8, shipping=2, fee_rate=0.03, expected_return_rate=0.05, cpa=5)

    # 19 after returns, less 8, 2 and 0.60
    assert content["data"]["unit_cm2"] == 8.4
    assert content["data"]["missing_terms"] == ["sales_rank"]
    assert content["meta"]["period"] is None


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({}, "sku"),
        ({"price": 20}, "unit_cost"),
        ({"sku": ""}, "sku"),
        ({"price": "20", "unit_cost": 8}, "price"),
        ({"price": -1, "unit_cost": 8}, "price"),
        ({"sku": "A", "fee_rate": 3}, "fee_rate"),
        ({"sku": "B2"}, "sku"),
    ],
)
def test_what_is_missing_or_wrong_is_named(shop: Shop, arguments: dict[str, Any], field: str) -> None:
    result = shop.call("assess_product_viability", **arguments).result

    assert (result["isError"], result["structuredContent"]["field"]) == (True, field)


def test_a_sku_of_which_neither_a_sale_nor_a_price_is_known_needs_a_price() -> None:
    merchant = Merchant()
    shop = Shop(engine=merchant.engine)
    merchant.import_lines(header(), {"type": "cost", "sku": "A", "effective_from": "2026-01-01", "unit_cost": "6.00"})

    refused = shop.call("assess_product_viability", sku="A").result["structuredContent"]
    assert (refused["code"], refused["field"]) == ("invalid_argument", "price")
    assert asked(shop, sku="A", price=10)["data"]["unit_cm2"] == 4.0
