"""Profit and loss of a period, beside an earlier one or cut into buckets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.analytics.buckets import Bucket, Granularity, buckets
from shared.domain.analytics.figures import sums_of
from shared.domain.analytics.periods import Asked, Compare, DateRange
from shared.domain.analytics.pnl import Basis, Imported, Line, Statement, statement
from shared.domain.analytics.rates_missing import OF_THE_PROFIT, unconverted
from shared.domain.facts.rollups import ShopMonth
from shared.services.figures.frame import Frame, read_frame, require_data
from shared.services.figures.spans import Against, find_spans, read_months, read_rates
from shared.storage.contracts.facts import Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class PnlQuestion:
    """What is asked."""

    period: Asked
    granularity: Granularity = Granularity.TOTAL
    against: Against = field(default_factory=Against)
    """If nothing is said: the previous period for a total, nothing for a series."""
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
    is_total = question.granularity is Granularity.TOTAL
    default = Compare.PREVIOUS_PERIOD if is_total else Compare.NONE
    spans = find_spans(question.period, question.against, frame=frame, default=default)
    cut = buckets(spans.period, question.granularity, fiscal_start=settings.fiscal_year_start)
    months = read_months(ShopMonth, spans.both, workspace_id=workspace_id, figures=figures)
    currency = question.currency or settings.currency
    rates = (
        None
        if currency == settings.currency
        else read_rates(currency, spans.both, workspace_id=workspace_id, figures=figures)
    )
    imported = Imported.of(frame.overview)

    def of(span: DateRange) -> Statement:
        found = statement(sums_of(months, span, rates), question.basis, imported.within(span))
        if found.unconverted:
            raise unconverted(found.unconverted, span, frame.unrated(*OF_THE_PROFIT), settings.currency)
        return found

    return PnlReport(
        frame=frame,
        currency=currency,
        period=spans.period,
        total=of(spans.period),
        series=() if is_total else [(bucket, of(bucket.days)) for bucket in cut],
        earlier_period=spans.earlier,
        earlier=None if spans.earlier is None else of(spans.earlier),
    )


def lines_told(found: Statement, frame: Frame, span: DateRange) -> Mapping[Line, int | None]:
    """Give the lines; where no order is known, what comes to nothing is unknown.

    Refunds and costs of such days may be known: they are told, and so is what they take away, so that single days add
    up to their range.
    """
    if not frame.is_unknown(span):
        return found.lines
    return {line: micros or None for line, micros in found.lines.items()}
