from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from shared.domain.facts.rollups import Figure, Overview
from tests.data.rollups import MICROS, overview
from tests.transports.mcp.shop import Shop
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

TIMES = {"sde": {"low": 1, "mid": 3, "high": 5}, "ebitda": {"low": 2, "mid": 4, "high": 6}}
"""Of an SDE of 36,000 and an EBITDA of 30,000."""


def asked(shop: Shop, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    result = shop.call("analyze_valuation_sensitivity", **arguments).result
    assert result["isError"] is False, result
    return result["structuredContent"]


@pytest.mark.parametrize("method", ["sde", "ebitda", "dcf"])
@pytest.mark.parametrize("more", [{}, {"multiples": TIMES, "dcf": {"growth": 0.08, "tax_rate": 0.2, "years": 7}}])
def test_the_middle_of_the_grid_is_the_middle_of_the_valuation(method: str, more: dict[str, Any]) -> None:
    shop = shop_with()
    content = asked(shop, method=method, steps=3, **more)

    middle = content["data"]["grid"]["rows"][1][1]
    assert middle == content["data"]["value"] == rows(valued(shop, methods=[method], **more))[method]["mid"]


def test_a_grid_has_a_value_for_each_place_of_both_drivers() -> None:
    grid = asked(shop_with(), multiples=TIMES, steps=3, shock=0.5)["data"]["grid"]

    assert grid == {
        "row_driver": "earnings",
        "col_driver": "multiple",
        "row_values": [18_000, 36_000, 54_000],
        "col_values": [1.5, 3, 4.5],
        "rows": [[27_000, 54_000, 81_000], [54_000, 108_000, 162_000], [81_000, 162_000, 243_000]],
    }


def test_drivers_are_laid_out_as_they_were_asked_for() -> None:
    grid = asked(shop_with(), method="dcf", vary=["discount_rate", "terminal_growth"], steps=9)["data"]["grid"]

    assert (grid["row_driver"], grid["col_driver"]) == ("discount_rate", "terminal_growth")
    assert (grid["row_values"][0], grid["row_values"][-1]) == (0.2, 0.3)
    assert (grid["col_values"][0], grid["col_values"][-1]) == (-0.05, 0.05)  # a fifth of the discount rate, in points
    assert [len(row) for row in grid["rows"]] == [9] * 9


def test_the_tornado_moves_one_driver_at_a_time_and_begins_with_the_largest_swing() -> None:
    content = asked(shop_with(), multiples=TIMES, shock=0.1)

    assert content["data"]["tornado"] == [
        {"driver": "earnings", "low": 97_200, "high": 118_800, "swing": 21_600},
        {"driver": "multiple", "low": 97_200, "high": 118_800, "swing": 21_600},
    ]
    assert content["summary"] == (
        "By sde the shop is worth 108,000.00 USD. earnings and multiple move that most, each by 21,600.00 USD from "
        "lower to higher."
    )


def test_what_moves_the_value_most_by_itself_is_named_with_where_it_takes_it() -> None:
    content = asked(shop_with(), method="dcf")

    widest = content["data"]["tornado"][0]
    assert widest["swing"] != content["data"]["tornado"][1]["swing"]
    assert content["summary"].endswith(
        f"{widest['driver']} moves that most: {widest['low']:,.2f} USD with it lower, {widest['high']:,.2f} USD with "
        "it higher."
    )


def test_each_driver_has_its_breakeven_for_a_price() -> None:
    content = asked(shop_with(), multiples=TIMES, target_value=144_000)

    assert content["data"]["breakeven"] == [
        {"driver": "earnings", "now": 36_000, "needed": 48_000},
        {"driver": "multiple", "now": 3, "needed": 4},
    ]
    assert content["summary"].startswith(
        "By sde the shop is worth 108,000.00 USD; for 144,000.00 USD it needs earnings 48,000.00 USD or multiple 4."
    )
    assert asked(shop_with())["data"]["breakeven"] == []


def test_a_price_that_a_driver_cannot_reach_is_said_to_be_out_of_reach() -> None:
    content = asked(shop_with(), method="dcf", target_value=1_000_000_000)

    needed = {each["driver"]: each["needed"] for each in content["data"]["breakeven"]}
    assert needed["earnings"] is not None
    assert needed["growth"] is None
    assert "growth" in warnings(content)["target_out_of_reach"]


def test_a_price_that_no_driver_can_reach_is_said_to_be_so_at_once() -> None:
    content = asked(
        shop_with(), multiples={"sde": {"low": 0, "mid": 0, "high": 5}, "ebitda": TIMES["ebitda"]}, target_value=10**9
    )

    assert {each["needed"] for each in content["data"]["breakeven"]} == {None}
    assert content["summary"].startswith(
        "By sde the shop is worth 0.00 USD; no driver by itself takes it to 1,000,000,000.00 USD."
    )


def test_a_multiple_that_no_question_may_ask_for_is_out_of_reach() -> None:
    content = asked(shop_with(), multiples=TIMES, target_value=36_000_000)

    assert {each["driver"]: each["needed"] for each in content["data"]["breakeven"]} == {
        "earnings": 12_000_000,
        "multiple": None,
    }
    assert warnings(content)["target_out_of_reach"].startswith("multiple:")


def test_growth_below_what_a_question_may_ask_for_is_null_and_leads_no_summary() -> None:
    content = asked(shop_with(), method="dcf", shock=0.9, dcf={"discount_rate": 1.5})

    # Growth from -1.35 to 1.35, and a discount rate from 0.15 to 2.85.
    assert content["data"]["grid"]["col_values"][0] == -1.35
    assert [[value is None for value in row] for row in content["data"]["grid"]["rows"]] == [[True, *[False] * 4]] * 5
    moved = {each["driver"]: (each["low"], each["high"], each["swing"]) for each in content["data"]["tornado"]}
    assert (moved["growth"][0], moved["growth"][2]) == (None, None)
    assert moved["growth"][1] is not None
    assert "Of what could be moved to both sides, earnings moves that most" in content["summary"]
    assert "growth is from -0.9 to 3" in warnings(content)["beyond_limits"]
    assert "value_without_end" not in warnings(content)


def test_what_has_no_end_and_what_goes_too_far_are_told_apart() -> None:
    content = asked(
        shop_with(),
        method="dcf",
        vary=["terminal_growth", "discount_rate"],
        steps=3,
        dcf={"terminal_growth": 0.42, "discount_rate": 0.5},
    )

    # Growth of 32, 42 and 52 %, the last of which is too much, against rates of 40, 50 and 60 %.
    assert [[value is None for value in row] for row in content["data"]["grid"]["rows"]] == [
        [False, False, False],
        [True, False, False],
        [True, True, True],
    ]
    (endless,) = [each for each in content["meta"]["warnings"] if each["code"] == "value_without_end"]
    assert endless["share"] == 0.8333
    assert "terminal_growth is from -0.9 to 0.5, and" in warnings(content)["beyond_limits"]


def test_a_shop_that_nothing_moves_says_so_and_why() -> None:
    losing = {**A_MONTH, Figure.OPEX: 9_000 * MICROS}

    assert asked(shop_with(*months(losing), *SIDES))["summary"] == (
        "By sde the shop is worth 0.00 USD. No driver moves that by itself, as far as it was moved: a loss has no "
        "multiple."
    )


def test_cells_without_an_end_are_null_and_the_others_are_told() -> None:
    content = asked(
        shop_with(),
        method="dcf",
        vary=["discount_rate", "terminal_growth"],
        steps=3,
        dcf={"discount_rate": 0.1, "terminal_growth": 0.09},
    )

    # Rates of 8, 10 and 12 %, against growth of 7, 9 and 11 %.
    cells = content["data"]["grid"]["rows"]
    assert [[value is None for value in row] for row in cells] == [
        [False, True, True],
        [False, False, True],
        [False, False, False],
    ]
    (told,) = [each for each in content["meta"]["warnings"] if each["code"] == "value_without_end"]
    assert told["share"] == 0.6667


def test_what_makes_the_valuation_partial_is_said_here_too() -> None:
    partly = {**A_MONTH, Figure.COST_KNOWN_SALES: 9_500 * MICROS}
    content = asked(shop_with(*months(partly), *SIDES), multiples=TIMES)

    assert content["meta"]["coverage"] == {"cogs": 0.95}
    assert {"cogs_partial", "estimate"} <= warnings(content).keys()


WITHOUT_COSTS = {**A_MONTH, Figure.COGS: 0, Figure.COST_KNOWN_UNITS: 0, Figure.COST_KNOWN_SALES: 0}
WITHOUT_BOOKS = {figure: value for figure, value in A_MONTH.items() if figure not in BOOKS}


@pytest.mark.parametrize(
    ("figures", "found", "unknown"),
    [
        (WITHOUT_COSTS, EVERYTHING, "the cost of goods (of 0 % of sales)"),
        (WITHOUT_BOOKS, overview(data_from=EVERYTHING.data_from), "operating expenses (0 of 365 days)"),
    ],
)
@pytest.mark.parametrize("method", ["sde", "ebitda", "dcf"])
def test_what_is_unknown_has_no_sensitivity_and_is_named(
    figures: dict[Figure, int], found: Overview, unknown: str, method: str
) -> None:
    shop = shop_with(*months(figures), *SIDES, found=found)
    content = shop.call("analyze_valuation_sensitivity", method=method).content

    assert (content["code"], content["message"]) == (
        "insufficient_data",
        f"What the shop earned in 2025-11-01 to 2026-10-31 is unknown, for this is: {unknown}.",
    )


def test_a_young_shop_is_told_how_many_months_it_has_and_needs() -> None:
    content = shop_with().call("analyze_valuation_sensitivity", as_of_month="2025-08").content

    assert (content["code"], content["message"]) == (
        "insufficient_data",
        "A valuation needs the orders of 12 months; of 2024-09-01 to 2025-08-31 they are known of 10.",
    )
    assert content["hint"].startswith("Import more orders: those before 2024-11-01; ")


def test_a_shop_whose_last_months_are_missing_is_told_to_import_later_orders() -> None:
    stale = overview(data_from=EVERYTHING.data_from, data_through=date(2026, 8, 31), expense_lines=BOOKS)
    content = shop_with(found=stale).call("analyze_valuation_sensitivity", as_of_month="2026-10").content

    assert content["hint"].startswith("Import more orders: those after 2026-08-31; ")


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"method": "revenue"}, "method"),
        ({"vary": ["earnings", "growth"]}, "vary"),
        ({"method": "dcf", "vary": ["earnings", "multiple"]}, "vary"),
        ({"vary": ["earnings", "earnings"]}, "vary"),
        ({"vary": ["earnings"]}, "vary"),
        ({"vary": []}, "vary"),
        ({"steps": 4}, "steps"),
        ({"steps": 11}, "steps"),
        ({"shock": 0}, "shock"),
        ({"shock": 1}, "shock"),
        ({"target_value": 0}, "target_value"),
        ({"target_value": "100000"}, "target_value"),
        ({"method": "dcf", "dcf": {"discount_rate": 0.05, "terminal_growth": 0.06}}, "dcf"),
    ],
)
def test_what_cannot_be_answered_is_refused_by_name(arguments: dict[str, Any], field: str) -> None:
    content = shop_with().call("analyze_valuation_sensitivity", **arguments).content

    assert (content["code"], content["field"]) == ("invalid_argument", field)


def test_a_driver_of_another_method_is_refused_with_those_of_this_one() -> None:
    content = shop_with().call("analyze_valuation_sensitivity", method="dcf", vary=["multiple", "growth"]).content

    assert content["allowed"] == ["earnings", "growth", "discount_rate", "terminal_growth"]
