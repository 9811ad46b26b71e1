"""Why a profit is another than it was: the P&L of two periods, and what led from the one to the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.analytics.bridge import BridgeMetric, Driver, bridge
from shared.domain.analytics.periods import Asked, DateRange
from shared.domain.analytics.pnl import Line, Statement, costs_in, not_alike
from shared.domain.errors import Invalid
from shared.services.figures.get_pnl import PnlQuestion, PnlReport, get_pnl
from shared.services.figures.spans import Against
from shared.storage.contracts.facts import Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeQuestion:
    """What is asked."""

    period: Asked
    against: Against = field(default_factory=Against)
    metric: BridgeMetric = BridgeMetric.EBITDA


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeReport:
    """The answer, not rounded."""

    pnl: PnlReport
    earlier_period: DateRange
    earlier: Statement
    metric: BridgeMetric
    left_out: Sequence[Line]
    """Costs of which not as much is known of one period as of the other: they are in neither `before` nor `after`."""
    before: int
    after: int
    effects: Mapping[Driver, int]
    """In micros; they add up to the change of the metric."""


def explain_profit_change(
    question: ChangeQuestion, *, workspace_id: str, now: datetime, figures: Figures
) -> ChangeReport:
    """Find what drove a profit from the earlier period to this one.

    Raises:
        NotFound: `no_data`.
        Invalid: the periods, none to compare with, or `fx_rate_missing`.

    """
    asked = PnlQuestion(period=question.period, against=question.against)
    pnl = get_pnl(asked, workspace_id=workspace_id, now=now, figures=figures)
    if pnl.earlier is None or pnl.earlier_period is None:
        raise Invalid(
            "invalid_argument",
            "A change is one against an earlier period: compare=none names none.",
            hint="Leave compare out, or use previous_year or custom; get_pnl gives one period alone.",
            field="compare",
        )
    line = Line(question.metric)
    left_out = [cost for cost in not_alike(pnl.earlier, pnl.total) if cost in costs_in(line)]
    before, after = pnl.earlier.without(left_out), pnl.total.without(left_out)
    return ChangeReport(
        pnl=pnl,
        earlier_period=pnl.earlier_period,
        earlier=pnl.earlier,
        metric=question.metric,
        left_out=left_out,
        before=before.known(line),
        after=after.known(line),
        effects=bridge(before, after, question.metric),
    )
