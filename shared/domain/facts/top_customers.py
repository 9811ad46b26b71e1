"""The first customers of a shop by several measures, each a pseudonym with figures by the month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, NamedTuple

LISTED, LISTED_OF_KIND = 200, 100
"""So many customers a list has: of all kinds, and of one."""


class Window(StrEnum):
    """The orders that count: all, or those of the last months. The values are on the wire and in stored keys."""

    ALL = "all"
    YEAR = "last_12_months"
    QUARTER = "last_3_months"
    MONTH = "last_month"


class SortBy(StrEnum):
    """What a list begins with the most of. The values are on the wire and in stored keys."""

    NET_REVENUE = "net_revenue"
    ORDERS = "orders"
    PREDICTED_VALUE = "predicted_value"
    DAYS_SINCE_LAST = "days_since_last"


class TopCustomer(NamedTuple):
    """A line of a list. Months are of all orders, orders and net revenue of those of the window."""

    customer: str
    first_month: str
    last_month: str
    orders: int
    net_revenue: int
    kind: str
    p_alive: int | None
    """In millionths; None: no model holds, or they have not ordered on a second day, of which no model can tell."""
    predicted_12m: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TopCustomers:
    """One list: the customers of a kind who ordered in a window, those first who have the most of something.

    Nothing in it is finer than a month, the order neither: those of one month stand by their pseudonyms.
    """

    kind: ClassVar[str] = "TOP_CUSTOMERS"

    window: str
    sort_by: str
    of_kind: str
    """A kind of `shared.domain.analytics.rfm`, or `all`."""
    through: str
    """The last day that is known."""
    currency: str
    generation: int
    customers: int
    """Who is on the list, or would be if it had no end; so are orders and net revenue."""
    orders: int
    net_revenue: int
    kinds: Mapping[str, Mapping[str, int]]
    """Window -> kind -> customers who ordered in it; the same in all lists."""
    has_expectations: bool
    """Whether models hold, so that something is expected of each customer."""
    orders_in_all: int
    """Orders of the window, also those that name no customer."""
    orders_named: int
    rows: Sequence[Sequence[str | int | None]]

    @property
    def place(self) -> str:
        """Lies under what it is a list of."""
        return place_of(self.window, self.sort_by, self.of_kind)

    def listed(self) -> Sequence[TopCustomer]:
        """Give its lines."""
        return [TopCustomer._make(row) for row in self.rows]


def place_of(window: str, sort_by: str, of_kind: str) -> str:
    """Say where a list lies."""
    return f"{window}#{sort_by}#{of_kind}"
