from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from shared.domain.alerts.alert import AlertAcknowledged
from shared.domain.scopes import Scope
from tests.data.daily_shop import SHOCK, advertised, merchant_with, sold
from tests.data.merchants import Line, Merchant, as_file, header
from tests.data.tenants import origin
from tests.transports.mcp.shop import Shop


def shop_of(merchant: Merchant) -> Shop:
    return Shop(engine=merchant.engine, scopes=frozenset({Scope.ACTIVITY}))


def shop_with(*lines: Line) -> Shop:
    return shop_of(merchant_with(*lines))


def asked(shop: Shop, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    result = shop.call("list_alerts", **arguments).result
    assert result["isError"] is False, result
    return result["structuredContent"]


def rows(content: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip(content["data"]["columns"], row, strict=True)) for row in content["data"]["rows"]]


def by_metric(content: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["metric"]: row for row in rows(content)}


def by_since(content: dict[str, Any], metric: str) -> dict[str, str]:
    return {row["opened_at"][:10]: row["status"] for row in rows(content) if row["metric"] == metric}


def test_a_run_of_unusual_days_is_one_alert_with_its_worst_day_and_the_bound_that_it_crossed() -> None:
    days = {date(2026, 11, 17): 5, date(2026, 11, 18): 2, date(2026, 11, 19): 4}

    content = asked(shop_with(*sold(days)), category="revenue")

    found = by_metric(content)
    assert found.keys() == {"orders", "net_revenue"}
    orders = found["orders"]
    assert orders["title"] == "Orders below what was expected from 2026-11-17 to 2026-11-19"
    assert (orders["severity"], orders["status"], orders["value"]) == ("error", "open", 2)
    assert orders["threshold"] > 10
    assert orders["opened_at"] == "2026-11-18T00:00:00Z"  # when its first day was over
    assert orders["link"] == "https://mcp.shop.test/docs/alerts#revenue"
    assert content["totals"] == {"error": 2, "warning": 0, "info": 0}


def test_days_that_are_unusual_and_too_small_to_act_on_are_no_alert_and_never_the_worst_of_one() -> None:
    small, large = date(2026, 11, 17), date(2026, 11, 18)

    assert rows(asked(shop_with(*sold({small: 11})), category="revenue")) == []
    assert by_metric(asked(shop_with(*sold({small: 11, large: 8})), category="revenue"))["orders"]["value"] == 8


def test_an_alert_is_over_after_a_week_of_usual_days_and_keeps_its_name() -> None:
    soon = by_metric(asked(shop_with(*sold({SHOCK: 2}, through=SHOCK + timedelta(days=6))), category="revenue"))
    later = by_metric(asked(shop_with(*sold({SHOCK: 2}, through=SHOCK + timedelta(days=7))), status="resolved"))

    assert soon["orders"]["status"] == "open"
    assert later["orders"]["status"] == "resolved"
    assert soon["orders"]["alert_id"] == later["orders"]["alert_id"]


def test_a_week_with_another_unusual_day_in_it_is_no_week_of_usual_days() -> None:
    again = {SHOCK: 2, SHOCK + timedelta(days=2): 60}

    soon = by_since(asked(shop_with(*sold(again, through=SHOCK + timedelta(days=7))), status="all"), "orders")
    later = by_since(asked(shop_with(*sold(again, through=SHOCK + timedelta(days=8))), status="all"), "orders")

    assert soon == {"2026-11-11": "open", "2026-11-13": "open"}
    assert later == {"2026-11-11": "resolved", "2026-11-13": "open"}


def test_an_alert_is_told_as_long_as_its_days_are_among_the_last_28_that_are_known() -> None:
    last = SHOCK - timedelta(days=20)
    ads = advertised({last: "0.00"}, through=last, platform="google")

    told, past = (
        by_metric(asked(shop_with(*sold({}, through=last + timedelta(days=n)), *ads), category="ad_spend"))
        for n in (27, 28)
    )

    assert told.keys() == {"ad_spend"}
    assert past == {}


def test_what_is_better_than_expected_is_worth_knowing_and_no_more() -> None:
    found = by_metric(asked(shop_with(*sold({SHOCK + timedelta(days=9): 70})), category="revenue"))

    assert found["orders"]["severity"] == "info"


def test_spend_that_stops_is_an_alert_of_its_platform() -> None:
    ads = advertised({date(2026, 11, 19): "0.00"}, platform="google")

    found = rows(asked(shop_with(*sold({}), *ads), category="ad_spend"))

    assert {row["scope"] for row in found} == {"google", "shop"}
    assert {row["title"] for row in found} == {
        "Ad spend of google below what was expected on 2026-11-19",
        "Ad spend below what was expected on 2026-11-19",
    }


def test_a_source_that_lost_its_access_and_one_that_has_told_nothing_for_days_are_alerts() -> None:
    merchant = merchant_with(*sold({}))
    account = {"type": "account", "name": "Main", "status": "lost_access"}
    merchant.import_bytes(as_file([header("2026-11-21T10:00:00Z", source="meta_ads"), account]))
    merchant.fold()

    shop = shop_of(merchant)
    shop.clock.advance(days=4)
    found = by_metric(asked(shop, category="sync_health"))

    assert found["source_status"]["scope"] == "meta_ads main"
    assert found["source_status"]["severity"] == "error"
    assert found["source_status"]["title"] == "The last export of a source says: lost access"
    assert (found["days_without_news"]["scope"], found["days_without_news"]["value"]) == ("shop main", 4)
    assert found["days_without_news"]["threshold"] == 3


