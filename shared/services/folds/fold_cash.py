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
from shared.services.folds.rates import add_rates

Listed = list[Any]


@dataclass(slots=True, kw_only=True)
class _Account:
    """What is told of an account, by month."""

    balances: dict[str, list[tuple[Listed, Listed]]] = field(default_factory=lambda: defaultdict(list))
    """A balance, and what it says of the account: name, nature, currency."""
    flows: dict[str, list[Listed]] = field(default_factory=lambda: defaultdict(list))
    is_this: Listed
    """Name, nature, currency: by the last balance so far."""
    last: Listed | None = None


def fold_cash(duck: Duck, settings: Settings, generation: int) -> Iterable[CashMonth]:
    """Give every month from the first to the last of which the bank tells, with what each account held before it."""
    add_rates(duck, "balance_facts", reporting=settings.currency)
    add_rates(duck, "bank_txn_facts", reporting=settings.currency)
    accounts: dict[tuple[str, str], _Account] = {}
    for source, account, day, nature, currency, micros, unconverted in duck.rows(_FLOWS):
        known = accounts.setdefault((source, account), _Account(is_this=[None, "cash", currency]))
        known.flows[month_of(day)].append([day.isoformat(), nature, micros, unconverted])
    for source, account, day, name, nature, currency, own, micros in duck.rows(_BALANCES):
        this = [name, nature, currency]
        known = accounts.setdefault((source, account), _Account(is_this=this))
        known.balances[month_of(day)].append(([day.isoformat(), own, micros], this))
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
        told.last, told.is_this = balances[-1]
    name, nature, currency = told.is_this
    return {
        "source": source,
        "account": account,
        "name": name,
        "nature": nature,
        "currency": currency,
        "opening": opening,
        "balances": [balance for balance, _ in balances],
        "flows": told.flows.get(month, []),
    }


_BALANCES = """
    SELECT source, account, day, name, coalesce(nature, 'cash'), currency, amount, converted(amount, nanos)
    FROM balance_facts_rated ORDER BY source, account, day
"""
_FLOWS = """
    SELECT source, account, day, coalesce(nature, 'operating') AS nature, min(currency),
           coalesce(sum(converted(amount, nanos)), 0)::BIGINT, count(*) FILTER (nanos IS NULL)
    FROM bank_txn_facts_rated GROUP BY source, account, day, coalesce(nature, 'operating')
    ORDER BY source, account, day, nature
"""
