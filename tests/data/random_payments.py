"""Small random merchants with payments, and with refunds of which nobody said when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.data.random_merchants import Line, amounts, claims, costs, currencies, days, orders, rates, refunds

NATURES = ("charge", "charge", "refund", "refund", "refund", "chargeback", "adjustment", "payout")
names = st.one_of(st.none(), st.sampled_from(["#1", "#2", "2"]))
fees = st.one_of(st.none(), st.integers(-500, 500).map(lambda cents: f"{cents / 100:.2f}"))


@st.composite
def named_orders(draw: st.DrawFn) -> Line:
    return {**draw(orders()), "name": draw(names)}


@st.composite
def assumed_refunds(draw: st.DrawFn) -> Line:
    line = draw(refunds)
    more: Line = {"id": f"{line['order_id']}-refunded", "date_assumed": True, "tax": draw(amounts)}
    return {**line, **more}


@st.composite
def payments(draw: st.DrawFn) -> Line:
    nature = draw(st.sampled_from(NATURES))
    amount = draw(amounts)
    line: dict[str, Any] = {
        "type": "payment",
        "id": draw(st.integers(1, 8)),
        "date": draw(days),
        "nature": nature,
        "order_id": draw(st.sampled_from([None, "1", "2", "3", "4", "#1", "#2", "#9"])),
        "amount": f"-{amount}" if nature in {"refund", "chargeback"} else amount,
        "fee": draw(fees),
        "currency": draw(currencies),
    }
    return line


def _key_of(line: Line) -> tuple[Any, ...]:
    return (
        line["type"],
        *(line.get(name) for name in ("id", "sku", "effective_from", "base", "date" if "base" in line else "")),
    )


@st.composite
def paid_histories(draw: st.DrawFn) -> list[list[Line]]:
    """Draw some files in the order in which they arrive, each of another hour of export."""
    lines = st.one_of(named_orders(), named_orders(), assumed_refunds(), refunds, payments(), payments(), costs, rates)
    found: list[list[Line]] = []
    for hour in draw(st.lists(st.integers(0, 200), min_size=1, max_size=3, unique=True)):
        exported_at = datetime(2026, 6, 1, tzinfo=UTC) + timedelta(hours=hour)
        header: Line = {"type": "export", "schema": 1, "exported_at": exported_at.isoformat(), "source": "shop"}
        claimed = [claim for claim in draw(st.lists(claims(), max_size=1)) if claim["type"] != "ad_day"]
        told = draw(st.lists(lines, min_size=1, max_size=15, unique_by=_key_of))
        found.append([header | {"complete": claimed}, *told])
    return found
