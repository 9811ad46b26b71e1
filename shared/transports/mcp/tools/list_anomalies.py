"""The days that were unlike those before them."""

from __future__ import annotations

from collections import Counter

from pydantic import Field

from shared.domain.analytics.anomalies import HABIT, Severity
from shared.domain.analytics.anomaly_causes import Cause
from shared.domain.analytics.anomaly_definitions import ANOMALY_VERSION, SCORE_FORMULA
from shared.domain.analytics.anomaly_metrics import MONEY, RATIOS, AnomalyMetric
from shared.domain.analytics.money import MICROS, RATE_DIGITS, amount, counted, rounded, share, written
from shared.domain.analytics.periods import PeriodWord
from shared.domain.facts.anomalies import SHOP, Anomaly
from shared.domain.facts.families import Family
from shared.services.figures.frame import Caveat
from shared.services.figures.list_anomalies import SEVERITIES, AnomalyQuestion, AnomalyReport, Side, list_anomalies
from shared.services.tool_catalogue import TOOL_BY_NAME
from shared.transports.mcp.tools.answer import Answer, Cell, Table
from shared.transports.mcp.tools.arguments import ListArguments
from shared.transports.mcp.tools.periods import PERIOD_WORDS, SpanArguments
from shared.transports.mcp.tools.schemas import (
    INTEGER,
    NUMBER,
    TEXT,
    Schema,
    listing,
    mapping,
    output_schema,
    record,
    table,
)
from shared.transports.mcp.tools.tool import Call, Tool

COLUMNS: dict[str, Schema] = {
    "date": TEXT,
    "metric": {"enum": [str(metric) for metric in AnomalyMetric]},
    "scope": TEXT,
    "actual": NUMBER,
    "expected": NUMBER,
    "low": NUMBER,
    "high": NUMBER,
    "score": NUMBER,
    "impact_amount": NUMBER,
    "severity": {"enum": [str(severity) for severity in Severity]},
    "persistent_days": INTEGER,
    "likely_causes": listing({"enum": [str(cause) for cause in Cause]}),
}

OUTPUT = output_schema(
    table(COLUMNS, {"method": TEXT, "judged_days": mapping(INTEGER)}),
    totals=record({str(severity): INTEGER for severity in Severity}),
)

COUNT_DIGITS, SCORE_DIGITS = 1, 2
THOUSAND = 1_000


class AnomalyArguments(SpanArguments, ListArguments):
    """The arguments of `list_anomalies`."""

    period: PeriodWord = Field(default=PeriodWord.LAST_28D, description=PERIOD_WORDS)
    metrics: tuple[AnomalyMetric, ...] = Field(
        default=(), max_length=len(AnomalyMetric), description="Only these. Left out: all of them."
    )
    min_severity: Severity = Field(
        default=Severity.INFO,
        description=(
            "info: |score| from 3.5, too small to act on. warning: worth acting on. critical: and |score| from 5, or "
            "the second unusual day running."
        ),
    )
    direction: Side = Field(default=Side.BOTH, description="Only days above (up) or below (down) what was expected.")


def run(arguments: AnomalyArguments, call: Call) -> Answer:
    """Answer with a row for each unusual day of each metric."""
    report = list_anomalies(
        AnomalyQuestion(
            period=arguments.asked,
            metrics=arguments.metrics or tuple(AnomalyMetric),
            min_severity=arguments.min_severity,
            side=arguments.direction,
        ),
        workspace_id=call.workspace_id,
        now=call.now,
        figures=call.figures,
    )
    currency = report.frame.settings.currency
    return Answer(
        summary=_summary(report, currency),
        frame=report.frame,
        data=Table(
            columns=tuple(COLUMNS),
            rows=[_row(one, currency) for one in report.rows],
            more={"method": SCORE_FORMULA, "judged_days": report.judged},
        ),
        totals={severity: sum(one.severity == severity for one in report.rows) for severity in map(str, Severity)},
        period=report.period,
        definition_version=ANOMALY_VERSION,
        sources=report.frame.accounts_with(Family.ORDER, Family.REFUND, Family.AD_DAY),
        caveats=_caveats(report),
    )


