"""A shop with a few cohorts, and what `get_cohort_retention` says of it."""

from __future__ import annotations

from typing import Any

from shared.domain.facts.rollups import Cohort, ShopMonth
from shared.domain.facts.segments import SegmentCohort, Segments
from shared.domain.facts.settings import Settings
from shared.domain.scopes import Scope
from tests.data.rollups import MICROS, account, cohort, holding, overview, store
from tests.transports.mcp.shop import Shop

JULY = cohort(
    "2026-07",
    [100, 20, 10, 5],
    orders=[110, 22, 11, 5],
    net_revenue=[5000 * MICROS, 800 * MICROS, -100 * MICROS, 50 * MICROS],
    cm2=[1000 * MICROS, 200 * MICROS, -50 * MICROS, 10 * MICROS],
    sales=[5000 * MICROS, 1000 * MICROS],
    cost_known_sales=[4500 * MICROS, 900 * MICROS],
)
AUGUST = cohort("2026-08", [50, 5, 5], net_revenue=[2000 * MICROS, 300 * MICROS, 200 * MICROS])
OCTOBER = cohort("2026-10", [30, 3])
TOLD = overview(accounts=[account(), account("meta_ads", "act_1", holdings=[holding("ad_day")])])


def shop_with(*rollups: Cohort | SegmentCohort | Segments | ShopMonth, settings: Settings | None = None) -> Shop:
    shop = Shop(scopes=frozenset({Scope.CUSTOMERS}))
    store(shop.engine, *rollups, found=TOLD, settings=settings)
    return shop


def asked(shop: Shop, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    result = shop.call("get_cohort_retention", **arguments).result
    assert result["isError"] is False, result
    return result["structuredContent"]


def values(content: dict[str, Any]) -> dict[str, list[float | None]]:
    return {row[0]: row[4] for row in content["data"]["rows"]}
