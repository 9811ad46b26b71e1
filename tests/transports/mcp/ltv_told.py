"""Shops of which it is told what their customers are worth, and the question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shared.domain.facts.lifetimes import HORIZON, Lifetimes
from shared.domain.facts.rollups import Cohort, Figure, ShopMonth
from shared.domain.facts.segments import SegmentCohort, Segments
from shared.domain.facts.settings import Settings
from shared.domain.scopes import Scope
from tests.data.rollups import MICROS, account, cohort, every_day, holding, overview, store
from tests.transports.mcp.shop import Shop

TOLD = overview(accounts=[account(), account("meta_ads", "act_1", holdings=[holding("ad_day")])])


def asked(shop: Shop, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    result = shop.call("get_customer_ltv", **arguments).result
    assert result["isError"] is False, result
    return result["structuredContent"]


def warned(content: Mapping[str, Any]) -> list[str]:
    return [warning["code"] for warning in content["meta"]["warnings"]]


ORDERS = {"r": "0.25", "alpha": "4.5", "a": "0.8", "b": "2.5"}
VALUES = {"p": "6.0", "q": "3.5", "v": "15.0"}
YEAR = round(sum(10 / 1.1 ** (month / 12) for month in range(1, 13)), 2)
"""What a year of ten dollars a month is worth at ten percent."""


def lifetimes(through: str = "2026-11-20", **more: Any) -> Lifetimes:  # noqa: ANN401 - any of its fields
    """Give 1,000 customers of whom half an order is expected in each month ahead, for 20.00 each."""
    told: dict[str, Any] = {
        "segment": "all",
        "customers": 1000,
        "repeaters": 400,
        "repeats": 900,
        "orders_model": ORDERS,
        "values_model": VALUES,
        "likelihood": -1_234_567_890,
        "holdout": -50_000,
        "correlation": 20_000,
        "alive": 800 * MICROS,
        "expected_orders": [500 * MICROS * month for month in range(1, HORIZON + 1)],
        "expected_value": [10_000 * MICROS * month for month in range(1, HORIZON + 1)],
        **more,
    }
    return Lifetimes(through=through, currency="USD", generation=1, digest="d", **told)


JULY = cohort(
    "2026-07",
    [100, 20, 10, 5],
    net_revenue=[5000 * MICROS, 800 * MICROS, -100 * MICROS, 50 * MICROS],
    cm2=[1000 * MICROS, 200 * MICROS, -50 * MICROS, 10 * MICROS],
    sales=[5000 * MICROS],
    cost_known_sales=[4500 * MICROS],
)
AUGUST = cohort("2026-08", [50, 5, 5], net_revenue=[2000 * MICROS, 300 * MICROS, 200 * MICROS])


def shop_with(
    *rollups: Lifetimes | Cohort | ShopMonth | Segments | SegmentCohort, settings: Settings | None = None
) -> Shop:
    shop = Shop(scopes=frozenset({Scope.CUSTOMERS}))
    store(shop.engine, *rollups, found=TOLD, settings=settings)
    return shop


OCTOBER_2025 = cohort(
    "2025-10",
    [100] + [10] * 12,
    net_revenue=[3000 * MICROS] + [100 * MICROS] * 12,
    cm2=[1000 * MICROS] + [50 * MICROS] * 12,
)
ADS = [every_day(f"{month}", {Figure.AD_SPEND: 5 * MICROS}) for month in ("2026-09", "2026-10")]


SEGMENTS = Segments(
    generation=1,
    months=["2026-07"],
    sizes={"channel=web": [80], "channel=fair": [11], "channel=other": [9]},
    titles={},
)


def parts() -> Sequence[SegmentCohort]:
    return [
        SegmentCohort(
            segment=name,
            month="2026-07",
            currency="USD",
            generation=1,
            size=size,
            active=[size],
            orders=[size],
            net_revenue=[size * 50 * MICROS],
            cm2=[size * 10 * MICROS],
            sales=[size * 50 * MICROS],
            cost_known_sales=[0],
        )
        for name, (size,) in SEGMENTS.sizes.items()
    ]
