"""How the number that the shop steers by is moving, what moved it, and whether what must hold beside it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from shared.domain.analytics.buckets import Bucket, Granularity, buckets
from shared.domain.analytics.inputs import Input, inputs_of
from shared.domain.analytics.periods import Asked, Compare, DateRange
from shared.domain.analytics.pnl import Line, not_alike
from shared.domain.analytics.rates_missing import OF_THE_PROFIT, unconverted
from shared.domain.analytics.steering import STEERABLE, Direction, Measured, Steerable, is_cost_unknown, value_of
from shared.domain.errors import Invalid
from shared.domain.facts.rollups import Figure
from shared.services.figures.frame import Frame, read_frame, require_data
from shared.services.figures.get_pnl import PnlReport
from shared.services.figures.measures import Measures, read_measures
from shared.services.figures.spans import Against, find_spans
from shared.storage.contracts.facts import Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class NorthStarQuestion:
    """What is asked."""

    period: Asked
    against: Against = field(default_factory=Against)
    """If nothing is said: the previous period for a total, nothing for a series."""
    granularity: Granularity = Granularity.TOTAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Guardrail:
    """What must hold while the north star rises; numbers in millionths."""

    key: str
    metric: Steerable | None
    """None: nobody can steer by what it names."""
    direction: Direction
    limit: int
    value: Fraction | None
    ok: bool | None
    """None: unknown, or it looks better than it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NorthStarReport:
    """The answer in millionths, not rounded."""

    pnl: PnlReport
    """The P&L that the numbers stand on."""
    metric: Steerable
    value: Fraction | None
    before: Fraction | None
    change: Fraction | None
    """None: unknown, or not as much is known of one period as of the other."""
    series: Sequence[tuple[Bucket, Fraction | None]]
    inputs: Sequence[Input]
    """Their contributions add up to the change, if there is one."""
    guardrails: Sequence[Guardrail]
    new_customers: int | None
    """None: unknown, or none of the numbers is about them."""
    orders_with_customer: int

    @property
    def costs(self) -> Sequence[Line]:
        """Give the costs that any of the numbers stands on."""
        metrics = [self.metric, *(each.metric for each in self.guardrails if each.metric is not None)]
        behind = {cost for metric in metrics for cost in metric.costs}
        return [cost for cost in Line if cost in behind]


def get_north_star(
    question: NorthStarQuestion, *, workspace_id: str, now: datetime, figures: Figures
) -> NorthStarReport:
    """Work out the north star from the months of the period and of the one before.

    Raises:
        NotFound: `no_data`.
        Invalid: the period, `fx_rate_missing`, or `unknown_metric`: of the settings.

    """
    frame = read_frame(workspace_id, now=now, figures=figures)
    require_data(frame)
    metric = _north_star(frame)
    is_total = question.granularity is Granularity.TOTAL
    default = Compare.PREVIOUS_PERIOD if is_total else Compare.NONE
    spans = find_spans(question.period, question.against, frame=frame, default=default)
    cut = buckets(spans.period, question.granularity, fiscal_start=frame.settings.fiscal_year_start)
    guards = [STEERABLE[key] for key in frame.settings.guardrails if key in STEERABLE]
    measures = read_measures([metric, *guards], spans.both, frame=frame, workspace_id=workspace_id, figures=figures)
    total = _measured(measures, spans.period)
    earlier = None if spans.earlier is None else _measured(measures, spans.earlier)
    value = _value(metric, total, frame, spans.period)
    before = None if earlier is None or spans.earlier is None else _value(metric, earlier, frame, spans.earlier)
    change = None
    if value is not None and before is not None and spans.earlier is not None and earlier is not None:
        is_alike = not set(not_alike(total.processed, earlier.processed)).intersection(metric.costs)
        is_known = not metric.needs_orders or all(frame.knows_enough(span) for span in spans.both)
        change = value - before if is_alike and is_known else None
    return NorthStarReport(
        pnl=PnlReport(
            frame=frame,
            currency=frame.settings.currency,
            period=spans.period,
            total=total.processed,
            series=(),
            earlier_period=spans.earlier,
            earlier=None if earlier is None else earlier.processed,
        ),
        metric=metric,
        value=value,
        before=before,
        change=change,
        series=[(bucket, _value(metric, _measured(measures, bucket.days), frame, bucket.days)) for bucket in cut],
        # Of days without a known order every input would be nothing, or of costs alone.
        inputs=[] if frame.is_unknown(spans.period) else inputs_of(metric, earlier or total, total),
        guardrails=_guardrails(total, frame, spans.period),
        new_customers=total.new_customers,
        orders_with_customer=measures.sums(spans.period).get(Figure.ORDERS_WITH_CUSTOMER, 0),
    )


def _north_star(frame: Frame) -> Steerable:
    key = frame.settings.north_star
    if key not in STEERABLE:
        raise Invalid(
            "unknown_metric",
            "The workspace's north star is a metric that is none of ours.",
            hint=f"Set it with merchant-mcp workspace settings --north-star to one of: {', '.join(STEERABLE)}.",
        )
    return STEERABLE[key]


def _measured(measures: Measures, span: DateRange) -> Measured:
    found = measures.of(span)
    if found.processed.unconverted:
        frame = measures.frame
        raise unconverted(found.processed.unconverted, span, frame.unrated(*OF_THE_PROFIT), frame.settings.currency)
    return found


def _value(metric: Steerable, measured: Measured, frame: Frame, span: DateRange) -> Fraction | None:
    """Give the value of a range; of days without a known order nobody knows what stands on orders."""
    return None if metric.needs_orders and frame.is_unknown(span) else value_of(metric, measured)


def _guardrails(measured: Measured, frame: Frame, period: DateRange) -> Sequence[Guardrail]:
    found: list[Guardrail] = []
    for key, limits in frame.settings.guardrails.items():
        metric = STEERABLE.get(key)
        value = None if metric is None else _value(metric, measured, frame, period)
        for side, limit in limits.items():
            direction = Direction(side)
            ok = None
            if metric is not None and value is not None and _is_sure(metric, measured, frame, period):
                ok = direction.holds(value, limit)
            found.append(Guardrail(key=key, metric=metric, direction=direction, limit=limit, value=value, ok=ok))
    return found


def _is_sure(metric: Steerable, measured: Measured, frame: Frame, period: DateRange) -> bool:
    """Tell whether a value is of enough days and costs to be held against a limit."""
    if is_cost_unknown(metric, measured) or (metric.needs_orders and not frame.knows_enough(period)):
        return False
    told = measured.processed
    return all(cost not in told.days_told or told.is_nearly_whole(cost) for cost in metric.costs)
