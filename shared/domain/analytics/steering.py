"""What a shop can steer by: the numbers that a north star, a guardrail or a goal may name, and how each is worked out.

A number is either an amount or count that adds up over days, or one such divided by another over the same days. The
lines are those of the P&L with refunds on the day they were processed; `mer` takes the net revenue by the day of the
order, as `get_marketing_efficiency` does. Everything is in millionths, as targets and limits are stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cache

from shared.domain.analytics.pnl import COSTS, PROFITS, Basis, Line, Statement, Sums, Told, costs_in, statement
from shared.domain.facts.rollups import Figure

MILLION = 1_000_000


class Direction(StrEnum):
    """Which side of a target or a limit is good. The values are in stored facts and settings."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"

    def holds(self, value: Fraction, limit: int) -> bool:
        """Tell whether a value is on the good side of a limit, or on it."""
        return value >= limit if self is Direction.AT_LEAST else value <= limit


class Unit(StrEnum):
    """What a number counts. The values are on the wire."""

    MONEY = "money"
    COUNT = "count"
    RATIO = "ratio"


class Part(StrEnum):
    """What numbers are made of, beside the lines of the P&L."""

    ORDERS = "orders"
    UNITS = "units"
    ORDERS_REFUNDED = "orders_refunded"
    SALES = "sales"
    """gross_sales - discounts"""
    REVENUE_BY_ORDER = "net_revenue_by_order"
    NEW_CUSTOMERS = "new_customers"


COUNTED = frozenset({Part.ORDERS, Part.UNITS, Part.ORDERS_REFUNDED, Part.NEW_CUSTOMERS})
NOT_OF_ORDERS = frozenset({Line.AD_SPEND, Line.OPEX, Line.DEPRECIATION, Line.INTEREST, Line.INCOME_TAX})
"""What ads and books tell, whatever is known of orders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steerable:
    """A number that a shop can steer by."""

    key: str
    unit: Unit
    direction: Direction
    """Which way is better, where nobody says otherwise."""
    of: Line | Part
    over: Line | Part | None = None
    """What `of` is divided by; None: it adds up, day by day."""

    @property
    def parts(self) -> Sequence[Line | Part]:
        """Give what it is worked out from."""
        return [self.of] if self.over is None else [self.of, self.over]

    @property
    def costs(self) -> Sequence[Line]:
        """Give the costs that it stands on."""
        behind = {cost for part in self.parts if isinstance(part, Line) for cost in costs_in(part)}
        return [cost for cost in COSTS if cost in behind]

    @property
    def needs_orders(self) -> bool:
        """Tell whether it is unknown where no order is known."""
        return any(part not in NOT_OF_ORDERS for part in self.parts)


def _amount(line: Line) -> Steerable:
    is_taken_away = line in COSTS or line in {Line.DISCOUNTS, Line.RETURNS}
    return Steerable(
        key=str(line), unit=Unit.MONEY, direction=Direction.AT_MOST if is_taken_away else Direction.AT_LEAST, of=line
    )


_UP, _DOWN = Direction.AT_LEAST, Direction.AT_MOST

_ALL = (
    *(_amount(line) for line in Line),
    Steerable(key="orders", unit=Unit.COUNT, direction=_UP, of=Part.ORDERS),
    Steerable(key="units", unit=Unit.COUNT, direction=_UP, of=Part.UNITS),
    Steerable(key="aov", unit=Unit.MONEY, direction=_UP, of=Part.SALES, over=Part.ORDERS),
    Steerable(key="refund_rate", unit=Unit.RATIO, direction=_DOWN, of=Part.ORDERS_REFUNDED, over=Part.ORDERS),
    *(
        Steerable(key=f"{profit}_margin", unit=Unit.RATIO, direction=_UP, of=profit, over=Line.NET_REVENUE)
        for profit in PROFITS
    ),
    Steerable(key="mer", unit=Unit.RATIO, direction=_UP, of=Part.REVENUE_BY_ORDER, over=Line.AD_SPEND),
    Steerable(key="new_customers", unit=Unit.COUNT, direction=_UP, of=Part.NEW_CUSTOMERS),
    Steerable(key="ncac", unit=Unit.MONEY, direction=_DOWN, of=Line.AD_SPEND, over=Part.NEW_CUSTOMERS),
)

STEERABLE: Mapping[str, Steerable] = {each.key: each for each in _ALL}
"""Key -> number, in the order in which they are listed."""


def is_metric(key: str) -> bool:
    """Tell whether a shop can steer by a number of this name."""
    return key in STEERABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What is known of some days."""

    processed: Statement
    by_order: Statement
    """The same with refunds on the day of their order."""
    new_customers: int | None
    """None: orders name no customers, or nobody has asked."""

    @classmethod
    def of(cls, sums: Sums, told: Told, new_customers: int | None = None) -> Measured:
        """Work out the P&L of days on both bases."""
        return cls(
            processed=statement(sums, Basis.PROCESSED_DATE, told),
            by_order=statement(sums, Basis.ORDER_DATE, told),
            new_customers=new_customers,
        )

    def part(self, part: Line | Part) -> int | None:
        """Give one part, money in micros; None: unknown."""
        found = self.processed
        match part:
            case Line():
                return found.lines[part]
            case Part.ORDERS:
                return found.orders
            case Part.UNITS:
                return found.units
            case Part.ORDERS_REFUNDED:
                return found.orders_refunded
            case Part.SALES:
                return found.known(Line.GROSS_SALES) - found.known(Line.DISCOUNTS)
            case Part.REVENUE_BY_ORDER:
                return self.by_order.lines[Line.NET_REVENUE]
            case Part.NEW_CUSTOMERS:
                return self.new_customers


def value_of(metric: Steerable, measured: Measured) -> Fraction | None:
    """Give a number in millionths; None: a part of it is unknown, or there is nothing to divide by.

    Ad spend that is known of some days only is no part of a ratio: its other part is of all of them. A profit stands
    on what is known of its costs, as it does in the P&L.
    """
    of = measured.part(metric.of)
    if of is None:
        return None
    if metric.over is None:
        return Fraction(of * scale_of(metric.of))
    over, told = measured.part(metric.over), measured.processed
    if over is None or over <= 0:
        return None
    if Line.AD_SPEND in metric.parts and told.days_known(Line.AD_SPEND) < told.days:
        return None
    quotient = Fraction(of, over)
    return quotient if metric.unit is Unit.MONEY else quotient * MILLION


@cache
def figures_in(part: Line | Part) -> Mapping[Figure, int]:
    """Give how many times each figure of a day is in what the day brought of a part.

    Lines and counts are sums of figures: a figure is in them as often as one of it alone makes.
    """
    alone = {figure: Measured.of({figure: 1}, Told(days=1)).part(part) for figure in Figure}
    return {figure: times for figure, times in alone.items() if times}


def scale_of(part: Line | Part) -> int:
    """Give the millionths of one of what a part counts: money is in micros already."""
    return MILLION if part in COUNTED else 1


def is_cost_unknown(metric: Steerable, measured: Measured) -> bool:
    """Tell whether a number looks better than it is because nobody told what it costs.

    Goods and operations cost every shop something; fees, ads and the like it may not have, but for all of them.
    """
    costs, lines = metric.costs, measured.processed.lines
    return any(cost in costs and lines[cost] is None for cost in (Line.COGS, Line.OPEX)) or (
        bool(costs) and all(lines[cost] is None for cost in costs)
    )
