"""The slow, obvious standing of a goal, worked out from the lines of a file, as `docs/formulas.md` words it.

It shares nothing with the product: no reader, no SQL, no rollup, no calendar of periods. It knows orders of one line
without a currency, refunds, days of ads, and goals.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

Line = Mapping[str, Any]
Standing = Mapping[str, Any]
Came = Callable[[date, date], Fraction]
"""What came from one day to another, both included."""

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
    counted: dict[tuple[str, date], Fraction] = field(default_factory=dict[tuple[str, date], Fraction])
    """What was counted before."""

    def of_days(self, what: str) -> Came:
        """Give the count of one thing."""
        return lambda first, last: self.number(what, first, last)

    def of(self, type_: str) -> list[Line]:
        return [line for line in self.lines if line["type"] == type_]

    def number(self, what: str, first: date, last: date) -> Fraction:
        """Add up one thing over days, both included."""
        for day in each_day(first, last):
            if (what, day) not in self.counted:
                self.counted[what, day] = self._on(what, day)
        return sum((self.counted[what, day] for day in each_day(first, last)), Fraction(0))

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


def share_over(came: Came, first: date, last: date, through: date, known_from: date) -> Fraction:
    """Weigh the days that are over, and all days."""
    weights = [weight(came, first, last, day, known_from) for day in each_day(first, last)]
    over = (min(through, last) - first).days + 1
    return Fraction(sum(weights[:over]), sum(weights)) if sum(weights) else Fraction(0)


def weight(came: Came, first: date, last: date, day: date, known_from: date) -> Fraction:
    """Weigh a day by its weekday in the 56 days before; more if a year before it stood out."""
    usual = of_weekday(came, first, day)
    then, first_then = day - 364 * DAY, first - 364 * DAY
    if known_from > first_then - 56 * DAY or then >= first or not was_feast(came, first, last, then):
        return usual
    ordinary = [
        other
        for other in each_day(first_then, min(last - 364 * DAY, first - DAY))
        if not was_feast(came, first, last, other)
    ]
    sold = sum((max(came(other, other), Fraction(0)) for other in ordinary), Fraction(0))
    counted_on = sum((of_weekday(came, first_then, other) for other in ordinary), Fraction(0))
    own = of_weekday(came, first_then, then)
    if not sold * own * counted_on:
        return usual
    return usual * max((came(then, then) / own) / (sold / counted_on), Fraction(1))


def of_weekday(came: Came, first: date, day: date) -> Fraction:
    """Add up what the weekday of a day brought in the 56 days before a period; all are alike if none brought any."""
    before = {earlier: max(came(earlier, earlier), Fraction(0)) for earlier in each_day(first - 56 * DAY, first - DAY)}
    if not any(before.values()):
        return Fraction(1)
    return sum((value for earlier, value in before.items() if earlier.weekday() == day.weekday()), Fraction(0))


def was_feast(came: Came, first: date, last: date, day: date) -> bool:
    """Tell whether a day a year before a period stood out from the 56 days before that year's and from those after."""
    ended = min(last - 364 * DAY, first - DAY)
    later = [came(other, other) for other in each_day(ended + DAY, min(ended + 56 * DAY, first - DAY))]
    return bool(later) and stands_out(came, first - 364 * DAY, day) and is_far_above(came(day, day), max(later))


def stands_out(came: Came, first: date, day: date) -> bool:
    """Tell whether a day of a period brought, or took, half as much again as the best of the 56 days before it."""
    return is_far_above(
        came(day, day), max(came(earlier, earlier) for earlier in each_day(first - 56 * DAY, first - DAY))
    )


def is_far_above(brought: Fraction, best: Fraction) -> bool:
    """Tell whether something was brought, and half as much again as the best of others or more."""
    return brought != 0 and 2 * abs(brought) >= 3 * max(best, Fraction(0))


def is_of_one_day(came: Came, first: date, last: date, through: date, known_from: date) -> bool:
    """Tell whether a single day that stands out moves the projection by more than a tenth."""
    weights = {day: weight(came, first, last, day, known_from) for day in each_day(first, last)}
    so_far = sum(value for day, value in weights.items() if day <= through)
    whole = came(first, through) / so_far
    for day in each_day(first, through):
        if stands_out(came, first, day):
            rest = so_far - weights[day]
            if not rest or 10 * abs((came(first, through) - came(day, day)) / rest - whole) > abs(whole):
                return True
    return False


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
    came = books.of_days(metric)
    share = share_over(came, first, last, through, known[0])
    if not share:
        told = {"status": reached, "actual": actual, "expected": Fraction(0), "reasons": [*stale, "no_weight"]}
        return {**UNKNOWN, **told}
    if share < Fraction(1, 10):
        told = {"status": reached, "actual": actual, "expected": target * share, "reasons": [*stale, "too_early"]}
        return {**UNKNOWN, **told}
    projected = actual / share
    ends = [projected * part for part in band(came, (first, last), through, known[0])]
    ends = [projected] if share == 1 else ends
    leans = share < 1 and is_of_one_day(came, first, last, through, known[0])
    return {
        "status": reached or judged(projected, target, at_least=at_least),
        "actual": actual,
        "expected": target * share,
        "projected": projected,
        "low": min(ends, default=None),
        "high": max(ends, default=None),
        "reasons": [*stale, "one_day"] if leans else stale,
    }


def judged(comes_to: Fraction, target: Fraction, *, at_least: bool) -> str:
    """Tell by how much of the target it is missed."""
    missing = target - comes_to if at_least else comes_to - target
    if missing * 50 <= abs(target):
        return "on_track"
    return "at_risk" if missing * 10 <= abs(target) else "off_track"


def band(came: Came, period: tuple[date, date], through: date, known_from: date) -> list[Fraction]:
    """Give what each of six periods before came to, as a multiple of what the rule had said, and that it was right."""
    length = through - period[0]
    right: list[Fraction] = []
    for _ in range(6):
        period = before(*period)
        if known_from > period[0] - 56 * DAY:
            break
        until = min(period[0] + length, period[1])
        share = share_over(came, *period, until, known_from)
        so_far = came(period[0], until)
        if share and so_far > 0:
            right.append(came(*period) * share / so_far)
    return [*right, Fraction(1)] if right else []
