"""What moved a number that a shop steers by: the numbers that it comes from, and the part of its change that each made.

The parts add up to the change. With 0 and 1 for the earlier and the later period:

    a ratio N / D               N: (N1 - N0) / D0            D: N1 / D1 - N1 / D0
    what sales bring, X         orders: (O1 - O0) x X0 / O0  X for each of O orders: the rest of the change
    cm2 to net_profit           the drivers of `bridge`, and the plain change of costs after EBITDA

What goes on without sales (ad spend, operating expenses), the number of orders and that of new customers come from
nothing that is known here: they have no inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from shared.domain.analytics.bridge import BridgeMetric, Driver, bridge
from shared.domain.analytics.pnl import Line, Statement, costs_in
from shared.domain.analytics.steering import COUNTED, MILLION, NOT_OF_ORDERS, Measured, Part, Steerable, Unit, scale_of

BRIDGED = frozenset({Line.CM2, Line.CM3, Line.EBITDA, Line.NET_PROFIT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A number that another comes from. Numbers are in millionths; None: unknown."""

    key: str
    unit: Unit
    before: Fraction | None
    after: Fraction | None
    contribution: Fraction
    """To the change of the other, in its unit."""

    @property
    def change(self) -> Fraction | None:
        """Give what it changed by."""
        return None if self.before is None or self.after is None else self.after - self.before


def inputs_of(metric: Steerable, before: Measured, after: Measured) -> Sequence[Input]:
    """Find what moved a number; nothing where it is unknown of one of the periods."""
    if metric.over is not None:
        return _of_ratio(metric, metric.of, metric.over, before, after)
    if metric.of in BRIDGED:
        return _of_profit(Line(metric.of), before.processed, after.processed)
    if metric.of in NOT_OF_ORDERS or metric.of in {Part.ORDERS, Part.NEW_CUSTOMERS}:
        return []
    return _of_sales(metric, before, after)


def _of_ratio(
    metric: Steerable, top: Line | Part, bottom: Line | Part, before: Measured, after: Measured
) -> Sequence[Input]:
    parts = [measured.part(part) for part in (top, bottom) for measured in (before, after)]
    n0, n1, d0, d1 = (0 if part is None else part for part in parts)
    if None in parts or d0 <= 0 or d1 <= 0:
        return []
    scale = 1 if metric.unit is Unit.MONEY else MILLION
    by_top, by_bottom = Fraction(n1 - n0, d0) * scale, (Fraction(n1, d1) - Fraction(n1, d0)) * scale
    return [_plain(top, n0, n1, by_top), _plain(bottom, d0, d1, by_bottom)]


def _of_sales(metric: Steerable, before: Measured, after: Measured) -> Sequence[Input]:
    x0, x1 = before.part(metric.of), after.part(metric.of)
    if x0 is None or x1 is None:
        return []
    o0, o1, scale = before.processed.orders, after.processed.orders, scale_of(metric.of)
    change = Fraction((x1 - x0) * scale)
    by_orders = Fraction((o1 - o0) * x0 * scale, o0) if o0 else change
    each = Input(
        key=f"{metric.key}_per_order",
        unit=metric.unit,
        before=Fraction(x0 * scale, o0) if o0 else None,
        after=Fraction(x1 * scale, o1) if o1 else None,
        contribution=change - by_orders,
    )
    return [_plain(Part.ORDERS, o0, o1, by_orders), each]


def _of_profit(line: Line, before: Statement, after: Statement) -> Sequence[Input]:
    effects = bridge(before, after, BridgeMetric.CM3 if line in {Line.CM2, Line.CM3} else BridgeMetric.EBITDA)
    if line is Line.CM2:
        del effects[Driver.AD_SPEND]
    found = [_driver(driver, effect, before, after) for driver, effect in effects.items()]
    after_ebitda = [cost for cost in costs_in(line) if cost not in costs_in(Line.EBITDA)]
    return [*found, *(_cost(cost, before, after) for cost in after_ebitda)]


def _driver(driver: Driver, effect: int, before: Statement, after: Statement) -> Input:
    if driver in {Driver.AD_SPEND, Driver.OPEX}:
        return _cost(Line(driver.value), before, after)
    key, unit, value = _RATES[driver]
    return Input(key=key, unit=unit, before=value(before), after=value(after), contribution=Fraction(effect))


def _cost(cost: Line, before: Statement, after: Statement) -> Input:
    was, is_ = before.lines[cost], after.lines[cost]
    return Input(
        key=str(cost),
        unit=Unit.MONEY,
        before=None if was is None else Fraction(was),
        after=None if is_ is None else Fraction(is_),
        contribution=Fraction(before.known(cost) - after.known(cost)),
    )


def _plain(part: Line | Part, before: int, after: int, contribution: Fraction) -> Input:
    unit, scale = Unit.COUNT if part in COUNTED else Unit.MONEY, scale_of(part)
    return Input(
        key=str(part),
        unit=unit,
        before=Fraction(before * scale),
        after=Fraction(after * scale),
        contribution=contribution,
    )


Value = Callable[[Statement], Fraction | None]


def _orders(found: Statement) -> Fraction:
    return Fraction(found.orders * MILLION)


def _gross_per_order(found: Statement) -> Fraction | None:
    return Fraction(found.known(Line.GROSS_SALES), found.orders) if found.orders else None


def _rate(line: Line, *, less: Line | None = None) -> Value:
    """Make what gives the share of gross sales that a cost takes; unknown where the cost is."""

    def of(found: Statement) -> Fraction | None:
        cost, gross = found.lines[line], found.known(Line.GROSS_SALES)
        if cost is None or gross <= 0:
            return None
        return Fraction((cost - (0 if less is None else found.known(less))) * MILLION, gross)

    return of


_RATES: Mapping[Driver, tuple[str, Unit, Value]] = {
    Driver.VOLUME: ("orders", Unit.COUNT, _orders),
    Driver.PRICE_MIX: ("gross_sales_per_order", Unit.MONEY, _gross_per_order),
    Driver.DISCOUNTS: ("discounts_per_gross_sales", Unit.RATIO, _rate(Line.DISCOUNTS)),
    Driver.RETURNS: ("returns_per_gross_sales", Unit.RATIO, _rate(Line.RETURNS)),
    Driver.COGS_RATE: ("cogs_per_gross_sales", Unit.RATIO, _rate(Line.COGS)),
    Driver.SHIPPING: (
        "net_shipping_per_gross_sales",
        Unit.RATIO,
        _rate(Line.FULFILMENT, less=Line.SHIPPING_INCOME),
    ),
    Driver.PAYMENT_FEES: ("payment_fees_per_gross_sales", Unit.RATIO, _rate(Line.PAYMENT_FEES)),
    Driver.PLATFORM_FEES: ("platform_fees_per_gross_sales", Unit.RATIO, _rate(Line.PLATFORM_FEES)),
}
"""What a driver of the bridge is about."""
