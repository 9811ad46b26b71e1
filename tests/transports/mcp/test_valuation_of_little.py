"""What a valuation says where too little is known: what is missing, by name, and no number that flatters."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from shared.domain.facts.rollups import Figure, Overview
from tests.data.rollups import MICROS, account, holding, overview
from tests.transports.mcp.valued_shop import (
    A_MONTH,
    BOOKS,
    EVERYTHING,
    SIDES,
    months,
    rows,
    shop_with,
    valued,
    warnings,
)


def no_values(content: dict[str, Any]) -> bool:
    return all(row["mid"] is None for row in rows(content).values()) and content["data"]["range"]["mid"] is None


def test_of_less_than_a_year_the_sums_are_told_and_nothing_is_valued() -> None:
    young = overview(data_from=date(2026, 1, 1), expense_lines=BOOKS)
    content = valued(shop_with(*months(A_MONTH, count=10), found=young))

    assert (content["data"]["earnings"]["revenue"], content["data"]["earnings"]["months_used"]) == (100_000.0, 10)
    assert no_values(content)
    assert content["summary"] == "As of 2026-10 the shop cannot be valued: orders are known of 10 of 12 months."
    assert "10 of the 12 months" in warnings(content)["history_short"]
    assert warnings(content)["history_short"].endswith("Import more orders: those before 2026-01-01.")


@pytest.mark.parametrize(
    ("begins", "needed"),
    [
        (date(2024, 11, 1), "those after 2026-08-31"),
        (date(2026, 1, 1), "those before 2026-01-01 and those after 2026-08-31"),
    ],
)
def test_where_the_last_months_are_missing_later_orders_are_asked_for(begins: date, needed: str) -> None:
    stale = overview(data_from=begins, data_through=date(2026, 8, 31), expense_lines=BOOKS)
    content = valued(shop_with(found=stale), as_of_month="2026-10")

    assert warnings(content)["history_short"].endswith(f"Import more orders: {needed}.")


def test_before_any_order_nothing_is_known() -> None:
    content = valued(shop_with(), as_of_month="2023-05")

    earned = content["data"]["earnings"]
    assert (earned["months_used"], earned["revenue"], earned["sde"], earned["net_profit"]) == (0, None, None, None)
    assert no_values(content)
    assert "no_orders" in warnings(content)


@pytest.mark.parametrize(
    ("figures", "found", "what"),
    [
        (A_MONTH, overview(data_from=date(2024, 11, 1)), "operating expenses (0 of 365 days)"),
        ({Figure.COGS: 0, Figure.COST_KNOWN_UNITS: 0, Figure.COST_KNOWN_SALES: 0}, EVERYTHING, "the cost of goods"),
    ],
)
def test_without_the_cost_of_goods_or_the_books_earnings_are_unknown_and_revenue_alone_has_a_value(
    figures: dict[Figure, int], found: Overview, what: str
) -> None:
    figures = {**A_MONTH, **figures}
    if not found.expense_lines:
        figures = {figure: value for figure, value in figures.items() if figure.value not in BOOKS}
    content = valued(shop_with(*months(figures), *SIDES, found=found))

    assert {content["data"]["earnings"][name] for name in ("net_profit", "sde", "ebitda", "adjusted_ebitda")} == {None}
    assert [name for name, row in rows(content).items() if row["mid"] is not None] == ["revenue"]
    assert what in warnings(content)["earnings_unknown"]


def test_books_of_half_a_year_are_no_books_of_a_year() -> None:
    half = Overview(
        generation=1,
        data_from=date(2024, 11, 1),
        data_through=date(2026, 11, 20),
        accounts=EVERYTHING.accounts,
        expense_lines={"opex": (date(2026, 5, 1), date(2026, 10, 31))},
    )
    content = valued(shop_with(found=half))

    assert content["data"]["earnings"]["sde"] is None
    assert "operating expenses (184 of 365 days)" in warnings(content)["earnings_unknown"]


def test_costs_that_nobody_told_are_named_and_do_not_stop_the_valuation() -> None:
    quiet = {
        figure: value
        for figure, value in A_MONTH.items()
        if figure not in {Figure.PLATFORM_FEES_KNOWN_ORDERS, Figure.AD_SPEND}
    }
    content = valued(
        shop_with(*months(quiet), *SIDES, found=overview(data_from=date(2024, 11, 1), expense_lines=BOOKS))
    )

    assert content["data"]["earnings"]["ebitda"] == 48_000.0
    assert "platform_fees, ad_spend" in warnings(content)["costs_unknown"]
    assert rows(content, "scorecard")["mer"]["value"] is None


def test_a_shop_that_never_told_of_ads_is_valued_and_no_margin_moves_its_multiple() -> None:
    quiet = {figure: value for figure, value in A_MONTH.items() if figure is not Figure.AD_SPEND}
    content = valued(
        shop_with(*months(quiet), *SIDES, found=overview(data_from=date(2024, 11, 1), expense_lines=BOOKS))
    )

    scores = rows(content, "scorecard")
    assert (scores["mer"]["value"], scores["net_margin"]["value"], scores["net_margin"]["adjustment"]) == (
        None,
        None,
        0,
    )
    assert content["data"]["earnings"]["sde"] == 54_000.0
    assert content["summary"].endswith(
        "SDE of the 12 months is 54,000.00 USD, with nothing subtracted for ad_spend, of which nobody told."
    )
    assert "leaves out mer and net_margin" in warnings(content)["estimate"]


def test_goods_whose_cost_is_known_for_nine_tenths_of_the_sales_are_known_and_the_rest_is_said() -> None:
    partly = {**A_MONTH, Figure.COST_KNOWN_SALES: 9_000 * MICROS}
    content = valued(shop_with(*months(partly), *SIDES))

    assert content["data"]["earnings"]["sde"] == 36_000.0
    assert content["meta"]["coverage"] == {"cogs": 0.9}
    assert "cogs_partial" in warnings(content)


@pytest.mark.parametrize(("known", "told"), [(8_990, 89), (500, 5)])
def test_goods_whose_cost_is_known_for_less_are_unknown_and_raise_no_multiple(known: int, told: int) -> None:
    partly = {
        **A_MONTH,
        Figure.COST_KNOWN_SALES: known * MICROS,
        Figure.COST_KNOWN_UNITS: known // 100,
        Figure.COGS: known * 4 * MICROS // 10,
    }
    content = valued(shop_with(*months(partly), *SIDES))

    assert {content["data"]["earnings"][name] for name in ("net_profit", "sde", "ebitda", "adjusted_ebitda")} == {None}
    assert [name for name, row in rows(content).items() if row["mid"] is not None] == ["revenue"]
    assert rows(content, "scorecard")["net_margin"]["value"] is None
    assert content["summary"].endswith(f"is unknown, for this is: the cost of goods (of {told} % of sales).")
    assert f"the cost of goods (of {told} % of sales)" in warnings(content)["earnings_unknown"]


def ads_since(day: date, through: date = date(2026, 11, 20)) -> Overview:
    """Give the shop with an ad account that tells of the days from one to another."""
    ads = account("meta_ads", "act_1", holdings=[holding("ad_day", first=day, last=through)])
    return overview(data_from=date(2024, 11, 1), accounts=[account(), ads], expense_lines=BOOKS)


def test_ads_of_two_months_are_not_those_of_a_year() -> None:
    quiet = {figure: value for figure, value in A_MONTH.items() if figure is not Figure.AD_SPEND}
    told = [*months(A_MONTH, count=2), *months(quiet, last="2026-08", count=10)]
    content = valued(shop_with(*told, *SIDES, found=ads_since(date(2026, 9, 1))))

    scores = rows(content, "scorecard")
    assert (scores["mer"]["value"], scores["net_margin"]["value"]) == (None, None)
    assert content["data"]["earnings"]["sde"] is None
    assert [name for name, row in rows(content).items() if row["mid"] is not None] == ["revenue"]
    assert content["summary"].endswith("is unknown, for this is: ad spend (61 of 365 days).")
    assert "ad spend (61 of 365 days)" in warnings(content)["earnings_unknown"]


def test_ads_that_are_told_of_other_years_alone_are_unknown_too() -> None:
    quiet = {figure: value for figure, value in A_MONTH.items() if figure is not Figure.AD_SPEND}
    content = valued(shop_with(*months(quiet), *SIDES, found=ads_since(date(2026, 11, 1))))

    assert content["data"]["earnings"]["sde"] is None
    assert "ad spend (0 of 365 days)" in content["summary"]


def test_ads_of_nearly_all_days_are_those_of_a_year() -> None:
    content = valued(shop_with(*months(A_MONTH), *SIDES, found=ads_since(date(2025, 12, 1))))

    assert content["data"]["earnings"]["sde"] == 36_000.0
    assert rows(content, "scorecard")["mer"]["value"] == 6.6667


def test_where_all_three_are_missing_all_three_are_named() -> None:
    bare = {Figure.ORDERS: 100, Figure.UNITS: 100, Figure.GROSS_SALES: 10_000 * MICROS, Figure.AD_SPEND: MICROS}
    found = overview(data_from=date(2024, 11, 1), accounts=ads_since(date(2026, 9, 1)).accounts)
    content = valued(shop_with(*months(bare), *SIDES, found=found), methods=["sde"])

    assert content["summary"] == (
        "As of 2026-10 the shop cannot be valued: unknown is the cost of goods (of 0 % of sales), ad spend (61 of 365 "
        "days) and operating expenses (0 of 365 days)."
    )


def test_facts_without_a_rate_are_said_to_be_missing() -> None:
    content = valued(shop_with(*months({**A_MONTH, Figure.UNCONVERTED: 2}), *SIDES))

    assert "24 facts" in warnings(content)["fx_rate_missing"]
