"""How far what was told of ads reaches: outside of it spend is unknown, and not nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from shared.domain.analytics.credits import platform_of_channel
from shared.domain.analytics.periods import DateRange
from shared.domain.facts.families import Family
from shared.domain.facts.fields import PLATFORMS
from shared.domain.facts.rollups import Account
from shared.services.figures.frame import Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class AdReach:
    """The ad accounts that a question is about."""

    accounts: Sequence[Account]

    @property
    def begins(self) -> date | None:
        """Give the first day of any of them."""
        return min((days.first for account in self.accounts for days in days_of(account)), default=None)

    def days_before(self, span: DateRange) -> int:
        """Count the days of a range before the first of any account."""
        return 0 if self.begins is None else min(max((self.begins - span.first).days, 0), span.days)

    def lacking(self, span: DateRange) -> Sequence[Account]:
        """Find the accounts of which not all days of a range are known: what is not told there may have cost."""
        return [
            account
            for account in self.accounts
            if not any(days.first <= span.first and span.last <= days.last for days in days_of(account))
        ]

    def is_whole(self, span: DateRange) -> bool:
        """Tell whether there is anybody to tell of ads, and everybody tells of all days of a range."""
        return bool(self.accounts) and not self.lacking(span)


def ad_reach(frame: Frame, platforms: Sequence[str]) -> AdReach:
    """Find the accounts of some platforms, by the names of their sources; one whose name says nothing may be of any."""
    accounts = frame.accounts_with(Family.AD_DAY)
    if set(platforms) == set(PLATFORMS):
        return AdReach(accounts=accounts)
    wanted = {*platforms, None}
    return AdReach(accounts=[account for account in accounts if platform_of_channel(account.source) in wanted])


def days_of(account: Account) -> list[DateRange]:
    """Give the days from its first to its last one of ads, if it has any."""
    return [
        DateRange(first=holding.first, last=holding.last)
        for holding in account.holdings
        if holding.family == Family.AD_DAY and holding.first is not None and holding.last is not None
    ]
