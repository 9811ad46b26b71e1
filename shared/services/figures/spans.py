"""The days that a question is about, those that they are compared with, and the rollups of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from shared.domain.analytics.figures import Rates
from shared.domain.analytics.periods import Asked, Compare, DateRange, compared_with, later_month, month_of, resolve
from shared.domain.facts.rollups import FxMonth
from shared.services.figures.frame import Frame
from shared.storage.contracts.facts import Figures, R


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """What a period is to be compared with, as it was asked for."""

    compare: Compare | None = None
    """None: what suits the question."""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """The period, and the one that it is compared with."""

    period: DateRange
    earlier: DateRange | None

    @property
    def both(self) -> Sequence[DateRange]:
        """Give those that there are."""
        return [self.period] if self.earlier is None else [self.period, self.earlier]


def find_spans(asked: Asked, against: Against, *, frame: Frame, default: Compare = Compare.PREVIOUS_PERIOD) -> Spans:
    """Find the days that were asked for, where the shop is.

    Raises:
        Invalid: `invalid_date_range` or `range_too_long`.

    """
    period = resolve(asked, today=frame.today, fiscal_start=frame.settings.fiscal_year_start)
    earlier = compared_with(
        period, against.compare or default, today=frame.today, first=against.first, last=against.last
    )
    return Spans(period=period, earlier=earlier)


def read_months(of: type[R], spans: Sequence[DateRange], *, workspace_id: str, figures: Figures) -> list[R]:
    """Read the rollups of each month once: in one query where the ranges touch, else in two."""
    ranges = sorted((month_of(span.first), month_of(span.last)) for span in spans)
    joined = [ranges[0]]
    for first, last in ranges[1:]:
        if first <= later_month(joined[-1][1], 1):
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return [rollup for first, last in joined for rollup in figures.rollups(workspace_id, of, first, last)]


def read_rates(currency: str, spans: Sequence[DateRange], *, workspace_id: str, figures: Figures) -> Rates:
    """Read the rates of a currency, from a month before: one of its last days may still hold."""
    before = later_month(month_of(min(span.first for span in spans)), -1)
    last = month_of(max(span.last for span in spans))
    return Rates.of(currency, figures.rollups(workspace_id, FxMonth, before, last))
