"""The slow, obvious search for unusual days: worked out day by day from the files that were sent.

It shares nothing with the product: no reader, no SQL, no rollup, no median. Amounts are plain numbers of the currency's
major unit, days stand in dictionaries, and a day that is not there is one of which nobody knows. It reads files in one
currency whose orders state all that they cost, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from math import exp, log

from tests.data.latest_lines import Fact, Line, facts_now

By = dict[date, float]


@dataclass(frozen=True, kw_only=True)
class Odd:
    """An unusual day."""

    actual: float
    expected: float
    low: float
    high: float
    score: float
    severity: str
    impact: float
    running: int
    """The how-manieth unusual day in a row on this side."""


def middle(values: Iterable[float]) -> float:
    """Give the value in the middle, or half way between the two there."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


@dataclass(frozen=True, kw_only=True)
class Number:
    """A number by day."""

    first: date
    """The first day that could have told it."""
    known: By
    worth: By | None = None
    """What one more of it is worth, by day; None: it is money."""
    is_ratio: bool = False
    may_be_negative: bool = False

    def usual(self, day: date) -> tuple[float, float] | None:
        """Give what is usual of a day and how far days stray from it, both by logarithm unless it is a ratio."""
        before = [day - timedelta(n) for n in range(1, 57)]
        places = {each: self.place(self.known[each]) for each in before if each in self.known}
        of_weekday = {n: [places[each] for each in places if each.weekday() == n] for n in range(7)}
        if before[-1] < self.first or any(len(values) < 4 for values in of_weekday.values()):
            return None
        left = {each: place - middle(of_weekday[each.weekday()]) for each, place in places.items()}
        lately = [left[each] for each in before[:28] if each in left]
        if len(lately) < 14:
            return None
        strayed = [abs(value) for value in left.values()]
        typical = middle(strayed)
        deviation = max(typical, 0.05) / 0.6745 if typical > 0 else max(sum(strayed) / len(strayed), 0.05) * 1.2533
        return middle(of_weekday[day.weekday()]) + middle(lately), deviation

    def place(self, value: float) -> float:
        """Give where a value lies."""
        return value if self.is_ratio else log(1 + max(value, 0))

    def value(self, place: float) -> float:
        """Give the value that lies there."""
        value = place if self.is_ratio else exp(place) - 1
        return value if self.may_be_negative else max(value, 0)

    def odd_days(self, floors: By) -> tuple[set[date], dict[date, Odd]]:
        """Give the days that could be judged, and those that are unusual."""
        judged: set[date] = set()
        odd: dict[date, Odd] = {}
        for day in sorted(self.known):
            usual = self.usual(day)
            if usual is None or day not in floors or (self.worth is not None and day not in self.worth):
                continue
            judged.add(day)
            centre, deviation = usual
            score = (self.place(self.known[day]) - centre) / deviation
            if abs(score) < 3.5:
                continue
            impact = (self.known[day] - self.value(centre)) * (1 if self.worth is None else self.worth[day])
            before = odd.get(day - timedelta(1))
            goes_on = before is not None and before.score * score > 0
            odd[day] = Odd(
                actual=self.known[day],
                expected=self.value(centre),
                low=self.value(centre - 3.5 * deviation),
                high=self.value(centre + 3.5 * deviation),
                score=score,
                severity=(
                    "info" if abs(impact) < floors[day] else "critical" if abs(score) >= 5 or goes_on else "warning"
                ),
                impact=impact,
                running=before.running + 1 if before is not None and goes_on else 1,
            )
        return judged, odd


@dataclass(kw_only=True)
class Sold:
    """What a day of the shop brought."""

    orders: int = 0
    sales: float = 0
    shipping: float = 0
    costs: float = 0
    costly_sales: float = 0
    """Sales of which the cost is known."""
    fulfilment: float = 0
    fulfilled: int = 0
    returns: float = 0
    lost_later: float = 0
    """What was refunded of the day's orders, whenever."""

    @property
    def revenue(self) -> float:
        """What the day brought."""
        return self.sales + self.shipping - self.returns


@dataclass(kw_only=True)
class Diary:
    """All days of a shop and its ads, but for those of promotions."""

    promotions: Collection[date]
    shop: dict[date, Sold] = field(default_factory=dict[date, Sold])
    ads: dict[str, By] = field(default_factory=dict[str, By])
    """platform -> day -> spend, on every day from the first of any ad to the last."""

    def column(self, of: Callable[[Sold], float | None]) -> By:
        """Give a number of the shop by day."""
        found = {day: of(sold) for day, sold in self.shop.items() if day not in self.promotions}
        return {day: float(value) for day, value in found.items() if value is not None}


def mean_before(values: Mapping[date, float], day: date) -> float | None:
    """Give the mean of the known ones of 28 days."""
    known = [values[day - timedelta(n)] for n in range(1, 29) if day - timedelta(n) in values]
    return sum(known) / len(known) if known else None


