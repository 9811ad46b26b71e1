from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from shared.domain.scopes import Scope
from shared.transports.mcp.tools.get_ad_performance import OUTPUT
from tests.data.merchants import Line, Merchant, header, order
from tests.transports.mcp.ads_told import USUAL, ad_day, claim, google_day, rows, warnings
from tests.transports.mcp.shop import Shop

LONG_AGO = ad_day("c0", day="2026-01-10")
OCTOBER = {"date_from": "2026-10-01", "date_to": "2026-10-31"}


def shop_with(*lines: Line) -> Shop:
    shop = Shop(scopes=frozenset({Scope.ADS}))
    Merchant(engine=shop.engine).import_lines(header(), *lines)
    return shop


def asked(shop: Shop, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    result = shop.call("get_ad_performance", **{**OCTOBER, **arguments}).result
    assert result["isError"] is False, result
    validator: Any = Draft202012Validator(OUTPUT)  # its types leave the document open
    validator.validate(result["structuredContent"])
    return result["structuredContent"]


def refused(shop: Shop, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    result = shop.call("get_ad_performance", **{**OCTOBER, **arguments}).result
    assert result["isError"] is True
    return result["structuredContent"]


def test_a_campaign_number_by_number() -> None:
    shop = shop_with(
        ad_day(campaign="Prospecting", **claim(USUAL, "1.5", "60.00")),
        ad_day(day="2026-10-06", spend="30.00", **claim(USUAL, "1", "15.00")),
        ad_day(day="2026-09-30", spend="5.00"),
        LONG_AGO,
    )
    content = asked(shop)

    # Worked out by hand: 50.00 for 2,000 impressions and 20 clicks, 2.5 conversions worth 75.00.
    assert content["data"]["columns"] == [
        *("platform", "account_id", "campaign_id", "campaign_name", "spend", "impressions", "clicks"),
        *("ctr", "cpm", "cpc", "platform_conversions", "platform_revenue", "platform_roas", "cpa"),
        *("attribution_window", "spend_before"),
    ]
    assert content["data"]["rows"] == [
        ["meta", "act_1", "c1", "Prospecting", 50.0, 2_000, 20, 0.01, 25.0, 2.5, 2.5, 75.0, 1.5, 20.0, USUAL, 5.0]
    ]
    assert content["summary"] == (
        f'2026-10-01 to 2026-10-31: 50.00 USD spent on ads. meta 50.00 USD, claiming 75.00 USD ("{USUAL}").'
    )
    assert content["comparison"]["change"]["spend"] == {"abs": 45.0, "pct": 900.0}
    assert content["meta"]["sources"][0]["connector"] == "meta_ads"


def test_windows_are_never_added_and_the_platform_s_default_goes_first() -> None:
    content = asked(
        shop_with(
            ad_day(**claim("1d_click", "1", "10.00")),
            ad_day(**claim(USUAL, "3", "30.00")),
            ad_day(**claim("28d_click", "5", "50.00")),
        )
    )
    columns = ("spend", "clicks", "platform_conversions", "platform_revenue", "attribution_window")
    assert rows(content, *columns) == [(20.0, 10, 3.0, 30.0, USUAL)]
    assert "windows_differ" not in warnings(content)


def test_a_window_in_which_one_claim_is_missing_is_not_taken_for_the_whole() -> None:
    shop = shop_with(
        ad_day("c1", **claim(USUAL, "3", "30.00")),
        ad_day("c1", **claim("1d_click", "1", "10.00")),
        ad_day("c2", **claim("1d_click", "2", "20.00")),
    )
    by_platform = asked(shop, group_by="platform")

    assert rows(by_platform, "platform_revenue", "attribution_window") == [(30.0, "1d_click")]
    campaigns = rows(asked(shop), "campaign_id", "platform_revenue", "attribution_window")
    assert campaigns == [("c1", 30.0, USUAL), ("c2", 20.0, "1d_click")]


def test_accounts_that_count_differently_have_no_claim_together_and_campaigns_still_have_theirs() -> None:
    shop = shop_with(
        ad_day("c1", **claim(USUAL, "3", "30.00")),
        ad_day("c2", account="act_2", **claim("1d_click", "1", "10.00")),
    )
    content = asked(shop, group_by="platform")

    assert rows(content, "spend", "platform_revenue", "cpa", "attribution_window") == [(40.0, None, None, None)]
    assert "use group_by=campaign" in warnings(content)["windows_differ"]["message"]
    campaigns = rows(asked(shop), "campaign_id", "platform_revenue", "attribution_window")
    assert campaigns == [("c1", 30.0, USUAL), ("c2", 10.0, "1d_click")]


def test_platforms_that_count_differently_have_totals_of_their_own_and_none_together() -> None:
    content = asked(shop_with(ad_day(**claim(USUAL, "3", "30.00")), google_day(**claim("30d_click", "4", "90.00"))))
    totals = content["totals"]

    assert (totals["spend"], totals["platform_revenue"], totals["platform_roas"]) == (40.0, None, None)
    found = {name: (sums["platform_revenue"], sums["platform_roas"]) for name, sums in totals["platforms"].items()}
    assert found == {"meta": (30.0, 1.5), "google": (90.0, 4.5)}
    assert f'meta "{USUAL}", google "30d_click"' in warnings(content)["windows_differ"]["message"]


def test_platforms_that_name_no_window_are_not_taken_to_mean_the_same() -> None:
    shop = shop_with(ad_day(**claim(None, "3", "30.00")), google_day(**claim(None, "4", "90.00")))
    content = asked(shop)

    assert {sums["attribution_window"] for sums in content["totals"]["platforms"].values()} == {"not_stated"}
    assert content["totals"]["platform_revenue"] is None
    assert asked(shop, platforms=["google"])["totals"]["platform_revenue"] == 90.0


def test_a_window_that_was_changed_within_the_period_leaves_the_claim_unknown() -> None:
    shop = shop_with(ad_day(**claim("1d_click", "3", "30.00")), ad_day(day="2026-10-20", **claim(USUAL, "4", "40.00")))
    content = asked(shop)

    assert rows(content, "spend", "platform_revenue") == [(40.0, None)]
    assert "ask for a part of the period" in warnings(content)["windows_differ"]["message"]
    assert rows(asked(shop, date_to="2026-10-10"), "platform_revenue", "attribution_window") == [(30.0, "1d_click")]
    weeks = asked(shop, granularity="week")
    assert rows(weeks, "start", "platform", "platform_revenue", "attribution_window") == [
        ("2026-10-05", "meta", 30.0, "1d_click"),
        ("2026-10-19", "meta", 40.0, USUAL),
    ]


def test_claims_of_two_windows_are_not_compared() -> None:
    before = ad_day(day="2026-09-05", **claim("1d_click", "3", "30.00"))
    shop = shop_with(LONG_AGO, before, ad_day(**claim(USUAL, "4", "40.00")))
    comparison = asked(shop)["comparison"]

    assert (comparison["data"]["platform_revenue"], comparison["data"]["attribution_window"]) == (30.0, "1d_click")
    assert comparison["change"]["platform_revenue"] == {"abs": None, "pct": None}
    assert comparison["change"]["spend"] == {"abs": 0.0, "pct": 0.0}


def test_what_nobody_told_is_null_and_ratios_of_a_part_are_not_made() -> None:
    unknown: dict[str, Any] = {"impressions": None, "clicks": None}
    content = asked(shop_with(ad_day("c1"), ad_day("c1", day="2026-10-06", **unknown), google_day(**unknown)))

    found = rows(content, "campaign_id", "impressions", "clicks", "ctr", "cpm", "cpc", "platform_revenue")
    assert found == [("c1", 1_000, 10, None, None, None, None), ("g1", None, None, None, None, None, None)]
    assert content["meta"]["coverage"] == {
        "impressions": 0.3333,
        "clicks": 0.3333,
        "platform_conversions": 0.0,
        "platform_revenue": 0.0,
    }
    partial = [one["message"] for one in content["meta"]["warnings"] if one["code"] == "ads_partial"]
    assert len(partial) == 4


def test_what_is_claimed_of_some_days_is_not_set_against_what_all_of_them_cost() -> None:
    content = asked(
        shop_with(
            ad_day(spend="40.00", **claim(USUAL, "4", "100.00")),
            ad_day(day="2026-10-06", spend="60.00"),
            google_day(**claim("30d_click", "2", "90.00")),
        )
    )
    found = rows(content, "campaign_id", "platform_conversions", "platform_revenue", "platform_roas", "cpa")
    assert found == [("c1", 4.0, 100.0, None, None), ("g1", 2.0, 90.0, 4.5, 10.0)]
    partial = [one for one in content["meta"]["warnings"] if one["code"] == "ads_partial"]
    assert [(one["share"], "claimed revenue" in one["message"]) for one in partial] == [(0.6667, False), (0.6667, True)]
    assert "so is any ratio" in partial[0]["message"]


def test_an_account_in_another_currency_is_converted_at_the_rate_of_the_day() -> None:
    rate = {"type": "fx", "source": "ecb", "base": "EUR", "quote": "USD"}
    shop = shop_with(
        rate | {"date": "2026-10-05", "rate": "1.1"},
        rate | {"date": "2026-10-06", "rate": "1.2"},
        google_day(currency="EUR", **claim("30d_click", "1", "50.00")),
        google_day(day="2026-10-06", currency="EUR", **claim("30d_click", "0", "0.00")),
    )
    assert rows(asked(shop), "spend", "platform_revenue", "platform_roas") == [(46.0, 55.0, 1.1957)]


def test_what_cannot_be_converted_counts_nowhere_and_is_told() -> None:
    content = asked(shop_with(ad_day(), google_day(currency="EUR", **claim("30d_click", "1", "50.00"))))

    assert rows(content, "campaign_id") == [("c1",)]
    assert (content["totals"]["spend"], content["totals"]["clicks"]) == (20.0, 10)
    assert warnings(content)["fx_rate_missing"]["share"] == 0.5


def test_the_ads_of_a_campaign_add_up() -> None:
    ads = [ad_day(ad_group_id="g", ad_id=ad, **claim(USUAL, "1", "10.00")) for ad in ("a1", "a2")]

    assert rows(asked(shop_with(*ads)), "spend", "clicks", "platform_revenue") == [(40.0, 20, 20.0)]


def test_a_campaign_has_the_name_that_was_told_last_also_where_nothing_of_it_is_new() -> None:
    shop = Shop()
    merchant = Merchant(engine=shop.engine)
    merchant.import_lines(header(), ad_day(campaign="Old name"))
    later = ad_day(day="2026-11-02", campaign="New name")
    merchant.import_lines(header("2026-11-20T13:00:00Z"), later)

    assert rows(asked(shop), "campaign_name") == [("New name",)]


def many(count: int) -> list[Line]:
    return [
        ad_day(f"c{number:02}", spend=f"{number}.00", clicks=None if number == 7 else number) for number in range(count)
    ]


def test_rows_are_sorted_and_unknown_ones_come_last() -> None:
    shop = shop_with(*many(9))

    assert rows(asked(shop), "campaign_id")[:2] == [("c08",), ("c07",)]
    assert rows(asked(shop, sort_by="clicks"), "campaign_id") == [
        (f"c0{number}",) for number in (8, 6, 5, 4, 3, 2, 1, 0, 7)
    ]


def test_totals_are_of_all_rows_whatever_the_page() -> None:
    shop = shop_with(*many(30))
    first = asked(shop, limit=20)
    second = asked(shop, limit=20, cursor=first["meta"]["page"]["next_cursor"])

    assert (len(first["data"]["rows"]), len(second["data"]["rows"])) == (20, 10)
    assert first["totals"] == second["totals"]
    assert (first["totals"]["rows"], first["totals"]["spend"]) == (30, 435.0)
    assert sum(spend for (spend,) in rows(first, "spend") + rows(second, "spend")) == 435.0


def test_campaigns_are_found_by_a_part_of_their_name_or_id() -> None:
    shop = shop_with(ad_day("c1", campaign="Brand search"), ad_day("c2", campaign="Prospecting"), ad_day("brand-3"))
    content = asked(shop, campaign_query="BRAND")

    assert sorted(rows(content, "campaign_id")) == [("brand-3",), ("c1",)]
    assert content["totals"]["spend"] == 40.0


def test_rows_may_be_of_accounts_and_of_some_platforms_only() -> None:
    shop = shop_with(ad_day(), ad_day(account="act_2"), google_day())

    found = rows(asked(shop, group_by="account", platforms=["meta"]), "platform", "account_id", "campaign_id", "spend")
    assert found == [("meta", "act_1", None, 20.0), ("meta", "act_2", None, 20.0)]


@pytest.mark.parametrize(
    ("arguments", "field", "hint"),
    [
        ({"granularity": "day", "group_by": "campaign"}, "granularity", "group_by=platform"),
        ({"group_by": "account", "campaign_query": "x"}, "campaign_query", "group_by=campaign"),
        ({"group_by": "ad"}, "group_by", "single ads are not kept"),
        ({"platforms": []}, "platforms", "Only these ad platforms"),
    ],
)
def test_arguments_that_do_not_go_together_are_refused_with_what_would(
    arguments: dict[str, Any], field: str, hint: str
) -> None:
    error = refused(shop_with(ad_day()), **arguments)

    assert (error["code"], error["field"]) == ("invalid_argument", field)
    assert hint in error["hint"]


def test_campaigns_of_years_are_too_many_and_platforms_are_not() -> None:
    shop = shop_with(ad_day())
    years = {"date_from": "2024-01-01", "date_to": "2026-10-31"}

    assert refused(shop, **years)["code"] == "range_too_long"
    assert rows(asked(shop, **years, group_by="platform"), "spend") == [(20.0,)]


def test_an_account_that_has_gone_silent_is_named() -> None:
    dead = {"type": "account", "source": "tiktok_ads", "account": "7311", "status": "reconnect"}
    tiktok = ad_day(platform="tiktok", source="tiktok_ads", account="7311")
    content = asked(shop_with(ad_day(day="2026-11-20"), tiktok, dead))

    late = [one["message"] for one in content["meta"]["warnings"] if one["code"] == "upstream_stale"]
    (message,) = late
    assert message.startswith('tiktok_ads "7311" (reconnect) reaches to 2026-10-05: later spend is missing. ')


def test_an_account_that_needs_somebody_is_named_on_its_last_day() -> None:
    status = {"type": "account", "source": "meta_ads", "account": "act_1", "status": "reconnect"}
    content = asked(shop_with(ad_day(day="2026-10-31"), status))

    assert '"act_1" (reconnect) reaches to 2026-10-31' in warnings(content)["upstream_stale"]["message"]


def test_a_shop_without_ads_is_told_that_nothing_is_known() -> None:
    content = asked(shop_with(order()))

    assert content["data"]["rows"] == []
    assert (content["totals"]["platforms"], content["totals"]["spend"]) == ({}, None)
    assert warnings(content)["no_ads"]
    assert content["summary"] == (
        "Spend on ads in 2026-10-01 to 2026-10-31 is unknown: no such ads have been imported."
    )


def test_where_every_account_tells_of_the_days_before_and_after_nothing_was_spent() -> None:
    content = asked(shop_with(LONG_AGO, ad_day(day="2026-11-20")))

    assert (content["totals"]["spend"], content["comparison"]["data"]["spend"]) == (0.0, 0.0)
    assert content["summary"] == "No ads of these ran in 2026-10-01 to 2026-10-31."


DEAD = {"type": "account", "source": "tiktok_ads", "account": "7311", "status": "lost_access"}


@pytest.mark.parametrize("group_by", ["campaign", "platform"])
def test_spend_of_a_lost_account_is_unknown_and_not_zero(group_by: str) -> None:
    tiktok = ad_day(platform="tiktok", source="tiktok_ads", account="7311", day="2026-07-05")
    shop = shop_with(LONG_AGO, ad_day(day="2026-11-20"), tiktok, DEAD)
    content = asked(shop, platforms=["tiktok"], group_by=group_by)

    assert (content["totals"]["spend"], content["comparison"]["data"]["spend"]) == (None, None)
    assert content["comparison"]["change"]["spend"] == {"abs": None, "pct": None}
    assert content["summary"] == (
        "Spend on ads in 2026-10-01 to 2026-10-31 is unknown, not zero: "
        'tiktok_ads "7311" (lost_access) has told of 2026-07-05 only.'
    )


def test_a_search_that_finds_no_campaign_says_so_and_takes_no_account_of_another_for_the_reason() -> None:
    tiktok = ad_day(platform="tiktok", source="tiktok_ads", account="7311", day="2026-07-05")
    known = [LONG_AGO, ad_day(campaign="Brand"), ad_day(day="2026-11-20")]

    whole = asked(shop_with(*known), campaign_query="no such campaign")
    partly = asked(shop_with(*known, tiktok, DEAD), campaign_query="no such campaign")

    nothing = "No campaign with this in its name or id ran in 2026-10-01 to 2026-10-31"
    assert (whole["summary"], whole["totals"]["spend"]) == (f"{nothing}.", 0.0)
    assert partly["summary"] == (
        f'{nothing}, as far as is known: tiktok_ads "7311" (lost_access) has told of 2026-07-05 only.'
    )
    assert partly["totals"]["spend"] is None, "it may have run there"


def test_of_a_platform_that_was_never_connected_nothing_is_known_and_no_other_is_blamed() -> None:
    tiktok = ad_day(platform="tiktok", source="tiktok_ads", account="7311", day="2026-07-05")
    content = asked(shop_with(ad_day(), tiktok, DEAD), platforms=["snapchat"])

    assert content["totals"]["spend"] is None
    assert warnings(content).keys() == {"no_ads"}
    assert content["meta"]["sources"] == []
    assert content["summary"].endswith("unknown: no such ads have been imported.")


def test_ads_in_a_currency_without_a_rate_cost_nobody_knows_what() -> None:
    content = asked(shop_with(LONG_AGO, ad_day(currency="EUR"), ad_day(day="2026-11-20")))

    assert (content["totals"]["spend"], content["totals"]["platforms"]["meta"]["spend"]) == (None, None)
    assert content["summary"].endswith("it is in a currency for which no rate is known.")


def test_a_day_that_was_not_synced_yet_cost_nobody_knows_what() -> None:
    content = asked(shop_with(ad_day(day="2026-11-19")), date_from="2026-11-20", date_to="2026-11-20")

    assert content["totals"]["spend"] is None
    assert 'meta_ads "act_1" (synced) has told of 2026-11-19 only' in content["summary"]


def test_periods_before_the_first_ads_are_said_to_be_and_are_not_compared_in_percent() -> None:
    shop = shop_with(ad_day(day="2026-09-20", spend="10.00"), ad_day())
    content = asked(shop)

    assert warnings(content)["comparison_before_data"]["share"] == 0.3667, "11 days of 30"
    assert content["comparison"]["change"]["spend"] == {"abs": 10.0, "pct": None}
    early = asked(shop, date_from="2026-09-01", date_to="2026-09-30")
    assert "19 of 30 days are before the first day of ads, 2026-09-20" in warnings(early)["before_data"]["message"]
    assert warnings(early)["before_data"]["share"] == 0.3667
    assert (early["comparison"]["data"]["spend"], warnings(early)["comparison_before_data"]["share"]) == (None, 0.0)


def test_rows_of_a_course_whose_windows_differ_name_a_way_that_is_open() -> None:
    both = [ad_day("c1", **claim("1d_click", "3", "30.00")), ad_day("c2", **claim(USUAL, "4", "40.00"))]
    shop = shop_with(*both)

    hint = warnings(asked(shop, granularity="day"))["windows_differ"]["message"]
    assert "use group_by=campaign, without granularity" in hint
    assert rows(asked(shop, group_by="campaign"), "platform_revenue") == [(30.0,), (40.0,)]
