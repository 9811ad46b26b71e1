"""What orders of Shopify's export are read as."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from shared.services.imports.formats.shopify_orders import SHOPIFY_ORDERS
from tests.data.sheets import facts_of, told_of
from tests.data.shopify_rows import orders_sheet


def bodies(*rows: dict[str, str]) -> list[dict[str, Any]]:
    """Give every fact of these rows."""
    return [json.loads(fact.body) for fact in facts_of(SHOPIFY_ORDERS, told_of(SHOPIFY_ORDERS, orders_sheet(*rows)))]


def order(*rows: dict[str, str]) -> dict[str, Any]:
    """Give the one fact of the rows of one order that nothing was given back of."""
    (found,) = bodies(*rows)
    return found


def order_and_refund(*rows: dict[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the two facts of an order of which something was given back."""
    found, refund = bodies(*rows)
    return found, refund


def money(amount: str) -> int:
    """Give micros."""
    return int(Decimal(amount) * 1_000_000)


def net(found: dict[str, Any]) -> int:
    """Add up what the lines of an order came to, after every discount."""
    return sum(
        line["quantity"] * line["price"] - line.get("discount", 0) - line.get("order_discount", 0)
        for line in found["lines"]
    )


def cents(number: int) -> str:
    """Write so many cents as an amount."""
    return f"{number // 100}.{number % 100:02d}"
