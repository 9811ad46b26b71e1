"""What a customer is worth, over MCP: worked out by hand, and where nothing holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from shared.domain.facts.rollups import Figure
from tests.data.rollups import MICROS, cohort, every_day, store
from tests.transports.mcp.ltv_told import (
    ADS,
    AUGUST,
    JULY,
    OCTOBER_2025,
    SEGMENTS,
    TOLD,
    VALUES,
    YEAR,
    asked,
    lifetimes,
    shop_with,
    warned,
)
from tests.transports.mcp.shop import Shop

# --- by hand ---------------------------------------------------------------------------------------------------------


def test_what_is_expected_is_for_each_customer_and_discounted_month_by_month() -> None:
    data = asked(shop_with(lifetimes()), horizon_months=2, discount_rate_annual=0.5)["data"]

    value = 10 / 1.5 ** (1 / 12) + 10 / 1.5 ** (2 / 12)
    assert data["predictive"] == {
        "value": round(value, 2),
        "p_alive_share": 0.8,
        "expected_orders": 1.0,
        "expected_order_value": 20.0,
    }


def test_without_discount_a_horizon_is_worth_its_months() -> None:
    shop = shop_with(lifetimes())

    for months in (1, 12, 36):
        data = asked(shop, horizon_months=months, discount_rate_annual=0)["data"]
        assert data["predictive"]["value"] == 10.0 * months
        assert data["predictive"]["expected_orders"] == 0.5 * months


def test_in_cm2_it_is_worth_the_part_of_revenue_that_was_left_so_far() -> None:
    content = asked(shop_with(lifetimes(), JULY), margin="cm2", discount_rate_annual=0)

    # July: 1,160 of 5,750 dollars were left.
    assert content["data"]["predictive"]["value"] == round(120 * 1160 / 5750, 2)
    assert content["data"]["historical"]["m3"] == 11.6
    assert content["meta"]["coverage"] == {"cogs": 0.9}
    assert "cogs_partial" in warned(content)


def test_where_no_cost_of_goods_is_known_nothing_is_told_in_cm2() -> None:
    sold = [replace(each, sales=[3000 * MICROS], cost_known_sales=[0]) for each in (OCTOBER_2025, JULY)]
    shop = shop_with(lifetimes(), *sold, *ADS)
    in_revenue, in_cm2 = asked(shop), asked(shop, margin="cm2")

    assert in_revenue["data"]["historical"]["m12"] == 42.0
    assert in_cm2["data"]["historical"] == dict.fromkeys(("m1", "m3", "m6", "m12"))
    assert in_cm2["data"]["predictive"] is None
    for content in (in_revenue, in_cm2):
        assert "costs_unknown" in warned(content)
        assert "cogs_partial" not in warned(content)
        assert "CM2" not in content["summary"]
        assert (content["data"]["ltv_to_cac"], content["data"]["payback_month"]) == (None, None)


def test_customers_who_may_have_ordered_before_the_data_begins_make_winning_one_look_cheap() -> None:
    assert "new_customers_overcounted" in warned(asked(shop_with(lifetimes(), OCTOBER_2025, JULY, *ADS)))
    assert "new_customers_overcounted" not in warned(asked(without_ads()))


def test_history_is_of_those_for_whom_the_month_is_over() -> None:
    content = asked(shop_with(lifetimes(), JULY, AUGUST))

    # The data reaches to 20 November: October is the last month that is over.
    assert content["data"]["historical"] == {"m1": round((5800 + 2300) / 150, 2), "m3": 57.5, "m6": None, "m12": None}
    assert content["data"]["matured_customers"] == {"m1": 150, "m3": 100, "m6": 0, "m12": 0}
    assert "immature_cells" in warned(content)
    assert content["summary"] == (
        f"1,000 customers as of 2026-11-20; each is expected to bring {YEAR:.2f} USD of net revenue in the next 12 "
        "months. A customer had brought 57.50 USD of net revenue by month 3 after the first."
    )


def test_winning_a_customer_is_set_against_the_cm2_that_one_brings() -> None:
    data = asked(shop_with(lifetimes(), OCTOBER_2025, JULY, *ADS))["data"]

    cac = 61 * 5 / 100  # 61 days of 5 dollars from November to October, and July's 100 new customers
    assert data["cac"] == cac
    assert data["ltv_to_cac"] == round(16 / cac, 2)
    assert data["payback_month"] == 0


def test_a_month_that_is_not_over_is_not_in_what_winning_a_customer_costs() -> None:
    november = [cohort("2026-11", [50]), every_day("2026-11", {Figure.AD_SPEND: 7 * MICROS})]

    assert asked(shop_with(lifetimes(), OCTOBER_2025, JULY, *ADS, *november))["data"]["cac"] == 61 * 5 / 100


def test_the_summary_says_that_what_a_customer_cost_is_set_against_cm2_where_values_are_in_revenue() -> None:
    shop = shop_with(lifetimes(), OCTOBER_2025, JULY, *ADS)

    # Revenue of 4,200 dollars and CM2 of 1,600 of 100 customers; one of them cost 3.05.
    assert asked(shop, method="historical")["summary"] == (
        "1,000 customers as of 2026-11-20. A customer had brought 42.00 USD of net revenue by month 12 after the first"
        ", in CM2 5.25 times the cost of winning one by month 12."
    )


def test_payback_is_the_first_month_by_whose_end_the_cost_of_winning_has_come_in() -> None:
    ads = [every_day(month, {Figure.AD_SPEND: 18 * MICROS}) for month in ("2026-08", "2026-09")]
    data = asked(shop_with(lifetimes(), OCTOBER_2025, JULY, *ads))["data"]

    # 10.98 dollars a customer. Both cohorts have brought 10.00 by month 0 and 11.25 by month 1.
    assert (data["cac"], data["payback_month"]) == (10.98, 1)


def without_ads() -> Shop:
    shop = Shop()
    store(shop.engine, lifetimes(), JULY, OCTOBER_2025)
    return shop


def test_winning_costs_nobody_knows_what_where_nobody_tells_of_ads() -> None:
    shop = without_ads()
    data = asked(shop)["data"]

    assert (data["cac"], data["ltv_to_cac"], data["payback_month"]) == (None, None, None)


def test_each_method_tells_its_own_part() -> None:
    shop = shop_with(lifetimes(), JULY)

    historical, predictive = (asked(shop, method=method)["data"] for method in ("historical", "predictive"))

    assert (historical["predictive"], historical["model"]) == (None, None)
    assert historical["historical"]["m1"] == 58.0
    assert (predictive["historical"], predictive["matured_customers"]) == (None, None)
    assert predictive["predictive"]["value"] == YEAR


# --- gates -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("short", "said"),
    [
        ({"customers": 299, "orders_model": None, "values_model": None, "holdout": None}, "customers 299 (need 300)"),
        ({"repeaters": 59, "orders_model": None, "values_model": None, "holdout": None}, "repeaters 59 (need 60)"),
        ({"holdout": 250_001}, "holdout_error 0.250001 (need 0.25)"),
        ({"holdout": -250_001}, "holdout_error 0.250001 (need 0.25)"),
        ({"holdout": None}, "holdout_error unknown (need 0.25)"),
        ({"values_model": {**VALUES, "q": "1.0"}, "expected_value": []}, "q 1 (need 1)"),
    ],
)
def test_nothing_is_expected_where_the_models_do_not_hold(short: dict[str, Any], said: str) -> None:
    shop = shop_with(lifetimes(**short), JULY)

    refused = shop.call("get_customer_ltv", method="predictive").content
    content = asked(shop)

    assert refused["code"] == "insufficient_data"
    assert said in refused["message"]
    assert content["data"]["predictive"] is None
    assert content["data"]["historical"]["m1"] == 58.0
    assert [said in each["message"] for each in content["meta"]["warnings"] if each["code"] == "insufficient_data"] == [
        True
    ]
    assert "insufficient_data" not in warned(asked(shop, method="historical"))


@pytest.mark.parametrize("holdout", [250_000, -250_000])
def test_an_error_of_a_quarter_is_just_good_enough(holdout: int) -> None:
    assert asked(shop_with(lifetimes(holdout=holdout)))["data"]["predictive"] is not None


def test_it_is_said_that_orders_are_worth_more_the_more_there_are() -> None:
    assert "value_goes_with_orders" in warned(asked(shop_with(lifetimes(correlation=-300_001))))
    assert "value_goes_with_orders" not in warned(asked(shop_with(lifetimes(correlation=300_000))))


def test_it_is_said_that_one_customer_is_over_a_quarter_and_not_how_much_that_one_is() -> None:
    one, few = (asked(shop_with(lifetimes(largest=share))) for share in (250_001, 250_000))

    assert message(one, "one_customer")[1] is None
    assert "one_customer" not in warned(few)


def test_it_is_said_that_days_were_taken_together() -> None:
    content = asked(shop_with(lifetimes(days_a_step=14)))

    assert content["data"]["model"]["binned_days"] == 14
    assert "model_binned" in warned(content)


# --- what is left out ------------------------------------------------------------------------------------------------


def message(content: Mapping[str, Any], code: str) -> tuple[str, float | None]:
    (found,) = (each for each in content["meta"]["warnings"] if each["code"] == code)
    return found["message"], found["share"]


def test_orders_that_name_no_customer_are_told() -> None:
    some, every = Shop(), Shop()
    store(some.engine, lifetimes(), found=replace(TOLD, orders=(1900, 2000)))
    store(every.engine, lifetimes(), found=replace(TOLD, orders=(2000, 2000)))

    assert message(asked(some), "no_customer")[1] == 0.95
    assert "no_customer" not in warned(asked(every))


def test_it_is_said_that_orders_are_known_up_to_days_ago() -> None:
    shop = Shop()
    store(shop.engine, lifetimes("2026-10-20"), JULY, found=replace(TOLD, data_through=date(2026, 10, 20)))

    assert (
        "up to 2026-10-20: values and expectations are as of then, 31 days" in message(asked(shop), "upstream_stale")[0]
    )
    assert "upstream_stale" not in warned(asked(shop_with(lifetimes(), JULY)))


def test_it_is_said_that_history_ends_five_years_back() -> None:
    shop = Shop()
    store(shop.engine, lifetimes(), JULY, found=replace(TOLD, data_from=date(2020, 2, 1)))

    assert "2021-10" in message(asked(shop), "history_ends")[0]
    assert "history_ends" not in warned(asked(shop_with(lifetimes(), JULY)))


def test_who_came_back_and_spent_nothing_is_told_and_is_no_more_than_a_tenth() -> None:
    some, more = (asked(shop_with(lifetimes(without_spending=number))) for number in (40, 41))

    assert message(some, "spending_left_out")[1] == 0.9
    assert some["data"]["predictive"] is not None
    assert more["data"]["predictive"] is None
    assert "share_without_spending 0.1025 (need 0.1)" in message(more, "insufficient_data")[0]


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code", "field"),
    [
        ({"observed_through": "2026-10-30"}, "invalid_argument", "observed_through"),
        ({"observed_through": "30.10.2026"}, "invalid_argument", "observed_through"),
        ({"horizon_months": 0}, "invalid_argument", "horizon_months"),
        ({"horizon_months": 37}, "invalid_argument", "horizon_months"),
        ({"discount_rate_annual": 1.01}, "invalid_argument", "discount_rate_annual"),
        ({"discount_rate_annual": -0.01}, "invalid_argument", "discount_rate_annual"),
        ({"discount_rate_annual": "0.1"}, "invalid_argument", "discount_rate_annual"),
        ({"segment": "channel"}, "invalid_argument", "segment"),
        ({"segment": "channel=none"}, "invalid_argument", "segment"),
        ({"method": "guess"}, "invalid_argument", "method"),
        ({"margin": "ebitda"}, "invalid_argument", "margin"),
    ],
)
def test_what_cannot_be_answered_is_refused_by_name(arguments: dict[str, Any], code: str, field: str) -> None:
    shop = shop_with(lifetimes(), lifetimes("2026-10-31"), SEGMENTS, JULY)
    content = shop.call("get_customer_ltv", **arguments).content

    assert (content["code"], content["field"]) == (code, field)


def test_days_that_there_are_can_be_asked_for_and_are_named_to_those_who_ask_for_others() -> None:
    shop = shop_with(lifetimes(), lifetimes("2026-10-31", customers=900, later_days=20, later_orders=300), JULY)

    assert shop.call("get_customer_ltv", observed_through="2026-10-30").content["allowed"] == [
        "2026-10-31",
        "2026-11-20",
    ]
    data = asked(shop, observed_through="2026-10-31")["data"]
    assert (data["observed_through"], data["model"]["n"], data["afterwards"]["orders"]) == ("2026-10-31", 900, 300)
    # 20 days of the half orders a month of 30 1/3 days, told of 1,000 customers
    assert data["afterwards"]["expected_orders"] == round(500 * 20 / (52 / 12 * 7), 1)


def test_orders_that_name_no_customer_are_not_enough() -> None:
    content = shop_with().call("get_customer_ltv").content

    assert (content["code"], content["retryable"]) == ("insufficient_data", False)


def test_nothing_about_a_customer_is_in_the_answer() -> None:
    assert "cus_" not in shop_with(lifetimes(), JULY).call("get_customer_ltv").text
