"""Small random merchants whose orders have paths: orders, refunds, rates and many touches, told once or again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.data.random_merchants import days, moments, orders, rates, refunds

Line = dict[str, Any]

CHANNELS = ["facebook", "Instagram", "google", "email", "direct", "Direct"]


@st.composite
def touches(draw: st.DrawFn) -> Line:
    """Draw a touch; an order may have none, and a touch may be of an order that nobody tells of."""
    line: Line = {"type": "touch", "order_id": draw(st.integers(1, 7)), "place": draw(st.integers(1, 4))}
    line |= {"at": draw(moments)} if draw(st.booleans()) else {"date": draw(days)}
    if draw(st.integers(0, 11)) == 0:
        return line | {"deleted": True}
    campaign = draw(st.sampled_from([None, None, "Spring", "spring", "Brand"]))
    return line | {"channel": draw(st.sampled_from(CHANNELS))} | ({"campaign": campaign} if campaign else {})


def _key(line: Line) -> tuple[Any, ...]:
    return line["type"], line.get("id"), line.get("order_id"), line.get("place"), line.get("date")


@st.composite
def paths_histories(draw: st.DrawFn) -> list[list[Line]]:
    """Draw one file or two, each of another hour of export; the second may tell things anew."""
    found: list[list[Line]] = []
    for hour in draw(st.sampled_from([(1,), (1, 2), (2, 1)])):
        exported_at = (datetime(2026, 6, 1, tzinfo=UTC) + timedelta(hours=hour)).isoformat()
        header = {"type": "export", "schema": 1, "exported_at": exported_at, "source": "shop"}
        sold = draw(st.lists(orders(), min_size=1, max_size=5, unique_by=_key))
        back = draw(st.lists(refunds, max_size=2, unique_by=lambda line: line["id"]))
        worth = draw(st.lists(rates, max_size=2, unique_by=_key))
        seen = draw(st.lists(touches(), max_size=12, unique_by=lambda line: (line["order_id"], line["place"])))
        found.append([header, *sold, *back, *worth, *seen])
    return found
