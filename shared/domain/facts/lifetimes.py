"""What customers are expected to bring: the models of their habits, and what came true of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

HORIZON = 36
"""So many months ahead something is expected."""
WEEKS_A_YEAR = 52
"""A month of the horizon is a twelfth of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetimes:
    """The customers of a segment as they had been watched up to the end of a day.

    Parameters are decimal numbers as text. What is expected is of all customers together, in millionths of an order or
    micros, at the end of each month ahead: from these every horizon and every rate of discount can be answered.
    """

    kind: ClassVar[str] = "LTV"

    segment: str
    """`all`, or `dimension=value`."""
    through: str
    """The last day that was watched."""
    currency: str
    generation: int
    digest: str
    """Of all that the models were made of: the same digest, the same models."""
    customers: int
    repeaters: int
    """Those with an order on a second day."""
    repeats: int
    """Their order days after the first."""
    without_spending: int = 0
    """Repeaters whose orders after the first came to nothing, or less: they are in no model of values."""
    days_a_step: int = 1
    """Days of customers are taken together to so many, so that there are few enough kinds of them; 1: not at all."""
    orders_model: Mapping[str, str] | None = None
    """r, alpha (in weeks), a, b; None: too few customers, or there is no likeliest."""
    likelihood: int | None = None
    """The logarithm of the likelihood of all customers, in millionths."""
    values_model: Mapping[str, str] | None = None
    """p, q, v (in major units)."""
    correlation: int | None = None
    """Of the number and the mean of orders of those who came back, in millionths."""
    holdout: int | None = None
    """Expected / actual - 1, in millionths, in the last third of the time of what was fitted on the first two."""
    alive: int | None = None
    """Customers who are expected to order again, in millionths of one."""
    expected_orders: Sequence[int] = ()
    expected_value: Sequence[int] = ()
    """Net revenue."""
    largest: int | None = None
    """The share of one customer in what a year is expected to bring, in millionths: of the one whose is the largest."""
    later_days: int = 0
    """So many days are known after the last that was watched, and what came true on them was"""
    later_orders: int = 0
    """order days of these customers."""

    @property
    def place(self) -> str:
        """Lies under its segment and day."""
        return f"{self.segment}#{self.through}"
