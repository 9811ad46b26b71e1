"""Unusual days among the real ones of CDNOW, through import, fold and tool, as often as the rule is known for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from shared.domain.scopes import Scope
from tests.data.cdnow import FIRST_DAY, LAST_DAY, purchases
from tests.data.merchants import Merchant, as_file, header, order
from tests.data.recount_anomalies import Number
from tests.transports.mcp.shop import Shop

OPENED, LONGEST = date(1990, 1, 1), timedelta(days=1_800)
SETTLED = 84
"""Before it the shop had just opened."""
HABIT = 56
MEASURED = {"0": 1.0, "0.25": 0.95, "0.5": 0.33, "3": 0.7}
"""What a day is multiplied by -> the share of such days that was found when the product was designed."""
ALTERED = range(SETTLED + 8, 546, 15)
"""Days of CDNOW's history that are altered: every fifteenth, each weekday as often as another."""


@pytest.fixture(scope="module")
def revenue() -> list[float]:
    """What customers who had ordered before spent on each day."""
    first: dict[str, str] = {}
    spent: defaultdict[str, float] = defaultdict(float)
    for customer, day, _, dollars in purchases():
        if first.setdefault(customer, day) != day:
            spent[day] += float(dollars)
    begin, end = map(date.fromisoformat, (FIRST_DAY, LAST_DAY))
    return [round(spent[str(begin + timedelta(n))], 2) for n in range((end - begin).days + 1)]


def by_day(sold: Sequence[float]) -> dict[date, float]:
    return {OPENED + timedelta(n): dollars for n, dollars in enumerate(sold)}


def told(sold: Sequence[float]) -> set[date]:
    """Import each day's revenue as one order, and ask for every unusual day."""
    days = by_day(sold)
    lines = [
        order(str(day), str(day), lines=[{"quantity": 1, "price": f"{dollars:.2f}"}]) for day, dollars in days.items()
    ]
    merchant = Merchant()
    merchant.import_bytes(as_file([header("2026-11-20T12:00:00Z", currency="USD"), *lines]))
    merchant.fold()
    shop = Shop(engine=merchant.engine, scopes=frozenset({Scope.ACTIVITY}))
    return {day for first in list(days)[HABIT :: LONGEST.days] for day in _listed(shop, first, max(days))}


def _listed(shop: Shop, first: date, last: date) -> Iterator[date]:
    asked: dict[str, Any] = {
        "date_from": str(first),
        "date_to": str(min(first + LONGEST - timedelta(days=1), last)),
        "metrics": ["net_revenue"],
        "detail": "full",
        "limit": 100,
    }
    page: dict[str, Any] = {}
    while not page or page["next_cursor"]:
        content = shop.call("list_anomalies", **asked, **({"cursor": page["next_cursor"]} if page else {})).content
        yield from (date.fromisoformat(row[0]) for row in content["data"]["rows"])
        page = content["meta"]["page"]


def searched(sold: Sequence[float]) -> set[date]:
    """Find them slowly, by the search that the product shares nothing with."""
    days = by_day(sold)
    _, odd = Number(first=OPENED, known=days).odd_days(dict.fromkeys(days, 0.0))
    return set(odd)


def test_of_real_days_as_they_were_no_more_are_told_than_was_measured(revenue: list[float]) -> None:
    since = OPENED + timedelta(days=SETTLED)

    found = told(revenue)

    assert found == searched(revenue)
    assert len({day for day in found if day >= since}) / (len(revenue) - SETTLED) <= 0.035


def test_of_days_altered_alone_as_many_are_told_as_were_measured(revenue: list[float]) -> None:
    """Each stands after the eight weeks before it as they were, and all of these histories one after the other."""
    shocks = [(share, nth) for share in MEASURED for nth in ALTERED]
    sold = [
        dollars
        for share, nth in shocks
        for dollars in (*revenue[nth - HABIT : nth], round(revenue[nth] * float(share), 2))
    ]

    found = told(sold)

    assert found == searched(sold)
    of_share: defaultdict[str, list[bool]] = defaultdict(list)
    for place, (share, _) in enumerate(shocks, start=1):
        of_share[share].append(OPENED + timedelta(days=place * (HABIT + 1) - 1) in found)
    rates = {share: sum(were) / len(were) for share, were in of_share.items()}
    assert all(rates[share] >= least for share, least in MEASURED.items()), rates
