"""The slow, obvious answer to a query: every record of a report type, one by one, put into groups by hand.

It shares nothing with the product; what each record says is what the slow counts of the other tools say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from tests.data.latest_lines import Line
from tests.data.recount import Rules, count
from tests.data.recount_ads import AdDay, ad_days, numbers
from tests.data.recount_money import booked
from tests.data.recount_products import count_goods

Key = tuple[str | None, ...]
Sums = Counter[str]


@dataclass(frozen=True, kw_only=True)
class Record:
    """What one day of one thing says."""

    day: date
    place: Mapping[str, str | None]
    says: Mapping[str, int]


def records(report_type: str, files: Sequence[Sequence[Line]], rules: Rules) -> list[Record]:
    """Give everything that a report type stands on."""
    match report_type:
        case "order" | "refund":
            counted, _ = count(files, rules)
            return [_record(day, {}, {figure: value}) for (day, figure), value in counted.items()]
        case "product":
            goods = count_goods(files, rules)
            return [_record(day, {"sku": sku or None}, {figure: value}) for (day, sku, figure), value in goods.items()]
        case _:
            expenses, _ = booked(files, rules)
            return [
                _record(
                    each.day,
                    {
                        "line": each.line,
                        "category": each.category,
                        "vendor": each.vendor,
                        "behaviour": each.behaviour,
                    },
                    {"amount": each.micros, "transactions": each.transactions},
                )
                for each in expenses
            ]


def _record(day: date, place: Mapping[str, str | None], says: Mapping[str, int]) -> Record:
    return Record(day=day, place={**times(day), **place}, says=says)


def times(day: date) -> dict[str, str | None]:
    """Name a day, its week by the Monday, and its month."""
    return {
        "date": day.isoformat(),
        "week": (day - timedelta(days=day.isoweekday() - 1)).isoformat(),
        "month": day.isoformat()[:7],
    }


def _known(name: str, known: str, among: str) -> Callable[[Sums], int | None]:
    return lambda s: s[name] if s[known] or not s[among] else None


METRICS: Mapping[str, Mapping[str, Callable[[Sums], int | None]]] = {
    "order": {
        "orders": lambda s: s["orders"],
        "units": lambda s: s["units"],
        "gross_sales": lambda s: s["gross_sales"],
        "discounts": lambda s: s["discounts"],
        "shipping": lambda s: s["shipping_charged"],
        "cogs": _known("cogs", "cost_known_units", "units"),
        "fulfilment_cost": _known("fulfilment", "fulfilment_known_orders", "orders"),
        "payment_fee": _known("payment_fees", "payment_fees_known_orders", "orders"),
    },
    "refund": {
        "refunds": lambda s: s["refunds"],
        "units": lambda s: s["units_returned"],
        "amount": lambda s: s["returns"],
        "shipping": lambda s: s["shipping_refunded"],
        "return_shipping_cost": lambda s: s["return_shipping"],
    },
    "product": {
        "units": lambda s: s["units"],
        "gross_sales": lambda s: s["gross_sales"],
        "units_returned": lambda s: s["units_returned"],
        "returns": lambda s: s["returns"],
        "net_sales": lambda s: s["gross_sales"] - s["discounts"] - s["returns"],
        "cogs": _known("cogs", "cost_known_units", "units"),
    },
    "expense": {"amount": lambda s: s["amount"], "transactions": lambda s: s["transactions"]},
}
HAPPENED: Mapping[str, frozenset[str]] = {
    "order": frozenset(
        {"orders", "units", "gross_sales", "discounts", "shipping_charged", "cogs", "cost_known_units", "fulfilment"}
        | {"fulfilment_known_orders", "payment_fees", "payment_fees_known_orders", "platform_fees"}
    ),
    "refund": frozenset({"refunds", "units_returned", "returns", "shipping_refunded", "return_shipping"}),
    "product": frozenset(
        {"units", "gross_sales", "discounts", "units_returned", "returns", "cogs", "cost_known_units"}
    ),
    "expense": frozenset({"amount", "transactions"}),
}
"""Something of a row is told: there is a row."""


def grouped(report_type: str, found: Iterable[Record], dimensions: Sequence[str]) -> dict[Key, Sums]:
    """Add up record by record."""
    groups: dict[Key, Sums] = {}
    for record in found:
        told = {name: value for name, value in record.says.items() if name in HAPPENED[report_type] and value}
        if told:
            sums = groups.setdefault(tuple(record.place[name] for name in dimensions), Counter())
            for name, value in told.items():
                sums[name] += value
    return groups


def in_cents(micros: int) -> Decimal:
    """Round as money is written."""
    return (Decimal(micros) / 1_000_000).quantize(Decimal("0.01"), ROUND_HALF_UP)


# --- ads --------------------------------------------------------------------------------------------------------------

OF_ADS = {
    "spend": "spend",
    "impressions": "impressions",
    "clicks": "clicks",
    "conversions": "platform_conversions",
    "revenue": "platform_revenue",
    "ctr": "ctr",
    "cpc": "cpc",
    "cpm": "cpm",
    "cpa": "cpa",
    "roas": "platform_roas",
}


def ads_of(connector: str, files: Iterable[Sequence[Line]], rules: Rules) -> list[AdDay]:
    """Give the days of ads of a connector that have a rate."""
    return [each for each in ad_days(files, rules) if each.campaign[1] == connector and each.spend is not None]


def place_of(each: AdDay) -> dict[str, str | None]:
    platform, _, account, campaign = each.campaign
    return {**times(each.day), "platform": platform, "account_id": account, "campaign_id": campaign}


def ads_by(found: Iterable[AdDay], dimensions: Sequence[str]) -> dict[Key, list[AdDay]]:
    groups: dict[Key, list[AdDay]] = {}
    for each in found:
        groups.setdefault(tuple(place_of(each)[name] for name in dimensions), []).append(each)
    return groups


def said_of_ads(found: Iterable[AdDay]) -> dict[str, Any]:
    told = numbers(found)
    return {name: told[theirs] for name, theirs in OF_ADS.items()}


def by_window(found: Iterable[AdDay], dimensions: Sequence[str]) -> dict[Key, tuple[Fraction | None, int | None]]:
    """Add up the claims of each window by itself: conversions and revenue."""
    conversions: dict[Key, Fraction] = {}
    revenue: dict[Key, int] = {}
    platforms: dict[Key, set[str]] = {}
    for each in found:
        for window in {*each.conversions, *each.revenue}:
            key = (window, *(place_of(each)[name] for name in dimensions))
            worth = each.revenue.get(window)
            if window in each.conversions:
                conversions[key] = conversions.get(key, Fraction(0)) + Fraction(each.conversions[window])
            if worth is not None:
                revenue[key] = revenue.get(key, 0) + worth
            if window in each.conversions or worth is not None:
                platforms.setdefault(key, set()).add(each.campaign[0])
    # Two platforms that name no window need not mean the same one.
    unclear = {key for key, named in platforms.items() if key[0] == "not_stated" and len(named) > 1}
    return {key: (None, None) if key in unclear else (conversions.get(key), revenue.get(key)) for key in platforms}
