from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

from shared.domain.scopes import Scope
from shared.transports.mcp.tools.get_marketing_efficiency import OUTPUT
from tests.data.merchants import Line, Merchant, header, order, refund
from tests.transports.mcp.ads_told import USUAL, ad_day, claim, google_day, rows, warnings
from tests.transports.mcp.shop import Shop

OCTOBER = {"date_from": "2026-10-01", "date_to": "2026-10-31"}
LONG_AGO = order("old", "2025-01-05", customer="zoe@example.com")
"""So that everybody who ordered before is known."""
ADS_OF_BOTH_MONTHS = (ad_day(day="2026-09-01", spend="0.00"), ad_day(day="2026-10-31", spend="0.00"))
"""So that spend is known of all days of September and October."""
ADS_OF_OCTOBER = [
    {"type": "ad_day", "from": "2026-10-01", "to": "2026-10-31", "source": source, "account": name}
    for source, name in (("meta_ads", "act_1"), ("google_ads", "553-1"))
]
"""Claims of an export that tells of all days."""
ORDERS_OF_BOTH_MONTHS = [{"type": "order", "from": "2025-01-01", "to": "2026-10-31"}]


def sale(id_: str, price: str, customer: str | None, *, cost: str | None = "40.00", day: str = "2026-10-05") -> Line:
    """Give an order of one piece."""
    line = {"quantity": 1, "price": price, "unit_cost": cost}
    return order(id_, day, lines=[line], customer=customer, fulfilment_cost="5.00", payment_fee="3.00")


def shop_with(*lines: Line, **head: Any) -> Shop:  # noqa: ANN401 - any JSON
    shop = Shop(scopes=frozenset({Scope.ADS}))
    head.setdefault("complete", ADS_OF_OCTOBER)
    Merchant(engine=shop.engine).import_lines(header(**head), *lines)
    return shop


