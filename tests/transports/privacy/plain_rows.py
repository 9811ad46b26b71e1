"""Rows of every format and lines of every family that are taken in, with nobody in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from shared.domain.facts.families import Family

ROWS_A_DAY = 50
"""The books are sorted by day; ads have as many campaigns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planting:
    """How a format's rows are written."""

    row: Callable[[int], Mapping[str, str]]
    """A row that is taken in, under the headers of the export; another for each number."""
    texts: frozenset[str] = frozenset()
    """Columns whose text is kept: ways to reach a person are taken out of it, and names cannot be told."""
    named: Mapping[str, str] | None = None
    """Columns in which a name is told from its place; `{}` stands for the person."""


def _day(number: int) -> date:
    return date(2026, 10, 25) + timedelta(days=number // ROWS_A_DAY)


def _american(number: int) -> str:
    return f"{_day(number):%m/%d/%Y}"


def _order(number: int) -> Mapping[str, str]:
    return {
        "Name": f"#{number}",
        "Email": f"buyer{number}@shop.example",
        "Financial Status": "paid",
        "Currency": "USD",
        "Subtotal": "20.00",
        "Shipping": "5.00",
        "Taxes": "2.00",
        "Duties": "",
        "Total": "27.00",
        "Discount Amount": "0.00",
        "Created at": f"{_day(number)} 21:15:00 -0400",
        "Cancelled at": "",
        "Lineitem quantity": "1",
        "Lineitem name": "Mug",
        "Lineitem price": "20.00",
        "Lineitem sku": "MUG",
        "Lineitem discount": "0.00",
        "Lineitem requires shipping": "true",
        "Lineitem taxable": "true",
        "Lineitem fulfillment status": "fulfilled",
        "Payment Method": "Shopify Payments",
        "Refunded Amount": "0.00",
        "Source": "web",
        "Id": f"{number}",
    }


def _transaction(number: int) -> Mapping[str, str]:
    return {
        "Transaction Date": f"{_day(number)} 10:00:00 -0400",
        "Type": "charge",
        "Order": f"#{number}",
        "Payout Date": f"{_day(number)}",
        "Amount": f"{number}.00",
        "Fee": "0.50",
        "Net": "1.00",
        "Currency": "USD",
    }


def _payout(number: int) -> Mapping[str, str]:
    return {
        "Payout Date": f"{_day(number)}",
        "Status": "paid",
        "Charges": "1",
        "Refunds": "0",
        "Fees": "0",
        "Total": "1.00",
        "Currency": "USD",
    }


def _product(handle: str, sku: str, price: str, number: int) -> Mapping[str, str]:
    return {
        handle: f"mug-{number}",
        "Title": f"Mug {number}",
        "Vendor": "Acme",
        "Type": "Mugs",
        "Product Category": "Kitchen",
        **{f"Option{place} Value": "" for place in (1, 2, 3)},
        sku: f"MUG-{number}",
        price: "20.00",
        "Cost per item": "8.00",
    }


def _cost(number: int) -> Mapping[str, str]:
    return {"sku": f"MUG-{number}", "unit_cost": "8.00", "currency": "USD", "effective_from": "2026-10-01"}


def _meta(number: int) -> Mapping[str, str]:
    return {
        "Day": f"{_day(number)}",
        "Account ID": "act_1",
        "Campaign ID": f"{number % ROWS_A_DAY}",
        "Campaign name": "Broad",
        "Ad set ID": "1",
        "Ad set name": "All",
        "Ad ID": "1",
        "Ad name": "Video",
        "Attribution setting": "7-day click",
        "Amount spent (USD)": "10.00",
        "Impressions": "1000",
        "Link clicks": "10",
        "Purchases": "1",
        "Purchases conversion value": "20.00",
    }


def _google(number: int) -> Mapping[str, str]:
    return {
        "Day": f"{_day(number)}",
        "Customer ID": "123-456-7890",
        "Campaign": "Brand",
        "Campaign ID": f"{number % ROWS_A_DAY}",
        "Ad group": "All",
        "Ad group ID": "1",
        "Ad ID": "1",
        "Currency code": "USD",
        "Cost": "10.00",
        "Impr.": "1000",
        "Clicks": "10",
        "Conversions": "1",
        "Conv. value": "20.00",
    }


def _tiktok(number: int) -> Mapping[str, str]:
    return {
        "By Day": f"{_day(number)}",
        "Campaign name": "Dance",
        "Campaign ID": f"{number % ROWS_A_DAY}",
        "Ad group name": "All",
        "Ad group ID": "1",
        "Ad name": "Video",
        "Ad ID": "1",
        "Currency": "USD",
        "Cost": "10.00",
        "Impressions": "1000",
        "Clicks (destination)": "10",
        "Complete payment": "1",
        "Total complete payment value": "20.00",
    }


def _snapchat(number: int) -> Mapping[str, str]:
    return {
        "Start Time": f"{_day(number)}",
        "End Time": f"{_day(number)}",
        "Campaign ID": f"{number % ROWS_A_DAY}",
        "Campaign name": "Filters",
        "Ad set ID": "1",
        "Ad set name": "All",
        "Ad ID": "1",
        "Ad name": "Video",
        "Currency": "USD",
        "Spend": "10.00",
        "Paid Impressions": "1000",
        "Swipe Ups": "10",
        "Purchases": "1",
        "Purchases value": "20.00",
    }


def _journal(number: int) -> Mapping[str, str]:
    return {
        "Date": _american(number),
        "Transaction Type": "Expense",
        "Num": f"{number}",
        "Name": "Acme Software Inc",
        "Account": "Travel",
        "Debit": "10.00",
        "Credit": "",
    }


def _ledger(number: int) -> Mapping[str, str]:
    booked = {name: cell for name, cell in _journal(number).items() if name not in {"Debit", "Credit"}}
    return {"": "", **booked, "Split": "Checking", "Amount": "10.00", "Balance": "10.00"}


def _bank(number: int) -> Mapping[str, str]:
    return {
        "Details": "DEBIT",
        "Posting Date": _american(number),
        "Description": f"CARD PURCHASE {number}",
        "Amount": f"-{number}.00",
        "Type": "DEBIT_CARD",
        "Balance": "",
    }


_AD_TEXTS = frozenset(
    {
        "ad group name",
        "ad group",
        "ad name",
        "ad set name",
        "attribution setting",
        "campaign name",
        "campaign",
    }
)
_OF_BOOKS = {"name": "{}", "account": "Loan {}"}

PLANTINGS: Mapping[str, Planting] = {
    "shopify_orders": Planting(row=_order, texts=frozenset({"source"})),
    "shopify_payments_transactions": Planting(row=_transaction),
    "shopify_payouts": Planting(row=_payout),
    "shopify_products": Planting(
        row=partial(_product, "Handle", "Variant SKU", "Variant Price"),
        texts=frozenset({"title", "vendor", "type", "product category", *(f"option{n} value" for n in (1, 2, 3))}),
    ),
    "shopify_products_by_url_handle": Planting(
        row=partial(_product, "URL handle", "SKU", "Price"),
        texts=frozenset({"title", "vendor", "type", "product category", *(f"option{n} value" for n in (1, 2, 3))}),
    ),
    "costs": Planting(row=_cost),
    "meta_ads": Planting(row=_meta, texts=_AD_TEXTS),
    "google_ads": Planting(row=_google, texts=_AD_TEXTS),
    "tiktok_ads": Planting(row=_tiktok, texts=_AD_TEXTS),
    "snapchat_ads": Planting(row=_snapchat, texts=_AD_TEXTS),
    "quickbooks_journal": Planting(row=_journal, named=_OF_BOOKS),
    "quickbooks_ledger": Planting(row=_ledger, named=_OF_BOOKS),
    "bank_chase": Planting(
        row=_bank, named={"description": "Zelle payment to {}", "details": "{}"}, texts=frozenset({"description"})
    ),
}
"""Format -> its rows. A test sees to it that none is missing."""

PLAIN: Mapping[Family, dict[str, Any]] = {
    Family.ORDER: {"type": "order", "id": "1", "date": "2026-11-05", "lines": [{"quantity": 1, "price": "10.00"}]},
    Family.REFUND: {
        "type": "refund",
        "id": "1",
        "date": "2026-11-05",
        "order_id": "1",
        "lines": [{"amount": "1.00"}],
    },
    Family.PAYMENT: {"type": "payment", "id": "1", "date": "2026-11-05", "nature": "charge", "amount": "10.00"},
    Family.AD_DAY: {
        "type": "ad_day",
        "date": "2026-11-05",
        "platform": "meta",
        "campaign_id": "c1",
        "spend": "1.00",
    },
    Family.EXPENSE: {"type": "expense", "id": "1", "date": "2026-11-05", "amount": "10.00"},
    Family.BANK_TXN: {"type": "bank_txn", "id": "1", "date": "2026-11-05", "amount": "10.00"},
    Family.BALANCE: {"type": "balance", "date": "2026-11-05", "amount": "10.00"},
    Family.PRODUCT: {"type": "product", "sku": "MUG"},
    Family.COST: {"type": "cost", "sku": "MUG", "effective_from": "2026-10-05", "unit_cost": "4.00"},
    Family.FX: {"type": "fx", "date": "2026-11-05", "base": "EUR", "quote": "USD", "rate": "1.08"},
    Family.GOAL: {
        "type": "goal",
        "id": "1",
        "metric": "net_revenue",
        "target": "1000",
        "from": "2026-10-01",
        "to": "2026-10-31",
    },
    Family.TOUCH: {"type": "touch", "order_id": "1", "place": 1, "date": "2026-11-05", "channel": "email"},
    Family.ACCOUNT: {"type": "account", "name": "Main shop"},
}
"""A line of each family that is taken in."""
