"""Cash on a day, what is burned in a month, and how long the one lasts for the other.

    burn    = mean over the complete months of -(cash change - financing - owner draws - transfers)
    runway  = cash / burn; none where nothing is burned

Cash is what accounts of the nature `cash` held by their last balance, each in the rate of its day. The change of an
account that has lines is that of its balances where both ends of the months have one: an export of lines may lack some,
and a balance lacks nothing. The lines then only say what of it was financing, an owner's draw or a transfer, so that
what no line tells counts as operating; where that is more than `tolerance`, it is named with both figures. Without such
balances the lines alone count, and the accounts whose lines do not cover the months are named. Of an account in another
currency than the reporting one the lines count too: a change of rates would look like lines that are missing.

Balances of an account without any line do not count beside the lines of others: what those lines tell as transfers may
have gone there, and would be income. Only where no account has lines, burn is the difference of all balances, which
does not tell a loan from a sale. Nobody is told that nothing is burned where that rests on accounts that are not
covered, or on money that no line tells.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from shared.domain.analytics.buckets import months_of
from shared.domain.analytics.figures import NANOS, Rates
from shared.domain.analytics.money import MICROS, rounded
from shared.domain.analytics.periods import ONE_DAY, DateRange, first_of, last_of, later_month, month_of
from shared.domain.facts.cash import CASH, Balance, CashAccount, CashMonth, Flow
from shared.domain.text import quoted

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
        """What people call it, or else its id as they told it: every sentence names an account by the same words."""
        return quoted(self.latest.name or self.latest.account)

    def balance_on(self, day: date) -> Balance | None:
        """Give the last balance that was told for this day or before; None: none was."""
        place = bisect_right(self.balances, day, key=lambda balance: balance.date)
        return self.balances[place - 1] if place else None

    def balance_at(self, day: date) -> Balance | None:
        """Give the balance that may stand for this day; None: none was told for it or the week before."""
        balance = self.balance_on(day)
        return None if balance is None or balance.date < day - SILENCE else balance

    def is_cash_on(self, day: date) -> bool:
        """Tell whether it counts as cash: cards and payouts on their way do not."""
        balance = self.balance_on(day)
        return balance is None or balance.nature == CASH


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What money is worth in the currency of the answer, at the rate of its day."""

    currency: str
    reporting: str
    rates: Rates | None
    """Of `currency` in the reporting one; None: they are one."""

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
class Check:
    """What the balances of an account changed by, beside what its lines between them come to."""

    account: Account
    opening: Balance
    closing: Balance
    by_balances: int
    by_lines: int

    @property
    def untold(self) -> int:
        """Give what came in, or went out, and no line tells."""
        return self.by_balances - self.by_lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Burn:
    """What is burned in a month, in micros, or why nobody knows."""

    months: DateRange
    micros: int | None = None
    reason: str = ""
    is_by_balances: bool = False
    unconverted: int = 0
    """Bank lines of the months without a rate, for which burn is unknown."""
    partial: Sequence[Account] = ()
    """The cash accounts whose lines do not cover the months: what is missing is not in it."""
    incomplete: Sequence[Check] = ()
    """The cash accounts whose balances say that lines are missing: what is missing is in it, as operating."""


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
    checks = [check for account, _ in within if (check := _check(account, window, worth)) is not None]
    checked = [check.account for check in checks]
    partial = [
        account
        for account, reach in reaches
        if account not in checked and (reach is None or not _covers(reach, window))
    ]
    if len(partial) == len(cash):
        account, reach = within[0]
        reason = f"bank lines of {account.shown} are known from {reach.first} to {reach.last} only"
        return Burn(months=window, reason=reason)
    if len(checks) < len(within) and (silent := _silent_months(cash, window)):
        return Burn(months=window, reason=f"there are no bank lines of {', '.join(silent)}")
    return _by_lines(cash, window, partial, checks, worth)


def tolerance(spent: int) -> int:
    """Give how far lines may be from balances without a word: one unit of money, or 1% of what was burned.

    Lines that are all there agree with the balances to the cent. A burn that is 1% off moves a runway of ten months,
    which is told to a tenth of one, by that tenth.
    """
    return max(MICROS, abs(spent) // 100)


def _meets(reach: DateRange, window: DateRange) -> bool:
    return reach.first <= window.last and reach.last >= window.first


def _covers(reach: DateRange, window: DateRange) -> bool:
    return reach.first <= window.first + SILENCE and reach.last >= window.last - SILENCE


def _check(account: Account, window: DateRange, worth: Worth) -> Check | None:
    """Set the balances at both ends of the months beside the lines between them; None: they cannot be compared."""
    opening, closing = account.balance_at(window.first - ONE_DAY), account.balance_at(window.last)
    if opening is None or closing is None or {opening.currency, closing.currency} != {worth.reporting}:
        return None
    flows = [flow for flow in account.flows if opening.day < flow.day <= closing.day]
    if any(flow.unconverted for flow in flows):
        return None
    return Check(
        account=account,
        opening=opening,
        closing=closing,
        by_balances=worth.of(closing.own - opening.own, closing.date),
        by_lines=worth.of(sum(flow.micros for flow in flows), closing.date),
    )


def _silent_months(cash: Sequence[Account], window: DateRange) -> list[str]:
    told = {flow.day[:7] for each in cash for flow in each.flows}
    return [month for month in months_of(window) if month not in told]


def _by_lines(
    cash: Sequence[Account], window: DateRange, partial: Sequence[Account], checks: Sequence[Check], worth: Worth
) -> Burn:
    flows = [flow for each in cash for flow in each.flows if str(window.first) <= flow.day <= str(window.last)]
    if unconverted := sum(flow.unconverted for flow in flows):
        reason = f"{unconverted} bank lines are in a currency without a rate"
        return Burn(months=window, reason=reason, unconverted=unconverted)
    told = -sum(worth.of(flow.micros, date.fromisoformat(flow.day)) for flow in flows if flow.nature == OPERATING)
    spent = told - sum(check.untold for check in checks)
    incomplete = [check for check in checks if abs(check.untold) > tolerance(spent)]
    reason = ""
    if spent <= 0 and partial:
        reason = f"bank lines of {_names(partial)} do not cover {window}"
    elif spent <= 0 < told and incomplete:
        reason = f"more came in than was spent, but not by the lines of {_names([each.account for each in incomplete])}"
    micros = None if reason else rounded(spent, len(months_of(window)))
    return Burn(months=window, micros=micros, reason=reason, partial=partial, incomplete=incomplete)


def _names(accounts: Sequence[Account]) -> str:
    return ", ".join(account.shown for account in accounts[:MOST_NAMED])


def _by_balances(cash: Sequence[Account], window: DateRange, worth: Worth) -> Burn:
    spent = 0
    for account in cash:
        for day, sign in ((window.first - ONE_DAY, 1), (window.last, -1)):
            balance = account.balance_at(day)
            if balance is None:
                reason = f"no balance of {account.shown} is known for {day} or the week before"
                return Burn(months=window, reason=reason)
            micros = worth.of_balance(balance)
            if micros is None:
                return Burn(months=window, reason=f"the balance of {balance.day} is in a currency without a rate")
            spent += sign * micros
    if not cash:
        return Burn(months=window, reason="no cash account is known")
    return Burn(months=window, micros=rounded(spent, len(months_of(window))), is_by_balances=True)
