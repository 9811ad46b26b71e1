"""Days of which no order is known, and the day that is not over: every tool says so, and makes no number of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from shared.domain.facts.rollups import Figure, ShopMonth
from tests.data.rollups import MICROS, every_day, overview, store
from tests.transports.mcp.shop import Shop

SALES = {Figure.ORDERS: 2, Figure.UNITS: 3, Figure.GROSS_SALES: 93 * MICROS, Figure.COGS: 30 * MICROS}
THROUGH = date(2026, 11, 20)


def shop_with(*months: ShopMonth, through: date = THROUGH) -> Shop:
    shop = Shop()
    store(shop.engine, *months, found=overview(data_through=through, expense_lines=["opex"]))
    return shop


def asked(tool: str, shop: Shop, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    result = shop.call(tool, **arguments).result
    assert result["isError"] is False, result
    return result["structuredContent"]


@pytest.mark.parametrize(
    ("day", "told"), [("2024-01-31", "2025-01-01 to 2026-11-20"), ("2026-11-21", "2025-01-01 to 2026-11-20")]
)
def test_what_was_sold_where_no_order_is_known_is_unknown_and_not_nothing(day: str, told: str) -> None:
    content = asked("get_pnl", shop_with(every_day("2026-11", {Figure.OPEX: 7 * MICROS})), date_from=day, date_to=day)

    known = {name: value for name, value in content["totals"].items() if value is not None}
    assert known == ({"opex": 7.0, "ebitda": -7.0, "net_profit": -7.0} if day == "2026-11-21" else {})
    assert {row[0]: row[2] for row in content["data"]["rows"] if row[2] is not None} == known
    assert {change["pct"] for change in content["comparison"]["change"].values()} == {None}
    assert content["comparison"]["change"]["orders"] == {"abs": None, "pct": None}
    assert "no_orders" in {warning["code"] for warning in content["meta"]["warnings"]}
    assert content["summary"] == f"Orders are known from {told} only. What was sold in {day} is unknown."


def test_a_day_that_is_not_over_is_not_told_in_percent_of_a_whole_one() -> None:
    shop = shop_with(every_day("2026-11", SALES), through=date(2026, 11, 21))

    content = asked("get_pnl", shop, period="today")

    assert content["totals"]["net_revenue"] == 93.0
    assert {change["pct"] for change in content["comparison"]["change"].values()} == {None}
    assert content["summary"].startswith("2026-11-21 (not over yet): net revenue 93.00 USD")
    assert "%" not in content["summary"]
    assert "period_not_over" in {warning["code"] for warning in content["meta"]["warnings"]}


def test_the_bucket_of_a_day_that_is_not_over_is_partial() -> None:
    content = asked("get_pnl", shop_with(), date_from="2026-11-20", date_to="2026-11-21", granularity="day")

    assert [row[:2] for row in content["data"]["rows"]] == [["2026-11-20", False], ["2026-11-21", True]]
