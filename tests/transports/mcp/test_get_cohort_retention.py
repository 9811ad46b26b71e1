from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from shared.domain.facts.rollups import Cohort, Figure, ShopMonth
from shared.domain.facts.segments import SegmentCohort, Segments
from shared.domain.facts.settings import Settings
from shared.domain.scopes import Scope
from tests.data.merchants import Merchant, header, order
from tests.data.rollups import MICROS, account, cohort, every_day, holding, overview, store
from tests.transports.mcp.shop import Shop

JULY = cohort(
    "2026-07",
    [100, 20, 10, 5],
    orders=[110, 22, 11, 5],
    net_revenue=[5000 * MICROS, 800 * MICROS, -100 * MICROS, 50 * MICROS],
    cm2=[1000 * MICROS, 200 * MICROS, -50 * MICROS, 10 * MICROS],
    sales=[5000 * MICROS, 1000 * MICROS],
    cost_known_sales=[4500 * MICROS, 900 * MICROS],
)
AUGUST = cohort("2026-08", [50, 5, 5], net_revenue=[2000 * MICROS, 300 * MICROS, 200 * MICROS])
OCTOBER = cohort("2026-10", [30, 3])
TOLD = overview(accounts=[account(), account("meta_ads", "act_1", holdings=[holding("ad_day")])])


def shop_with(*rollups: Cohort | SegmentCohort | Segments | ShopMonth, settings: Settings | None = None) -> Shop:
    shop = Shop(scopes=frozenset({Scope.CUSTOMERS}))
    store(shop.engine, *rollups, found=TOLD, settings=settings)
    return shop


