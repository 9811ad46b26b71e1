"""What a goal comes to, worked out by hand where days are not all alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from shared.domain.facts.rollups import Figure, ShopMonth
from tests.data.rollups import MICROS, cohort, length, overview, shop_month
from tests.transports.mcp.goal_shop import ADS, EVERY_DAY, MONTHS, ORDERS, TOLD, asked, codes, goal, rows, shop_with


def sold(month: str, **days: int) -> ShopMonth:
    """Give a month like the others but for what it sold for on days such as d28."""
    whole = range(1, length(month) + 1)
    figures = {figure: dict.fromkeys(whole, value) for figure, value in EVERY_DAY.items()}
    figures[Figure.GROSS_SALES] |= {int(day[1:]): money * MICROS for day, money in days.items()}
    return shop_month(month, figures)


def test_a_day_that_stood_out_a_year_before_is_waited_for() -> None:
    plain = (sold(month) for month in ("2025-09", "2025-10", "2025-12"))
    autumns = [*plain, sold("2025-11", d28=1000), sold("2026-11", d27=1000)]
    later = overview(accounts=[ORDERS, ADS], data_through=date(2026, 11, 21))
    row, seen_later = (
        rows(asked(shop_with(goal(3900), others=autumns, found=found), as_of="2026-11-20"))[0]
        for found in (TOLD, later)
    )

    # Black Friday weighs as ten of the other 29 days: 20 of 39 are over.
    assert (row["actual_to_date"], row["expected_to_date"], row["projected"]) == (2000.0, 2000.0, 3900.0)
    assert (row["pace"], row["status"], row["reasons"]) == (1.0, "on_track", [])
    assert seen_later == row


def test_nothing_is_projected_before_a_tenth_of_the_period_is_over_but_what_is_reached_is_told() -> None:
    shop = shop_with(goal(4000), goal(150, goal_id="g2"))

    early, reached = rows(asked(shop, as_of="2026-11-02"))
    assert (early["expected_to_date"], early["projected"], early["projected_high"]) == (266.67, None, None)
    assert (early["status"], early["reasons"]) == (None, ["too_early"])
    assert (reached["status"], reached["reasons"]) == ("on_track", ["too_early"])
    assert rows(asked(shop, as_of="2026-11-03"))[0]["projected"] == 3000


def test_new_customers_are_projected_by_the_days_of_their_first_orders() -> None:
    new = [replace(cohort(month, [90]), new_by_day=[3] * length(month)) for month in MONTHS]
    named = EVERY_DAY | {Figure.ORDERS_WITH_CUSTOMER: 2}
    (row,) = rows(asked(shop_with(goal(100, "new_customers"), figures=named, cohorts=new)))

    assert (row["actual_to_date"], row["projected"], row["projected_low"]) == (60, 90, 90)
    assert (row["status"], row["reasons"]) == ("at_risk", [])


def test_a_day_on_which_a_projection_leans_is_named() -> None:
    content = asked(shop_with(goal(4000), goal(40, "orders", goal_id="g2"), others=[sold("2026-11", d05=1100)]))

    row, other = rows(content)
    # 3000.00 in 20 of 30 days; without the 5th, 1900.00 in 19 days would be 3000.00 in the end, and not 4500.00.
    assert (row["projected"], row["status"], row["reasons"]) == (4500.0, "on_track", ["one_day"])
    assert other["reasons"] == []
    assert codes(content) == ["one_day"]
    assert content["meta"]["warnings"][0]["message"] == (
        "1 goal of 2: a day so far that brought, or took, half as much again as the best of the 56 days before the "
        "period, and without which the projection would be more than a tenth lower or higher (2026-11-05)."
    )


def test_costs_of_each_day_are_taken_off_a_profit_that_is_projected() -> None:
    reached = goal(500, "cm3", goal_id="g2")
    content = asked(shop_with(goal(1000, "cm3"), reached))
    rows_by_id = {row["goal_id"]: row for row in rows(content)}

    # 100.00 of sales, 60.00 of goods and 10.00 of ads on each of 20 days of 30.
    assert (rows_by_id["g1"]["actual_to_date"], rows_by_id["g1"]["projected"]) == (600.0, 900.0)
    assert (rows_by_id["g1"]["status"], rows_by_id["g1"]["required_per_day"]) == ("at_risk", 40.0)
    assert (rows_by_id["g2"]["status"], rows_by_id["g2"]["required_per_day"]) == ("on_track", 0.0)  # it is reached
