from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from shared.domain.facts.rollups import Figure, ShopMonth
from shared.domain.scopes import Scope
from tests.data.rollups import MICROS, account, every_day, holding, overview, shop_month, store
from tests.transports.mcp.shop import Shop

BEFORE = {
    Figure.ORDERS: 10,
    Figure.UNITS: 10,
    Figure.GROSS_SALES: 1000 * MICROS,
    Figure.DISCOUNTS: 100 * MICROS,
    Figure.COGS: 400 * MICROS,
    Figure.COST_KNOWN_SALES: 900 * MICROS,
    Figure.COST_KNOWN_UNITS: 10,
    Figure.AD_SPEND: 200 * MICROS,
    Figure.OPEX: 90 * MICROS,
}
AFTER = {
    **BEFORE,
    Figure.ORDERS: 12,
    Figure.UNITS: 12,
    Figure.GROSS_SALES: 1200 * MICROS,
    Figure.DISCOUNTS: 180 * MICROS,
    Figure.COGS: 480 * MICROS,
    Figure.COST_KNOWN_SALES: 1020 * MICROS,
    Figure.AD_SPEND: 260 * MICROS,
    Figure.OPEX: 80 * MICROS,
}
TOLD = overview(
    accounts=[account(), account("meta_ads", "act_1", holdings=[holding("ad_day")])], expense_lines=["opex"]
)
DAYS: dict[str, Any] = {
    "date_from": "2026-11-20",
    "date_to": "2026-11-20",
    "compare": "custom",
    "compare_from": "2026-11-10",
    "compare_to": "2026-11-10",
}


def shop_with(*months: ShopMonth) -> Shop:
    shop = Shop(scopes=frozenset({Scope.PNL}))
    store(shop.engine, *months, found=TOLD)
    return shop


def two_days(before: dict[Figure, int], after: dict[Figure, int]) -> Shop:
    """Give a shop that sold on the 10th of November and on the 20th."""
    days = {figure: {10: before.get(figure, 0), 20: after.get(figure, 0)} for figure in before.keys() | after.keys()}
    return shop_with(shop_month("2026-11", days))


