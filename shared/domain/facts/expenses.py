"""The expenses of a month, by what they are for and who was paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple


class ExpenseGroup(NamedTuple):
    """Expenses that nobody tells apart; a list in the stored row."""

    line: str
    """Of the P&L."""
    category: str | None
    vendor: str | None
    """A person is told by a number, as `person 3`, the same in every month."""
    behaviour: str
    addback: str | None
    days: Sequence[Sequence[int]]
    """[day of the month, micros, transactions], in order, where there is anything.

    An expense that covers a month is spread over the days of the month as in the P&L, and is one transaction of the day
    that it was booked on.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpenseMonth:
    """A month's expenses, or a part of them where they are many."""

    kind: ClassVar[str] = "EXP"

    month: str
    """yyyy-mm"""
    part: int
    currency: str
    generation: int
    groups: Sequence[Sequence[object]]
    """`ExpenseGroup`s; read them by `told`."""
    unconverted: Sequence[Sequence[int]]
    """[day, transactions] of expenses in a currency without a rate, on the days that they touch; all in part 0."""
    unsettled: Sequence[Sequence[int]]
    """[day, micros of debits, bookings, those without a rate] on accounts that nobody has settled; all in part 0."""

    @property
    def place(self) -> str:
        """Lies under its month and part."""
        return f"{self.month}#{self.part:02d}"

    def told(self) -> Sequence[ExpenseGroup]:
        """Give the groups by their names."""
        return [ExpenseGroup(*group) for group in self.groups]  # pyright: ignore[reportArgumentType] - as they were written
