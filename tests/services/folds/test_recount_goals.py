"""How goals stand, and what is told of the north star, is what the slow count of random merchants' lines says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.analytics.buckets import Granularity
from shared.domain.analytics.periods import Asked, Compare
from shared.domain.facts.settings import Settings
from shared.services.figures.get_goal_progress import GoalQuestion, Standing, get_goal_progress
from shared.services.figures.get_north_star import NorthStarQuestion, get_north_star
from shared.services.figures.spans import Against
from tests.data.merchants import NOW, WORKSPACE, Line, Merchant, as_file, header
from tests.data.recount_goals import RATIOS, Books, each_day, standing

EXAMPLES = settings().max_examples // 16
OPENED, CLOSED = date(2026, 1, 1), date(2026, 6, 30)
MILLION = 1_000_000
METRICS = ("net_revenue", "orders", "returns", "ad_spend", *RATIOS)

cents = st.integers(0, 99_999)
plain_days = st.dates(OPENED, CLOSED)
days = st.one_of(plain_days, st.sampled_from([CLOSED, date(2026, 4, 30), date(2026, 5, 31)]))
MONTHS = [("2026-05-01", "2026-05-31"), ("2026-06-01", "2026-06-30"), ("2026-04-01", "2026-06-30")]


@st.composite
def shops(draw: st.DrawFn) -> list[Line]:
    """Draw a shop with a habit for each weekday, days out of the habit, refunds, and ads up to some day."""
    habit = draw(st.lists(st.integers(0, 2), min_size=7, max_size=7))
    odd = draw(st.dictionaries(plain_days, st.integers(0, 3), max_size=8))
    prices = draw(st.lists(cents, min_size=1, max_size=5))
    opened, closed = draw(st.sampled_from([OPENED, date(2026, 2, 20)])), draw(days)
    orders: list[Line] = []
    for day in each_day(opened, closed):
        for _ in range(odd.get(day, habit[day.weekday()])):
            item = {"quantity": 1, "price": money(prices[len(orders) % len(prices)])}
            orders.append({"type": "order", "id": str(len(orders)), "date": day.isoformat(), "lines": [item]})
    refunded = draw(st.lists(st.tuples(st.integers(0, 400), plain_days, cents), max_size=6))
    refunds: list[Line] = [
        {
            "type": "refund",
            "id": str(number),
            "order_id": orders[of % len(orders)]["id"],
            "date": max(day.isoformat(), orders[of % len(orders)]["date"]),
            "lines": [{"amount": money(amount)}],
        }
        for number, (of, day, amount) in enumerate(refunded)
        if orders
    ]
    spends = draw(st.lists(cents, min_size=1, max_size=3))
    about = {"type": "ad_day", "source": "meta_ads", "platform": "meta", "campaign_id": "c1"}
    ads: list[Line] = [
        {**about, "date": day.isoformat(), "spend": money(spends[place % len(spends)])}
        for place, day in enumerate(each_day(opened, draw(days)))
    ]
    return [*orders, *refunds, *ads]


def money(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02d}"


@st.composite
def goals(draw: st.DrawFn) -> Line:
    """Draw a goal of whole months, or of some days."""
    first = draw(st.dates(date(2026, 2, 1), CLOSED))
    some_days = (first.isoformat(), (first + timedelta(draw(st.integers(0, 30)))).isoformat())
    begins, ends = draw(st.sampled_from([*MONTHS, some_days]))
    target = draw(st.one_of(st.integers(-100, 1_000), st.integers(0, 1_000_000)))
    return {
        "type": "goal",
        "metric": draw(st.sampled_from(METRICS)),
        "target": f"{target / 100:.2f}",
        "direction": draw(st.sampled_from(["at_least", "at_most"])),
        "from": begins,
        "to": ends,
    }


def folded(lines: Sequence[Line], *, north_star: str = "cm3") -> Merchant:
    merchant = Merchant()
    merchant.settle(Settings(north_star=north_star))
    merchant.import_bytes(as_file([header(), *lines]))
    merchant.fold()
    return merchant


def told(row: Standing) -> dict[str, Any]:
    found, projection = row.progress, row.progress.projection

    def ones(millionths: Fraction | None) -> Fraction | None:
        return None if millionths is None else millionths / MILLION

    return {
        "status": None if found.status is None else str(found.status),
        "actual": ones(found.actual),
        "expected": ones(found.expected),
        "projected": None if projection is None else ones(projection.value),
        "low": None if projection is None else ones(projection.low),
        "high": None if projection is None else ones(projection.high),
        "reasons": [str(reason) for reason in found.reasons],
    }


@settings(max_examples=EXAMPLES)
@given(lines=shops(), wanted=st.lists(goals(), min_size=1, max_size=6), as_of=days)
def test_every_goal_stands_as_the_slow_count_says(lines: list[Line], wanted: list[Line], as_of: date) -> None:
    named = [{**goal, "id": f"g{place}"} for place, goal in enumerate(wanted)]
    merchant = folded([*lines, *named])
    books = Books(lines=lines)

    report = get_goal_progress(GoalQuestion(as_of=as_of), workspace_id=WORKSPACE, now=NOW, figures=merchant.figures)

    assert {row.goal.goal_id: told(row) for row in report.rows} == {
        goal["id"]: standing(books, goal, as_of) for goal in named
    }


@settings(max_examples=EXAMPLES)
@given(lines=shops(), metric=st.sampled_from(METRICS), ends=st.tuples(plain_days, plain_days, plain_days))
def test_the_north_star_is_what_the_slow_count_says_and_its_days_add_up(
    lines: list[Line], metric: str, ends: tuple[date, date, date]
) -> None:
    merchant, books = folded(lines, north_star=metric), Books(lines=lines)
    first, middle, last = sorted(ends)
    asked = NorthStarQuestion(
        period=Asked(first=middle, last=last),
        against=Against(compare=Compare.CUSTOM, first=first, last=middle),
        granularity=Granularity.MONTH,
    )

    report = get_north_star(asked, workspace_id=WORKSPACE, now=NOW, figures=merchant.figures)

    for value, span in ((report.value, (middle, last)), (report.before, (first, middle))):
        if value is not None:
            assert value / MILLION == books.value(metric, *span)
    if metric not in RATIOS and report.value is not None:
        assert sum((value or Fraction(0) for _, value in report.series), Fraction(0)) == report.value
    if report.change is not None and report.inputs:
        assert sum((each.contribution for each in report.inputs), Fraction(0)) == report.change
