from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from shared.domain.scopes import Scope
from shared.storage.engine import Delete, Key, Table
from shared.storage.rows.facts import rollups_pk
from shared.transports.mcp.tools.compare_attribution import OUTPUT
from tests.data.merchants import WORKSPACE, Line, Merchant, header, order
from tests.data.touches import touch
from tests.transports.mcp.shop import Shop

RULES = ("last_touch", "last_non_direct", "first_touch", "linear", "position_based", "time_decay")
PERIOD: dict[str, Any] = {"date_from": "2026-10-01", "date_to": "2026-10-31"}


def ad_day(platform: str = "meta", **more: Any) -> Line:  # noqa: ANN401 - any JSON
    return {
        "type": "ad_day",
        "source": f"{platform}_ads",
        "platform": platform,
        "campaign_id": f"{platform}-1",
        "campaign": "Prospecting",
        "date": "2026-10-15",
        "window": "7d_click_1d_view",
        "spend": "20.00",
        "conversions": "3",
        "revenue": "90.00",
        **more,
    }


def sold(number: int, price: str = "100.00", date: str = "2026-10-20", **more: Any) -> Line:  # noqa: ANN401 - any JSON
    return order(number, date, lines=[{"quantity": 1, "price": price}], **more)


THREE_ORDERS = [
    sold(1),
    touch(1, 1, "facebook", "2026-10-13", campaign="prospecting"),
    touch(1, 2, "email", "2026-10-20"),
    sold(2, "50.00"),
    touch(2, 1, "Instagram", "2026-10-20", campaign="meta-1"),
    sold(3, "30.00"),
]
TIKTOK = ad_day("tiktok", spend="5.00", conversions=None, revenue=None)


def shop_with(*lines: Line, exported_at: str = "2026-11-20T12:00:00Z") -> Shop:
    merchant = Merchant()
    merchant.import_lines(header(exported_at), *lines)
    return Shop(engine=merchant.engine, scopes=frozenset({Scope.ADS}))


