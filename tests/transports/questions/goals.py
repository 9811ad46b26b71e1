"""Questions about the number that the shop steers by, and about its goals."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.transports.questions.oracle import Books, Days, days
from tests.transports.questions.question import Question, row_of

OCTOBER, SEPTEMBER = days("2026-10-01", "2026-10-31"), days("2026-09-01", "2026-09-30")
NOVEMBER, SO_FAR = days("2026-11-01", "2026-11-30"), days("2026-11-01", "2026-11-20")
WEIGHED = days("2026-09-06", "2026-10-31")
"""The 56 days before November."""
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
    """Project November's net revenue by what each weekday brought in the eight weeks before."""
    weights = [
        sum(
            (max(books.net_revenue(Days(day, day)), Fraction(0)) for day in _each(WEIGHED) if day.weekday() == n), _NONE
        )
        for n in range(7)
    ]
    whole = sum(weights[day.weekday()] for day in _each(NOVEMBER))
    return books.net_revenue(SO_FAR) * whole / sum(weights[day.weekday()] for day in _each(SO_FAR))


def _each(span: Days) -> list[date]:
    return [span.first + timedelta(n) for n in range((span.last - span.first).days + 1)]


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
