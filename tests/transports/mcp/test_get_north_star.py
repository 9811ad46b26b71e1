"""The north star of a shop, worked out by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from shared.domain.facts.rollups import Figure
from shared.domain.facts.settings import Settings
from shared.domain.scopes import Scope
from tests.data.rollups import MICROS, account, cohort, every_day, holding, overview, store
from tests.transports.mcp.shop import Shop
from tests.transports.mcp.steered_shop import NOVEMBER, OCTOBER, TEN_DAYS, TOLD, asked, codes, contributions, shop_with


def test_the_north_star_is_told_with_its_change_and_the_inputs_that_made_it() -> None:
    content = asked(shop_with(), **TEN_DAYS)

    data = content["data"]
    assert data["metric"] == {
        "key": "cm3",
        "label": "Contribution margin 3",
        "formula": "cm2 - ad_spend",
        "unit": "money",
        "direction": "at_least",
    }
    # Ten days of 100 - 40 - 20, then of 180 - 90 - 30.
    assert (data["value"], data["before"], data["change"]) == (600.0, 400.0, {"abs": 200.0, "pct": 50.0})
    assert (data["columns"], data["rows"]) == (["start", "partial", "value"], [["2026-11-01", False, 600.0]])
    told = {each["metric"]: each for each in data["inputs"]}
    assert told["orders"] == {
        "metric": "orders", "unit": "count", "value": 30, "before": 20, "change": 10, "contribution": 300.0,
    }  # fmt: skip
    assert told["gross_sales_per_order"] == {
        "metric": "gross_sales_per_order", "unit": "money", "value": 60.0, "before": 50.0, "change": 10.0,
        "contribution": 180.0,
    }  # fmt: skip
    assert told["cogs_per_gross_sales"] == {
        "metric": "cogs_per_gross_sales", "unit": "ratio", "value": 0.5, "before": 0.4, "change": 0.1,
        "contribution": -180.0,
    }  # fmt: skip
    assert told["ad_spend"]["contribution"] == -100.0
    assert content["summary"] == (
        "Contribution margin 3 of 2026-11-01 to 2026-11-10: 600.00 USD, 200.00 USD more than in "
        "2026-10-01 to 2026-10-10 (+50.0 %)."
    )
    assert content["meta"]["definition_version"] == "pnl.v1"


def test_a_change_of_a_loss_is_told_in_money_and_never_in_percent() -> None:
    shop = shop_with(every_day("2026-09", {**OCTOBER, Figure.COGS: 81 * MICROS}))
    content = asked(shop, **{**TEN_DAYS, "compare_from": "2026-09-01", "compare_to": "2026-09-10"})

    # 100 - 81 - 20 a day.
    assert (content["data"]["before"], content["data"]["change"]) == (-10.0, {"abs": 610.0, "pct": None})
    assert "610.00 USD more than in 2026-09-01 to 2026-09-10 (before was below zero)." in content["summary"]
    assert "%" not in content["summary"]


def test_what_is_shown_of_contributions_adds_up_to_the_change_that_is_shown() -> None:
    odd = {**NOVEMBER, Figure.GROSS_SALES: 177_777_777, Figure.COGS: 88_888_333, Figure.RETURNS: 1_234_567}
    shop = Shop()
    store(shop.engine, every_day("2026-10", OCTOBER), every_day("2026-11", odd), found=TOLD)

    data = asked(shop, **TEN_DAYS)["data"]

    assert sum(round(each["contribution"] * 100) for each in data["inputs"]) == round(data["change"]["abs"] * 100)


@pytest.mark.parametrize(
    ("metric", "value", "change", "parts"),
    [
        ("net_revenue", 1800.0, 800.0, {"orders": 500.0, "net_revenue_per_order": 300.0}),
        ("orders", 30, 10, {}),
        ("cm3_margin", 0.3333, -0.0667, {"cm3": 0.2, "net_revenue": -0.2667}),
        ("mer", 6.0, 1.0, {"net_revenue_by_order": 4.0, "ad_spend": -3.0}),
        ("units", 40, 0, {"orders": 20.0, "units_per_order": -20.0}),
    ],
)
def test_a_shop_steers_by_what_it_has_settled(
    metric: str, value: float, change: float, parts: dict[str, float]
) -> None:
    content = asked(shop_with(settings=Settings(north_star=metric)), **TEN_DAYS)

    assert content["data"]["metric"]["key"] == metric
    assert (content["data"]["value"], content["data"]["change"]["abs"]) == (value, change)
    assert contributions(content) == parts


def test_new_customers_are_those_of_the_cohorts() -> None:
    settings = Settings(north_star="ncac")
    content = asked(shop_with(cohort("2026-10", [20]), cohort("2026-11", [10]), settings=settings), **TEN_DAYS)

    assert (content["data"]["value"], content["data"]["before"]) == (30.0, 10.0)
    assert contributions(content) == {"ad_spend": 5.0, "new_customers": 15.0}


def test_its_course_is_a_row_for_each_bucket_and_days_add_up() -> None:
    shop = shop_with()
    weeks = asked(shop, date_from="2026-10-28", date_to="2026-11-10", granularity="week")["data"]

    assert weeks["rows"] == [
        ["2026-10-26", True, 220.0],  # four days of October, one of November
        ["2026-11-02", False, 420.0],
        ["2026-11-09", True, 120.0],
    ]
    assert (weeks["value"], weeks["before"], weeks["change"]) == (760.0, None, {"abs": None, "pct": None})
    assert all(each["change"] is None and each["contribution"] is None for each in weeks["inputs"])


def test_what_is_not_known_alike_of_both_periods_has_no_change() -> None:
    late = overview(
        accounts=[account(), account("meta_ads", "a", holdings=[holding("ad_day", last=date(2026, 10, 31))])]
    )
    content = asked(shop_with(found=late), **TEN_DAYS)

    assert content["data"]["change"] == {"abs": None, "pct": None}
    assert set(contributions(content).values()) == {None}
    assert "costs_not_alike" in codes(content)


@pytest.mark.parametrize("reach", [{"data_from": date(2026, 10, 6)}, {"data_through": date(2026, 11, 5)}])
def test_sales_of_half_a_period_are_no_rise_and_no_fall(reach: dict[str, Any]) -> None:
    content = asked(shop_with(settings=Settings(north_star="net_revenue"), found=overview(**reach)), **TEN_DAYS)

    assert content["data"]["change"] == {"abs": None, "pct": None}
    assert set(contributions(content).values()) == {None}


def test_orders_that_name_no_customer_bring_an_unknown_number_of_new_ones() -> None:
    nameless = {**NOVEMBER, Figure.ORDERS_WITH_CUSTOMER: 0}
    shop = Shop(scopes=frozenset({Scope.NORTH_STAR}))
    star = Settings(north_star="new_customers")
    store(shop.engine, every_day("2026-10", OCTOBER), every_day("2026-11", nameless), found=TOLD, settings=star)

    assert asked(shop, **TEN_DAYS)["data"]["value"] is None


def test_a_part_of_a_piece_is_told_to_the_hundredth() -> None:
    content = asked(shop_with(settings=Settings(north_star="units")), **TEN_DAYS)

    (_, each) = content["data"]["inputs"]
    assert (each["metric"], each["before"], each["value"]) == ("units_per_order", 2, 1.33)


def test_costs_that_the_number_does_not_stand_on_are_no_matter_of_it() -> None:
    told = overview(accounts=[account()])
    assert codes(asked(shop_with(settings=Settings(north_star="net_revenue"), found=told), **TEN_DAYS)) == []
    assert codes(asked(shop_with(settings=Settings(north_star="cm1"), found=told), **TEN_DAYS)) == []
    assert "costs_unknown" in codes(asked(shop_with(found=TOLD), **TEN_DAYS))  # payment fees, of CM3


@pytest.mark.parametrize("metric", ["cm3", "mer", "net_revenue"])
def test_of_days_without_a_known_order_no_input_is_told_as_nothing(metric: str) -> None:
    content = asked(shop_with(settings=Settings(north_star=metric)), period="today")

    assert (content["data"]["value"], content["data"]["inputs"]) == (None, [])


def test_a_number_is_said_to_lack_the_costs_that_it_stands_on_and_no_others() -> None:
    uncosted = {**NOVEMBER, Figure.COGS: 0, Figure.COST_KNOWN_SALES: 0, Figure.COST_KNOWN_UNITS: 0}
    shops = {key: Shop(scopes=frozenset({Scope.NORTH_STAR})) for key in ("mer", "cm3")}
    for key, shop in shops.items():
        months = [every_day("2026-10", OCTOBER), every_day("2026-11", uncosted)]
        store(shop.engine, *months, found=TOLD, settings=Settings(north_star=key))
    told = {key: asked(shop, **TEN_DAYS)["summary"] for key, shop in shops.items()}

    assert "cost of goods" not in told["mer"]
    assert "6.0, 1.0 more than" in told["mer"]
    assert "the cost of goods sold is unknown" in told["cm3"]


def test_days_without_a_known_order_have_no_value() -> None:
    content = asked(shop_with(), date_from="2024-11-01", date_to="2024-11-10")

    assert (content["data"]["value"], content["data"]["rows"]) == (None, [["2024-11-01", False, None]])
    assert "no_orders" in codes(content)
