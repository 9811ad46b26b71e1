"""A shop that sold for 100.00 and spent 10.00 on ads on every day up to 20 November, and its goals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.domain.facts.goals import GoalPart
from shared.domain.facts.rollups import Cohort, Figure, Overview, ShopMonth
from shared.domain.scopes import Scope
from tests.data.rollups import MICROS, account, every_day, holding, overview, store
from tests.transports.mcp.shop import Shop

MONTHS = tuple(f"2026-{month:02}" for month in range(1, 12))
EVERY_DAY = {
    Figure.ORDERS: 2,
    Figure.UNITS: 3,
    Figure.GROSS_SALES: 100 * MICROS,
    Figure.COGS: 60 * MICROS,
    Figure.COST_KNOWN_SALES: 100 * MICROS,
    Figure.COST_KNOWN_UNITS: 3,
    Figure.AD_SPEND: 10 * MICROS,
}
ORDERS, ADS = account(), account("meta_ads", "act_1", holdings=[holding("ad_day")])
TOLD = overview(accounts=[ORDERS, ADS])


def goal(
    target: float,
    metric: str = "net_revenue",
    direction: str = "at_least",
    *,
    first: str = "2026-11-01",
    last: str = "2026-11-30",
    goal_id: str = "g1",
) -> dict[str, Any]:
    return {
        "source": "plan",
        "account": "main",
        "goal_id": goal_id,
        "metric": metric,
        "target": round(target * MICROS),
        "direction": direction,
        "first": first,
        "last": last,
    }


def shop_with(
    *goals: dict[str, Any],
    found: Overview = TOLD,
    figures: dict[Figure, int] = EVERY_DAY,
    others: Sequence[ShopMonth] = (),
    cohorts: Sequence[Cohort] = (),
) -> Shop:
    shop = Shop(scopes=frozenset({Scope.NORTH_STAR}))
    parts = [GoalPart(part=0, generation=1, goals=goals)] if goals else []
    months = {month: every_day(month, figures) for month in MONTHS} | {month.month: month for month in others}
    store(shop.engine, *months.values(), *cohorts, *parts, found=found)
    return shop


def asked(shop: Shop, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    result = shop.call("get_goal_progress", **arguments).result
    assert result["isError"] is False, result
    return result["structuredContent"]


def rows(content: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip(content["data"]["columns"], row, strict=True)) for row in content["data"]["rows"]]


def row_of(*goals: dict[str, Any], found: Overview = TOLD, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    (row,) = rows(asked(shop_with(*goals, found=found), **arguments))
    return row


def codes(content: dict[str, Any]) -> list[str]:
    return [warning["code"] for warning in content["meta"]["warnings"]]