def _row(one: Anomaly, currency: str) -> list[Cell]:
    metric = AnomalyMetric(one.metric)
    return [
        one.day.isoformat(),
        one.metric,
        one.scope,
        *(_value(metric, millionths, currency) for millionths in (one.actual, one.expected, one.low, one.high)),
        _number(one.score, THOUSAND, SCORE_DIGITS),
        amount(one.impact, currency),
        one.severity,
        one.days,
        list(one.causes),
    ]


def _value(metric: AnomalyMetric, millionths: int, currency: str) -> float:
    if metric in MONEY:
        return amount(millionths, currency)
    return _number(millionths, MICROS, RATE_DIGITS if metric in RATIOS else COUNT_DIGITS)


def _number(stored: int, scale: int, digits: int) -> float:
    return rounded(stored * 10**digits, scale) / 10**digits


def _summary(report: AnomalyReport, currency: str) -> str:
    if not report.rows:
        return f"No unusual day in {report.period}, of {_judged(report)}."
    days = len({one.day for one in report.rows})
    largest = max(report.rows, key=lambda one: abs(one.impact))
    of = largest.metric if largest.scope == SHOP else f"{largest.metric} of {largest.scope}"
    side = "above" if largest.score > 0 else "below"
    return (
        f"{counted(len(report.rows), 'anomaly', 'anomalies')} ({_severities(report)}) on {counted(days, 'day')} in "
        f"{report.period}. "
        f"The largest: {of} on {largest.day}, {written(abs(largest.impact), currency)} {side} what was expected."
    )


def _severities(report: AnomalyReport) -> str:
    found = Counter(one.severity for one in report.rows)
    return ", ".join(f"{found[severity]} {severity}" for severity in reversed(SEVERITIES) if found[severity])


def _judged(report: AnomalyReport) -> str:
    fewest, most = min(report.judged.values()), max(report.judged.values())
    if fewest == most:
        return f"{counted(most, 'day')} that could be judged"
    return f"{fewest} to {counted(most, 'day')} that could be judged, by metric"


def _caveats(report: AnomalyReport) -> list[Caveat]:
    frame, period = report.frame, report.period
    of_shop = {AnomalyMetric(key): days for key, days in report.judged.items() if "#" not in key}
    caveats = frame.caveats(period) if of_shop.keys() - {AnomalyMetric.AD_SPEND} else []
    caveats += frame.late_ads(period) if of_shop.keys() & {AnomalyMetric.AD_SPEND, AnomalyMetric.MER} else []
    lacking = {key: days for key, days in of_shop.items() if days < period.days}
    if lacking:
        told = ", ".join(f"{key} {days}" for key, days in lacking.items())
        message = (
            f"Not all of {counted(period.days, 'day')} could be judged: {told}. A day needs {HABIT} known days before "
            "it, and a source that tells of all of it."
        )
        judged = sum(of_shop.values())
        caveats.append(
            Caveat(code="insufficient_data", message=message, share=share(judged, period.days * len(of_shop)))
        )
    if report.promotions:
        message = f"{counted(report.promotions, 'day')} of {period} are promotions that the shop declared: not judged."
        caveats.append(Caveat(code="promotion", message=message))
    return caveats


TOOL = Tool(
    entry=TOOL_BY_NAME["list_anomalies"],
    description=(
        "Days on which orders, net revenue, aov, returns, ad spend (also by platform), mer, cm2_margin or fulfilment "
        "cost per order were unlike the 56 days before, with what was expected, how much it amounts to, and likely "
        "causes that the data itself shows. Use it for whether anything odd happened, when something dropped or "
        "spiked, and on which days. Declared promotions and days that are not over are never judged. Not for what is "
        "open to be dealt with (list_alerts), for what somebody changed (list_activity) or for why profit changed "
        "between two periods (explain_profit_change)."
    ),
    arguments=AnomalyArguments,
    output=OUTPUT,
    run=run,
)
