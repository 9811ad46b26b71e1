from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from shared.domain.facts.rollups import Cohort, Figure
from shared.domain.facts.settings import Settings
from shared.domain.scopes import Scope
from tests.data.merchants import Merchant, header, order
from tests.data.rollups import MICROS, account, cohort, every_day, overview, store
from tests.transports.mcp.cohort_shop import AUGUST, JULY, OCTOBER, asked, shop_with, values
from tests.transports.mcp.shop import Shop


def test_retention_is_the_share_of_the_cohort_that_ordered_in_a_later_month() -> None:
    content = asked(shop_with(JULY, AUGUST), max_offset=4)

    assert content["data"]["columns"] == ["cohort", "size", "cac", "suppressed", "values"]
    # The data reaches to 20 November: October is the last month that is over.
    assert content["data"]["rows"] == [
        ["2026-07", 100, 0.0, False, [1.0, 0.2, 0.1, 0.05, None]],
        ["2026-08", 50, 0.0, False, [1.0, 0.1, 0.1, None, None]],
    ]
    assert content["data"]["weighted_average"] == [1.0, 0.1667, 0.1, 0.05, None]
    assert content["totals"] == {"customers": 150}
    assert content["summary"] == (
        "2 cohorts from 2025-11 to 2026-10; the weighted average of retention in month 1 is 0.1667, of 150 customers."
    )
    assert "immature_cells" in {warning["code"] for warning in content["meta"]["warnings"]}


@pytest.mark.parametrize(
    ("metric", "july", "average"),
    [
        ("orders_per_customer", [1.1, 0.22, 0.11, 0.05], 1.0667),
        ("cumulative_net_revenue", [50.0, 58.0, 57.0, 57.5], 46.67),
        ("cumulative_cm2", [10.0, 12.0, 11.5, 11.6], 6.67),
    ],
)
def test_the_other_metrics_are_for_each_customer_of_the_cohort(metric: str, july: list[float], average: float) -> None:
    content = asked(shop_with(JULY, AUGUST), metric=metric, max_offset=3)

    assert values(content)["2026-07"] == july
    assert content["data"]["weighted_average"][0] == average
    assert content["data"]["metric"] == metric
    assert content["data"]["formula"].endswith("customers of the cohort")


def test_margins_tell_for_how_much_of_the_sales_the_cost_is_known() -> None:
    content = asked(shop_with(JULY), metric="cumulative_cm2")

    assert content["meta"]["coverage"] == {"cogs": 0.9}
    assert {"cogs_partial"} <= {warning["code"] for warning in content["meta"]["warnings"]}


@pytest.mark.parametrize("others", [(), (JULY,)])
def test_what_customers_left_over_is_unknown_where_nobody_told_what_any_of_the_goods_cost(
    others: tuple[Cohort, ...],
) -> None:
    october = replace(OCTOBER, net_revenue=[900 * MICROS] * 2, cm2=[850 * MICROS] * 2, sales=[900 * MICROS] * 2)
    content = asked(shop_with(*others, october), metric="cumulative_cm2", max_offset=0)

    warned = {warning["code"]: warning["message"] for warning in content["meta"]["warnings"]}
    assert values(content)["2026-10"] == [None]
    assert content["data"]["weighted_average"] == ([10.0] if others else [None])
    assert "customers of 2026-10 bought" in warned["costs_unknown"]
    assert "immature_cells" not in warned
    assert ("cogs_partial" in warned) == bool(others)
    told = "of 100 customers." if others else "; what their customers left over is unknown, for nobody told what"
    assert told in content["summary"]
    assert values(asked(shop_with(october), metric="cumulative_net_revenue", max_offset=0))["2026-10"] == [30.0]


def test_acquisition_cost_is_the_ad_spend_of_the_cohorts_month_for_each_of_its_customers() -> None:
    shop = shop_with(JULY, AUGUST, every_day("2026-07", {Figure.AD_SPEND: 10 * MICROS}))

    assert [row[2] for row in asked(shop)["data"]["rows"]] == [3.1, 0.0]  # 31 days of 10 dollars, 100 customers


def test_acquisition_cost_of_a_quarter_is_that_of_its_months_without_new_customers_too() -> None:
    spent = [every_day(month, {Figure.AD_SPEND: 10 * MICROS}) for month in ("2026-06", "2026-07", "2026-09")]

    content = asked(shop_with(AUGUST, *spent), grain="quarter")

    assert [row[:3] for row in content["data"]["rows"]] == [["2026-07", 50, 12.2]]  # 61 days of 10 dollars


def test_acquisition_cost_of_a_month_that_is_not_over_is_as_of_the_last_day_that_is_known() -> None:
    shop = shop_with(cohort("2026-11", [40]), every_day("2026-11", {Figure.AD_SPEND: 10 * MICROS}))

    content = asked(shop, cohort_to="2026-11")

    assert content["data"]["rows"][0][:3] == ["2026-11", 40, 5.0]  # 20 days of 10 dollars
    assert "ad_days_unknown" not in {warning["code"] for warning in content["meta"]["warnings"]}