def asked(shop: Shop, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    result = shop.call("get_cohort_retention", **arguments).result
    assert result["isError"] is False, result
    return result["structuredContent"]


def values(content: dict[str, Any]) -> dict[str, list[float | None]]:
    return {row[0]: row[4] for row in content["data"]["rows"]}


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
        "2 cohorts from 2025-11 to 2026-10 with 150 customers; the weighted average of retention in month 1 is 0.1667."
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


def test_acquisition_cost_is_the_ad_spend_of_the_cohorts_month_for_each_of_its_customers() -> None:
    shop = shop_with(JULY, AUGUST, every_day("2026-07", {Figure.AD_SPEND: 10 * MICROS}))

    assert [row[2] for row in asked(shop)["data"]["rows"]] == [3.1, 0.0]  # 31 days of 10 dollars, 100 customers


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
    assert content["totals"] == {"customers": 149}  # everyone
    assert "suppressed" in {warning["code"] for warning in content["meta"]["warnings"]}


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


# --- segments --------------------------------------------------------------------------------------------------------

SHIRT, MUG = "first_product=44", "first_product=MUG-1"
SEGMENTS = Segments(
    generation=1,
    months=["2026-07", "2026-08"],
    sizes={
        SHIRT: [60, 30],
        MUG: [40, 20],
        "first_product=44#2026-08": [0, 0],
        "channel=online_store": [100, 50],
        "discounted_first_order=yes": [91, 25],
        "discounted_first_order=no": [9, 25],
    },
    titles={SHIRT: "Linen shirt"},
)


def part(segment: str, month: str, active: list[int]) -> SegmentCohort:
    return SegmentCohort(
        segment=segment, month=month, currency="USD", generation=1, size=active[0], active=active, orders=active
    )


def shop_of_segments() -> Shop:
    parts = [
        part(SHIRT, "2026-07", [60, 15]),
        part(SHIRT, "2026-08", [30, 3]),
        part("first_product=44#2026-08", "2026-08", [77, 7]),
        part("discounted_first_order=yes", "2026-07", [91, 9]),
    ]
    return shop_with(JULY, AUGUST, SEGMENTS, *parts, every_day("2026-07", {Figure.AD_SPEND: 10 * MICROS}))


def test_a_segment_is_the_customers_whose_first_order_was_of_a_kind() -> None:
    content = asked(shop_of_segments(), segment=SHIRT, max_offset=1)

    # Nobody tells which customers an ad was for.
    assert content["data"]["rows"] == [
        ["2026-07", 60, None, False, [1.0, 0.25]],
        ["2026-08", 30, None, False, [1.0, 0.1]],
    ]
    assert content["data"]["weighted_average"] == [1.0, 0.2]
    assert (content["data"]["segment"], content["data"]["product_title"]) == (SHIRT, "Linen shirt")
    assert content["totals"] == {"customers": 90}
    assert content["summary"].startswith("2 cohorts of this segment from 2025-11 to 2026-10 with 90 customers;")


def test_months_of_a_small_segment_are_hidden_with_their_size_and_so_is_the_total() -> None:
    content = asked(shop_of_segments(), segment="discounted_first_order=yes", max_offset=1)

    # The nine others of July would be all of July less these.
    hidden = [[month, None, None, True, [None, None]] for month in ("2026-07", "2026-08")]
    assert content["data"]["rows"] == hidden
    assert content["totals"] == {"customers": None}
    assert "91" not in content["summary"]
    (warning,) = (each for each in content["meta"]["warnings"] if each["code"] == "suppressed")
    assert "grain=quarter" in warning["message"]


@pytest.mark.parametrize(
    ("segment", "allowed", "hint"),
    [
        ("first_product", [SHIRT, MUG, "first_product=44#2026-08"], "Use one of allowed"),
        ("first_product=mug", [SHIRT, MUG, "first_product=44#2026-08"], "Use one of allowed"),
        ("channel=online", ["channel=online_store"], 'Did you mean "online_store"?'),
        ("discounted_first_order=true", ["discounted_first_order=yes", "discounted_first_order=no"], "Use one of"),
        (
            "vip",
            [
                "all",
                "channel=online_store",
                *(SHIRT, MUG, "first_product=44#2026-08"),
                *("discounted_first_order=yes", "discounted_first_order=no"),
            ],
            "Write dimension=value",
        ),
    ],
)
def test_a_segment_that_does_not_exist_is_refused_with_those_that_do(
    segment: str, allowed: list[str], hint: str
) -> None:
    content = shop_of_segments().call("get_cohort_retention", segment=segment).content

    assert (content["code"], content["field"], content["allowed"]) == ("invalid_argument", "segment", allowed)
    assert content["hint"].startswith(hint)


def test_without_customers_there_are_no_segments() -> None:
    content = shop_with().call("get_cohort_retention", segment="channel=web").content

    assert (content["code"], content["allowed"]) == ("invalid_argument", ["all"])


# --- currencies ------------------------------------------------------------------------------------------------------


def test_what_is_in_no_cohort_for_want_of_a_rate_is_warned_of() -> None:
    shop = Shop()
    missing = {
        "order": {"GBP": (date(2026, 7, 3), date(2026, 7, 9))},
        "ad_day": {"EUR": (date(2026, 8, 1), date(2026, 8, 1))},
        "payment": {"SEK": (date(2026, 8, 2), date(2026, 8, 2))},
    }
    store(shop.engine, JULY, SEGMENTS, part(SHIRT, "2026-07", [60]), found=replace(TOLD, unrated=missing))

    def told(**arguments: Any) -> list[str]:  # noqa: ANN401 - any JSON
        warnings = asked(shop, **arguments)["meta"]["warnings"]
        return [warning["message"] for warning in warnings if warning["code"] == "fx_rate_missing"]

    of_orders, of_ads = told()
    assert "in no cohort and no value: GBP (2026-07-03 to 2026-07-09)." in of_orders
    assert "in no cac: EUR (2026-08-01)." in of_ads
    assert len(told(cohort_from="2026-09", cohort_to="2026-10")) == 1, "ads of other months are in no cac of these"
    assert len(told(segment=SHIRT)) == 1, "a segment has no cac"
    assert "SEK (2026-08-02)" in told(metric="cumulative_cm2")[0]


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code", "field"),
    [
        ({"cohort_from": "2026-13"}, "invalid_argument", "cohort_from"),
        ({"cohort_from": "2026-7"}, "invalid_argument", "cohort_from"),
        ({"cohort_from": "2026-09", "cohort_to": "2026-08"}, "invalid_date_range", "cohort_from"),
        ({"cohort_to": "2026-12"}, "invalid_date_range", "cohort_to"),
        ({"cohort_from": "2021-10", "cohort_to": "2026-10"}, "range_too_long", "cohort_from"),
        ({"max_offset": 37}, "invalid_argument", "max_offset"),
        ({"max_offset": True}, "invalid_argument", "max_offset"),
        ({"max_offset": "3"}, "invalid_argument", "max_offset"),
        ({"max_offset": 3.5}, "invalid_argument", "max_offset"),
        ({"metric": "churn"}, "invalid_argument", "metric"),
        ({"segment": "channel"}, "invalid_argument", "segment"),
    ],
)
def test_what_cannot_be_answered_is_refused_by_name(arguments: dict[str, Any], code: str, field: str) -> None:
    content = shop_with(JULY).call("get_cohort_retention", **arguments).content

    assert (content["code"], content["field"]) == (code, field)


def test_months_without_customers_are_an_answer_with_the_reason() -> None:
    content = asked(shop_with(JULY), cohort_from="2024-01", cohort_to="2024-06")

    assert (content["data"]["rows"], content["data"]["weighted_average"]) == ([], [])
    assert content["summary"] == "No customer ordered for the first time in 2024-01 to 2024-06."
    assert content["meta"]["warnings"][0]["code"] == "no_customers"


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
