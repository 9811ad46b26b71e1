"""How much cash there is, how fast it is burned, and how long it lasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from shared.domain.analytics.cash import Account, Burn, Worth, accounts_of, burn_of, week_ends, window_of
from shared.domain.analytics.periods import ONE_DAY, DateRange, checked, month_of
from shared.domain.facts.cash import Balance, CashMonth
from shared.domain.facts.families import Family
from shared.services.figures.frame import Frame, read_frame, require_data
from shared.services.figures.spans import read_rates
from shared.storage.contracts.facts import Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class CashQuestion:
    """What is asked."""

    as_of: date | None = None
    """None: today."""
    burn_window_months: int = 3
    currency: str | None = None
    """None: the reporting currency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What an account holds."""

    account: Account
    balance: Balance | None
    """None: nobody told."""
    micros: int | None
    """In the currency of the answer; None: no balance, or no known rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekEnd:
    """What all cash accounts held at the end of a week."""

    day: date
    micros: int | None
    """None: no balance was told by then."""
    accounts: int
    """How many of them it is the sum of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CashReport:
    """The answer, not rounded."""

    frame: Frame
    currency: str
    as_of: date
    held: Sequence[Held]
    burn: Burn
    trend: Sequence[WeekEnd]

    def total(self, nature: str) -> int | None:
        """Add up what is known of the balances of one nature; None: nothing is."""
        known = [
            each.micros
            for each in self.held
            if each.balance is not None and each.balance.nature == nature and each.micros is not None
        ]
        return sum(known) if known else None


def get_cash_position(question: CashQuestion, *, workspace_id: str, now: datetime, figures: Figures) -> CashReport:
    """Work out the cash position from the months of the trend and of the burn, and from no others.

    Raises:
        NotFound: `no_data`.
        Invalid: the day, or `fx_rate_missing`.

    """
    frame = read_frame(workspace_id, now=now, figures=figures)
    require_data(frame)
    as_of = question.as_of or frame.today
    checked(as_of, as_of, today=frame.today, names=("as_of", "as_of"))
    window = window_of(as_of, question.burn_window_months, today=frame.today)
    weeks = week_ends(as_of)
    balances, lines = _reaches(frame, Family.BALANCE), _reaches(frame, Family.BANK_TXN)
    # There is a month for each up to the last of which the bank tells; an account's last balance may be that old.
    told = [month_of(reach.last) for reach in (*balances.values(), *lines.values())]
    # The balance with which the months of the burn begin, and the lines since then, are of the month before them.
    first = min(month_of(min(window.first - ONE_DAY, weeks[0])), max(told, default=month_of(as_of)))
    accounts = accounts_of(figures.rollups(workspace_id, CashMonth, first, month_of(as_of)))
    currency, rates = question.currency or frame.settings.currency, None
    if currency != frame.settings.currency:
        span = _known_since(accounts, as_of)
        rates = read_rates(currency, [span], workspace_id=workspace_id, figures=figures)
    worth = Worth(currency=currency, reporting=frame.settings.currency, rates=rates)
    cash = [account for account in accounts if account.is_cash_on(as_of)]
    return CashReport(
        frame=frame,
        currency=currency,
        as_of=as_of,
        held=[_held(account, as_of, worth) for account in accounts],
        burn=burn_of(cash, window, lines, worth),
        trend=[_week_end(cash, day, worth) for day in weeks],
    )


def _reaches(frame: Frame, family: Family) -> dict[tuple[str, str], DateRange]:
    return {
        (account.source, account.account): DateRange(first=holding.first, last=holding.last)
        for account in frame.overview.accounts
        for holding in account.holdings
        if holding.family == family and holding.first is not None and holding.last is not None
    }


def _known_since(accounts: Sequence[Account], as_of: date) -> DateRange:
    days = [date.fromisoformat(told.day) for account in accounts for told in (*account.balances, *account.flows)]
    return DateRange(first=min(days, default=as_of), last=as_of)


def _held(account: Account, as_of: date, worth: Worth) -> Held:
    balance = account.balance_on(as_of)
    micros = None if balance is None else worth.of_balance(balance)
    return Held(account=account, balance=balance, micros=micros)


def _week_end(cash: Sequence[Account], day: date, worth: Worth) -> WeekEnd:
    known = [micros for account in cash if (micros := _held(account, day, worth).micros) is not None]
    return WeekEnd(day=day, micros=sum(known) if known else None, accounts=len(known))