def told_through(day: date) -> list[Line]:
    return [*sold({}, through=day), *advertised({}, through=day, platform="google")]


def test_exports_that_go_on_and_bring_no_more_days_are_alerts() -> None:
    days = [date(2026, 11, 6), date(2026, 11, 13)]
    late, soon = (by_metric(asked(shop_with(*told_through(day)), category="sync_health")) for day in days)

    assert {metric: row["value"] for metric, row in late.items()} == {"orders_behind": 15, "ads_behind": 15}
    assert {metric: row["value"] for metric, row in soon.items()} == {"orders_behind": 8, "ads_behind": 8}
    assert [row["severity"] for row in (*late.values(), *soon.values())] == ["error"] * 2 + ["warning"] * 2
    assert late["orders_behind"]["title"] == "Exports come, and bring no orders after 2026-11-06"
    assert late["orders_behind"]["scope"] == "shop main"


def test_of_two_shops_the_one_whose_exports_bring_no_more_orders_is_named_though_the_other_sells() -> None:
    merchant = merchant_with(*sold({}))
    stopped = [*sold({}, through=date(2026, 11, 6))]
    merchant.import_bytes(as_file([header("2026-11-20T12:00:00Z", source="market", currency="USD"), *stopped]))
    merchant.fold()

    (behind,) = rows(asked(shop_of(merchant), category="sync_health"))

    assert (behind["metric"], behind["scope"], behind["value"]) == ("orders_behind", "market main", 14)


def test_days_that_a_source_knows_to_be_without_orders_or_ads_are_no_alert() -> None:
    whole = [{"type": family, "from": "2026-08-01", "to": "2026-11-20"} for family in ("order", "ad_day")]
    claiming = {**header("2026-11-21T12:00:00Z", currency="USD"), "complete": whole}
    merchant = Merchant()
    merchant.import_bytes(as_file([claiming, *told_through(date(2026, 10, 31))]))
    merchant.fold()

    assert rows(asked(shop_of(merchant), category="sync_health")) == []
    quiet = shop_with(*told_through(date(2026, 11, 14)))
    assert rows(asked(quiet, category="sync_health")) == []


def test_an_alert_acknowledged_between_two_pages_makes_the_cursor_stale_and_hides_no_other() -> None:
    shop = shop_with(*sold({date(2026, 11, 19): 2}))
    first = asked(shop, limit=1)
    cursor = first["meta"]["page"]["next_cursor"]
    assert rows(asked(shop, limit=1, cursor=cursor))

    event = AlertAcknowledged(alert_id=rows(first)[0]["alert_id"], category="revenue", metric="orders", at=shop.clock())
    shop.stores.alerts.acknowledge("wks_1", event, origin=origin())
    shop.clock.advance(seconds=3)
    stale = shop.call("list_alerts", limit=1, cursor=cursor).result

    assert (stale["isError"], stale["structuredContent"]["code"]) == (True, "cursor_stale")


def test_a_file_that_was_refused_is_an_alert_until_one_of_its_name_is_imported() -> None:
    merchant = merchant_with(*sold({}))
    shop = shop_of(merchant)
    bad = [{"type": "order", "id": str(n)} for n in range(20)]
    merchant.take_up(merchant.send(as_file([header(), *bad]), name="weekly.ndjson"))

    found = by_metric(asked(shop, category="data_quality"))
    assert found["import_refused"]["severity"] == "error"

    merchant.now += timedelta(minutes=5)
    merchant.take_up(merchant.send(as_file([header(), *sold({})[:3]]), name="weekly.ndjson"))
    merchant.fold()
    shop.clock.now = merchant.now
    assert "import_refused" not in by_metric(asked(shop, category="data_quality"))
    assert (
        by_metric(asked(shop, status="resolved"))["import_refused"]["alert_id"] == found["import_refused"]["alert_id"]
    )


def test_costs_that_nobody_told_are_an_alert_with_the_share_that_is_known() -> None:
    shop = shop_with(*sold({}))

    costs = by_metric(asked(shop, category="data_quality"))["cost_coverage"]
    fulfilment = by_metric(asked(shop, category="fulfillment"))["fulfilment_coverage"]

    assert (costs["value"], costs["threshold"], costs["unit"]) == (0, 0.9, "ratio")
    assert (fulfilment["value"], fulfilment["threshold"]) == (0, 0.9)


def test_amounts_without_a_rate_are_an_alert_of_their_currency() -> None:
    foreign = [{**line, "currency": "SEK", "id": f"x{n}"} for n, line in enumerate(sold({})[-3:])]

    found = by_metric(asked(shop_with(*sold({}), *foreign), category="data_quality"))

    assert found["fx_rate_missing"]["scope"] == "SEK"


def test_a_workspace_without_data_has_no_alert_and_is_told_why() -> None:
    content = asked(Shop(scopes=frozenset({Scope.ACTIVITY})))

    assert rows(content) == []
    assert content["summary"] == "No open alert."
    assert [warning["code"] for warning in content["meta"]["warnings"]] == ["no_data"]
