"""Small random merchants whose orders have paths: orders, refunds, rates and touches, told once or again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.data.random_merchants import FIRST_DAY, LAST_DAY, orders, rates, refunds

Line = dict[str, Any]

CHANNELS = ["facebook", "Instagram", "google", "email", "direct", "Direct"]
AGES = [0, 0, 0, 1, 2, 5, 6, 7, 8, 15, 29, 30, 31, 60, 89, 90, 91, -1]
"""In days before the order: most are on some path, some are too old, and some come after it."""


def _day_of(order: Line) -> date:
    if "date" in order:
        return date.fromisoformat(order["date"])
    return datetime.fromisoformat(order["at"]).astimezone(ZoneInfo("America/New_York")).date()


@st.composite
def touches(draw: st.DrawFn, order: Line) -> list[Line]:
    """Draw the touches of an order."""
    found: list[Line] = []
    for place in draw(st.lists(st.integers(1, 9), max_size=4, unique=True)):
        seen = _day_of(order) - timedelta(days=draw(st.sampled_from(AGES)))
        line: Line = {"type": "touch", "order_id": order["id"], "place": place}
        if draw(st.booleans()):
            line["date"] = seen.isoformat()
        else:
            minutes = draw(st.integers(0, 1439))
            line["at"] = (
                datetime(seen.year, seen.month, seen.day, tzinfo=UTC) + timedelta(minutes=minutes)
            ).isoformat()
        if draw(st.integers(0, 15)) == 0:
            found.append(line | {"deleted": True})
            continue
        campaign = draw(st.sampled_from([None, None, "Spring", "spring", "Brand"]))
        found.append(line | {"channel": draw(st.sampled_from(CHANNELS))} | ({"campaign": campaign} if campaign else {}))
    return found


@st.composite
def _orders(draw: st.DrawFn) -> Line:
    """Draw an order; most count."""
    order = draw(orders())
    if draw(st.integers(0, 3)):
        order = {name: value for name, value in order.items() if name not in {"currency", "test"}}
    return order


@st.composite
def paths_histories(draw: st.DrawFn) -> list[list[Line]]:
    """Draw one file or two, each of another hour of export; the second may tell things anew."""
    found: list[list[Line]] = []
    for hour in draw(st.sampled_from([(1,), (1, 2), (2, 1)])):
        exported_at = (datetime(2026, 6, 1, tzinfo=UTC) + timedelta(hours=hour)).isoformat()
        header = {"type": "export", "schema": 1, "exported_at": exported_at, "source": "shop"}
        sold = draw(st.lists(_orders(), min_size=1, max_size=4, unique_by=lambda order: order["id"]))
        back = draw(st.lists(refunds, max_size=2, unique_by=lambda line: line["id"]))
        worth = draw(st.lists(rates, max_size=2, unique_by=lambda line: line["date"]))
        seen = [touch for order in sold for touch in draw(touches(order))]
        found.append([header, *sold, *back, *worth, *seen])
    return found


some_days = st.tuples(st.dates(FIRST_DAY, LAST_DAY), st.dates(FIRST_DAY, LAST_DAY)).map(sorted)
spans = st.one_of(st.just([FIRST_DAY, LAST_DAY]), some_days)
