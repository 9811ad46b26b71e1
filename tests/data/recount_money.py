"""The slow, obvious count of expenses and of the bank: worked out line by line from the files that were sent.

It shares nothing with the product: no reader, no SQL, no rollup.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from tests.data.latest_lines import Fact, Line, facts_now
from tests.data.recount import Books, Rules, micros, number

PEOPLE = {"Jane Doe": "jane", "DOE, JANE": "jane", "Bob Roe": "bob"}
"""Who is who among the payees of the files."""


@dataclass(frozen=True, kw_only=True)
class Booked:
    """What one expense came to on one day."""

    day: date
    line: str
    category: str | None
    vendor: str | None
    behaviour: str
    micros: int
    transactions: int


def signed(amount: Decimal) -> int:
    """Round half away from zero."""
    return micros(abs(amount)) * (1 if amount >= 0 else -1)


def booked(files: Iterable[Sequence[Line]], rules: Rules) -> tuple[list[Booked], set[date]]:
    """Give all expenses day by day, and the days that expenses without a rate touch."""
    books = Books(facts=facts_now(files, rules.zone), rules=rules)
    found: list[Booked] = []
    without_rate: set[date] = set()
    expenses = books.of("expense")
    numbered = numbers_of_people(expenses)
    for fact in expenses:
        line = fact.line
        if line.get("line") == "unsettled":
            continue
        length = calendar.monthrange(fact.day.year, fact.day.month)[1]
        first = fact.day.replace(day=1)
        covered = [first + timedelta(n) for n in range(length)] if line.get("covers") == "month" else [fact.day]
        rate = books.rate(line.get("currency"), fact.day)
        if rate is None:
            without_rate |= set(covered)
            continue
        total = signed(number(line, "amount") * rate)
        given = 0
        for place, day in enumerate(covered, start=1):
            upto = int(Decimal(total) * place / len(covered))
            found.append(
                Booked(
                    day=day,
                    line=line.get("line") or "opex",
                    category=line.get("category"),
                    vendor=numbered.get(PEOPLE.get(line.get("vendor") or "", ""), line.get("vendor")),
                    behaviour=line.get("behaviour") or "fixed",
                    micros=upto - given,
                    transactions=1 if day == fact.day else 0,
                )
            )
            given = upto
    return found, without_rate


def unsettled(files: Iterable[Sequence[Line]], rules: Rules, first: date, last: date) -> tuple[int, int, int]:
    """Count the bookings that nobody has settled, add up their debits, and count those without a rate."""
    books = Books(facts=facts_now(files, rules.zone), rules=rules)
    bookings = debits = unconverted = 0
    for fact in books.of("expense"):
        if fact.line.get("line") != "unsettled" or not first <= fact.day <= last:
            continue
        bookings += 1
        rate = books.rate(fact.line.get("currency"), fact.day)
        if rate is None:
            unconverted += 1
        else:
            debits += max(signed(number(fact.line, "amount") * rate), 0)
    return bookings, debits, unconverted


def numbers_of_people(expenses: Iterable[Fact]) -> Mapping[str, str]:
    """Number people in the order in which the books tell of them."""
    numbered: dict[str, str] = {}
    for fact in sorted(expenses, key=lambda fact: (fact.day, str(fact.line["id"]))):
        who = PEOPLE.get(fact.line.get("vendor") or "")
        if who is not None and who not in numbered:
            numbered[who] = f"person {len(numbered) + 1}"
    return numbered


def kind_of(each: Booked) -> str:
    """Say of which kind an expense is."""
    return "ad" if each.line == "ad_spend" else each.behaviour


# --- the bank ---------------------------------------------------------------------------------------------------------


@dataclass(kw_only=True)
class Bank:
    """A merchant's bank, as the files tell of it."""

    books: Books

    @classmethod
    def of(cls, files: Iterable[Sequence[Line]], rules: Rules) -> Bank:
        return cls(books=Books(facts=facts_now(files, rules.zone), rules=rules))

    def accounts(self) -> list[str]:
        return sorted({fact.account for type_ in ("balance", "bank_txn") for fact in self.books.of(type_)})

    def told_until(self, day: date) -> set[str]:
        """Name the accounts that the bank had told of by the end of the day's month."""
        end = day.replace(day=calendar.monthrange(day.year, day.month)[1])
        return {fact.account for type_ in ("balance", "bank_txn") for fact in self.books.of(type_) if fact.day <= end}

    def balance(self, account: str, day: date) -> Fact | None:
        """Find the last balance of an account that was told for a day or before."""
        told = [fact for fact in self.books.of("balance") if fact.account == account and fact.day <= day]
        return max(told, key=lambda fact: fact.day) if told else None

    def worth(self, balance: Fact | None) -> int | None:
        """Give a balance in the reporting currency."""
        if balance is None:
            return None
        rate = self.books.rate(balance.line.get("currency"), balance.day)
        return None if rate is None else signed(number(balance.line, "amount") * rate)

    def cash_accounts(self, day: date) -> list[str]:
        return [
            account
            for account in sorted(self.told_until(day))
            if (balance := self.balance(account, day)) is None or (balance.line.get("nature") or "cash") == "cash"
        ]

    def total(self, nature: str, day: date) -> int | None:
        """Add up the known balances of a nature."""
        known = [
            worth
            for account in self.accounts()
            if (balance := self.balance(account, day)) is not None
            and (balance.line.get("nature") or "cash") == nature
            and (worth := self.worth(balance)) is not None
        ]
        return sum(known) if known else None

    def burn(self, as_of: date, months: Sequence[tuple[date, date]]) -> int | None:
        """Give the mean of what the months burned; None: nobody knows."""
        cash = self.cash_accounts(as_of)
        lines = [fact for fact in self.books.of("bank_txn") if fact.account in cash]
        first, last = months[0][0], months[-1][1]
        by_account: dict[str, list[date]] = {}
        for fact in lines:
            by_account.setdefault(fact.account, []).append(fact.day)
        touching = {account for account, days in by_account.items() if min(days) <= last and max(days) >= first}
        if touching:
            return self._burn_of_accounts_with_lines(cash, touching, lines, months)
        spent = 0
        for account in cash:
            ends = [(self.balance(account, day), day) for day in (first - timedelta(1), last)]
            worths: list[int] = []
            for balance, day in ends:
                worth = self.worth(balance)
                if balance is None or worth is None or (day - balance.day).days > 7:
                    return None
                worths.append(worth)
            spent += worths[0] - worths[1]
        return mean(spent, len(months)) if cash else None

    def _burn_of_accounts_with_lines(
        self, cash: Sequence[str], touching: set[str], lines: Sequence[Fact], months: Sequence[tuple[date, date]]
    ) -> int | None:
        """Take the balances' change of each account, less its lines of another nature; else its lines alone."""
        first, last = months[0][0], months[-1][1]
        balanced = {account for account in touching if self._has_plain_ends(account, lines, first, last)}
        uncovered: set[str] = set()
        for account in set(cash) - balanced:
            days = [fact.day for fact in lines if fact.account == account]
            if not days or (min(days) - first).days > 7 or (last - max(days)).days > 7:
                uncovered.add(account)
        if uncovered == set(cash):
            return None
        if balanced != touching and any(not any(begin <= f.day <= end for f in lines) for begin, end in months):
            return None
        by_lines = dict.fromkeys(cash, 0)
        for fact in lines:
            if not first <= fact.day <= last:
                continue
            worth = self._amount(fact)
            if worth is None:
                return None
            if (fact.line.get("nature") or "operating") == "operating":
                by_lines[fact.account] -= worth
        spent = {**by_lines, **{account: self._lost(account, lines, first, last) for account in balanced}}
        total, total_told = sum(spent.values()), sum(by_lines.values())
        allowed = max(1_000_000, abs(total) // 100)
        differing = [account for account in cash if abs(spent[account] - by_lines[account]) > allowed]
        if total <= 0 and (uncovered or (total_told > 0 and differing)):
            return None
        return mean(total, len(months))

    def _has_plain_ends(self, account: str, lines: Sequence[Fact], first: date, last: date) -> bool:
        """Tell whether dollars were told for both ends, or the week before, and no line between lacks a rate."""
        ends = [(self.balance(account, day), day) for day in (first - timedelta(1), last)]
        for balance, day in ends:
            if balance is None or balance.line.get("currency") not in {None, "USD"} or (day - balance.day).days > 7:
                return False
        begin, end = (balance.day for balance, _ in ends if balance is not None)
        between = [fact for fact in lines if fact.account == account and begin < fact.day <= end]
        return all(self._amount(fact) is not None for fact in between)

    def _lost(self, account: str, lines: Sequence[Fact], first: date, last: date) -> int:
        """Carry the balances by the lines since then to the ends of the months, and take out what was not operating."""
        mine = [fact for fact in lines if fact.account == account]
        held: list[int] = []
        for day in (first - timedelta(1), last):
            balance = self.balance(account, day)
            assert balance is not None
            since = [fact for fact in mine if balance.day < fact.day <= day]
            held.append(signed(number(balance.line, "amount")) + sum(self._amount(fact) or 0 for fact in since))
        other = [
            fact for fact in mine if first <= fact.day <= last and fact.line.get("nature") not in {None, "operating"}
        ]
        return held[0] - held[1] + sum(self._amount(fact) or 0 for fact in other)

    def _amount(self, fact: Fact) -> int | None:
        rate = self.books.rate(fact.line.get("currency"), fact.day)
        return None if rate is None else signed(number(fact.line, "amount") * rate)


def mean(total: int, count: int) -> int:
    """Divide and round half away from zero."""
    return int((Decimal(total) / count).quantize(Decimal(1), ROUND_HALF_UP))
