"""A shop whose days in November are better than those in October, and that steers by a number."""

from __future__ import annotations

from typing import Any

from shared.domain.facts.rollups import Figure, Overview, Rollup
from shared.domain.facts.settings import Settings
from shared.domain.scopes import Scope
from tests.data.rollups import MICROS, account, every_day, holding, overview, store
from tests.transports.mcp.shop import Shop

OCTOBER = {
    Figure.ORDERS: 2,
    Figure.ORDERS_WITH_CUSTOMER: 2,
    Figure.UNITS: 4,
    Figure.GROSS_SALES: 100 * MICROS,
    Figure.COGS: 40 * MICROS,
    Figure.COST_KNOWN_SALES: 100 * MICROS,
    Figure.COST_KNOWN_UNITS: 4,
    Figure.AD_SPEND: 20 * MICROS,
}
NOVEMBER = {
    **OCTOBER,
    Figure.ORDERS: 3,
    Figure.ORDERS_WITH_CUSTOMER: 3,
    Figure.GROSS_SALES: 180 * MICROS,
    Figure.COGS: 90 * MICROS,
    Figure.COST_KNOWN_SALES: 180 * MICROS,
    Figure.AD_SPEND: 30 * MICROS,
}
TOLD = overview(accounts=[account(), account("meta_ads", "act_1", holdings=[holding("ad_day")])])
TEN_DAYS: dict[str, Any] = {
    "date_from": "2026-11-01",
    "date_to": "2026-11-10",
    "compare": "custom",
    "compare_from": "2026-10-01",
    "compare_to": "2026-10-10",
}


def shop_with(*more: Rollup, settings: Settings | None = None, found: Overview = TOLD) -> Shop:
    shop = Shop(scopes=frozenset({Scope.NORTH_STAR}))
    months = [every_day("2026-10", OCTOBER), every_day("2026-11", NOVEMBER)]
    store(shop.engine, *months, *more, found=found, settings=settings)
    return shop


def asked(shop: Shop, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    result = shop.call("get_north_star", **arguments).result
    assert result["isError"] is False, result
    return result["structuredContent"]


def codes(content: dict[str, Any]) -> list[str]:
    return [warning["code"] for warning in content["meta"]["warnings"]]


def contributions(content: dict[str, Any]) -> dict[str, float | None]:
    return {each["metric"]: each["contribution"] for each in content["data"]["inputs"]}
