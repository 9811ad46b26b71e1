"""A shop that is queried, and how it is asked."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

from shared.domain.scopes import Scope
from shared.transports.mcp.tools.pma_query_custom import OUTPUT
from tests.data.merchants import Line, Merchant, header, order, refund
from tests.transports.mcp.ads_told import USUAL, ad_day, claim, google_day
from tests.transports.mcp.shop import Shop

TOOL = "pma_query_custom"
ANY = {"ad_day": "spend", "order": "orders", "refund": "refunds", "expense": "amount", "product": "units"}
OCTOBER = {"date_from": "2026-10-01", "date_to": "2026-10-31"}
SPEND = {"connector": "tiktok_ads", "report_type": "ad_day", "metrics": ["spend"]}
BY_CAMPAIGN_AND_DAY = {**SPEND, "dimensions": ["campaign", "date"]}


def tiktok(id_: str = "c1", day: str = "2026-10-05", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - what JSON holds
    return ad_day(id_, day, **{"platform": "tiktok", "source": "tiktok_ads", "account": "adv_9", **more})


def shop_with(*lines: Line, scopes: frozenset[Scope] = frozenset(Scope)) -> Shop:
    shop = Shop(scopes=scopes)
    Merchant(engine=shop.engine).import_lines(header(), *lines)
    return shop


def busy_shop() -> Shop:
    """A shop with two campaigns at TikTok, one at Google, orders, a refund and rent."""
    return shop_with(
        tiktok(campaign="Spring", spend="10.10", **claim(USUAL, "1.5", "60.00")),
        tiktok(day="2026-10-06", campaign="Spring", spend="20.20", **claim(USUAL, "1", "15.00")),
        tiktok("c2", day="2026-10-06", campaign="Autumn", spend="30.30", clicks=20),
        google_day(spend="500.00"),
        order("1", "2026-10-05", lines=[{"sku": "A", "quantity": 2, "price": "10.00"}]),
        order("2", "2026-10-07", lines=[{"sku": "B", "quantity": 1, "price": "30.00", "discount": "5.00"}]),
        refund("r1", "2026-10-20", order_id="2", lines=[{"sku": "B", "quantity": 1, "amount": "25.00"}]),
        {"type": "product", "sku": "A", "title": "An apple", "category": "Fruit"},
        {"type": "expense", "id": "e", "date": "2026-10-03", "amount": "310.00", "covers": "month", "category": "Rent"},
    )


def asked(shop: Shop, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    shop.clock.advance(seconds=3)
    result = shop.call(TOOL, **{**OCTOBER, **arguments}).result
    assert result["isError"] is False, result
    validator: Any = Draft202012Validator(OUTPUT)  # its types leave the document open
    validator.validate(result["structuredContent"])
    return result["structuredContent"]


def refused(shop: Shop, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    shop.clock.advance(seconds=3)
    result = shop.call(TOOL, **{**OCTOBER, **arguments}).result
    assert result["isError"] is True, result
    return result["structuredContent"]