def test_acquisition_cost_is_unknown_where_nobody_told_of_advertising() -> None:
    shop = Shop()
    store(shop.engine, JULY)

    assert asked(shop)["data"]["rows"][0][2] is None


def test_without_months_it_is_the_twelve_last_complete_ones_of_the_data() -> None:
    content = asked(shop_with(JULY))

    assert content["meta"]["period"] == {"from": "2025-11-01", "to": "2026-10-31", "partial": False}


def test_cohorts_can_be_chosen_and_a_month_without_new_customers_is_no_row() -> None:
    content = asked(shop_with(JULY, AUGUST, OCTOBER), cohort_from="2026-08", cohort_to="2026-11")

    assert list(values(content)) == ["2026-08", "2026-10"]


def test_of_one_cohort_the_summary_speaks_of_one_and_of_its_first_month_where_no_other_is_asked_for() -> None:
    content = asked(shop_with(OCTOBER), cohort_from="2026-10", max_offset=0)

    assert content["summary"] == (
        "1 cohort from 2026-10 to 2026-10; the weighted average of retention in month 0 is 1.0, of 30 customers."
    )


def test_a_summary_names_the_customers_that_its_average_stands_on() -> None:
    content = asked(shop_with(JULY, AUGUST), metric="cumulative_net_revenue", max_offset=3)

    assert content["summary"].endswith("in month 3 is 57.5 USD, of 100 customers."), "August's month 3 is not over"


def test_of_a_cohort_whose_first_month_is_the_last_that_is_known_the_summary_says_so() -> None:
    content = asked(shop_with(OCTOBER), cohort_from="2026-10")

    assert content["summary"] == "1 cohort from 2026-10 to 2026-10; no month after the first is known yet."


def test_quarters_pool_their_months_and_are_never_cut() -> None:
    content = asked(shop_with(JULY, AUGUST, OCTOBER), grain="quarter", cohort_from="2026-08", cohort_to="2026-08")

    assert content["meta"]["period"] == {"from": "2026-07-01", "to": "2026-09-30", "partial": False}
    assert content["data"]["rows"][0][:2] == ["2026-07", 150]
    assert values(content)["2026-07"][:4] == [1.0, 0.1667, 0.1, None]


def test_a_quarter_that_is_not_over_ends_with_this_month() -> None:
    content = asked(shop_with(OCTOBER), grain="quarter", cohort_from="2026-10", cohort_to="2026-11")

    assert content["meta"]["period"] == {"from": "2026-10-01", "to": "2026-11-30", "partial": True}


def test_without_months_quarters_end_with_the_last_that_is_over() -> None:
    content = asked(shop_with(JULY, AUGUST, OCTOBER), grain="quarter")

    assert content["meta"]["period"] == {"from": "2025-10-01", "to": "2026-09-30", "partial": False}
    assert list(values(content)) == ["2026-07"]
    assert "cohort_partial" not in {warning["code"] for warning in content["meta"]["warnings"]}


@pytest.mark.parametrize(
    ("arguments", "last"),
    [
        ({"grain": "quarter", "cohort_to": "2026-10"}, "2026-11"),  # widened to the quarter, as far as it has come
        ({"grain": "month", "cohort_to": "2026-11"}, "2026-11"),
        ({"grain": "month", "cohort_to": "2026-10"}, None),
        ({"grain": "quarter", "cohort_to": "2026-08"}, None),
    ],
)
def test_a_cohort_that_still_grows_is_warned_of(arguments: dict[str, Any], last: str | None) -> None:
    content = asked(shop_with(JULY, AUGUST, OCTOBER), **arguments)

    told = [warning["message"] for warning in content["meta"]["warnings"] if warning["code"] == "cohort_partial"]
    expected = f"{last} is not over in the data (known up to 2026-11-20): the last cohort grows."
    assert told == ([] if last is None else [expected])


def test_quarters_are_those_of_the_fiscal_year() -> None:
    content = asked(shop_with(JULY, AUGUST, settings=Settings(fiscal_year_start=2)), grain="quarter")

    assert [row[:2] for row in content["data"]["rows"]] == [["2026-05", 100], ["2026-08", 50]]


# --- few customers ---------------------------------------------------------------------------------------------------

SMALL_AUGUST = cohort("2026-08", [9, 4, 3])
SEPTEMBER = cohort("2026-09", [40, 8])


def test_a_cohort_of_fewer_than_ten_customers_is_not_shown_nor_what_would_give_it_away() -> None:
    content = asked(shop_with(JULY, SMALL_AUGUST, SEPTEMBER), max_offset=1)

    assert [(row[0], row[3], row[4]) for row in content["data"]["rows"]] == [
        ("2026-07", False, [1.0, 0.2]),
        ("2026-08", True, [None, None]),
        ("2026-09", True, [None, None]),
    ]
    assert content["data"]["weighted_average"] == [1.0, 0.2]  # July alone
    assert content["summary"] == (
        "3 cohorts from 2025-11 to 2026-10, 2 of them suppressed; the weighted average of retention in month 1 is 0.2, "
        "of 100 customers."
    )
    assert content["totals"] == {"customers": 149}  # everyone
    assert "suppressed" in {warning["code"] for warning in content["meta"]["warnings"]}


