"""`list_product_costs`: what held on a day, what changed, and where nothing is known."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.facts.products import MOST_VERSIONS
from shared.domain.scopes import Scope
from tests.data.merchants import Line, Merchant, header, order
from tests.transports.mcp.shop import Shop


def cost(sku: str, day: str, amount: str, **more: Any) -> Line:  # noqa: ANN401 - any JSON
    return {"type": "cost", "sku": sku, "effective_from": day, "unit_cost": amount, **more}


LINES: list[Line] = [
    {"type": "product", "sku": "A", "title": "Alpha"},
    {"type": "product", "sku": "C", "title": "Gamma"},
    cost("A", "2026-01-01", "4.00"),
    cost("A", "2026-06-01", "5.00"),
    cost("A", "2026-09-01", "5.00"),
    cost("B", "2025-05-01", "7.00", currency="EUR"),
    order(1, "2026-11-01", lines=[{"sku": "A", "quantity": 3, "price": "10.00", "discount": "6.00"}]),
    order(2, "2026-11-02", lines=[{"sku": "C", "quantity": 1, "price": "56.00"}]),
    order(3, "2026-11-20", lines=[{"sku": "D", "quantity": 2, "price": "10.00", "unit_cost": "2.50"}]),
    order(4, "2026-10-01", lines=[{"sku": "A", "quantity": 9, "price": "10.00"}]),
    {"type": "fx", "date": "2026-11-20", "base": "EUR", "quote": "USD", "rate": "1.1"},
]


def shop_with(*lines: Line) -> Shop:
    merchant = Merchant()
    shop = Shop(engine=merchant.engine, scopes=frozenset({Scope.PRODUCTS}))
    merchant.import_lines(header(), *lines)
    return shop


@pytest.fixture(scope="module")
def shop() -> Shop:
    return shop_with(*LINES)


def asked(shop: Shop, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    result = shop.call("list_product_costs", **arguments).result
    assert result["isError"] is False, result
    return result["structuredContent"]


def rows(content: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row[0]: dict(zip(content["data"]["columns"], row, strict=True)) for row in content["data"]["rows"]}


def test_each_sku_has_the_cost_that_holds_now_and_the_one_before(shop: Shop) -> None:
    content = asked(shop)

    assert list(rows(content)) == ["C", "A", "D", "B"], "what sells most comes first"
    assert rows(content)["A"] == {
        "sku": "A",
        "title": "Alpha",
        "unit_cost": 5.0,
        "currency": "USD",
        "effective_from": "2026-06-01",
        "source": "shop",
        "stale": False,
        "previous_cost": 4.0,
        "change_rate": 0.25,
        "units_30d": 3,
        "sales_30d": 24.0,
    }


def test_coverage_is_by_sku_and_by_sales(shop: Shop) -> None:
    content = asked(shop, status="missing")

    assert list(rows(content)) == ["C"]
    assert content["totals"] == {"rows": 1, "skus": 4, "missing": 1, "stale": 1, "sales_30d": 56.0}
    # 44 of the 100 that were sold in the 30 days up to 20 November.
    assert content["meta"]["coverage"] == {"by_sku": 0.75, "by_sales": 0.44}
    assert "1 of 4 SKUs is unknown" in content["summary"]


def test_a_cost_that_only_orders_state_is_known_by_them(shop: Shop) -> None:
    found = rows(asked(shop))["D"]

    assert (found["unit_cost"], found["source"], found["effective_from"]) == (2.5, "order_lines", None)


def test_the_day_decides_which_cost_held(shop: Shop) -> None:
    days = ("2025-12-31", "2026-01-01", "2026-05-31", "2026-06-01")

    assert [rows(asked(shop, sku="A", as_of=day))["A"]["unit_cost"] for day in days] == [None, 4.0, 4.0, 5.0]


def test_a_cost_that_nobody_has_told_again_for_a_year_is_stale(shop: Shop) -> None:
    assert list(rows(asked(shop, status="stale"))) == ["B"]
    assert list(rows(asked(shop, status="stale", as_of="2026-05-01"))) == []
    # The cost of A was told again in September: it is old, and still sure.
    assert rows(asked(shop, sku="A"))["A"]["stale"] is False


def test_who_asks_for_old_costs_is_told_of_old_costs(shop: Shop) -> None:
    content = asked(shop, status="stale")
    (warning,) = [each for each in content["meta"]["warnings"] if each["code"] == "cost_stale"]

    day = content["meta"]["today"]
    assert content["summary"] == f"On {day} the cost of 1 of 4 SKUs was last told more than 365 days before."
    assert (warning["share"], "share is the part of the SKUs" in warning["message"]) == (0.75, True)


def test_a_cost_is_told_in_its_own_currency(shop: Shop) -> None:
    found = rows(asked(shop, sku="B"))["B"]

    assert (found["unit_cost"], found["currency"]) == (7.0, "EUR")


def test_a_cost_without_a_rate_counts_as_unknown_until_its_rate_comes() -> None:
    sold = order(1, "2026-11-01", lines=[{"sku": "A", "quantity": 1, "price": "10.00"}])
    told = cost("A", "2026-01-01", "4.00", currency="NOK")
    lacking = asked(shop_with(told, sold))
    (warning,) = [each for each in lacking["meta"]["warnings"] if each["code"] == "fx_rate_missing"]

    assert lacking["totals"]["missing"] == 1
    assert lacking["meta"]["coverage"] == {"by_sku": 0.0, "by_sales": 0.0}
    assert "1 in NOK" in warning["message"]
    assert rows(asked(shop_with(told, sold), status="missing"))["A"]["unit_cost"] == 4.0

    rate = {"type": "fx", "date": "2026-11-01", "base": "NOK", "quote": "USD", "rate": "2"}
    known = asked(shop_with(told, sold, rate))
    assert known["totals"]["missing"] == 0
    assert known["meta"]["coverage"] == {"by_sku": 1.0, "by_sales": 1.0}


def test_a_change_of_currency_is_no_change_of_the_cost() -> None:
    found = rows(asked(shop_with(cost("A", "2026-01-01", "4.00"), cost("A", "2026-02-01", "4.00", currency="EUR"))))[
        "A"
    ]

    assert (found["unit_cost"], found["previous_cost"], found["change_rate"]) == (4.0, None, None)


def test_of_many_changes_the_latest_are_kept_and_a_day_before_them_says_so() -> None:
    months = [f"{2024 + place // 12}-{place % 12 + 1:02}-01" for place in range(MOST_VERSIONS + 1)]
    shop = shop_with(*(cost("A", day, f"{place + 1}.00") for place, day in enumerate(months)))

    assert rows(asked(shop))["A"]["unit_cost"] == MOST_VERSIONS + 1
    assert rows(asked(shop, as_of=months[1]))["A"]["unit_cost"] == 2.0
    cut = asked(shop, as_of=months[0])
    assert rows(cut)["A"]["unit_cost"] is None
    assert [warning["code"] for warning in cut["meta"]["warnings"]] == ["old_costs_left_out"]


@pytest.mark.parametrize(
    ("arguments", "code"), [({"sku": "Z"}, "not_found"), ({"as_of": "2026-12-01"}, "invalid_date_range")]
)
def test_what_is_not_there_is_refused_with_what_to_do(shop: Shop, arguments: dict[str, Any], code: str) -> None:
    result = shop.call("list_product_costs", **arguments).result

    assert (result["isError"], result["structuredContent"]["code"]) == (True, code)
    assert result["structuredContent"]["hint"]


def test_a_shop_whose_orders_name_no_sku_has_no_costs_to_list() -> None:
    content = asked(shop_with(order(1, "2026-11-01")))

    assert (content["totals"]["skus"], content["meta"]["coverage"]) == (0, {"by_sku": None, "by_sales": 0.0})
    assert content["summary"].startswith("No SKU is known yet")
