"""Questions about the number that the shop steers by, and about its goals."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

from tests.data.recount_goals import each_day, share_over
from tests.transports.questions.oracle import Books, Days, days
from tests.transports.questions.question import Question, row_of

OCTOBER, SEPTEMBER = days("2026-10-01", "2026-10-31"), days("2026-09-01", "2026-09-30")
NOVEMBER, SO_FAR = days("2026-11-01", "2026-11-30"), days("2026-11-01", "2026-11-20")
DAYS_LEFT = 10


def cm3(books: Books, within: Days) -> Fraction:
    return books.ebitda(within) + books.booked(within, line="opex")


def _input(content: Any, metric: str) -> float:  # noqa: ANN401 - any JSON
    return next(each["contribution"] for each in content["data"]["inputs"] if each["metric"] == metric)


def _guards(content: Any) -> list[Any]:  # noqa: ANN401 - any JSON
    return [value for each in content["data"]["guardrails"] for value in (each["value"], each["ok"])]


def _guarded(books: Books) -> list[Any]:
    """Work out the return on all ad spend, and the part of the orders that was refunded."""
    orders = books.of("order", OCTOBER)
    mer = sum(map(books.revenue_of, orders), Fraction(0)) / books.ad_spend(OCTOBER)
    rate = Fraction(len([order for order in orders if books.refunded[order["id"]]]), len(orders))
    return [round(float(mer), 4), mer >= 8, round(float(rate), 4), rate <= Fraction(8, 100)]


def target_of(books: Books, goal_id: str) -> Fraction:
    (goal,) = [goal for goal in books.of("goal") if goal["id"] == goal_id]
    return Fraction(goal["target"])


def _comes_to(books: Books) -> Fraction:
    """Project November's net revenue: its Black Friday is still to come, and stood out a year before."""

    @cache
    def of_day(day: date) -> Fraction:
        return books.net_revenue(Days(day, day))

    def came(first: date, last: date) -> Fraction:
        return sum(map(of_day, each_day(first, last)), _NONE)

    opened = min(date.fromisoformat(order["at"][:10]) for order in books.of("order"))
    return books.net_revenue(SO_FAR) / share_over(came, NOVEMBER.first, NOVEMBER.last, SO_FAR.last, opened)


def _standing(comes_to: Fraction, target: Fraction) -> str:
    part = comes_to / target
    return "on_track" if part >= Fraction(98, 100) else "at_risk" if part >= Fraction(90, 100) else "off_track"


_NONE = Fraction(0)

GOALS: tuple[Question, ...] = (
    Question(
        asked="How is our north star moving?",
        tool="get_north_star",
        arguments={"period": "last_month"},
        answers=lambda c: [
            c["data"]["metric"]["key"],
            c["data"]["value"],
            c["data"]["change"]["abs"],
            _input(c, "ad_spend"),
            round(sum(each["contribution"] for each in c["data"]["inputs"]), 2),
        ],
        counted=lambda b: [
            "cm3",
            cm3(b, OCTOBER),
            change := cm3(b, OCTOBER) - cm3(b, SEPTEMBER),
            b.ad_spend(SEPTEMBER) - b.ad_spend(OCTOBER),
            change,
        ],
    ),
    Question(
        asked="Did our guardrails hold in October?",
        tool="get_north_star",
        arguments={"date_from": "2026-10-01", "date_to": "2026-10-31", "compare": "none"},
        answers=_guards,
        counted=_guarded,
    ),
    Question(
        asked="Will we hit November's target?",
        tool="get_goal_progress",
        arguments={"goal_id": "net_revenue-2026-11"},
        answers=lambda c: [row_of(c)[name] for name in ("target", "actual_to_date", "projected", "status")],
        counted=lambda b: [
            target := target_of(b, "net_revenue-2026-11"),
            b.net_revenue(SO_FAR),
            comes_to := _comes_to(b),
            _standing(comes_to, target),
        ],
    ),
    Question(
        asked="How much can we still spend on ads each day without passing the goal for November?",
        tool="get_goal_progress",
        arguments={"status": "active"},
        answers=lambda c: [
            row_of(c, metric="ad_spend")["actual_to_date"],
            row_of(c, metric="ad_spend")["required_per_day"],
        ],
        counted=lambda b: [
            spent := b.ad_spend(SO_FAR),
            max((target_of(b, "ad_spend-2026-11") - spent) / DAYS_LEFT, _NONE),
        ],
    ),
    Question(
        asked="Which goals did we miss, and was October's among them?",
        tool="get_goal_progress",
        answers=lambda c: [row_of(c, goal_id="net_revenue-2026-10")[name] for name in ("actual_to_date", "status")],
        counted=lambda b: [
            sold := b.net_revenue(OCTOBER),
            "met" if sold >= target_of(b, "net_revenue-2026-10") else "missed",
        ],
    ),
)
