"""Questions about days that were unlike those before, and about what somebody should deal with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any

from tests.data.recount_anomalies import Number, Odd, mean_before
from tests.transports.questions.oracle import Books, Days, day_of, days
from tests.transports.questions.question import Content, Question, row_of

THIS_WEEK, THIS_MONTH = days("2026-11-14", "2026-11-20"), days("2026-11-01", "2026-11-20")
KNOWN = days("2026-09-06", "2026-11-20")
"""This month's days, and the eight weeks before its first."""


def _each(span: Days) -> list[date]:
    return [span.first + timedelta(n) for n in range((span.last - span.first).days + 1)]


@cache
def _recent(books: Books) -> Books:
    return Books([line for type_ in ("order", "refund", "ad_day") for line in books.of(type_, KNOWN)])


@cache
def _odd_days(books: Books, metric: str, within: Days) -> list[tuple[date, Odd]]:
    """Search for unusual days, the latest first."""
    recent = _recent(books)
    revenue = {day: float(recent.net_revenue(Days(day, day))) for day in _each(KNOWN)}
    orders = {day: float(len(recent.of("order", Days(day, day)))) for day in _each(KNOWN)}
    spend = {day: float(recent.ad_spend(Days(day, day), platform="meta")) for day in _each(KNOWN)}
    means = {day: (mean_before(revenue, day), mean_before(orders, day)) for day in _each(KNOWN)}
    number = {
        "net_revenue": Number(first=KNOWN.first, known=revenue),
        "orders": Number(
            first=KNOWN.first,
            known=orders,
            worth={day: brought / count for day, (brought, count) in means.items() if brought and count},
        ),
        "ad_spend": Number(first=KNOWN.first, known=spend),
    }[metric]
    _, odd = number.odd_days({day: brought * 28 * 0.02 for day, (brought, _) in means.items() if brought})
    return [(day, odd[day]) for day in sorted(odd, reverse=True) if day in within]


def _rows(content: Content, scope: str = "shop") -> list[Mapping[str, Any]]:
    columns = content["data"]["columns"]
    rows = [dict(zip(columns, row, strict=True)) for row in content["data"]["rows"]]
    return [row for row in rows if row["scope"] == scope]


def _worst_drop(books: Books, metric: str) -> Odd:
    """Find the worst of this month's days below what was expected."""
    return min((odd for _, odd in _odd_days(books, metric, THIS_MONTH)), key=lambda odd: odd.score)


def _lost(books: Books) -> list[str]:
    return [f"{one['source']} {one['account']}" for one in books.of("account") if one.get("status") == "lost_access"]


ANOMALIES: tuple[Question, ...] = (
    Question(
        asked="Anything odd this week?",
        tool="list_anomalies",
        arguments={"period": "last_7d", "metrics": ["net_revenue"]},
        answers=lambda c: [(row["date"], row["actual"], row["expected"]) for row in _rows(c)],
        counted=lambda b: [
            (str(day), round(odd.actual, 2), round(odd.expected, 2))
            for day, odd in _odd_days(b, "net_revenue", THIS_WEEK)
        ],
    ),
    Question(
        asked="When did sales drop this month?",
        tool="list_anomalies",
        arguments={"period": "mtd", "metrics": ["net_revenue", "orders"], "direction": "down"},
        answers=lambda c: [
            *(row["impact_amount"] for row in _rows(c) if row["metric"] == "net_revenue"),
            *(row["actual"] for row in _rows(c) if row["metric"] == "orders"),
        ],
        counted=lambda b: [
            *(round(odd.impact, 2) for _, odd in _odd_days(b, "net_revenue", THIS_MONTH) if odd.score < 0),
            *(odd.actual for _, odd in _odd_days(b, "orders", THIS_MONTH) if odd.score < 0),
        ],
    ),
    Question(
        asked="On which days of this month was Meta's spend unlike what was expected?",
        tool="list_anomalies",
        arguments={"period": "mtd", "metrics": ["ad_spend"], "detail": "full"},
        answers=lambda c: [(row["date"], row["actual"], row["severity"]) for row in _rows(c, "meta")],
        counted=lambda b: [
            (str(day), round(odd.actual, 2), odd.severity) for day, odd in _odd_days(b, "ad_spend", THIS_MONTH)
        ],
    ),
    Question(
        asked="Which alerts are open?",
        tool="list_alerts",
        answers=lambda c: [
            c["meta"]["page"]["total"],
            row_of(c, category="sync_health")["scope"],
            row_of(c, metric="orders")["value"],
            row_of(c, metric="net_revenue")["threshold"],
        ],
        counted=lambda b: [
            len(_lost(b)) + 2,
            *_lost(b),
            _worst_drop(b, "orders").actual,
            round(_worst_drop(b, "net_revenue").low, 2),
        ],
    ),
    Question(
        asked="What needs attention?",
        tool="list_alerts",
        arguments={"severity": "error", "category": "revenue"},
        answers=lambda c: [(row["metric"], row["value"]) for row in sorted(_rows(c), key=lambda row: row["metric"])],
        counted=lambda b: [
            (metric, round(odd.actual, 2))
            for metric in ("net_revenue", "orders")
            for odd in [_worst_drop(b, metric)]
            if odd.severity == "critical"
        ],
    ),
    Question(
        asked="Did somebody change unit costs today?",
        tool="list_activity",
        arguments={"period": "today", "kinds": ["cost_change"]},
        answers=lambda c: [int(number) for number in re.findall(r"(\d+) new", str(c["data"]["rows"]))],
        counted=lambda b: [len({(cost["sku"], day_of({"date": cost["effective_from"]})) for cost in b.of("cost")})],
    ),
)
