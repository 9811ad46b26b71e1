"""Small random merchants: files that tell of a handful of orders, refunds, costs and the like, again and again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

FIRST_DAY, LAST_DAY = date(2026, 1, 10), date(2026, 3, 20)

Line = dict[str, Any]

days = st.dates(FIRST_DAY, LAST_DAY).map(date.isoformat)


def _moment(day: date, minutes: int) -> str:
    return (datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minutes)).isoformat()


# In UTC: in New York, where the merchants live, many of them are of the day before.
moments = st.builds(_moment, st.dates(FIRST_DAY + timedelta(days=1), LAST_DAY), st.integers(0, 1439))
amounts = st.one_of(st.just("0.00"), st.integers(1, 99_999).map(lambda cents: f"{cents // 100}.{cents % 100:02d}"))
fine_amounts = st.one_of(amounts, st.integers(1, 9_999_999).map(lambda micros: f"{micros / 1_000_000:.6f}"))
currencies = st.sampled_from([None, None, "USD", "EUR", "JPY"])
skus = st.one_of(st.none(), st.sampled_from(["A", "B"]))
customers: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        "ann@example.com",
        {"email": " ANN@example.com", "name": "Ann Other"},
        "17",
        17,
        {"id": "17"},
        {"id": 18, "phone": "+1 415 555 0100"},
        "ben@example.com",
    ]
)


def _line(type_: str, **fields: Any) -> st.SearchStrategy[Line]:  # noqa: ANN401  # strategies of whatever a field holds
    return st.fixed_dictionaries({"type": st.just(type_), **fields}).map(_without_nulls)


def _without_nulls(line: dict[str, Any]) -> Line:
    return {name: value for name, value in line.items() if value is not None}


@st.composite
def order_items(draw: st.DrawFn) -> Line:
    quantity, price = draw(st.integers(1, 3)), draw(st.integers(0, 9_999))
    discount = draw(st.integers(0, quantity * price))
    item: Line = {"quantity": quantity, "price": f"{price / 100:.2f}", "discount": f"{discount / 100:.2f}"}
    if sku := draw(skus):
        item["sku"] = sku
    if (cost := draw(st.one_of(st.none(), st.none(), fine_amounts))) is not None:
        item["unit_cost"] = cost
    if draw(st.integers(0, 9)) == 0:
        item["gift_card"] = True
    return item


@st.composite
def orders(draw: st.DrawFn) -> Line:
    items = draw(st.lists(order_items(), min_size=1, max_size=3))
    worth = sum(
        round((float(item["price"]) * item["quantity"] - float(item["discount"])) * 100)
        for item in items
        if not item.get("gift_card")
    )
    optional = st.one_of(st.none(), amounts)
    line = draw(
        _line(
            "order",
            id=st.integers(1, 6),
            customer=customers,
            currency=currencies,
            shipping=optional,
            tax=optional,
            fulfilment_cost=optional,
            payment_fee=optional,
            test=st.sampled_from([None, None, None, True]),
        )
    )
    when = {"at": draw(moments)} if draw(st.booleans()) else {"date": draw(days)}
    discount = draw(st.one_of(st.just(0), st.integers(0, worth)))
    return line | when | {"lines": items, "discount": f"{discount / 100:.2f}"}


def _optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


refund_items = st.fixed_dictionaries(
    {"amount": amounts, "quantity": st.integers(0, 2), "restocked": st.booleans()},
    optional={"sku": st.sampled_from(["A", "B"])},
)
refunds = _line(
    "refund",
    id=st.integers(1, 4),
    order_id=st.integers(1, 7),
    date=days,
    currency=currencies,
    lines=st.lists(refund_items, min_size=1, max_size=2),
    shipping=_optional(amounts),
    return_shipping_cost=_optional(amounts),
)
expenses = _line(
    "expense",
    id=st.integers(1, 3),
    date=days,
    amount=st.integers(-9_999_999, 9_999_999).map(lambda micros: f"{micros / 1_000_000:.6f}"),
    currency=currencies,
    category=st.sampled_from([None, "Rent", "Marketing tools", "ADVERTISING"]),
    line=st.sampled_from(
        [None, "opex", "fulfilment", "payment_fees", "platform_fees", "ad_spend", "interest", "unsettled"]
    ),
    covers=st.sampled_from([None, "day", "month"]),
)
ad_days = _line(
    "ad_day",
    source=st.just("meta_ads"),
    platform=st.just("meta"),
    campaign_id=st.sampled_from(["c1", "c2"]),
    ad_group_id=st.sampled_from([None, None, "g1"]),
    ad_id=st.sampled_from([None, None, "a1", "a2"]),
    date=days,
    window=st.sampled_from([None, "1d_click", "7d_click"]),
    spend=fine_amounts,
    revenue=_optional(amounts),
    currency=currencies,
)
costs = _line(
    "cost",
    sku=st.sampled_from(["A", "B"]),
    effective_from=days,
    unit_cost=fine_amounts,
    currency=st.sampled_from([None, "USD", "EUR"]),
)
rates = _line(
    "fx",
    date=days,
    base=st.just("EUR"),
    quote=st.just("USD"),
    rate=st.integers(500_000_001, 1_999_999_999).map(lambda nanos: f"{nanos / 1_000_000_000:.9f}"),
)
DELETABLE = {"order": ("id", "date", "at"), "refund": ("id", "date"), "expense": ("id", "date")}


def _maybe_deleted(line: Line, *, deleted: bool) -> Line:
    if not deleted or line["type"] not in DELETABLE:
        return line
    kept = {name: line[name] for name in DELETABLE[line["type"]] if name in line}
    return {"type": line["type"], **kept, "deleted": True}


lines = st.builds(
    _maybe_deleted,
    st.one_of(orders(), orders(), refunds, refunds, expenses, ad_days, costs, rates),
    deleted=st.sampled_from([True, *[False] * 7]),
)

KEYS = {
    "order": ("id",),
    "refund": ("id",),
    "expense": ("id",),
    "ad_day": ("campaign_id", "ad_group_id", "ad_id", "date", "window"),
    "cost": ("sku", "effective_from"),
    "fx": ("base", "date"),
}


def key_of(line: Line) -> tuple[Any, ...]:
    return (line["type"], *(line.get(name) for name in KEYS[line["type"]]))


@st.composite
def claims(draw: st.DrawFn) -> Line:
    first, last = sorted(draw(st.lists(days, min_size=2, max_size=2)))
    type_ = draw(st.sampled_from(["order", "refund", "expense", "ad_day"]))
    return {"type": type_, "from": first, "to": last} | ({"source": "meta_ads"} if type_ == "ad_day" else {})


@st.composite
def files(draw: st.DrawFn, *, hour: st.SearchStrategy[int]) -> list[Line]:
    """Draw one file: each key once, all of one export."""
    exported_at = datetime(2026, 6, 1, tzinfo=UTC) + timedelta(hours=draw(hour))
    header: Line = {"type": "export", "schema": 1, "exported_at": exported_at.isoformat(), "source": "shop"}
    if claimed := draw(st.lists(claims(), max_size=1)):
        header["complete"] = claimed
    return [header, *draw(st.lists(lines, min_size=1, max_size=12, unique_by=key_of))]


@st.composite
def histories(draw: st.DrawFn) -> list[list[Line]]:
    """Draw some files in the order in which they arrive, each of another hour of export."""
    hours = draw(st.lists(st.integers(0, 200), min_size=1, max_size=4, unique=True))
    return [draw(files(hour=st.just(hour))) for hour in hours]
