"""The months of the bank: balances as they were told, and what moved between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from shared.domain.analytics.periods import later_month
from shared.domain.facts.cash import CashMonth
from shared.domain.facts.settings import Settings
from shared.services.folds.duck import Duck
from shared.services.folds.months import month_of

Listed = list[Any]


@dataclass(slots=True, kw_only=True)
class _Account:
    """What is told of an account, by month."""

    balances: dict[str, list[Listed]] = field(default_factory=lambda: defaultdict(list))
    names: dict[str, str | None] = field(default_factory=dict[str, "str | None"])
    """By the month's last balance."""
    flows: dict[str, list[Listed]] = field(default_factory=lambda: defaultdict(list))
    name: str | None = None
    last: Listed | None = None
    """By the last balance so far."""


def fold_cash(duck: Duck, settings: Settings, generation: int) -> Iterable[CashMonth]:
    """Give every month from the first to the last of which the bank tells, with what each account held before it."""
    accounts: dict[tuple[str, str], _Account] = defaultdict(_Account)
    for source, account, day, *flow in duck.rows(_FLOWS):
        accounts[source, account].flows[month_of(day)].append([day.isoformat(), *flow])
    for source, account, day, name, *balance in duck.rows(_BALANCES):
        known = accounts[source, account]
        known.balances[month_of(day)].append([day.isoformat(), *balance])
        known.names[month_of(day)] = name
    told = {month for each in accounts.values() for month in (*each.balances, *each.flows)}
    month = min(told, default="9999-12")
    while month <= max(told, default=""):
        yield CashMonth(
            month=month,
            currency=settings.currency,
            generation=generation,
            accounts=[
                _of_month(source, account, each, month)
                for (source, account), each in sorted(accounts.items())
                if min(*each.balances, *each.flows, "9999-12") <= month
            ],
        )
        month = later_month(month, 1)


def _of_month(source: str, account: str, told: _Account, month: str) -> dict[str, Any]:
    opening = told.last
    balances = told.balances.get(month, [])
    if balances:
        told.last, told.name = balances[-1], told.names[month]
    return {
        "source": source,
        "account": account,
        "name": told.name,
        "opening": opening,
        "balances": balances,
        "flows": told.flows.get(month, []),
    }


_BALANCES = """
    SELECT source, account, day, name, coalesce(nature, 'cash'), currency, amount, converted(amount, nanos)
    FROM balance_facts_rated ORDER BY source, account, day
"""
_FLOWS = """
    SELECT source, account, day, coalesce(nature, 'operating') AS nature,
           stored(coalesce(sum(converted(amount, nanos)), 0)), count(*) FILTER (nanos IS NULL)
    FROM bank_txn_facts_rated GROUP BY source, account, day, coalesce(nature, 'operating')
    ORDER BY source, account, day, nature
"""
