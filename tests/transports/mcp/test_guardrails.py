"""What must hold while the north star rises, and what nobody can say of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from shared.domain.facts.rollups import Figure
from shared.domain.facts.settings import Settings
from shared.domain.scopes import Scope
from tests.data.rollups import MICROS, account, every_day, holding, overview, store
from tests.transports.mcp.shop import Shop
from tests.transports.mcp.steered_shop import NOVEMBER, OCTOBER, TEN_DAYS, TOLD, asked, codes, shop_with

GUARDS = {"cm3_margin": {"at_least": 400_000}, "ad_spend": {"at_most": 300_000_000}, "mer": {"at_least": 7_000_000}}


def test_guardrails_say_what_does_not_hold_meanwhile() -> None:
    content = asked(shop_with(settings=Settings(guardrails=GUARDS)), **TEN_DAYS)

    assert content["data"]["guardrails"] == [
        {
            "metric": "ad_spend", "unit": "money", "value": 300.0, "direction": "at_most", "limit": 300.0,
            "ok": True,
        },
        {
            "metric": "cm3_margin", "unit": "ratio", "value": 0.3333, "direction": "at_least", "limit": 0.4,
            "ok": False,
        },
        {"metric": "mer", "unit": "ratio", "value": 6.0, "direction": "at_least", "limit": 7.0, "ok": False},
    ]  # fmt: skip
    assert content["summary"].endswith("Broken: cm3_margin 0.3333 (at least 0.4), mer 6.0 (at least 7.0).")


def test_of_what_is_not_known_whole_nobody_says_that_a_guardrail_holds() -> None:
    late = overview(
        accounts=[account(), account("meta_ads", "a", holdings=[holding("ad_day", last=date(2026, 11, 5))])]
    )
    content = asked(shop_with(settings=Settings(guardrails=GUARDS), found=late), **TEN_DAYS)

    assert [each["ok"] for each in content["data"]["guardrails"]] == [None, None, None]
    assert {"upstream_stale", "costs_days_unknown", "guardrail_unknown"} <= set(codes(content))


@pytest.mark.parametrize("metric", ["cm1", "cm3_margin"])
def test_of_a_profit_of_goods_whose_cost_nobody_told_nobody_says_that_a_guardrail_holds(metric: str) -> None:
    uncosted = {**NOVEMBER, Figure.COGS: 0, Figure.COST_KNOWN_SALES: 0, Figure.COST_KNOWN_UNITS: 0}
    shop = Shop(scopes=frozenset({Scope.NORTH_STAR}))
    settings = Settings(guardrails={metric: {"at_least": 1}})
    store(shop.engine, every_day("2026-10", OCTOBER), every_day("2026-11", uncosted), found=TOLD, settings=settings)
    content = asked(shop, **TEN_DAYS)

    assert [each["ok"] for each in content["data"]["guardrails"]] == [None]
    assert content["summary"].endswith("No guardrail is broken, 1 unknown.")


@pytest.mark.parametrize(("metric", "ok"), [("ebitda", None), ("net_profit_margin", None), ("cm3", True)])
def test_of_earnings_without_operating_expenses_nobody_says_that_a_guardrail_holds(
    metric: str, *, ok: bool | None
) -> None:
    content = asked(shop_with(settings=Settings(guardrails={metric: {"at_least": 1}})), **TEN_DAYS)

    assert [each["ok"] for each in content["data"]["guardrails"]] == [ok]


def test_what_one_ad_account_has_not_told_is_no_rise_of_the_north_star() -> None:
    ads = [
        account("meta_ads", "a", holdings=[holding("ad_day")]),
        account("google_ads", "b", holdings=[holding("ad_day", last=date(2026, 11, 5))]),
    ]
    stale = overview(accounts=[account(), *ads])
    content = asked(shop_with(settings=Settings(north_star="mer", guardrails=GUARDS), found=stale), **TEN_DAYS)

    assert (content["data"]["value"], content["data"]["before"]) == (None, 5.0)
    assert (content["data"]["change"], [each["ok"] for each in content["data"]["guardrails"]]) == (
        {"abs": None, "pct": None},
        [None, None, None],
    )
    assert {"upstream_stale", "costs_days_unknown", "costs_not_alike", "guardrail_unknown"} <= set(codes(content))


def test_of_half_the_sales_of_a_period_nobody_says_that_a_guardrail_holds() -> None:
    guarded = Settings(guardrails={"orders": {"at_least": 1}})
    content = asked(shop_with(settings=guarded, found=replace(TOLD, data_through=date(2026, 11, 5))), **TEN_DAYS)

    assert [(each["metric"], each["ok"]) for each in content["data"]["guardrails"]] == [("orders", None)]


def test_costs_without_a_rate_are_said_once_though_a_guardrail_stands_on_them_too() -> None:
    unrated = {"cost": {"EUR": (date(2026, 11, 2), date(2026, 11, 3))}}
    partly = {**NOVEMBER, Figure.COST_KNOWN_SALES: 90 * MICROS}
    shop = Shop(scopes=frozenset({Scope.NORTH_STAR}))
    settings = Settings(guardrails={"cm1_margin": {"at_least": 1}})
    store(
        shop.engine,
        every_day("2026-10", OCTOBER),
        every_day("2026-11", partly),
        found=replace(TOLD, unrated=unrated),
        settings=settings,
    )

    assert codes(asked(shop, **TEN_DAYS)).count("fx_rate_missing") == 1


def test_costs_of_guardrails_are_not_said_to_be_those_of_the_north_star() -> None:
    told = overview(accounts=[account()])
    star = Settings(north_star="net_revenue", guardrails={"opex": {"at_most": 1}})
    (unknown, _) = asked(shop_with(settings=star, found=told), **TEN_DAYS)["meta"]["warnings"]

    assert unknown["code"] == "costs_unknown"
    assert unknown["message"].startswith("Of guardrails only: ")


def test_an_answer_of_many_days_fits_into_a_compact_one() -> None:
    content = shop_with(settings=Settings(guardrails=GUARDS)).call(
        "get_north_star", date_from="2026-08-20", date_to="2026-11-19", granularity="day"
    )

    assert content.content["meta"]["truncated"] is False
    assert len(content.content["data"]["rows"]) == 92
