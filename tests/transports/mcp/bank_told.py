"""Accounts of a bank, told month by month, and a shop that serves them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from shared.domain.facts.cash import CashMonth
from shared.domain.facts.rollups import FxMonth, Holding
from shared.domain.scopes import Scope
from tests.data.rollups import MICROS, account, overview, store
from tests.transports.mcp.shop import Shop

Balances = Mapping[str, int]
"""Day -> dollars."""

MONTHS = [f"2026-{month:02}" for month in range(5, 12)]


def told(
    name: str,
    balances: Balances,
    flows: Sequence[tuple[str, str, int]] = (),
    *,
    nature: str = "cash",
    currency: str = "USD",
    rate: int | None = 1,
) -> list[dict[str, Any]]:
    """Make what an account told, month by month: 1 of its currency is worth `rate` dollars."""
    each: list[tuple[str, list[Any]]] = [
        (day, [day, nature, currency, amount * MICROS, None if rate is None else amount * rate * MICROS])
        for day, amount in sorted(balances.items())
    ]
    return [
        {
            "source": "bank",
            "account": name,
            "name": f"The {name}",
            "opening": next((row for day, row in reversed(each) if day < month), None),
            "balances": [row for day, row in each if day.startswith(month)],
            "flows": [[day, kind, amount * MICROS, 0] for day, kind, amount in flows if day.startswith(month)],
        }
        for month in MONTHS
    ]


def shop_with(
    *accounts: list[dict[str, Any]], lines: Mapping[str, tuple[date, date]] | None = None, rates: Sequence[FxMonth] = ()
) -> Shop:
    """Serve accounts, of which some have bank lines from one day to another."""
    shop = Shop(scopes=frozenset({Scope.PNL}))
    reaches = {
        each[0]["account"]: [Holding(family="balance", rows=1, first=date(2026, 5, 1), last=date(2026, 11, 20))]
        for each in accounts
    }
    for name, (first, last) in (lines or {}).items():
        reaches[name].append(Holding(family="bank_txn", rows=1, first=first, last=last))
    months = [
        CashMonth(month=month, currency="USD", generation=1, accounts=[each[place] for each in accounts])
        for place, month in enumerate(MONTHS)
    ]
    found = overview(
        accounts=[account(), *(account("bank", name, holdings=holdings) for name, holdings in reaches.items())]
    )
    store(shop.engine, *months, *rates, found=found)
    return shop


def asked(shop: Shop, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    result = shop.call("get_cash_position", **arguments).result
    assert result["isError"] is False, result
    return result["structuredContent"]


def codes(content: dict[str, Any]) -> list[str]:
    return [warning["code"] for warning in content["meta"]["warnings"]]


FLOWS = [
    ("2026-08-04", "operating", -500),
    ("2026-08-05", "financing", 9000),
    ("2026-08-06", "owner", -700),
    ("2026-09-07", "operating", 200),
    ("2026-09-08", "transfer", -1000),
    ("2026-10-09", "operating", -1200),
    ("2026-11-02", "operating", -40000),
]
YESTERDAY = date(2026, 11, 20)
ALL_YEAR = {"checking": (date(2026, 5, 1), date(2026, 11, 20))}


def checking(flows: Sequence[tuple[str, str, int]] = FLOWS, *, october: int = 8800) -> list[dict[str, Any]]:
    """Give an account whose balances say what its lines say: 5800 came in from August to October."""
    return told("checking", {"2026-07-31": 3000, "2026-10-31": october, "2026-11-20": 2000}, flows)


def without_balances(flows: Sequence[tuple[str, str, int]] = FLOWS) -> list[dict[str, Any]]:
    """Give the same account with no balance at the ends of the months: its lines are all there is."""
    return told("checking", {"2026-11-20": 2000}, flows)
