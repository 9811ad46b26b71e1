"""What drove a profit from one period to another: effects that add up to its change, to the last micro.

Costs that follow sales are measured by their rate: their share of gross sales. With G gross sales, O orders, L a cost
that follows sales (discounts, returns, cogs, fulfilment less shipping income, payment fees, platform fees), CM2 what is
left of G after all of these, and 0 and 1 for the earlier and the later period:

    volume       (O1 - O0) x CM2_0 / O0              as many more orders, each as good as the earlier ones
    price_mix    (G1 - O1 x G0 / O0) x CM2_0 / G0    dearer or cheaper orders, at the earlier margin
    each L       L0 / G0 x G1 - L1                   another rate, at the later sales
    ad_spend     A0 - A1
    opex         X0 - X1                             of ebitda only

Volume comes before price and mix: orders change at the earlier value of an order, and the value of an order changes for
all later orders. The rates come last, so that their order among themselves makes no difference.

The sum is the change: volume and price_mix are CM2_0 x G1 / G0 - CM2_0 together, the costs add
(G0 - CM2_0) x G1 / G0 - (G1 - CM2_1) to it, and CM2_1 - CM2_0 is left. Where the earlier period sold nothing there are
no rates: then volume is the change of gross sales and each cost is its plain change, which adds up as well.

A cost that nobody knows counts as nothing, as it does in the P&L. One that is not known alike of both periods explains
nothing: who asks leaves it out of both (`pnl.not_alike`, `Statement.without`).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction

from shared.domain.analytics.money import apportioned
from shared.domain.analytics.pnl import Line, Statement


class BridgeMetric(StrEnum):
    """The profits that can be explained. The values are on the wire."""

    CM3 = "cm3"
    EBITDA = "ebitda"


class Driver(StrEnum):
    """What a profit can change by, in the order in which it is told. The values are on the wire."""

    VOLUME = "volume"
    PRICE_MIX = "price_mix"
    DISCOUNTS = "discounts"
    RETURNS = "returns"
    COGS_RATE = "cogs_rate"
    SHIPPING = "shipping"
    PAYMENT_FEES = "payment_fees"
    PLATFORM_FEES = "platform_fees"
    AD_SPEND = "ad_spend"
    OPEX = "opex"


def cost_of(driver: Driver) -> Line | None:
    """Give the cost that is all of a driver, if it is one."""
    return _COSTS.get(driver)


_FOLLOW_SALES: Mapping[Driver, Line] = {
    Driver.DISCOUNTS: Line.DISCOUNTS,
    Driver.RETURNS: Line.RETURNS,
    Driver.COGS_RATE: Line.COGS,
    Driver.PAYMENT_FEES: Line.PAYMENT_FEES,
    Driver.PLATFORM_FEES: Line.PLATFORM_FEES,
}
_COSTS: Mapping[Driver, Line] = {**_FOLLOW_SALES, Driver.AD_SPEND: Line.AD_SPEND, Driver.OPEX: Line.OPEX}


def bridge(before: Statement, after: Statement, metric: BridgeMetric) -> dict[Driver, int]:
    """Give the effect of each driver in micros; together they are the change of the metric."""
    gross, later_gross = before.known(Line.GROSS_SALES), after.known(Line.GROSS_SALES)
    margin = before.known(Line.CM2)
    effects: dict[Driver, Fraction] = {}
    if gross and before.orders:
        growth = Fraction(later_gross, gross)
        effects[Driver.VOLUME] = Fraction((after.orders - before.orders) * margin, before.orders)
        effects[Driver.PRICE_MIX] = (growth - Fraction(after.orders, before.orders)) * margin
    else:
        growth = Fraction(1)
        effects[Driver.VOLUME] = Fraction(later_gross - gross)
        effects[Driver.PRICE_MIX] = Fraction(0)
    for driver in Driver:
        if driver in _FOLLOW_SALES or driver is Driver.SHIPPING:
            effects[driver] = growth * _cost(driver, before) - _cost(driver, after)
    effects[Driver.AD_SPEND] = Fraction(before.known(Line.AD_SPEND) - after.known(Line.AD_SPEND))
    if metric is BridgeMetric.EBITDA:
        effects[Driver.OPEX] = Fraction(before.known(Line.OPEX) - after.known(Line.OPEX))
    line = Line(metric)
    whole = apportioned(list(effects.values()), after.known(line) - before.known(line))
    return dict(zip(effects, whole, strict=True))


def _cost(driver: Driver, found: Statement) -> int:
    """Give what a driver that follows sales took away; shipping that customers paid for is less of a cost."""
    if driver is Driver.SHIPPING:
        return found.known(Line.FULFILMENT) - found.known(Line.SHIPPING_INCOME)
    return found.known(_FOLLOW_SALES[driver])
