"""Rows of Shopify's export of orders, written by hand. The people in them are invented."""

from __future__ import annotations

import csv

from tests.data.sheets import written

_HEADERS = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,"
    "Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,"
    "Lineitem quantity,Lineitem name,Lineitem price,Lineitem compare at price,Lineitem sku,"
    "Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,Billing Name,Billing Street,"
    "Billing City,Billing Zip,Billing Phone,Shipping Name,Shipping Street,Notes,Note Attributes,"
    "Cancelled at,Payment Method,Payment Reference,Refunded Amount,Vendor,Outstanding Balance,Employee,"
    "Location,Device ID,Id,Tags,Risk Level,Source,Lineitem discount,Tax 1 Name,Tax 1 Value,Phone,"
    "Receipt Number,Duties,Billing Province Name,Payment ID,Next Payment Due At,Payment References"
)
HEADERS = next(csv.reader([_HEADERS]))

PERSON = {
    "Email": "Planted.Person@example.com",
    "Billing Name": "Plantine Planted",
    "Billing Street": "17 Planted Street",
    "Billing City": "Plantedville",
    "Billing Phone": "+1 415 555 2671",
    "Shipping Name": "Plantine Planted",
    "Shipping Street": "17 Planted Street",
    "Notes": "leave it with Planted next door",
    "Note Attributes": "gift for: Planted",
    "Tags": "planted-vip",
    "Phone": "+1 415 555 2671",
    "Employee": "Planted",
}


def order_row(**cells: str) -> dict[str, str]:
    """Give the first row of an order of one mug for 20.00, shipped for 5.00, with 2.00 of tax on top."""
    plain = {
        "Name": "#1001",
        "Email": "jane@example.com",
        "Financial Status": "paid",
        "Currency": "USD",
        "Subtotal": "20.00",
        "Shipping": "5.00",
        "Taxes": "2.00",
        "Total": "27.00",
        "Discount Amount": "0.00",
        "Created at": "2026-10-05 21:15:00 -0400",
        "Payment Method": "Shopify Payments",
        "Refunded Amount": "0.00",
        "Id": "5001",
        "Source": "web",
    }
    return plain | item_row(**cells)


def item_row(**cells: str) -> dict[str, str]:
    """Give a further row of an order: a mug."""
    plain = {
        "Name": "#1001",
        "Lineitem quantity": "1",
        "Lineitem name": "Mug - Blue",
        "Lineitem price": "20.00",
        "Lineitem sku": "MUG-B",
        "Lineitem requires shipping": "true",
        "Lineitem taxable": "true",
        "Lineitem fulfillment status": "fulfilled",
        "Lineitem discount": "0.00",
        "Vendor": "Acme",
    }
    return plain | {name.replace("_", " "): cell for name, cell in cells.items()}


def orders_sheet(*rows: dict[str, str]) -> str:
    """Write rows under the export's headers."""
    return written(rows, headers=HEADERS)
