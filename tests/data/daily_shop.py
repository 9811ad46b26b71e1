"""A shop whose days are much alike, but for those that a test changes."""

from __future__ import annotations

from datetime import date, timedelta

from shared.domain.facts.settings import Settings
from tests.data.merchants import Line, Merchant, as_file, header, order

YESTERDAY = date(2026, 11, 20)
BEGIN = YESTERDAY - timedelta(days=89)
SHOCK = date(2026, 11, 10)
USUAL = 20
"""Orders of ten dollars a day, and one more or less by turns: days of a real shop are never all alike."""


def days(first: date = BEGIN, last: date = YESTERDAY) -> list[date]:
    return [first + timedelta(n) for n in range((last - first).days + 1)]


def orders_of(day: date, count: int, price: str = "10.00") -> list[Line]:
    lines = [{"quantity": 1, "price": price}]
    return [order(f"{day}-{n}", day.isoformat(), lines=lines) for n in range(count)]


def usual(day: date) -> int:
    return USUAL + day.toordinal() % 3


def sold(changed: dict[date, int], through: date = YESTERDAY) -> list[Line]:
    return [line for day in days(last=through) for line in orders_of(day, changed.get(day, usual(day)))]


def advertised(changed: dict[date, str], through: date = YESTERDAY, **more: str) -> list[Line]:
    named = {"type": "ad_day", "campaign_id": "c1", "campaign": "Always on", **more}
    return [{**named, "date": day.isoformat(), "spend": changed.get(day, "150.00")} for day in days(last=through)]


def merchant_with(
    *lines: Line, settings: Settings | None = None, exported_at: str = "2026-11-21T12:00:00Z"
) -> Merchant:
    """Import and fold."""
    merchant = Merchant()
    if settings is not None:
        merchant.settle(settings)
    merchant.import_bytes(as_file([header(exported_at, currency="USD"), *lines]))
    merchant.fold()
    return merchant