def asked(shop: Shop, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    result = shop.call("get_marketing_efficiency", **{**OCTOBER, **arguments}).result
    assert result["isError"] is False, result
    validator: Any = Draft202012Validator(OUTPUT)  # its types leave the document open
    validator.validate(result["structuredContent"])
    return result["structuredContent"]


def test_a_month_number_by_number() -> None:
    content = asked(
        shop_with(
            LONG_AGO,
            sale("1", "100.00", "ann@example.com"),
            sale("2", "80.00", "ben@example.com"),
            sale("3", "120.00", "zoe@example.com"),
            refund("r1", "2026-11-02", order_id="2", lines=[{"amount": "20.00"}]),
            ad_day(spend="50.00", **claim(USUAL, "2", "150.00")),
            google_day(spend="20.00", **claim("30d_click", "2", "200.00")),
            {"type": "expense", "id": "x1", "date": "2026-10-09", "amount": "30.00", "category": "Marketing agency"},
            {"type": "expense", "id": "x2", "date": "2026-10-09", "amount": "99.00", "category": "Rent"},
            {"type": "expense", "id": "x3", "date": "2026-10-09", "amount": "10.00", "line": "platform_fees"},
        )
    )
    # By hand: 300.00 sold, 20.00 of it given back later; 3 x 48.00 and 10.00 of costs; 70.00 spent on ads.
    assert content["totals"] == {
        "ad_spend": 70.0,
        "net_revenue": 280.0,
        "mer": 4.0,
        "new_customers": 2,
        "new_customer_revenue": 160.0,
        "amer": 2.2857,
        "ncac": 35.0,
        "cac_loaded": 50.0,
        "cm2_before_ads": 126.0,
        "poas": 1.8,
        "break_even_mer": 2.2222,
        "platform_claimed_revenue": None,
        "overclaim_ratio": 1.25,
    }
    assert {row[0]: row[3] for row in content["data"]["rows"]} == content["totals"]
    assert content["data"]["platform_claims"] == [
        {"platform": "meta", "revenue": 150.0, "attribution_window": USUAL, "share_of_net_revenue": 0.5357},
        {"platform": "google", "revenue": 200.0, "attribution_window": "30d_click", "share_of_net_revenue": 0.7143},
    ]
    assert content["summary"] == (
        "2026-10-01 to 2026-10-31: 70.00 USD of ad spend on net revenue of 280.00 USD, MER 4.0 (break-even 2.2222). "
        "2 new customers at 35.00 USD each."
    )
    assert 'windows (meta "7d_click_1d_view", google "30d_click")' in warnings(content)["windows_differ"]["message"]
    assert "new_customers_overcounted" not in warnings(content)


def test_claims_of_one_window_have_a_sum() -> None:
    content = asked(
        shop_with(
            sale("1", "100.00", "ann@example.com"),
            ad_day(**claim("1d_click", "1", "30.00")),
            google_day(**claim("1d_click", "2", "45.00")),
        )
    )
    assert (content["totals"]["platform_claimed_revenue"], content["totals"]["overclaim_ratio"]) == (75.0, 0.75)
    assert "windows_differ" not in warnings(content)


def test_a_platform_whose_claims_are_of_several_windows_leaves_the_overclaim_unknown() -> None:
    content = asked(
        shop_with(
            sale("1", "100.00", "ann@example.com"),
            ad_day("c1", **claim("1d_click", "1", "30.00")),
            ad_day("c2", **claim(USUAL, "1", "30.00")),
            google_day(**claim("30d_click", "2", "45.00")),
        )
    )
    assert (content["totals"]["platform_claimed_revenue"], content["totals"]["overclaim_ratio"]) == (None, None)
    assert [each["revenue"] for each in content["data"]["platform_claims"]] == [None, 45.0]
    assert "Claims of meta" in warnings(content)["windows_differ"]["message"]


def test_without_ads_nothing_is_known_of_spend() -> None:
    content = asked(shop_with(sale("1", "100.00", "ann@example.com")))

    totals = content["totals"]
    assert (totals["ad_spend"], totals["mer"], totals["ncac"], totals["poas"]) == (None, None, None, None)
    assert "ad_spend" in warnings(content)["costs_unknown"]["message"]
    assert content["summary"] == "2026-10-01 to 2026-10-31: net revenue 100.00 USD, nothing is known of ad spend."


def test_advertising_that_was_booked_as_an_expense_is_ad_spend_too() -> None:
    booked = {"type": "expense", "id": "x1", "date": "2026-10-09", "amount": "30.00", "line": "ad_spend"}
    totals = asked(shop_with(sale("1", "100.00", "ann@example.com"), ad_day(), booked))["totals"]

    assert (totals["ad_spend"], totals["mer"]) == (50.0, 2.0)


def test_without_operating_expenses_the_loaded_cost_is_unknown() -> None:
    content = asked(shop_with(sale("1", "100.00", "ann@example.com"), ad_day()))

    assert (content["totals"]["ncac"], content["totals"]["cac_loaded"]) == (20.0, None)
    assert warnings(content)["opex_unknown"]


def test_orders_that_name_no_customer_leave_new_customers_unknown() -> None:
    content = asked(shop_with(sale("1", "100.00", None), ad_day()))

    totals = content["totals"]
    assert (totals["new_customers"], totals["new_customer_revenue"], totals["ncac"]) == (None, None, None)
    assert warnings(content)["customers_unknown"]["share"] == content["meta"]["coverage"]["customers"] == 0.0
    assert content["summary"].endswith("Orders name no customers, so nobody knows how many were new.")


def test_profit_is_not_told_of_goods_whose_cost_is_unknown() -> None:
    totals = asked(shop_with(sale("1", "100.00", "ann@example.com", cost=None), ad_day()))["totals"]

    assert (totals["mer"], totals["poas"], totals["break_even_mer"]) == (5.0, None, None)


def test_no_mer_pays_where_the_margin_is_negative() -> None:
    totals = asked(shop_with(sale("1", "20.00", "ann@example.com"), ad_day()))["totals"]

    assert (totals["cm2_before_ads"], totals["poas"], totals["break_even_mer"]) == (-28.0, -1.4, None)


def test_customers_are_new_only_as_far_back_as_orders_are_known() -> None:
    content = asked(shop_with(sale("1", "100.00", "ann@example.com"), ad_day()))

    assert "since 2026-10-05, where the data begins" in warnings(content)["new_customers_overcounted"]["message"]


def test_the_course_over_time_knows_nothing_before_the_first_order_but_spend() -> None:
    shop = shop_with(sale("1", "100.00", "ann@example.com"), ad_day(), ad_day(day="2026-09-20", spend="7.00"))
    content = asked(shop, date_from="2026-09-01", granularity="month")

    found = rows(content, "start", "ad_spend", "net_revenue", "mer", "new_customers")
    assert found == [("2026-09-01", 7.0, None, None, None), ("2026-10-01", 20.0, 100.0, 5.0, 1)]
    assert content["comparison"] is None


def test_a_month_is_compared_with_the_one_before() -> None:
    shop = shop_with(
        LONG_AGO,
        sale("1", "100.00", "ann@example.com", day="2026-09-10"),
        sale("2", "90.00", "ben@example.com"),
        ad_day(day="2026-09-10", spend="25.00", **claim("1d_click", "1", "50.00")),
        ad_day(**claim(USUAL, "1", "60.00")),
        *ADS_OF_BOTH_MONTHS,
        complete=ORDERS_OF_BOTH_MONTHS,
    )
    comparison = asked(shop)["comparison"]

    assert (comparison["data"]["mer"], comparison["data"]["overclaim_ratio"]) == (4.0, 0.5)
    assert comparison["change"]["mer"] == {"abs": 0.5, "pct": 12.5}
    assert comparison["change"]["new_customers"] == {"abs": 0, "pct": 0.0}
    assert comparison["change"]["overclaim_ratio"] == {"abs": None, "pct": None}, "two windows claim differently"


def test_what_is_not_known_alike_of_both_months_is_not_compared() -> None:
    told = asked(shop_with(*SEPTEMBER_AND_OCTOBER, ad_day(day="2026-10-31"), complete=ORDERS_OF_BOTH_MONTHS))
    changes = {name: change["abs"] for name, change in told["comparison"]["change"].items()}

    assert (changes["net_revenue"], changes["ad_spend"], changes["mer"], changes["ncac"]) == (-10.0, None, None, None)
    assert "ad_spend (31 of 31 days, 21 of 30 days before)" in warnings(told)["costs_not_alike"]["message"]

    without_claim = asked(shop_with(*SEPTEMBER_AND_OCTOBER))["comparison"]["change"]
    assert without_claim["net_revenue"] == {"abs": None, "pct": None}


def test_spend_before_the_first_day_of_ads_is_unknown_and_not_nothing() -> None:
    shop = shop_with(
        LONG_AGO, sale("1", "90.00", "ann@example.com"), ad_day(day="2026-10-20"), ad_day(day="2026-10-31"), complete=[]
    )

    before = asked(shop, date_from="2026-10-01", date_to="2026-10-15")
    partly = asked(shop, date_from="2026-10-16", date_to="2026-10-31")

    assert (before["totals"]["ad_spend"], before["totals"]["ncac"]) == (None, None)
    assert before["summary"].endswith("net revenue 90.00 USD, nothing is known of ad spend.")
    assert warnings(before)["costs_days_unknown"]["share"] == 0.0
    assert partly["totals"]["ad_spend"] == 40.0
    assert warnings(partly)["costs_days_unknown"]["share"] == 0.75


def test_sales_of_days_whose_ads_are_unknown_are_set_against_no_spend() -> None:
    sold = [sale(str(n), "100.00", f"{n}@example.com", day=f"2026-10-{n:02}") for n in range(1, 11)]
    google_to_the_fifth = [google_day(day=f"2026-10-{n:02}", spend="80.00") for n in range(1, 6)]
    meta = [ad_day(day=f"2026-10-{n:02}") for n in range(1, 11)]
    shop = shop_with(LONG_AGO, *sold, *meta, *google_to_the_fifth, complete=[])
    ten_days = asked(shop, date_to="2026-10-10")
    known = asked(shop, date_to="2026-10-05")

    ratios = ("mer", "amer", "ncac", "cac_loaded", "poas")
    assert ten_days["totals"]["ad_spend"] == 600.0
    assert [ten_days["totals"][name] for name in ratios] == [None] * 5
    assert "MER unknown, as spend is of some days" in ten_days["summary"]
    assert {"upstream_stale", "costs_days_unknown"} <= warnings(ten_days).keys()
    assert (known["totals"]["mer"], known["totals"]["ncac"]) == (1.0, 100.0)
    by_day = asked(shop, date_to="2026-10-10", granularity="day")
    assert rows(by_day, "mer") == [(1.0,)] * 5 + [(None,)] * 5


SEPTEMBER_AND_OCTOBER = (
    LONG_AGO,
    sale("1", "100.00", "ann@example.com", day="2026-09-10"),
    sale("2", "90.00", "ben@example.com"),
    ad_day(day="2026-09-10", spend="25.00"),
    ad_day(),
)


def test_a_day_that_is_not_over_is_compared_without_percent_and_said_so() -> None:
    today = sale("3", "80.00", "cleo@example.com", day="2026-11-21")
    shop = shop_with(*SEPTEMBER_AND_OCTOBER, today, exported_at="2026-11-21T11:00:00Z")
    content = asked(shop, date_from="2026-10-01", date_to="2026-11-21")

    assert "2026-11-21 is not over" in warnings(content)["period_not_over"]["message"]
    assert {each["pct"] for each in content["comparison"]["change"].values()} == {None}
    assert content["comparison"]["change"]["net_revenue"]["abs"] is not None


def test_ranges_of_another_length_are_compared_with_a_word_about_it() -> None:
    against = {"compare": "custom", "compare_from": "2026-09-01", "compare_to": "2026-09-15"}
    content = asked(shop_with(*SEPTEMBER_AND_OCTOBER), **against)

    assert "31 days and 2026-09-01 to 2026-09-15 has 15 days" in warnings(content)["comparison_length"]["message"]


def test_months_beside_each_other_are_compared_without_a_word() -> None:
    found = warnings(asked(shop_with(*SEPTEMBER_AND_OCTOBER)))

    assert found.keys().isdisjoint({"period_not_over", "comparison_length"})


def test_money_that_cannot_be_converted_is_refused_as_in_the_p_and_l() -> None:
    shop = shop_with(sale("1", "100.00", "ann@example.com"), ad_day(currency="EUR"))
    result = shop.call("get_marketing_efficiency", **OCTOBER).result

    assert (result["isError"], result["structuredContent"]["code"]) == (True, "fx_rate_missing")
    assert "EUR (2026-10-05)" in result["structuredContent"]["message"]
