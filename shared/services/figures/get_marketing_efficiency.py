"""What all advertising together brought the shop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.domain.analytics.ads import Claim, account_sums, by_platform, together
from shared.domain.analytics.buckets import Bucket, Granularity, buckets
from shared.domain.analytics.efficiency import Efficiency
from shared.domain.analytics.figures import sums_of
from shared.domain.analytics.periods import Asked, Compare, DateRange, first_of
from shared.domain.analytics.pnl import Basis, Imported, Line, Statement, statement
from shared.domain.analytics.rates_missing import OF_THE_PROFIT, unconverted
from shared.domain.facts.ads import AdMonth
from shared.domain.facts.fields import PLATFORMS
from shared.domain.facts.rollups import Cohort, Figure, ShopMonth
from shared.services.figures.frame import Frame, read_frame, require_data
from shared.services.figures.spans import Against, Spans, find_spans, read_months
from shared.storage.contracts.facts import Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class EfficiencyQuestion:
    """What is asked."""

    period: Asked
    against: Against
    granularity: Granularity = Granularity.TOTAL


@dataclass(frozen=True, slots=True, kw_only=True)
class EfficiencyReport:
    """The answer, not rounded."""

    frame: Frame
    spans: Spans
    total: Efficiency
    statement: Statement
    """The P&L of the period by the day of the order."""
    statement_before: Statement | None
    orders_with_customer: int
    before: Efficiency | None
    series: Sequence[tuple[Bucket, Efficiency]]
    """Empty where only the total was asked for."""


def get_marketing_efficiency(
    question: EfficiencyQuestion, *, workspace_id: str, now: datetime, figures: Figures
) -> EfficiencyReport:
    """Set what was spent on ads against what the shop sold, from the months of the shop, its cohorts and its ads.

    Raises:
        NotFound: `no_data`.
        Invalid: the period, or `fx_rate_missing`.

    """
    frame = read_frame(workspace_id, now=now, figures=figures)
    require_data(frame)
    is_total = question.granularity is Granularity.TOTAL
    default = Compare.PREVIOUS_PERIOD if is_total else Compare.NONE
    spans = find_spans(question.period, question.against, frame=frame, default=default)
    cut = buckets(spans.period, question.granularity, fiscal_start=frame.settings.fiscal_year_start)
    months = _Months(
        shop=read_months(ShopMonth, spans.both, workspace_id=workspace_id, figures=figures),
        cohorts=read_months(Cohort, spans.both, workspace_id=workspace_id, figures=figures),
        ads=read_months(AdMonth, spans.both, workspace_id=workspace_id, figures=figures),
        imported=Imported.of(frame.overview),
        frame=frame,
    )
    return EfficiencyReport(
        frame=frame,
        spans=spans,
        total=months.efficiency(spans.period),
        statement=months.statement(spans.period),
        statement_before=None if spans.earlier is None else months.statement(spans.earlier),
        orders_with_customer=sums_of(months.shop, spans.period).get(Figure.ORDERS_WITH_CUSTOMER, 0),
        before=None if spans.earlier is None else months.efficiency(spans.earlier),
        series=() if is_total else [(bucket, months.efficiency(bucket.days)) for bucket in cut],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Months:
    """The months that were read."""

    shop: Sequence[ShopMonth]
    cohorts: Sequence[Cohort]
    ads: Sequence[AdMonth]
    imported: Imported
    frame: Frame

    def statement(self, span: DateRange) -> Statement:
        found = statement(sums_of(self.shop, span), Basis.ORDER_DATE, self.imported.within(span))
        if found.unconverted:
            missing = self.frame.unrated(*OF_THE_PROFIT)
            raise unconverted(found.unconverted, span, missing, self.frame.settings.currency)
        return found

    def efficiency(self, span: DateRange) -> Efficiency:
        found = self.statement(span)
        sums = sums_of(self.shop, span)
        platforms = by_platform(account_sums(self.ads, span), PLATFORMS)
        are_customers_named = sums.get(Figure.ORDERS_WITH_CUSTOMER, 0) > 0 or not found.orders
        claims = {name: each.claim for name, each in platforms.items() if each.claim != Claim()}
        return Efficiency(
            ad_spend=found.lines[Line.AD_SPEND],
            is_spend_whole=found.days_known(Line.AD_SPEND) == found.days,
            marketing_opex=sums.get(Figure.OPEX_MARKETING, 0) if found.lines[Line.OPEX] is not None else None,
            net_revenue=found.known(Line.NET_REVENUE),
            cm2=found.known(Line.CM2),
            is_cost_known=found.lines[Line.COGS] is not None,
            new_customers=self._new(span, "new_by_day") if are_customers_named else None,
            new_customer_revenue=self._new(span, "new_revenue_by_day") if are_customers_named else None,
            claims=claims,
            claim=together(platforms.values()).claim,
        )

    def _new(self, span: DateRange, column: str) -> int:
        """Add up what first orders came to on the days of a range."""
        total = 0
        for cohort in self.cohorts:
            begin = (span.first - first_of(cohort.month)).days
            days: Sequence[int] = getattr(cohort, column)
            total += sum(days[max(begin, 0) : max(begin + span.days, 0)])
        return total
