"""Unusual days among the real ones of CDNOW, through import, fold and tool, as often as the rule is known for."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared.domain.analytics.anomalies import UNUSUAL, usual_after
from shared.domain.scopes import Scope
from tests.data.cdnow import FIRST_DAY, LAST_DAY, purchases
from tests.data.merchants import Merchant, as_file, header, order
from tests.transports.mcp.shop import Shop

BEGIN, END = map(date.fromisoformat, (FIRST_DAY, LAST_DAY))
SETTLED = BEGIN + timedelta(days=84)
"""Before it the shop had just opened."""
APART = 9
"""Days from one shock to the next: few of the days before one are altered, and each weekday as often as another."""
SHOCKS = [SETTLED + timedelta(n) for n in range(0, (END - SETTLED).days + 1, APART)]


@pytest.fixture(scope="module")
def revenue() -> dict[date, Decimal]:
    """What customers who had ordered before spent on each day."""
    first: dict[str, str] = {}
    spent: defaultdict[date, Decimal] = defaultdict(Decimal)
    for customer, day, _, dollars in purchases():
        if first.setdefault(customer, day) != day:
            spent[date.fromisoformat(day)] += Decimal(dollars)
    return spent


def flagged(revenue: dict[date, Decimal]) -> set[date]:
    """Import each day's revenue as one order, and ask for every unusual day since the shop has settled."""
    days = [BEGIN + timedelta(n) for n in range((END - BEGIN).days + 1)]
    sold = [
        order(day.isoformat(), day.isoformat(), lines=[{"quantity": 1, "price": str(revenue.get(day, Decimal(0)))}])
        for day in days
    ]
    merchant = Merchant()
    merchant.import_bytes(as_file([header("1998-07-01T12:00:00Z", currency="USD"), *sold]))
    merchant.fold()
    shop = Shop(engine=merchant.engine, scopes=frozenset({Scope.ACTIVITY}))
    asked: dict[str, Any] = {
        "date_from": str(SETTLED),
        "date_to": str(END),
        "metrics": ["net_revenue"],
        "detail": "full",
    }
    content = shop.call("list_anomalies", **asked).content
    assert content["data"]["judged_days"] == {"net_revenue": (END - SETTLED).days + 1}
    rows, cursor = content["data"]["rows"], content["meta"]["page"]["next_cursor"]
    while cursor is not None:
        page = shop.call("list_anomalies", **asked, cursor=cursor).content
        rows, cursor = [*rows, *page["data"]["rows"]], page["meta"]["page"]["next_cursor"]
    return {date.fromisoformat(row[0]) for row in rows}


def test_of_real_days_as_they_were_no_more_are_told_than_was_measured(revenue: dict[date, Decimal]) -> None:
    assert len(flagged(revenue)) / ((END - SETTLED).days + 1) <= 0.035


def unusual_by_the_rule(revenue: dict[date, Decimal]) -> set[date]:
    """Judge each day by the rule, of which tests/domain/analytics/test_anomalies.py holds how much it finds."""
    values = [float(revenue.get(BEGIN + timedelta(n), Decimal(0))) for n in range((END - BEGIN).days + 1)]
    found: set[date] = set()
    for n in range((SETTLED - BEGIN).days, len(values)):
        usual = usual_after(values[:n])
        assert usual is not None
        if abs(usual.score(values[n])) >= UNUSUAL:
            found.add(BEGIN + timedelta(n))
    return found


@pytest.mark.parametrize("share", ["0", "0.25", "0.5", "3"])
def test_of_altered_days_all_are_told_that_the_rule_finds_and_so_are_all_that_brought_nothing(
    revenue: dict[date, Decimal], share: str
) -> None:
    altered = {**revenue, **{day: (revenue[day] * Decimal(share)).quantize(Decimal("0.01")) for day in SHOCKS}}

    found = flagged(altered)

    assert found == unusual_by_the_rule(altered)
    assert share != "0" or found >= set(SHOCKS)