def asked(shop: Shop, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    result = shop.call("compare_attribution", **{**PERIOD, **arguments}).result
    assert result["isError"] is False, result
    jsonschema.validate(result["structuredContent"], OUTPUT)
    return result["structuredContent"]


def rows_of(content: dict[str, Any]) -> dict[tuple[str, str | None], dict[str, Any]]:
    columns = content["data"]["columns"]
    rows = [dict(zip(columns, row, strict=True)) for row in content["data"]["rows"]]
    return {(row["channel"], row["campaign"]): row for row in rows}


def warnings_of(content: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {warning["code"]: warning for warning in content["meta"]["warnings"]}


def test_each_model_has_its_orders_revenue_and_roas_side_by_side() -> None:
    rows = rows_of(asked(shop_with(*THREE_ORDERS, ad_day(), TIKTOK)))

    meta = rows["meta", None]
    assert meta["spend"] == 20.0
    assert [meta[f"platform_reported_{what}"] for what in ("orders", "revenue", "roas")] == [3.0, 90.0, 4.5]
    assert [meta[f"last_touch_{what}"] for what in ("orders", "revenue", "roas")] == [1.0, 50.0, 2.5]
    assert [meta[f"first_touch_{what}"] for what in ("orders", "revenue", "roas")] == [2.0, 150.0, 7.5]
    assert [meta[f"linear_{what}"] for what in ("orders", "revenue", "roas")] == [1.5, 100.0, 5.0]
    # A week apart: a third and two thirds of the first order.
    assert [meta[f"time_decay_{what}"] for what in ("orders", "revenue", "roas")] == [1.33, 83.33, 4.1667]
    # Without Meta nobody comes; without e-mail one of Meta's two goes on to buy: 1 to 1/2 of two orders for 150.
    assert [meta[f"markov_{what}"] for what in ("orders", "revenue", "roas")] == [1.33, 100.0, 5.0]
    email = rows["email", None]
    assert (email["spend"], email["last_touch_revenue"], email["last_touch_roas"]) == (None, 100.0, None)
    assert email["platform_reported_orders"] is None


def test_a_platform_that_costs_and_is_on_no_path_brought_nothing_and_claims_what_it_claims() -> None:
    tiktok = rows_of(asked(shop_with(*THREE_ORDERS, ad_day(), TIKTOK)))["tiktok", None]

    assert (tiktok["spend"], tiktok["linear_orders"], tiktok["linear_roas"]) == (5.0, 0.0, 0.0)
    assert (tiktok["platform_reported_orders"], tiktok["platform_reported_revenue"]) == (None, None)


def test_totals_are_of_all_rows_and_what_nobody_brought_is_told() -> None:
    totals = asked(shop_with(*THREE_ORDERS, ad_day(), TIKTOK), limit=1)["totals"]

    assert (totals["orders"], totals["revenue"], totals["spend"]) == (3, 180.0, 25.0)
    assert (totals["attributed_orders"], totals["attributed_revenue"]) == (2, 150.0)
    assert (totals["unattributed_order_share"], totals["unattributed_revenue_share"]) == (0.3333, 0.1667)
    assert totals["models"].keys() == {*RULES, "platform_reported", "markov"}
    for rule in (*RULES, "markov"):
        assert (totals["models"][rule]["orders"], totals["models"][rule]["revenue"]) == (2.0, 150.0)
    # What e-mail is credited cost nothing that is known: ROAS is of the rows that have a spend.
    assert totals["models"]["last_touch"]["roas"] == 2.0
    # TikTok cost something and does not say what it sold.
    assert totals["models"]["platform_reported"] == {"orders": 3.0, "revenue": 90.0, "roas": None}


def test_campaigns_of_touches_are_found_among_those_of_the_platform_by_name_or_id() -> None:
    content = asked(shop_with(*THREE_ORDERS, ad_day()), group_by="campaign")

    rows = rows_of(content)
    assert rows.keys() == {("meta", "Prospecting"), ("email", None)}
    assert rows["meta", "Prospecting"]["spend"] == 20.0
    assert rows["meta", "Prospecting"]["first_touch_revenue"] == 150.0
    assert rows["meta", "Prospecting"]["platform_reported_roas"] == 4.5
    assert {each["model"]: each["reason"] for each in content["data"]["availability"] if not each["available"]} == {
        "markov": "Steps are kept between channels, not between campaigns: use group_by=channel."
    }
    assert "markov_orders" not in content["data"]["columns"]


def test_claims_are_set_against_the_store_each_platform_in_its_own_window() -> None:
    google = ad_day("google", window="30d_click", conversions="2", revenue="120.00")
    content = asked(shop_with(*THREE_ORDERS, ad_day(), google))

    assert content["data"]["conflicts"] == {
        "claimed_orders": 5.0,
        "claimed_revenue": 210.0,
        "store_orders": 3,
        "store_revenue": 180.0,
        "overclaim_ratio": 1.1667,
        "windows": {"google": "30d_click", "meta": "7d_click_1d_view"},
    }
    assert "overclaimed" in warnings_of(content)
    assert content["totals"]["models"]["platform_reported"] == {"orders": None, "revenue": None, "roas": None}
    assert 'google "30d_click", meta "7d_click_1d_view"' in warnings_of(content)["windows_differ"]["message"]


def test_claims_of_one_window_have_totals_and_a_return_on_what_was_spent() -> None:
    content = asked(shop_with(*THREE_ORDERS, ad_day(), ad_day("tiktok", spend="10.00", revenue="60.00")))

    assert content["totals"]["models"]["platform_reported"] == {"orders": 6.0, "revenue": 150.0, "roas": 5.0}
    assert not {"windows_differ", "ads_partial"} & warnings_of(content).keys()


def test_platforms_that_name_no_window_are_not_added() -> None:
    content = asked(shop_with(*THREE_ORDERS, ad_day(window=None), ad_day("tiktok", window=None)))

    assert content["totals"]["models"]["platform_reported"]["revenue"] is None
    assert rows_of(content)["tiktok", None]["platform_reported_roas"] == 4.5


def test_what_is_left_out_for_its_windows_is_in_no_ratio() -> None:
    meta = [ad_day(spend="110.00"), ad_day(campaign_id="meta-2", spend="100.00", window="1d_click")]
    google = ad_day("google", spend="50.00", window="30d_click", conversions="2", revenue="200.00")
    content = asked(shop_with(*THREE_ORDERS, *meta, google))

    assert rows_of(content)["google", None]["platform_reported_roas"] == 4.0
    assert content["totals"]["models"]["platform_reported"] == {"orders": None, "revenue": None, "roas": None}
    assert content["data"]["conflicts"]["overclaim_ratio"] is None
    assert "meta" in warnings_of(content)["claims_differ"]["message"]


@pytest.mark.parametrize("group_by", ["channel", "campaign"])
def test_days_that_tell_no_claim_leave_the_return_unknown(group_by: str) -> None:
    silent = ad_day(date="2026-10-16", conversions=None, revenue=None)
    other = ad_day(campaign_id="meta-9", campaign="Brand", conversions=None, revenue=None)
    content = asked(shop_with(*THREE_ORDERS, ad_day(), silent, other), group_by=group_by)

    rows = rows_of(content)
    found = rows["meta", "Prospecting" if group_by == "campaign" else None]
    assert (found["platform_reported_revenue"], found["platform_reported_roas"]) == (90.0, None)
    assert content["totals"]["models"]["platform_reported"]["roas"] is None
    assert warnings_of(content)["ads_partial"]["share"] == 0.3333
    if group_by == "campaign":
        assert rows["meta", "Brand"]["platform_reported_revenue"] is None, "a campaign that tells nothing claims not 0"


def test_without_orders_nobody_claims_too_much() -> None:
    content = asked(shop_with(ad_day()))

    assert content["data"]["conflicts"] is None
    assert "overclaimed" not in warnings_of(content)


def test_what_cost_an_amount_that_nobody_can_convert_has_no_spend() -> None:
    content = asked(shop_with(*THREE_ORDERS, ad_day(currency="EUR")))

    assert (rows_of(content)["meta", None]["spend"], content["totals"]["spend"]) == (None, None)


def test_the_formula_of_a_return_says_whose_it_is() -> None:
    formulas = asked(shop_with(*THREE_ORDERS, ad_day()))["data"]["formulas"]

    assert "in totals over the channels or campaigns with a spend" in formulas["roas"]


def test_while_a_fold_has_stored_the_campaigns_of_a_platform_and_not_its_months_it_claims_nothing_yet() -> None:
    shop = shop_with(*THREE_ORDERS, ad_day(), ad_day("tiktok"))
    month = Key(pk=rollups_pk(WORKSPACE), sk="ADS#2026-10#tiktok#tiktok_ads#main")
    assert shop.engine.get(Table.FACTS, month) is not None
    shop.engine.write(Delete(table=Table.FACTS, key=month))

    rows = rows_of(asked(shop, group_by="campaign"))
    assert rows["meta", "Prospecting"]["platform_reported_revenue"] == 90.0
    assert rows["tiktok", "Prospecting"]["platform_reported_revenue"] is None


def test_claims_of_several_windows_are_not_added() -> None:
    content = asked(shop_with(*THREE_ORDERS, ad_day(), ad_day(window="1d_click", conversions="1", revenue="40.00")))

    assert rows_of(content)["meta", None]["platform_reported_revenue"] == 90.0
    assert rows_of(content)["meta", None]["spend"] == 20.0


def test_claims_that_are_in_one_window_here_and_in_another_there_are_left_out() -> None:
    other = ad_day(campaign_id="meta-2", window="1d_click")
    content = asked(shop_with(*THREE_ORDERS, ad_day(), other), models=["platform_reported", "last_touch"])

    assert content["data"]["availability"][0] == {
        "model": "platform_reported",
        "available": False,
        "reason": "The claims of the platforms are in different windows, which are never added.",
    }
    assert content["data"]["conflicts"] is None
    assert "claims_differ" in warnings_of(content)


def test_of_a_platform_without_a_name_nobody_knows_its_channels() -> None:
    row = rows_of(asked(shop_with(*THREE_ORDERS, ad_day("other"))))["other_platforms", None]

    assert (row["spend"], row["platform_reported_roas"]) == (20.0, 4.5)
    assert (row["last_touch_orders"], row["markov_roas"]) == (None, None)


def test_without_touches_only_the_platforms_have_something_to_say() -> None:
    content = asked(shop_with(sold(1), ad_day()))

    available = {each["model"]: each["available"] for each in content["data"]["availability"]}
    assert available == {"platform_reported": True, **dict.fromkeys((*RULES, "markov"), False)}
    assert {each["reason"] for each in content["data"]["availability"] if not each["available"]} == {
        "No touches were ever imported."
    }
    assert content["totals"]["unattributed_order_share"] == 1.0


def test_without_a_touch_in_the_lookback_the_reason_says_so() -> None:
    shop = shop_with(sold(1), touch(1, 1, "meta", "2026-10-01"))

    week = asked(shop, lookback_days=7, models=["linear"])["data"]["availability"]
    assert week[0]["reason"] == "No order of the period has a touch in the 7 days before it."
    assert asked(shop, lookback_days=30, models=["linear"])["totals"]["attributed_orders"] == 1


def test_where_every_path_has_one_touch_all_models_of_paths_agree_and_say_so() -> None:
    lines = [sold(1), touch(1, 1, "meta", "2026-10-19"), sold(2, "50.00"), touch(2, 1, "email", "2026-10-19")]
    content = asked(shop_with(*lines, ad_day()))

    for row in rows_of(content).values():
        assert len({row[f"{rule}_revenue"] for rule in RULES}) == 1
    reasons = {each["model"]: each["reason"] for each in content["data"]["availability"]}
    assert reasons["linear"] == "Every path has one touch: all models of paths agree."
    assert reasons["platform_reported"] is None
    assert "one_touch_paths" in warnings_of(content)


def test_rows_are_ordered_by_the_first_model_and_pages_go_on_where_they_ended() -> None:
    lines = [line for number in range(1, 6) for line in (sold(number, f"{number}0.00"),)]
    lines += [touch(number, 1, f"channel {number}", "2026-10-19") for number in range(1, 6)]
    shop = shop_with(*lines)

    first = asked(shop, models=["linear"], limit=3)
    second = asked(shop, models=["linear"], limit=3, cursor=first["meta"]["page"]["next_cursor"])

    assert [row[0] for page in (first, second) for row in page["data"]["rows"]] == [
        f"channel {number}" for number in (5, 4, 3, 2, 1)
    ]
    assert second["totals"] == first["totals"]


def test_the_summary_tells_the_roas_of_what_cost_most_by_every_model() -> None:
    content = asked(shop_with(*THREE_ORDERS, ad_day(), TIKTOK), models=["platform_reported", "last_touch"])

    assert content["summary"] == (
        "2026-10-01 to 2026-10-31: 2 of 3 orders (150.00 USD) have a touch in the 30 days before them. "
        '"meta" cost most, 20.00 USD: ROAS 4.50 by platform_reported, 2.50 by last_touch.'
    )


def test_a_period_without_orders_is_an_answer() -> None:
    content = asked(shop_with(*THREE_ORDERS), date_from="2025-01-01", date_to="2025-01-31")

    assert (content["data"]["rows"], content["totals"]["orders"]) == ([], 0)
    assert content["summary"] == "No orders and no ads in 2025-01-01 to 2025-01-31."


def test_what_could_not_be_converted_is_in_no_sum_and_is_counted() -> None:
    lines = [sold(4, currency="EUR"), ad_day("tiktok", currency="EUR")]
    content = asked(shop_with(*THREE_ORDERS, ad_day(), *lines))

    assert content["totals"]["orders"] == 3
    assert warnings_of(content)["fx_rate_missing"]["message"].startswith("1 orders and refunds and 1 ad days")


def test_paths_that_may_begin_before_the_touches_do_are_warned_of() -> None:
    content = asked(shop_with(*THREE_ORDERS))

    assert "Touches are known from 2026-10-13 on" in warnings_of(content)["touches_begin"]["message"]
    assert content["meta"]["coverage"] == {"attribution": 0.6667}


@pytest.mark.parametrize("lookback", [1, 14, 60, "30", 30.5])
def test_lookbacks_that_are_not_kept_are_refused_with_those_that_are(lookback: Any) -> None:  # noqa: ANN401 - any JSON
    content = shop_with(*THREE_ORDERS).call("compare_attribution", lookback_days=lookback).content

    assert (content["code"], content["field"]) == ("invalid_argument", "lookback_days")
    assert content["allowed"] == [7, 30, 90]


def test_campaigns_of_more_than_thirteen_months_are_too_many_and_channels_are_not() -> None:
    shop = shop_with(*THREE_ORDERS)
    years = {"date_from": "2024-01-01", "date_to": "2026-10-31"}

    content = shop.call("compare_attribution", group_by="campaign", **years).content

    assert (content["code"], content["field"]) == ("range_too_long", "date_from")
    assert asked(shop, **years)["totals"]["orders"] == 3


def test_a_workspace_into_which_nothing_was_imported_has_no_data() -> None:
    assert Shop().call("compare_attribution").content["code"] == "no_data"


@pytest.mark.parametrize(
    ("arguments", "queries"),
    [
        # Of channels: which sums there are of all months, and the months of ads.
        ({"date_from": "2026-10-05", "date_to": "2026-10-25"}, 2),
        ({"date_from": "2023-11-01", "date_to": "2026-10-31"}, 2),
        # Of campaigns besides: the sums of touches, those of ads, and the names.
        ({"date_from": "2026-10-01", "date_to": "2026-10-31", "group_by": "campaign"}, 5),
    ],
)
def test_a_call_reads_the_sums_of_all_months_together_and_no_day(arguments: dict[str, Any], queries: int) -> None:
    shop = shop_with(*THREE_ORDERS, ad_day())
    asked(shop)
    before = shop.engine.operations.copy()

    asked(shop, **arguments)

    spent = shop.engine.operations - before
    assert spent["query"] == queries
