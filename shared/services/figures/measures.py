"""What the numbers that a shop steers by are measured from: the months of the shop, and its new customers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from shared.domain.analytics.buckets import months_of
from shared.domain.analytics.figures import sums_of
from shared.domain.analytics.pace import Daily
from shared.domain.analytics.periods import DateRange, first_of
from shared.domain.analytics.pnl import Imported, Line, Sums
from shared.domain.analytics.steering import Measured, Part, Steerable, figures_in
from shared.domain.facts.rollups import Cohort, Figure, ShopMonth
from shared.services.figures.frame import Frame
from shared.services.figures.spans import read_months
from shared.storage.contracts.facts import Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """The months that were read, and what they say of any of their days."""

    frame: Frame
    shop: Mapping[str, ShopMonth]
    """By month: a range is added up from its own."""
    cohorts: Sequence[Cohort] | None
    """None: nobody has asked for new customers."""
    imported: Imported
    """Of which days ads and books tell."""
    measured: dict[DateRange, Measured] = field(default_factory=dict[DateRange, Measured])
    """What was added up before: goals share days."""
    by_day: dict[Line | Part, Daily] = field(default_factory=dict[Line | Part, Daily])
    """The same, day by day."""

    def of(self, span: DateRange) -> Measured:
        """Add up the days of a range."""
        if span not in self.measured:
            self.measured[span] = self._added_up(span)
        return self.measured[span]

    def sums(self, span: DateRange) -> Sums:
        """Add up every figure of the shop over a range."""
        return sums_of((self.shop[month] for month in months_of(span) if month in self.shop), span)

    def _added_up(self, span: DateRange) -> Measured:
        sums = self.sums(span)
        are_customers_named = sums.get(Figure.ORDERS_WITH_CUSTOMER, 0) > 0 or not sums.get(Figure.ORDERS, 0)
        return Measured.of(sums, self.imported.within(span), self._new(span) if are_customers_named else None)

    def daily(self, part: Line | Part) -> Daily:
        """Give what each day that was read brought; what is unknown of a day is nothing here."""
        if part not in self.by_day:
            self.by_day[part] = self._by_day(part)
        return self.by_day[part]

    def _by_day(self, part: Line | Part) -> Daily:
        brought: dict[date, int] = {}
        for month, columns in self._columns(part):
            first = first_of(month)
            for place, counts in enumerate(zip(*columns, strict=True)):
                brought[first + timedelta(place)] = sum(counts)
        return brought

    def _columns(self, part: Line | Part) -> Iterator[tuple[str, Sequence[Sequence[int]]]]:
        """Give the columns of each month that add up to a part."""
        if part is Part.NEW_CUSTOMERS:
            yield from ((cohort.month, [cohort.new_by_day]) for cohort in self.cohorts or ())
            return
        times = figures_in(part)
        for month in self.shop.values():
            used = [(times.get(Figure(name)), days) for name, days in month.days.items()]
            yield month.month, [[factor * count for count in days] for factor, days in used if factor is not None]

    def known(self, metric: Steerable, span: DateRange) -> DateRange | None:
        """Give the days of which a metric of a range is known: to the last day of whoever tells least far.

        Before the first day that ads or books tell of there may have been none: orders say where data begins.
        """
        overview = self.frame.overview
        told_by_others = self.of(span).processed.days_told
        reaches = [self.imported.reach(cost) for cost in metric.costs if cost in told_by_others]
        firsts = [reach.first for reach in reaches if reach is not None]
        lasts = [reach.last for reach in reaches if reach is not None]
        if metric.needs_orders:
            if overview.data_from is None or overview.data_through is None:
                return None
            firsts, lasts = [overview.data_from], [*lasts, overview.data_through]
        if not lasts or min(lasts) < max(firsts):
            return None
        return DateRange(first=max(firsts), last=min(lasts))

    def _new(self, span: DateRange) -> int | None:
        """Count the customers whose first order is of a range."""
        if self.cohorts is None:
            return None
        total = 0
        for cohort in self.cohorts:
            begin = (span.first - first_of(cohort.month)).days
            total += sum(cohort.new_by_day[max(begin, 0) : max(begin + span.days, 0)])
        return total


def read_measures(
    metrics: Collection[Steerable], spans: Sequence[DateRange], *, frame: Frame, workspace_id: str, figures: Figures
) -> Measures:
    """Read what these metrics are measured from in some ranges."""
    needs_customers = any(Part.NEW_CUSTOMERS in metric.parts for metric in metrics)
    return Measures(
        frame=frame,
        imported=Imported.of(frame.overview),
        shop={
            month.month: month for month in read_months(ShopMonth, spans, workspace_id=workspace_id, figures=figures)
        },
        cohorts=read_months(Cohort, spans, workspace_id=workspace_id, figures=figures) if needs_customers else None,
    )