def test_for_how_much_of_the_sales_the_cost_is_known_is_told_of_shown_cohorts_alone() -> None:
    hidden = (replace(each, sales=[800 * MICROS], cost_known_sales=[each.size]) for each in (SMALL_AUGUST, SEPTEMBER))

    assert asked(shop_with(JULY, *hidden), metric="cumulative_cm2")["meta"]["coverage"] == {"cogs": 0.9}


@pytest.mark.parametrize("metric", ["retention", "orders_per_customer", "cumulative_net_revenue", "cumulative_cm2"])
def test_no_combination_of_questions_gives_a_hidden_cohort_away(metric: str) -> None:
    shop = shop_with(JULY, SMALL_AUGUST, SEPTEMBER)
    months = ("2026-07", "2026-08", "2026-09")

    for first in months:
        for last in (month for month in months if month >= first):
            content = asked(shop, cohort_from=first, cohort_to=last, metric=metric)
            shown = [row for row in content["data"]["rows"] if any(value is not None for value in row[4])]
            assert [row[0] for row in shown] == [month for month in ("2026-07",) if first <= month <= last]
            average = content["data"]["weighted_average"]
            assert average == (shown[0][4] if shown else [])


def test_a_workspace_may_ask_for_more_customers() -> None:
    content = asked(shop_with(JULY, AUGUST, settings=Settings(k_min=60)))

    assert [row[3] for row in content["data"]["rows"]] == [True, True]


# --- little data ------------------------------------------------------------------------------------------------------


def test_months_without_customers_are_an_answer_with_the_reason() -> None:
    content = asked(shop_with(JULY), cohort_from="2024-01", cohort_to="2024-06")

    assert (content["data"]["rows"], content["data"]["weighted_average"]) == ([], [])
    assert content["totals"] == {"customers": None}
    assert content["summary"] == "No order is known of 2024-01 to 2024-06: who ordered for the first time is unknown."
    assert content["meta"]["warnings"][0]["code"] == "no_customers"

    content = asked(shop_with(JULY), cohort_from="2026-01", cohort_to="2026-03")
    assert content["totals"] == {"customers": 0}
    assert content["summary"] == "No customer ordered for the first time in 2026-01 to 2026-03."


@pytest.mark.parametrize(("begins", "is_warned"), [(date(2025, 7, 1), False), (date(2025, 7, 2), True)])
def test_cohorts_soon_after_the_data_begins_hold_customers_who_had_ordered_before(
    begins: date, *, is_warned: bool
) -> None:
    shop = Shop()
    store(shop.engine, JULY, found=overview(data_from=begins))

    codes = {warning["code"] for warning in asked(shop)["meta"]["warnings"]}
    assert ("new_customers_overcounted" in codes) == is_warned


def test_data_without_any_order_has_no_cohorts() -> None:
    shop = Shop()
    store(shop.engine, found=overview(data_from=None, data_through=None, accounts=[account(holdings=[])]))

    assert asked(shop)["data"]["rows"] == []


def test_a_month_that_an_export_declared_beyond_today_is_still_not_over() -> None:
    shop = Shop()
    store(shop.engine, JULY, found=overview(data_through=date(2026, 12, 31)))

    assert values(asked(shop, max_offset=5))["2026-07"] == [1.0, 0.2, 0.1, 0.05, None, None]


def test_nothing_about_a_customer_is_in_the_answer() -> None:
    text = shop_with(JULY).call("get_cohort_retention").text

    assert "cus_" not in text
    assert "@" not in text


def test_orders_that_name_nobody_and_orders_that_are_behind_are_told() -> None:
    named = [order(f"n{number}", "2026-08-05", customer=str(number)) for number in range(30)]
    guests = [order(f"g{number}", "2026-09-20") for number in range(10)]
    shop = Shop(scopes=frozenset({Scope.CUSTOMERS}))
    Merchant(engine=shop.engine).import_lines(header(), *named, *guests)

    warned = {warning["code"]: warning for warning in asked(shop)["meta"]["warnings"]}

    assert warned["no_customer"]["share"] == 0.75
    # The clock stands at 21 November.
    assert "known up to 2026-09-20" in warned["upstream_stale"]["message"]
    assert "61 days before yesterday" in warned["upstream_stale"]["message"]


def test_orders_that_all_name_somebody_up_to_yesterday_are_no_reason_to_warn() -> None:
    shop = Shop(scopes=frozenset({Scope.CUSTOMERS}))
    lines = [order(f"n{number}", "2026-11-20", customer=str(number)) for number in range(30)]
    Merchant(engine=shop.engine).import_lines(header(), *lines)

    warned = {warning["code"] for warning in asked(shop)["meta"]["warnings"]}

    assert warned.isdisjoint({"no_customer", "upstream_stale"})
