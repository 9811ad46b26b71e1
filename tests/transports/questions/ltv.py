"""Questions about the worth of a customer."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from tests.transports.questions.oracle import Books, Line, day_of, days, worth
from tests.transports.questions.question import Question

YESTERDAY = date(2026, 11, 20)
AUGUST_ENDS = date(2026, 8, 31)
A_YEAR = days("2025-11-01", "2026-10-31")


def _days_of(books: Books) -> dict[str, list[date]]:
    """List the order days of each customer."""
    found: dict[str, set[date]] = {}
    for order in books.of("order"):
        found.setdefault(order["customer"]["id"], set()).add(day_of(order))
    return {customer: sorted(theirs) for customer, theirs in found.items()}


def _months_between(first: date, day: date) -> int:
    return (day.year - first.year) * 12 + day.month - first.month


def _came_in(order: Line, books: Books) -> list[tuple[date, Fraction]]:
    """List what an order brought on its day, and what was taken back on later ones."""
    lines = sum(map(worth, order["lines"]), Fraction(0)) + Fraction(order.get("shipping", 0))
    back = [
        (day_of(r), -sum((Fraction(x["amount"]) for x in r["lines"]), Fraction(0)) - Fraction(r.get("shipping", 0)))
        for r in books.refunded[order["id"]]
    ]
    return [(day_of(order), lines), *back]


def _first_year(books: Books) -> Fraction:
    """Give what a customer had brought by the end of the twelfth month after the first, if it is over."""
    firsts = {customer: theirs[0] for customer, theirs in _days_of(books).items()}
    old = {customer: first for customer, first in firsts.items() if _months_between(first, YESTERDAY) > 12}
    brought = Fraction(0)
    for order in books.of("order"):
        first = old.get(order["customer"]["id"])
        if first is not None:
            brought += sum((m for day, m in _came_in(order, books) if _months_between(first, day) <= 12), Fraction(0))
    return brought / len(old)


def _worth(books: Books) -> list[Any]:
    all_days = _days_of(books).values()
    new = len([theirs for theirs in all_days if theirs[0] in A_YEAR])
    again = len([theirs for theirs in all_days if len(theirs) > 1])
    return [len(all_days), again, _first_year(books), books.ad_spend(A_YEAR) / new]


def _since_august(books: Books) -> list[Any]:
    known = [theirs for theirs in _days_of(books).values() if theirs[0] <= AUGUST_ENDS]
    later = sum(len([day for day in theirs if day > AUGUST_ENDS]) for theirs in known)
    return [len(known), (YESTERDAY - AUGUST_ENDS).days, later, True]


LTV: tuple[Question, ...] = (
    Question(
        asked="What is a customer worth in 12 months?",
        tool="get_customer_ltv",
        answers=lambda c: [
            c["data"]["model"]["n"],
            c["data"]["model"]["repeaters"],
            c["data"]["historical"]["m12"],
            c["data"]["cac"],
        ],
        counted=_worth,
    ),
    Question(
        asked="Did the customers we had at the end of August order as often since as was expected of them?",
        tool="get_customer_ltv",
        arguments={"observed_through": "2026-08-31", "method": "predictive"},
        answers=lambda c: [
            c["data"]["model"]["n"],
            c["data"]["afterwards"]["days"],
            c["data"]["afterwards"]["orders"],
            # The sample's customers order as the model has it: it cannot be far off.
            abs(c["data"]["afterwards"]["error"]) < 0.1,
        ],
        counted=_since_august,
    ),
)
