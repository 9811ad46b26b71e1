"""Days of a shop added up into sums, in the reporting currency or, day by day at that day's rate, in another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from shared.domain.analytics.money import rounded
from shared.domain.analytics.periods import DateRange, first_of, last_of, month_of
from shared.domain.errors import Invalid
from shared.domain.facts.rollups import Figure, FxMonth, ShopMonth

NANOS = 1_000_000_000

RATE_HOLDS_DAYS = 7
"""A rate stands in for missing ones of so many days after it (`FxMonth.rates`)."""

COUNTS = frozenset(
    {
        Figure.ORDERS,
        Figure.ORDERS_WITH_CUSTOMER,
        Figure.UNITS,
        Figure.REFUNDS,
        Figure.REFUNDS_DATE_ASSUMED,
        Figure.UNITS_RETURNED,
        Figure.ORDERS_REFUNDED,
        Figure.COST_KNOWN_UNITS,
        Figure.FULFILMENT_KNOWN_ORDERS,
        Figure.PAYMENT_FEES_KNOWN_ORDERS,
        Figure.PAYMENT_FEES_ESTIMATED_ORDERS,
        Figure.PLATFORM_FEES_KNOWN_ORDERS,
        Figure.UNSETTLED_BOOKINGS,
        Figure.UNSETTLED_UNCONVERTED,
        Figure.UNCONVERTED,
    }
)
"""Figures that are no money, and have no currency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What a currency was worth in the reporting currency, day by day."""

    currency: str
    months: Mapping[str, Sequence[int | None]]
    """yyyy-mm -> nanos of the reporting currency for one unit, for each day of the month."""

    @classmethod
    def of(cls, currency: str, months: Iterable[FxMonth]) -> Rates:
        """Pick a currency out of the months' rates."""
        found = {month.month: month.rates[currency] for month in months if currency in month.rates}
        return cls(currency=currency, months=found)

    def on(self, day: date) -> int:
        """Give the rate of a day, or the last one that still holds.

        Raises:
            Invalid: `fx_rate_missing`.

        """
        for back in range(RATE_HOLDS_DAYS + 1):
            earlier = date.fromordinal(day.toordinal() - back)
            month = self.months.get(month_of(earlier))
            rate = month[earlier.day - 1] if month is not None else None
            if rate:
                return rate
        raise rate_missing(f"There is no rate of {self.currency} for {day}.")


def sums_of(months: Iterable[ShopMonth], span: DateRange, rates: Rates | None = None) -> dict[Figure, int]:
    """Add up every figure over the days of a range; `rates` turns money into another currency first, day by day.

    Raises:
        Invalid: `fx_rate_missing`.

    """
    sums: dict[Figure, int] = {}
    for month in months:
        first, last = max(span.first, first_of(month.month)), min(span.last, last_of(month.month))
        if first > last:
            continue
        for name, days in month.days.items():
            figure = Figure(name)
            part = days[first.day - 1 : last.day]
            total = sum(part) if rates is None or figure in COUNTS else _converted(part, first, rates)
            sums[figure] = sums.get(figure, 0) + total
    return sums


def rate_missing(message: str) -> Invalid:
    """Say that money cannot be converted into the currency that was asked for."""
    return Invalid(
        "fx_rate_missing",
        message,
        hint="Import the missing rates as fx lines, or leave out currency to stay in the reporting currency.",
        field="currency",
    )


def _converted(days: Sequence[int], first: date, rates: Rates) -> int:
    return sum(
        rounded(micros * NANOS, rates.on(date.fromordinal(first.toordinal() + place)))
        for place, micros in enumerate(days)
        if micros
    )
