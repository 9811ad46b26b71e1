"""Cash on a day, what is burned in a month, and how long the one lasts for the other.

    burn    = mean over the complete months of -(cash change - financing - owner draws - transfers)
    runway  = cash / burn; none where nothing is burned

Cash is what accounts of the nature `cash` held by their last balance, each in the rate of its day. The change of cash
is taken from the bank's lines, where the nature of each is told; without lines it is the difference of balances, which
does not tell a loan from a sale. Lines that are there count; accounts whose lines do not cover the months are named,
and where there are any, nobody is told that nothing is burned.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from shared.domain.analytics.buckets import months_of
from shared.domain.analytics.figures import NANOS, Rates
from shared.domain.analytics.money import rounded
from shared.domain.analytics.periods import ONE_DAY, DateRange, first_of, last_of, later_month, month_of
from shared.domain.facts.cash import CASH, Balance, CashAccount, CashMonth, Flow

OPERATING = "operating"
SILENCE = timedelta(days=7)
"""So long a bank may tell nothing and still be taken to have told everything."""
WEEKS = 13
MOST_NAMED = 5


@dataclass(slots=True, kw_only=True)
class Account:
    """An account over some months."""

    latest: CashAccount
    """As the last of the months has it."""
    balances: list[Balance] = field(default_factory=list[Balance])
    flows: list[Flow] = field(default_factory=list[Flow])

    @property
    def shown(self) -> str:
        """What people call it."""
        return self.latest.name or self.latest.account

    def balance_on(self, day: date) -> Balance | None:
        """Give the last balance that was told for this day or before; None: none was."""
        place = bisect_right(self.balances, day, key=lambda balance: balance.date)
        return self.balances[place - 1] if place else None

    def is_cash_on(self, day: date) -> bool:
        """Tell whether it counts as cash: cards and payouts on their way do not."""
        balance = self.balance_on(day)
        return balance is None or balance.nature == CASH


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What money is worth in the currency of the answer, at the rate of its day."""

    currency: str
    rates: Rates | None
    """Of that currency in the reporting one; None: they are one."""

    def of(self, micros: int, day: date) -> int:
        """Convert an amount of the reporting currency.

        Raises:
            Invalid: `fx_rate_missing`.

        """
        return micros if self.rates is None else rounded(micros * NANOS, self.rates.on(day))

    def of_balance(self, balance: Balance) -> int | None:
        """Convert a balance; one in the currency of the answer stays as it is. None: no known rate.

        Raises:
            Invalid: as `of`.

        """
        if balance.currency == self.currency:
            return balance.own
        return None if balance.micros is None else self.of(balance.micros, balance.date)


@dataclass(frozen=True, slots=True, kw_only=True)
class Burn:
    """What is burned in a month, in micros, or why nobody knows."""

    months: DateRange
    micros: int | None = None
    reason: str = ""
    is_by_balances: bool = False
    partial: Sequence[Account] = ()
    """The cash accounts whose lines do not cover the months: what is missing is not in it."""


def accounts_of(months: Iterable[CashMonth]) -> list[Account]:
    """Put the months of each account together; months in their order."""
    found: dict[tuple[str, str], Account] = {}
    for month in months:
        for told in month.told():
            account = found.get((told.source, told.account))
            if account is None:
                opening = [] if told.opening is None else [told.opening]
                account = found[told.source, told.account] = Account(latest=told, balances=opening)
            account.latest = told
            account.balances += told.balances
            account.flows += told.flows
    return list(found.values())


def window_of(as_of: date, months: int, *, today: date) -> DateRange:
    """Give the last complete months before the end of a day; today is not over."""
    last = later_month(month_of(as_of if as_of == today else as_of + ONE_DAY), -1)
    return DateRange(first=first_of(later_month(last, 1 - months)), last=last_of(last))


def week_ends(as_of: date) -> list[date]:
    """Give the Sundays of the last 13 weeks, the last of which ends with the day itself."""
    sunday = as_of + timedelta(days=6 - as_of.weekday())
    return [min(sunday - timedelta(weeks=back), as_of) for back in reversed(range(WEEKS))]


def burn_of(
    cash: Sequence[Account], window: DateRange, lines: Mapping[tuple[str, str], DateRange], worth: Worth
) -> Burn:
    """Work out what cash accounts burned in whole months; `lines` says from when to when each one's lines reach.

    Raises:
        Invalid: `fx_rate_missing`.

    """
    reaches = [(account, lines.get((account.latest.source, account.latest.account))) for account in cash]
    within = [(account, reach) for account, reach in reaches if reach is not None and _meets(reach, window)]
    if not within:
        return _by_balances(cash, window, worth)
    partial = [account for account, reach in reaches if reach is None or not _covers(reach, window)]
    if len(partial) == len(cash):
        account, reach = within[0]
        reason = f"bank lines of {account.shown} are known from {reach.first} to {reach.last} only"
        return Burn(months=window, reason=reason)
    return _by_lines(cash, window, partial, worth)


def _meets(reach: DateRange, window: DateRange) -> bool:
    return reach.first <= window.last and reach.last >= window.first


def _covers(reach: DateRange, window: DateRange) -> bool:
    return reach.first <= window.first + SILENCE and reach.last >= window.last - SILENCE


def _by_lines(cash: Sequence[Account], window: DateRange, partial: Sequence[Account], worth: Worth) -> Burn:
    flows = [flow for each in cash for flow in each.flows if str(window.first) <= flow.day <= str(window.last)]
    told = {flow.day[:7] for flow in flows}
    silent = [month for month in months_of(window) if month not in told]
    if silent:
        return Burn(months=window, reason=f"there are no bank lines of {', '.join(silent)}")
    if unconverted := sum(flow.unconverted for flow in flows):
        return Burn(months=window, reason=f"{unconverted} bank lines are in a currency without a rate")
    operating = sum(worth.of(flow.micros, date.fromisoformat(flow.day)) for flow in flows if flow.nature == OPERATING)
    micros = rounded(-operating, len(months_of(window)))
    if micros <= 0 and partial:
        names = ", ".join(account.shown for account in partial[:MOST_NAMED])
        return Burn(months=window, reason=f"bank lines of {names} do not cover {window}")
    return Burn(months=window, micros=micros, partial=partial)


def _by_balances(cash: Sequence[Account], window: DateRange, worth: Worth) -> Burn:
    spent = 0
    for account in cash:
        for day, sign in ((window.first - ONE_DAY, 1), (window.last, -1)):
            balance = account.balance_on(day)
            if balance is None or balance.date < day - SILENCE:
                reason = f"no balance of {account.shown} is known for {day} or the week before"
                return Burn(months=window, reason=reason)
            micros = worth.of_balance(balance)
            if micros is None:
                return Burn(months=window, reason=f"the balance of {balance.day} is in a currency without a rate")
            spent += sign * micros
    if not cash:
        return Burn(months=window, reason="no cash account is known")
    return Burn(months=window, micros=rounded(spent, len(months_of(window))), is_by_balances=True)
