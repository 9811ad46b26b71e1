"""A shop of round figures that can be valued: a test states only what is different."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from shared.domain.analytics.periods import later_month
from shared.domain.facts.rollups import Figure, Overview, ShopMonth
from shared.domain.facts.settings import Settings
from shared.domain.facts.valuations import ValuationMonth
from shared.domain.scopes import Scope
from tests.data.rollups import MICROS, account, holding, overview, shop_month, store
from tests.transports.mcp.shop import Shop

AS_OF = "2026-10"
BOOKS = ("opex", "interest", "depreciation")
EVERYTHING = overview(
    data_from=date(2024, 11, 1),
    accounts=[account(), account("meta_ads", "act_1", holdings=[holding("ad_day", first=date(2024, 11, 1))])],
    expense_lines=BOOKS,
)
"""Two years of orders; books and ads from 2025 on."""

# In the twelve months: revenue 120,000, goods 48,000, ads 18,000, opex 24,000. EBITDA is 30,000, SDE 36,000.
A_MONTH = {
    Figure.ORDERS: 100,
    Figure.UNITS: 100,
    Figure.GROSS_SALES: 10_000 * MICROS,
    Figure.COGS: 4_000 * MICROS,
    Figure.COST_KNOWN_SALES: 10_000 * MICROS,
    Figure.COST_KNOWN_UNITS: 100,
    Figure.FULFILMENT_KNOWN_ORDERS: 100,
    Figure.PAYMENT_FEES_KNOWN_ORDERS: 100,
    Figure.PLATFORM_FEES_KNOWN_ORDERS: 100,
    Figure.AD_SPEND: 1_500 * MICROS,
    Figure.OPEX: 2_000 * MICROS,
    Figure.INTEREST: 50 * MICROS,
    Figure.DEPRECIATION: 100 * MICROS,
}
LAST_YEAR = {**A_MONTH, Figure.ORDERS: 80, Figure.GROSS_SALES: 8_000 * MICROS}


def months(figures: dict[Figure, int], last: str = AS_OF, count: int = 12) -> list[ShopMonth]:
    """Give months with all of it on the first day."""
    return [
        shop_month(later_month(last, -back), {figure: {1: value} for figure, value in figures.items()})
        for back in range(count)
    ]


def side(month: str = AS_OF, **more: Any) -> ValuationMonth:  # noqa: ANN401 - whatever a field holds
    plain: dict[str, Any] = {
        "channels": {"store": 6_000 * MICROS, "market": 4_000 * MICROS},
        "other_channels": 0,
        "no_channel": 0,
        "top_sku": 12_000 * MICROS,
        "skus": 120_000 * MICROS,
        "goods": 120_000 * MICROS,
        "addbacks": {"owner_pay": 500 * MICROS},
    }
    return ValuationMonth(month=month, currency="USD", generation=1, **{**plain, **more})


SIDES = [side(later_month(AS_OF, -back)) for back in range(12)]
TWO_YEARS = [*months(A_MONTH), *months(LAST_YEAR, last="2025-10"), *SIDES]


def shop_with(
    *rollups: ShopMonth | ValuationMonth,
    found: Overview = EVERYTHING,
    multiples: Mapping[str, Mapping[str, Sequence[int]]] | None = None,
) -> Shop:
    """Give a shop that has these months, or two plain years, and has settled these multiples."""
    shop = Shop(scopes=frozenset({Scope.VALUATION}))
    store(shop.engine, *(rollups or TWO_YEARS), found=found, settings=Settings(multiples=multiples or {}))
    return shop


def valued(shop: Shop, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Ask for a valuation."""
    result = shop.call("get_business_valuation", **arguments).result
    assert result["isError"] is False, result
    return result["structuredContent"]


def rows(content: dict[str, Any], table: str = "methods") -> dict[str, dict[str, Any]]:
    """Give the rows of a table by their first cell."""
    found = content["data"][table]
    return {row[0]: dict(zip(found["columns"], row, strict=True)) for row in found["rows"]}


def warnings(content: dict[str, Any]) -> dict[str, str]:
    return {each["code"]: each["message"] for each in content["meta"]["warnings"]}
