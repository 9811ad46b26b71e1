"""Which days of a period were unlike those before them, and which of its days could be judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from shared.domain.analytics.anomalies import HABIT, Severity
from shared.domain.analytics.anomaly_metrics import AnomalyMetric, promotion_days
from shared.domain.analytics.periods import Asked, DateRange, resolve
from shared.domain.errors import Invalid
from shared.domain.facts.anomalies import Anomaly, AnomalyMonth
from shared.domain.facts.families import Family
from shared.services.figures.frame import Frame, read_frame, require_data
from shared.services.figures.spans import read_months
from shared.storage.contracts.facts import Figures

SEVERITIES = tuple(Severity)
"""From the mildest."""


class Side(StrEnum):
    """Which days are asked for. The values are on the wire."""

    UP = "up"
    DOWN = "down"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnomalyQuestion:
    """What is asked."""

    period: Asked
    metrics: Sequence[AnomalyMetric] = tuple(AnomalyMetric)
    min_severity: Severity = Severity.INFO
    side: Side = Side.BOTH


@dataclass(frozen=True, slots=True, kw_only=True)
class AnomalyReport:
    """The answer, not rounded."""

    frame: Frame
    period: DateRange
    rows: Sequence[Anomaly]
    """Latest first; of a day what is worth most."""
    judged: Mapping[str, int]
    """metric, or metric#platform -> of how many days of the period it could be judged."""
    promotions: int
    """Days of the period that the shop has said it did something on."""


def list_anomalies(question: AnomalyQuestion, *, workspace_id: str, now: datetime, figures: Figures) -> AnomalyReport:
    """Pick the unusual days of a period out of its months.

    Raises:
        NotFound: `no_data`.
        Invalid: the period, or `insufficient_data`: none of its days could be judged.

    """
    frame = read_frame(workspace_id, now=now, figures=figures)
    require_data(frame)
    period = resolve(question.period, today=frame.today, fiscal_start=frame.settings.fiscal_year_start)
    months = read_months(AnomalyMonth, [period], workspace_id=workspace_id, figures=figures)
    report = AnomalyReport(
        frame=frame,
        period=period,
        rows=sorted(_wanted(question, months, period, frame), key=_place),
        judged=_judged(question.metrics, months, period, frame),
        promotions=len(promotion_days(frame.settings.promotions, period)),
    )
    if not any(report.judged.values()):
        raise _nothing_judged(report)
    return report


def _wanted(
    question: AnomalyQuestion, months: Sequence[AnomalyMonth], period: DateRange, frame: Frame
) -> list[Anomaly]:
    least = SEVERITIES.index(question.min_severity)
    return [
        one
        for month in months
        for one in month.told()
        if period.first <= one.day <= period.last
        and one.day < frame.today
        and one.metric in question.metrics
        and SEVERITIES.index(Severity(one.severity)) >= least
        and (question.side is Side.BOTH or (one.score > 0) == (question.side is Side.UP))
    ]


def _judged(
    metrics: Sequence[AnomalyMetric], months: Sequence[AnomalyMonth], period: DateRange, frame: Frame
) -> dict[str, int]:
    counted = dict.fromkeys(map(str, metrics), 0)
    for month in months:
        for key, days in month.judged.items():
            if key.partition("#")[0] in metrics:
                inside = (date.fromisoformat(f"{month.month}-{day:02}") for day in days)
                found = sum(period.first <= day <= period.last and day < frame.today for day in inside)
                counted[key] = counted.get(key, 0) + found
    return counted


def _nothing_judged(report: AnomalyReport) -> Invalid:
    frame = report.frame
    if not frame.accounts_with(Family.ORDER, Family.AD_DAY):
        message = "There is no day to judge: neither orders nor ad spend were imported."
        hint = f"Import orders or ad spend of more than {HABIT} days."
    elif report.period.first >= frame.today:
        message = f"Today, {frame.today}, is not over, and no day is judged before it is."
        hint = "Ask for period=yesterday, last_7d or last_28d."
    else:
        message = (
            f"No day of {report.period} could be judged: a day needs {HABIT} days before it that are known, no "
            "promotion on it, and a source that tells of all of it."
        )
        hint = (
            f"{_orders_known(frame)}: ask for days at least {HABIT} after the first, or import more; "
            "pma_list_data_sources tells how far each source reaches."
        )
    return Invalid("insufficient_data", message, hint=hint, field="period")


def _orders_known(frame: Frame) -> str:
    first, last = frame.overview.data_from, frame.overview.data_through
    return "No orders are known, only ad spend" if first is None else f"Orders are known from {first} to {last}"


def _place(one: Anomaly) -> tuple[int, int, str, str]:
    return -one.day.toordinal(), -abs(one.impact), one.metric, one.scope
