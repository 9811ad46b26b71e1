"""Files of orders, and what they come to by nothing but addition."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from functions.wiring import now


def a_day_of_last_month() -> date:
    return now().date().replace(day=1) - timedelta(days=10)


def orders_file(
    folder: Path,
    orders: Mapping[str, tuple[int, str]],
    *,
    refunds: Mapping[str, str] | None = None,
    exported_at: datetime | None = None,
) -> Path:
    """Write an export with orders, (quantity, price) by their ids, and amounts refunded, by the ids of orders."""
    day = a_day_of_last_month().isoformat()
    at = exported_at or now()
    lines: list[dict[str, Any]] = [
        {"type": "export", "schema": 1, "exported_at": f"{at:%Y-%m-%dT%H:%M:%SZ}", "source": "shop", "currency": "USD"}
    ]
    lines += [
        {"type": "order", "id": order, "date": day, "lines": [{"sku": "A", "quantity": quantity, "price": price}]}
        for order, (quantity, price) in orders.items()
    ]
    lines += [
        {
            "type": "refund",
            "id": f"R-{order}",
            "order_id": order,
            "date": day,
            "lines": [{"sku": "A", "amount": amount}],
        }
        for order, amount in (refunds or {}).items()
    ]
    file = folder / "orders.ndjson"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return file


def sum_of(file: Path) -> dict[str, Decimal]:
    """Add up what a file says, line by line."""
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    sold = [sold for line in lines if line["type"] == "order" for sold in line["lines"]]
    back = [back for line in lines if line["type"] == "refund" for back in line["lines"]]
    gross = sum((one["quantity"] * Decimal(one["price"]) for one in sold), Decimal())
    return {"gross_sales": gross, "net_revenue": gross - sum((Decimal(one["amount"]) for one in back), Decimal())}