def asked(shop: Shop, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    result = shop.call("explain_profit_change", **arguments).result
    assert result["isError"] is False, result
    return result["structuredContent"]


def effects(content: dict[str, Any]) -> dict[str, float]:
    return {row[0]: row[2] for row in content["data"]["rows"] if row[2]}


def warnings(content: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {warning["code"]: warning for warning in content["meta"]["warnings"]}


def test_the_effects_of_a_day_and_their_sum() -> None:
    content = asked(two_days(BEFORE, AFTER), **DAYS)

    # cm2 was 1000 - 100 - 400 = 500, 50 an order; discounts rose from 10 % to 15 % of 1200.
    assert effects(content) == {"volume": 100.0, "discounts": -60.0, "ad_spend": -60.0, "opex": 10.0}
    assert content["totals"] == {
        "metric": "ebitda", "left_out": [], "before": 210.0, "after": 200.0, "change": -10.0, "change_pct": -4.8,
    }  # fmt: skip
    assert content["summary"] == (
        "EBITDA of 2026-11-20 was 200.00 USD, -10.00 USD against 2026-11-10. "
        "Most of it: number of orders +100.00 USD, rate of discounts -60.00 USD."
    )
    assert content["meta"]["comparison_period"] == {"from": "2026-11-10", "to": "2026-11-10", "partial": False}


def test_every_driver_has_its_row_and_its_formula() -> None:
    content = asked(two_days(BEFORE, AFTER), **DAYS)

    drivers = [row[0] for row in content["data"]["rows"]]
    assert drivers == [
        "volume", "price_mix", "discounts", "returns", "cogs_rate", "shipping", "payment_fees", "platform_fees",
        "ad_spend", "opex",
    ]  # fmt: skip
    assert list(content["data"]["formulas"]) == drivers
    assert content["data"]["formulas"]["volume"] == "change of orders x earlier cm2 / earlier orders"


def test_cm3_is_explained_without_operating_expenses() -> None:
    content = asked(two_days(BEFORE, AFTER), metric="cm3", **DAYS)

    assert effects(content) == {"volume": 100.0, "discounts": -60.0, "ad_spend": -60.0}
    assert (content["totals"]["before"], content["totals"]["after"]) == (300.0, 280.0)


def test_written_effects_add_up_to_the_written_change_to_the_cent() -> None:
    # Three thirds of a cent each way: rounded one by one they would be off.
    after = {
        **BEFORE,
        Figure.AD_SPEND: 200 * MICROS - 3334,
        Figure.OPEX: 90 * MICROS - 3333,
        Figure.COGS: 400 * MICROS - 3333,
    }

    content = asked(two_days(BEFORE, after), **DAYS)

    assert content["totals"]["change"] == 0.01
    assert effects(content) == {"ad_spend": 0.01}


def test_the_ends_as_written_differ_by_the_change_as_written() -> None:
    # 0.004 and 0.008 are written 0.00 and 0.01, and their difference alone would be written 0.00.
    before = {Figure.ORDERS: 1, Figure.GROSS_SALES: 4000, Figure.COGS: 1, Figure.COST_KNOWN_UNITS: 1}

    totals = (content := asked(two_days(before, {**before, Figure.GROSS_SALES: 8000}), **DAYS))["totals"]

    assert (totals["before"], totals["change"], totals["after"]) == (0.0, 0.01, 0.01)
    assert sum(effects(content).values()) == 0.01
    assert "EBITDA of 2026-11-20 was 0.01 USD, +0.01 USD against" in content["summary"]


def test_where_no_cost_of_goods_is_known_no_profit_is_named() -> None:
    unknown = {Figure.ORDERS: 10, Figure.UNITS: 10, Figure.GROSS_SALES: 1000 * MICROS}

    content = asked(two_days(unknown, {**unknown, Figure.ORDERS: 12}), **DAYS)

    assert content["summary"].startswith("2026-11-20: the cost of goods sold is unknown, so no profit is known;")
    assert "EBITDA" not in content["summary"]


@pytest.mark.parametrize(("period", "earlier"), [("2026-11-21", "2026-11-20"), ("2026-11-20", "2024-12-31")])
def test_nobody_can_explain_a_change_of_days_of_which_no_order_is_known(period: str, earlier: str) -> None:
    days = {"date_from": period, "date_to": period, "compare_from": earlier, "compare_to": earlier}

    content = asked(two_days(BEFORE, AFTER), **{**DAYS, **days})

    unknown = period if period == "2026-11-21" else earlier
    assert content["summary"].endswith(f"What was sold in {unknown} is unknown.")
    assert {row[2] for row in content["data"]["rows"]} == {None}
    assert {content["totals"][name] for name in ("before", "after", "change", "change_pct")} == {None}


def test_the_month_before_is_what_a_month_is_compared_with() -> None:
    content = asked(shop_with(every_day("2026-09", BEFORE), every_day("2026-10", BEFORE)), period="last_month")

    assert content["meta"]["comparison_period"]["from"] == "2026-09-01"
    assert effects(content) == {"volume": 500.0, "ad_spend": -200.0, "opex": -90.0}  # one more day, ten more orders


def test_a_cost_that_is_known_in_one_period_only_is_no_change_of_cost() -> None:
    content = asked(
        two_days(BEFORE, {**AFTER, Figure.FULFILMENT: 30 * MICROS, Figure.FULFILMENT_KNOWN_ORDERS: 12}), **DAYS
    )

    assert "shipping" not in effects(content)
    assert content["totals"]["change"] == sum(effects(content).values()) == -10.0
    assert content["summary"].startswith("EBITDA without fulfilment of 2026-11-20 was 200.00 USD, -10.00 USD")
    assert "fulfilment" in warnings(content)["costs_left_out"]["message"]


@pytest.mark.parametrize(("last", "share"), [(date(2026, 11, 9), 0.0), (date(2026, 11, 19), 0.5)])
def test_operating_expenses_that_the_books_do_not_reach_are_not_the_reason(last: date, share: float) -> None:
    months = every_day("2026-11", {**BEFORE, Figure.OPEX: 0})
    found = replace(TOLD, expense_lines={"opex": (date(2026, 10, 1), last)})
    shop = Shop(scopes=frozenset({Scope.PNL}))
    store(shop.engine, every_day("2026-10", BEFORE), months, found=found)

    content = asked(
        shop, date_from="2026-11-19", date_to="2026-11-20",
        compare="custom", compare_from="2026-10-19", compare_to="2026-10-20",
    )  # fmt: skip

    assert content["data"]["rows"][-1] == ["opex", "Operating expenses", None]
    assert (content["totals"]["before"], content["totals"]["after"], effects(content)) == (600.0, 600.0, {})
    assert content["totals"]["left_out"] == ["opex"]
    assert "expenses" not in content["summary"]
    assert warnings(content)["costs_days_unknown"]["share"] == share
    assert "opex" in warnings(content)["costs_left_out"]["message"]


@pytest.mark.parametrize("compared", [{"compare_from": "2026-10-20", "compare_to": "2026-10-22"}, {}])
def test_sales_of_days_after_the_last_order_are_no_reason(compared: dict[str, str]) -> None:
    days: dict[str, Any] = {"date_from": "2026-11-19", "date_to": "2026-11-21"}
    custom: dict[str, Any] = {"compare": "custom", **compared} if compared else {}
    shop = shop_with(every_day("2026-10", BEFORE), every_day("2026-11", BEFORE))

    content = asked(shop, **days, **custom)

    assert {row[2] for row in content["data"]["rows"]} == {None}
    assert "Orders are known up to 2026-11-20" in content["summary"]
    assert "is unknown" in content["summary"]
    assert warnings(content)["comparison_after_data"]["share"] == 0.6667


def test_another_coverage_of_costs_is_said_to_be_in_the_rate_of_cost() -> None:
    content = asked(two_days(BEFORE, {**AFTER, Figure.COST_KNOWN_SALES: 510 * MICROS}), **DAYS)

    assert warnings(content)["cogs_coverage_changed"]["share"] == 0.5
    assert content["meta"]["coverage"] == {"cogs": 0.5, "cogs_before": 1.0}


def test_a_period_before_which_nothing_was_sold_says_so() -> None:
    content = asked(two_days({Figure.AD_SPEND: 50 * MICROS}, AFTER), **DAYS)

    assert "no_earlier_orders" in warnings(content)
    assert effects(content)["volume"] == 1200.0
    assert content["totals"]["change"] == sum(effects(content).values())


def test_no_percent_is_told_against_days_before_the_data() -> None:
    shop = Shop(scopes=frozenset({Scope.PNL}))
    found = overview(data_from=date(2026, 11, 15), accounts=TOLD.accounts, expense_lines=["opex"])
    store(shop.engine, shop_month("2026-11", {Figure.GROSS_SALES: {20: MICROS}}), found=found)

    content = asked(shop, **DAYS)

    assert content["totals"]["change_pct"] is None
    assert "comparison_before_data" in warnings(content)


@pytest.mark.parametrize(
    ("arguments", "code", "field"),
    [
        ({"compare": "none"}, "invalid_argument", "compare"),
        ({"metric": "net_profit"}, "invalid_argument", "metric"),
        ({"granularity": "month"}, "invalid_argument", "granularity"),
        ({"compare_from": "2026-11-01"}, "invalid_argument", "compare"),
        ({"compare": "custom"}, "invalid_date_range", "compare_from"),
    ],
)
def test_what_it_cannot_answer_is_refused_by_the_argument(arguments: dict[str, Any], code: str, field: str) -> None:
    content = two_days(BEFORE, AFTER).call("explain_profit_change", **arguments).content

    assert (content["code"], content["field"]) == (code, field)
