"""The slow, obvious standing of a goal, worked out from the lines of a file, as `docs/formulas.md` words it.

It shares nothing with the product: no reader, no SQL, no rollup, no calendar of periods. It knows orders of one line
without a currency, refunds, days of ads, and goals.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

Line = Mapping[str, Any]
Standing = Mapping[str, Any]

DAY = timedelta(days=1)
RATIOS: Mapping[str, tuple[str, str]] = {
    "aov": ("sales", "orders"),
    "refund_rate": ("refunded", "orders"),
}
UNKNOWN = {"status": None, "actual": None, "expected": None, "projected": None, "low": None, "high": None}


@dataclass(frozen=True, kw_only=True)
class Books:
    """The lines of a shop."""

    lines: Sequence[Line]

    def of(self, type_: str) -> list[Line]:
        return [line for line in self.lines if line["type"] == type_]

    def number(self, what: str, first: date, last: date) -> Fraction:
        """Add up one thing over days, both included."""
        return sum((self._on(what, day) for day in each_day(first, last)), Fraction(0))

    def _on(self, what: str, day: date) -> Fraction:
        iso = day.isoformat()
        orders = [order for order in self.of("order") if order["date"] == iso]
        ids = {order["id"] for order in orders}
        sold = sum((Fraction(o["lines"][0]["price"]) * o["lines"][0]["quantity"] for o in orders), Fraction(0))
        back_today = [refund for refund in self.of("refund") if refund["date"] == iso]
        back_of_today = [refund for refund in self.of("refund") if refund["order_id"] in ids]
        counted: dict[str, Callable[[], Fraction]] = {
            "sales": lambda: sold,
            "net_revenue": lambda: sold - _refunded(back_today),
            "returns": lambda: _refunded(back_today),
            "orders": lambda: Fraction(len(orders)),
            "refunded": lambda: Fraction(len({refund["order_id"] for refund in back_of_today})),
            "ad_spend": lambda: sum((Fraction(a["spend"]) for a in self.of("ad_day") if a["date"] == iso), Fraction(0)),
        }
        return counted[what]()

    def value(self, metric: str, first: date, last: date) -> Fraction | None:
        """Work out a metric over days; None: there is nothing to divide by."""
        if metric not in RATIOS:
            return self.number(metric, first, last)
        top, bottom = (self.number(part, first, last) for part in RATIOS[metric])
        return top / bottom if bottom > 0 else None

    def known(self, metric: str) -> tuple[date, date] | None:
        """Give the first and the last day of which a metric is known."""
        orders = sorted(date.fromisoformat(order["date"]) for order in self.of("order"))
        ads = sorted(date.fromisoformat(ad["date"]) for ad in self.of("ad_day"))
        if metric == "ad_spend":
            return (ads[0], ads[-1]) if ads else None
        return (orders[0], orders[-1]) if orders else None


def _refunded(refunds: Sequence[Line]) -> Fraction:
    return sum((Fraction(refund["lines"][0]["amount"]) for refund in refunds), Fraction(0))


def each_day(first: date, last: date) -> Iterator[date]:
    """List days, both ends included."""
    while first <= last:
        yield first
        first += DAY


def before(first: date, last: date) -> tuple[date, date]:
    """Give the period before one: whole months before whole months, else as many days."""
    ends_a_month = last.day == calendar.monthrange(last.year, last.month)[1]
    if first.day != 1 or not ends_a_month:
        return first - (last - first) - DAY, first - DAY
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    begins = first
    for _ in range(months):
        begins = (begins - DAY).replace(day=1)
    return begins, first - DAY


def share_over(books: Books, metric: str, first: date, last: date, through: date) -> Fraction:
    """Weigh the days that are over by what their weekdays brought in the 56 days before."""
    weights = dict.fromkeys(range(7), Fraction(0))
    for day in each_day(first - 56 * DAY, first - DAY):
        weights[day.weekday()] += max(books.number(metric, day, day), Fraction(0))
    if not any(weights.values()):
        weights = dict.fromkeys(range(7), Fraction(1))
    whole = sum(weights[day.weekday()] for day in each_day(first, last))
    over = sum(weights[day.weekday()] for day in each_day(first, min(through, last)))
    return Fraction(over, whole) if whole else Fraction(over)


def standing(books: Books, goal: Line, as_of: date) -> Standing:
    """Tell how a goal stands when a day is over."""
    metric, target, at_least = goal["metric"], Fraction(goal["target"]), goal["direction"] == "at_least"
    first, last = date.fromisoformat(goal["from"]), date.fromisoformat(goal["to"])
    known = books.known(metric)
    if first > as_of:
        return {**UNKNOWN, "status": "upcoming", "reasons": []}
    if known is None or known[1] < first:
        return {**UNKNOWN, "reasons": ["upstream_stale"]}
    if known[0] > first:
        return {**UNKNOWN, "reasons": ["before_data"]}
    through = min(as_of, last, known[1])
    stale = ["upstream_stale"] if through < min(as_of, last) else []
    actual = books.value(metric, first, through)
    if actual is None:
        return {**UNKNOWN, "reasons": ["value_unknown", *stale]}
    if through == last:
        status = "met" if (actual >= target if at_least else actual <= target) else "missed"
        ended = dict.fromkeys(("actual", "projected", "low", "high"), actual)
        return {**ended, "status": status, "expected": target, "reasons": []}
    if metric in RATIOS:
        status = judged(actual, target, at_least=at_least)
        return {**UNKNOWN, "status": status, "actual": actual, "expected": target, "reasons": ["ratio", *stale]}
    reached = "on_track" if at_least and actual >= target else "off_track" if not at_least and actual > target else None
    if known[0] > first - 56 * DAY:
        return {**UNKNOWN, "status": reached, "actual": actual, "reasons": [*stale, "short_history"]}
    share = share_over(books, metric, first, last, through)
    if not share:
        told = {"status": reached, "actual": actual, "expected": Fraction(0), "reasons": [*stale, "no_weight"]}
        return {**UNKNOWN, **told}
    projected = actual / share
    came = [projected * part for part in band(books, metric, (first, last), through, known[0])]
    came = [projected] if share == 1 else came
    return {
        "status": reached or judged(projected, target, at_least=at_least),
        "actual": actual,
        "expected": target * share,
        "projected": projected,
        "low": min(came, default=None),
        "high": max(came, default=None),
        "reasons": stale,
    }


def judged(comes_to: Fraction, target: Fraction, *, at_least: bool) -> str:
    """Tell by how much of the target it is missed."""
    missing = target - comes_to if at_least else comes_to - target
    if missing * 50 <= abs(target):
        return "on_track"
    return "at_risk" if missing * 10 <= abs(target) else "off_track"


def band(books: Books, metric: str, period: tuple[date, date], through: date, known_from: date) -> list[Fraction]:
    """Give what each of six periods before came to, as a multiple of what the rule had said, and that it was right."""
    length = through - period[0]
    came: list[Fraction] = []
    for _ in range(6):
        period = before(*period)
        if known_from > period[0] - 56 * DAY:
            break
        until = period[0] + length
        share = share_over(books, metric, *period, until)
        so_far = books.number(metric, period[0], min(until, period[1]))
        if share and so_far > 0:
            came.append(books.number(metric, *period) * share / so_far)
    return [*came, Fraction(1)] if came else []
