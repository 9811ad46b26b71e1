"""Small random merchants with payments, and with refunds of which nobody said when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.data.random_merchants import KEYS, Line, amounts, claims, currencies, days, orders, rates, refunds

# Few orders, so that much happens to each.
ORDERS = st.integers(1, 2)
NATURES = st.sampled_from(["charge", "charge", "refund", "refund", "refund", "chargeback", "payout"])
CALLED = st.sampled_from(["1", "2", "#1", "#2", "#1", "#2", "#9", None])
CURRENCIES = st.one_of(st.none(), st.none(), currencies)
SPENT = st.integers(1, 5_000).map(lambda cents: f"{cents / 100:.2f}")
FEES = st.one_of(st.none(), st.integers(-500, 500).map(lambda cents: f"{cents / 100:.2f}"))


@st.composite
def named_orders(draw: st.DrawFn) -> Line:
    """Draw an order; now and then two go by one name, or one by the other's id."""
    id_ = draw(ORDERS)
    own: Line = {"id": id_, "name": draw(st.sampled_from([f"#{id_}", f"#{id_}", "#1", "2", None]))}
    more: Line = {} if draw(st.booleans()) else {"currency": "USD", "payment_fee": None, "test": None}
    return {**draw(orders()), **own, **more}


@st.composite
def assumed_refunds(draw: st.DrawFn) -> Line:
    order_id = draw(ORDERS)
    line = draw(refunds)
    more: Line = {"id": f"{order_id}-refunded", "order_id": order_id, "date_assumed": True, "tax": draw(amounts)}
    lines = [{**item, "amount": draw(SPENT)} for item in line["lines"]]
    return {**line, **more, "lines": lines, "currency": draw(CURRENCIES)}


@st.composite
def payments(draw: st.DrawFn) -> Line:
    nature, amount = draw(NATURES), draw(SPENT)
    return {
        "type": "payment",
        "id": draw(st.integers(1, 8)),
        "date": draw(days),
        "nature": nature,
        "order_id": draw(CALLED),
        "amount": f"-{amount}" if nature in {"refund", "chargeback"} else amount,
        "fee": draw(FEES),
        "currency": draw(CURRENCIES),
    }


def _key_of(line: Line) -> tuple[Any, ...]:
    return (line["type"], *(line.get(name) for name in KEYS.get(line["type"], ("id",))))


@st.composite
def paid_histories(draw: st.DrawFn) -> list[list[Line]]:
    """Draw some files in the order in which they arrive, each of another hour of export."""
    kinds = (
        st.lists(named_orders(), min_size=1, max_size=2, unique_by=_key_of),
        st.lists(assumed_refunds(), max_size=2, unique_by=_key_of),
        st.lists(payments(), min_size=2, max_size=7, unique_by=_key_of),
        st.lists(st.one_of(refunds, rates), max_size=2, unique_by=_key_of),
    )
    found: list[list[Line]] = []
    for hour in draw(st.lists(st.integers(0, 200), min_size=1, max_size=3, unique=True)):
        exported_at = datetime(2026, 6, 1, tzinfo=UTC) + timedelta(hours=hour)
        header: Line = {"type": "export", "schema": 1, "exported_at": exported_at.isoformat(), "source": "shop"}
        claimed = [claim for claim in draw(st.lists(claims(), max_size=1)) if claim["type"] != "ad_day"]
        found.append([header | {"complete": claimed}, *(line for kind in kinds for line in draw(kind))])
    return found