def part_of(above: By, below: By) -> By:
    """Divide, where there is not much less than usual to divide by."""
    found: By = {}
    for day in above.keys() & below.keys():
        mean = mean_before(below, day)
        if mean is not None and below[day] > 0 and below[day] >= mean / 4:
            found[day] = above[day] / below[day]
    return found


def read(files: Iterable[Sequence[Line]], promotions: Collection[date]) -> Diary:
    """Fill the diary."""
    facts = facts_now(files, "UTC")
    diary = Diary(promotions=promotions)
    orders = {str(fact.line["id"]): fact for fact in facts if fact.type == "order"}
    told = {fact.day for fact in orders.values()}
    for day in _from_first_to_last(told):
        diary.shop[day] = Sold()
    for fact in orders.values():
        _sell(diary.shop[fact.day], fact)
    for fact in (fact for fact in facts if fact.type == "refund"):
        amount = sum(_number(line, "amount") for line in fact.line["lines"])
        diary.shop[fact.day].returns += amount
        diary.shop[orders[str(fact.line["order_id"])].day].lost_later += amount
    advertised = [fact for fact in facts if fact.type == "ad_day"]
    for platform in {fact.line["platform"] for fact in advertised}:
        spent = diary.ads.setdefault(platform, dict.fromkeys(_from_first_to_last({f.day for f in advertised}), 0.0))
        for fact in advertised:
            if fact.line["platform"] == platform:
                spent[fact.day] += _number(fact.line, "spend")
    return diary


def _sell(sold: Sold, fact: Fact) -> None:
    sold.orders += 1
    sold.shipping += _number(fact.line, "shipping")
    for line in fact.line["lines"]:
        worth = _number(line, "price") * line["quantity"]
        sold.sales += worth
        if "unit_cost" in line:
            sold.costs += _number(line, "unit_cost") * line["quantity"]
            sold.costly_sales += worth
    if "fulfilment_cost" in fact.line:
        sold.fulfilment += _number(fact.line, "fulfilment_cost")
        sold.fulfilled += 1


def _from_first_to_last(days: Collection[date]) -> list[date]:
    return [min(days) + timedelta(n) for n in range((max(days) - min(days)).days + 1)] if days else []


def _number(line: Line, name: str) -> float:
    return float(Decimal(str(line.get(name) or 0)))


def numbers_of(diary: Diary) -> Mapping[tuple[str, str], Number]:
    """Give all numbers that are watched, by metric and scope."""
    begin = min(diary.shop)
    revenue, orders = diary.column(lambda sold: sold.revenue), diary.column(lambda sold: sold.orders)
    fulfilled = diary.column(lambda sold: sold.fulfilled)
    margin = diary.column(
        lambda sold: sold.revenue - sold.costs - sold.fulfilment if sold.costly_sales >= sold.sales * 0.9 else None
    )
    means = {day: (mean_before(revenue, day), mean_before(orders, day)) for day in diary.shop}
    an_order = {day: brought / count for day, (brought, count) in means.items() if brought and count}
    sales, fulfilment = diary.column(lambda sold: sold.sales), diary.column(lambda sold: sold.fulfilment)
    found = {
        ("orders", "shop"): Number(first=begin, known=orders, worth=an_order),
        ("net_revenue", "shop"): Number(first=begin, known=revenue),
        ("returns", "shop"): Number(first=begin, known=diary.column(lambda sold: sold.returns)),
        ("aov", "shop"): Number(first=begin, known=part_of(sales, orders), worth=orders),
        ("fulfilment_per_order", "shop"): Number(first=begin, known=part_of(fulfilment, fulfilled), worth=fulfilled),
        ("cm2_margin", "shop"): Number(
            first=begin, known=part_of(margin, revenue), worth=revenue, is_ratio=True, may_be_negative=True
        ),
    }
    by_platform = {
        platform: {day: spent for day, spent in days.items() if day not in diary.promotions}
        for platform, days in diary.ads.items()
    }
    if not by_platform:
        return found
    first = min(min(days) for days in diary.ads.values())
    whole = {day: sum(days[day] for days in by_platform.values()) for day in next(iter(by_platform.values()))}
    brought = diary.column(lambda sold: sold.sales + sold.shipping - sold.lost_later)
    found["mer", "shop"] = Number(first=first, known=part_of(brought, whole), worth=whole, is_ratio=True)
    for scope, days in {**by_platform, "shop": whole}.items():
        found["ad_spend", scope] = Number(first=first, known=days)
    return found


def floors_of(diary: Diary) -> By:
    """Give the least impact worth acting on: 2 % of what 28 days bring, or cost where they bring nothing."""
    revenue = diary.column(lambda sold: sold.revenue)
    every = _from_first_to_last({*diary.shop, *(day for days in diary.ads.values() for day in days)})
    spent = {
        day: sum(days[day] for days in diary.ads.values() if day in days)
        for day in {day for days in diary.ads.values() for day in days}.difference(diary.promotions)
    }
    floors: By = {}
    for day in every:
        means = (mean_before(revenue, day), mean_before(spent, day))
        worth = next((mean for mean in means if mean is not None and mean > 0), None)
        if worth is not None:
            floors[day] = worth * 28 * 0.02
    return floors
