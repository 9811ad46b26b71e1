"""Profit and loss of a period, beside an earlier one or cut into buckets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from shared.domain.analytics.buckets import Bucket, Granularity, buckets
from shared.domain.analytics.figures import Rates, rate_missing, sums_of
from shared.domain.analytics.periods import (
    Asked,
    Compare,
    DateRange,
    compared_with,
    later_month,
    month_of,
    resolve,
)
from shared.domain.analytics.pnl import Basis, Imported, Statement, statement
from shared.domain.facts.rollups import ShopMonth
from shared.services.figures.frame import Frame, read_frame, require_data
from shared.storage.contracts.facts import Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class PnlQuestion:
    """What is asked."""

    period: Asked
    granularity: Granularity = Granularity.TOTAL
    compare: Compare | None = None
    """None: the previous period for a total, nothing for a series."""
    compare_first: date | None = None
    compare_last: date | None = None
    currency: str | None = None
    """None: the reporting currency."""
    basis: Basis = Basis.PROCESSED_DATE


@dataclass(frozen=True, slots=True, kw_only=True)
class PnlReport:
    """The answer, not rounded."""

    frame: Frame
    currency: str
    period: DateRange
    total: Statement
    series: Sequence[tuple[Bucket, Statement]]
    """Empty where only the total was asked for."""
    earlier_period: DateRange | None
    earlier: Statement | None


def get_pnl(question: PnlQuestion, *, workspace_id: str, now: datetime, figures: Figures) -> PnlReport:
    """Work out the P&L from the months of the period, and from no others.

    Raises:
        NotFound: `no_data`.
        Invalid: the period, or `fx_rate_missing`.

    """
    frame = read_frame(workspace_id, now=now, figures=figures)
    require_data(frame)
    settings = frame.settings
    period = resolve(question.period, today=frame.today, fiscal_start=settings.fiscal_year_start)
    cut = buckets(period, question.granularity, fiscal_start=settings.fiscal_year_start)
    is_total = question.granularity is Granularity.TOTAL
    compare = question.compare or (Compare.PREVIOUS_PERIOD if is_total else Compare.NONE)
    earlier_period = compared_with(
        period, compare, today=frame.today, first=question.compare_first, last=question.compare_last
    )
    spans = [period] if earlier_period is None else [period, earlier_period]
    months = _read_months(spans, workspace_id, figures)
    currency = question.currency or settings.currency
    rates = None if currency == settings.currency else _read_rates(currency, spans, workspace_id, figures)
    imported = Imported.of(frame.overview)

    def of(span: DateRange) -> Statement:
        found = statement(sums_of(months, span, rates), question.basis, imported)
        if found.unconverted:
            raise rate_missing(f"{found.unconverted} facts of {span} are in a currency without a rate.")
        return found

    return PnlReport(
        frame=frame,
        currency=currency,
        period=period,
        total=of(period),
        series=() if is_total else [(bucket, of(bucket.days)) for bucket in cut],
        earlier_period=earlier_period,
        earlier=None if earlier_period is None else of(earlier_period),
    )


def _read_months(spans: Sequence[DateRange], workspace_id: str, figures: Figures) -> list[ShopMonth]:
    """Read each month once: in one query where the ranges touch, else in two."""
    ranges = sorted((month_of(span.first), month_of(span.last)) for span in spans)
    joined = [ranges[0]]
    for first, last in ranges[1:]:
        if first <= later_month(joined[-1][1], 1):
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return [month for first, last in joined for month in figures.shop_months(workspace_id, first, last)]


def _read_rates(currency: str, spans: Sequence[DateRange], workspace_id: str, figures: Figures) -> Rates:
    """Read rates from a month before: one of its last days may still hold."""
    first = min(span.first for span in spans)
    last = max(span.last for span in spans)
    before = later_month(month_of(first), -1)
    return Rates.of(currency, figures.fx_months(workspace_id, before, month_of(last)))
