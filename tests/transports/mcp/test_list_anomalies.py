from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from shared.domain.facts.settings import Settings
from shared.domain.scopes import Scope
from tests.data.daily_shop import SHOCK, YESTERDAY, advertised, merchant_with, sold
from tests.data.merchants import Line
from tests.transports.mcp.shop import Shop


def shop_with(*lines: Line, settings: Settings | None = None) -> Shop:
    merchant = merchant_with(*lines, settings=settings)
    return Shop(engine=merchant.engine, scopes=frozenset({Scope.ACTIVITY}))


def asked(shop: Shop, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    result = shop.call("list_anomalies", **arguments).result
    assert result["isError"] is False, result
    return result["structuredContent"]


def rows(content: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip(content["data"]["columns"], row, strict=True)) for row in content["data"]["rows"]]


def found(content: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {(row["date"], row["metric"], row["scope"]) for row in rows(content)}


def test_a_day_without_most_of_its_orders_is_told_with_what_was_expected_and_what_it_amounts_to() -> None:
    content = asked(shop_with(*sold({SHOCK: 2})))

    by_metric = {row["metric"]: row for row in rows(content)}
    assert by_metric.keys() == {"orders", "net_revenue"}
    of_orders = by_metric["orders"]
    assert of_orders["date"] == "2026-11-10"
    assert of_orders["actual"] == 2
    assert 20 <= of_orders["low"] + 5 <= of_orders["expected"] + 5 <= 27
    assert of_orders["score"] < -5
    assert of_orders["severity"] == "critical"
    # Each of some 19 missing orders is of ten dollars.
    assert of_orders["impact_amount"] == pytest.approx((2 - of_orders["expected"]) * 10, rel=0.01)
    assert content["totals"] == {"info": 0, "warning": 0, "critical": 2}
    assert content["summary"].startswith(
        "2 anomalies (2 critical) on 1 day in 2026-10-24 to 2026-11-20. The largest: net_revenue"
    )


def test_of_usual_days_nothing_is_told_and_how_many_were_judged() -> None:
    content = asked(shop_with(*sold({})), metrics=["orders", "net_revenue"])

    assert rows(content) == []
    assert content["summary"] == "No unusual day in 2026-10-24 to 2026-11-20, of 28 days that could be judged."
    assert content["data"]["judged_days"] == {"orders": 28, "net_revenue": 28}
    assert content["meta"]["warnings"] == []


def test_above_and_below_can_be_asked_for_alone_and_so_can_metrics() -> None:
    shop = shop_with(*sold({SHOCK: 2, SHOCK + timedelta(days=4): 60}))

    assert {row["date"] for row in rows(asked(shop, direction="down"))} == {"2026-11-10"}
    assert {row["date"] for row in rows(asked(shop, direction="up"))} == {"2026-11-14"}
    assert {row["metric"] for row in rows(asked(shop, metrics=["orders"]))} == {"orders"}


def test_days_running_on_one_side_are_counted_and_the_latest_comes_first() -> None:
    content = asked(shop_with(*sold({SHOCK + timedelta(n): 1 for n in range(3)})), metrics=["orders"])

    assert [(row["date"], row["persistent_days"]) for row in rows(content)] == [
        ("2026-11-12", 3),
        ("2026-11-11", 2),
        ("2026-11-10", 1),
    ]


def test_what_is_unusual_but_amounts_to_little_is_told_as_too_small_to_act_on() -> None:
    # 28 days bring 5,880 dollars, and two in a hundred of these are 118: eleven orders and more.
    small, large = shop_with(*sold({SHOCK: 11})), shop_with(*sold({SHOCK: 8}))

    assert [row["severity"] for row in rows(asked(small, metrics=["orders"]))] == ["info"]
    assert rows(asked(small, metrics=["orders"], min_severity="warning")) == []
    assert [row["severity"] for row in rows(asked(large, metrics=["orders"]))] == ["critical"]


def test_a_large_day_after_a_small_one_on_the_same_side_is_the_second_of_a_run() -> None:
    content = asked(shop_with(*sold({SHOCK: 11, SHOCK + timedelta(days=1): 8})), metrics=["orders"])

    assert [(row["severity"], row["persistent_days"]) for row in rows(content)] == [("critical", 2), ("info", 1)]
    assert content["summary"].startswith("2 anomalies (1 critical, 1 info) on 2 days in ")


def test_declared_promotions_are_not_judged_and_the_answer_says_so() -> None:
    promotions = {"2026-11-09": "2026-11-11"}
    content = asked(shop_with(*sold({SHOCK: 90}), settings=Settings(promotions=promotions)), metrics=["orders"])

    assert rows(content) == []
    assert content["data"]["judged_days"] == {"orders": 25}
    assert "promotion" in {warning["code"] for warning in content["meta"]["warnings"]}


def test_a_day_that_was_not_over_when_its_export_was_made_is_not_judged() -> None:
    today = date(2026, 11, 21)
    lines = sold({today: 3}, through=today)

    content = asked(shop_with(*lines), metrics=["orders"], date_from="2026-11-10", date_to="2026-11-21")

    assert rows(content) == []
    assert content["data"]["judged_days"] == {"orders": 11}


def test_days_after_the_last_that_is_known_are_not_judged() -> None:
    content = asked(shop_with(*sold({}, through=SHOCK)), metrics=["orders"])

    # The export claims nothing of later days: they are unknown, and not days without orders.
    assert rows(content) == []
    assert content["data"]["judged_days"] == {"orders": 18}
    assert {"insufficient_data", "upstream_stale"} <= {warning["code"] for warning in content["meta"]["warnings"]}


def test_where_no_day_has_enough_days_before_it_the_answer_is_that_there_is_too_little() -> None:
    shop = shop_with(*sold({}))

    result = shop.call("list_anomalies", date_from="2026-08-23", date_to="2026-10-17").result

    assert result["isError"] is True
    assert result["structuredContent"]["code"] == "insufficient_data"
    assert "56" in result["structuredContent"]["message"]
    first_judged = asked(shop, date_from="2026-08-23", date_to="2026-10-18", metrics=["orders"])
    assert first_judged["data"]["judged_days"] == {"orders": 1}


def test_ad_spend_that_stops_is_told_of_the_platform_and_of_all_with_its_mechanical_causes() -> None:
    google = advertised({SHOCK: "0.00"}, platform="google")
    meta = [{**line, "campaign_id": "c2"} for line in advertised({}, platform="meta")]

    content = asked(shop_with(*sold({}), *google, *meta), metrics=["ad_spend"])

    by_scope = {row["scope"]: row for row in rows(content)}
    assert by_scope.keys() == {"google", "shop"}
    assert (by_scope["google"]["actual"], by_scope["google"]["impact_amount"]) == (0, -150.0)
    assert by_scope["google"]["likely_causes"] == ["no_ad_spend", "campaign_paused"]
    assert by_scope["shop"]["actual"] == 150.0
    assert by_scope["shop"]["likely_causes"] == ["campaign_paused"]


def test_orders_that_fail_on_a_day_without_advertising_name_it_as_a_likely_cause() -> None:
    ads = advertised({SHOCK: "0.00"}, platform="google")

    content = asked(shop_with(*sold({SHOCK: 4}), *ads), metrics=["orders"])

    assert [row["likely_causes"] for row in rows(content)] == [["no_ad_spend", "ad_spend_changed"]]


def test_ads_are_judged_only_as_far_as_they_reach() -> None:
    ads = advertised({}, through=SHOCK, platform="google")

    content = asked(shop_with(*sold({}), *ads), metrics=["ad_spend", "mer"])

    assert rows(content) == []
    assert content["data"]["judged_days"] == {"ad_spend": 18, "ad_spend#google": 18, "mer": 18}


def test_spend_is_not_compared_across_the_day_on_which_one_more_ad_account_begins_to_tell() -> None:
    ads = advertised({}, platform="google")
    second = advertised({}, platform="google", campaign_id="c2", account="second")
    joined = [line for line in second if line["date"] >= SHOCK.isoformat()]

    alone = asked(shop_with(*sold({}), *ads), metrics=["ad_spend"])
    content = asked(shop_with(*sold({}), *ads, *joined), metrics=["ad_spend"])

    assert alone["data"]["judged_days"]["ad_spend"] == 28
    assert rows(content) == []  # though twice as much is spent from that day on
    # The days since then are too few to be judged among themselves; those before it were judged as they are alone.
    assert content["data"]["judged_days"]["ad_spend"] == 28 - (YESTERDAY - SHOCK).days - 1


def test_days_of_which_orders_are_not_known_bring_no_sales_to_nought_where_ads_are_known() -> None:
    week_ago = YESTERDAY - timedelta(days=7)

    content = asked(shop_with(*sold({}, through=week_ago), *advertised({}, platform="google")))

    assert rows(content) == []
    assert content["data"]["judged_days"]["mer"] == content["data"]["judged_days"]["orders"] == 21
    assert content["data"]["judged_days"]["ad_spend"] == 28


def test_ads_that_are_known_for_longer_than_orders_make_no_habit_of_selling_nothing() -> None:
    opened = YESTERDAY - timedelta(days=25)
    orders = [line for line in sold({}) if line["date"] >= opened.isoformat()]

    content = asked(shop_with(*orders, *advertised({}, platform="google")), metrics=["mer", "ad_spend"])

    assert rows(content) == []
    assert content["data"]["judged_days"]["mer"] == 0
    # What is worth acting on follows what was spent, as long as no sales are known.
    assert content["data"]["judged_days"]["ad_spend"] == 28


def test_of_a_shop_with_ads_alone_their_spend_is_judged_and_no_sales() -> None:
    content = asked(shop_with(*advertised({SHOCK: "0.00"}, platform="google")))

    assert found(content) == {("2026-11-10", "ad_spend", "google"), ("2026-11-10", "ad_spend", "shop")}
    assert {key for key, days in content["data"]["judged_days"].items() if days} == {"ad_spend", "ad_spend#google"}


def test_nothing_is_said_of_data_that_the_numbers_asked_for_do_not_stand_on() -> None:
    late = advertised({}, through=SHOCK, platform="google")

    of_orders = asked(shop_with(*sold({}), *late), metrics=["orders"])
    of_ads = asked(shop_with(*advertised({}, platform="google")), metrics=["ad_spend"])

    assert (of_orders["meta"]["warnings"], of_ads["meta"]["warnings"]) == ([], [])


def test_where_not_all_metrics_could_be_judged_alike_the_summary_names_the_fewest_and_the_most_days() -> None:
    content = asked(shop_with(*sold({})), metrics=["orders", "mer"])

    assert content["summary"] == (
        "No unusual day in 2026-10-24 to 2026-11-20, of 0 to 28 days that could be judged, by metric."
    )


def refused(shop: Shop, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    result = shop.call("list_anomalies", **arguments).result
    assert result["isError"] is True
    return result["structuredContent"]


def test_of_a_shop_with_expenses_alone_the_answer_says_what_is_missing() -> None:
    rent = {"type": "expense", "id": "x", "date": "2026-10-09", "amount": "99.00", "category": "Rent"}

    error = refused(shop_with(rent))

    assert (error["code"], error["message"]) == (
        "insufficient_data",
        "There is no day to judge: neither orders nor ad spend were imported.",
    )
    assert error["hint"] == "Import orders or ad spend of more than 56 days."


def test_of_ads_alone_that_are_known_for_too_short_the_answer_names_no_days_of_orders() -> None:
    last_week = [line for line in advertised({}, platform="google") if line["date"] >= "2026-11-14"]

    assert refused(shop_with(*last_week))["hint"].startswith("No orders are known, only ad spend: ask for days at ")


def test_today_is_not_over_and_the_answer_says_what_to_ask_for() -> None:
    error = refused(shop_with(*sold({})), period="today")

    assert error["message"] == "Today, 2026-11-21, is not over, and no day is judged before it is."
    assert error["hint"] == "Ask for period=yesterday, last_7d or last_28d."
