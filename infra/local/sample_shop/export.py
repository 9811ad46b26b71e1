"""The file that the shop's systems would export."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

from infra.local.sample_shop.ads import ad_days
from infra.local.sample_shop.bank import bank_lines
from infra.local.sample_shop.books import expenses
from infra.local.sample_shop.days import CURRENCY, Line, days
from infra.local.sample_shop.orders import LATEST_REFUND, SHOP, orders, refund
from infra.local.sample_shop.standing import standing
from infra.local.sample_shop.touches import touches


def export(first: date, last: date, *, opened: date, now: datetime) -> Iterator[str]:
    """Make the file that the shop's systems would export of these days, both inclusive."""
    whole = {"type": "order", "source": SHOP, "from": first.isoformat(), "to": last.isoformat()}
    header = {"type": "export", "schema": 1, "exported_at": now.astimezone(UTC).isoformat(), "source": SHOP}
    yield from _written([{**header, "currency": CURRENCY, "complete": [whole]}])
    yield from _written(standing(opened, last))
    yield from _written(expenses(first, last))
    for day in days(max(opened, first - timedelta(days=LATEST_REFUND)), last):
        for number, order in enumerate(orders(day, opened)):
            if day >= first:
                yield from _written([order])
                yield from _written(touches(order, day, number, opened))
            back = refund(order, day, number)
            if back is not None and first <= date.fromisoformat(back["date"]) <= last:
                yield from _written([back])
        if day >= first:
            yield from _written(ad_days(day, opened))
            yield from _written(bank_lines(day, opened))


def _written(lines: Iterable[Line]) -> Iterator[str]:
    return (json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
