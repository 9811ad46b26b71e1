"""The bank of a month: what each account held, and what went in and out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, NamedTuple

CASH = "cash"
CARD = "card"
PAYOUT_IN_TRANSIT = "payout_in_transit"


class Balance(NamedTuple):
    """A balance as it was told for the end of a day; a list in the stored row."""

    day: str
    """yyyy-mm-dd"""
    nature: str
    """What the account is: cash, card or payout_in_transit."""
    currency: str
    own: int
    """In micros of that currency."""
    micros: int | None
    """In the reporting currency, at the rate of that day; None: no known rate."""

    @property
    def date(self) -> date:
        """Give the day as a date."""
        return date.fromisoformat(self.day)


class Flow(NamedTuple):
    """What the lines of one nature came to on a day; a list in the stored row."""

    day: str
    nature: str
    """operating, financing, owner or transfer."""
    micros: int
    """In the reporting currency; above zero: it came in."""
    unconverted: int
    """How many lines have no known rate, and are not in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CashAccount:
    """An account in one month; a mapping in the stored row."""

    source: str
    account: str
    name: str | None
    """By its last balance so far."""
    opening: Balance | None
    """The last balance that was told before the month."""
    balances: Sequence[Balance]
    """Of this month, by day."""
    flows: Sequence[Flow]


@dataclass(frozen=True, slots=True, kw_only=True)
class CashMonth:
    """A month of all accounts. There is one for each month from the first to the last of which the bank tells."""

    kind: ClassVar[str] = "CASH"

    month: str
    """yyyy-mm"""
    currency: str
    generation: int
    accounts: Sequence[Mapping[str, Any]]
    """`CashAccount`s by source and id; read them by `told`."""

    @property
    def place(self) -> str:
        """Lies under its month."""
        return self.month

    def told(self) -> Sequence[CashAccount]:
        """Give the accounts by their names."""
        return [_account(each) for each in self.accounts]


def _account(stored: Mapping[str, Any]) -> CashAccount:
    opening: Sequence[Any] | None = stored["opening"]
    named: dict[str, Any] = {
        **stored,
        "opening": None if opening is None else Balance(*opening),
        "balances": [Balance(*balance) for balance in stored["balances"]],
        "flows": [Flow(*flow) for flow in stored["flows"]],
    }
    return CashAccount(**named)
