"""Questions about the best customers."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from tests.data.recount_customers import Person, Purchase, people_of
from tests.transports.questions.oracle import Books, day_of, days
from tests.transports.questions.question import Question

MICROS = 1_000_000


def buyers(
    books: Books, since: str = "2020-01-01", until: str = "2026-11-20", *, kind: str | None = None
) -> list[Person]:
    """List who ordered on these days, those who brought the most first."""
    purchases = [
        Purchase(customer=order["customer"]["id"], day=day_of(order), worth=int(books.revenue_of(order) * MICROS))
        for order in books.of("order")
    ]
    asked = days(since, until)
    found = people_of(purchases, asked.first, asked.last, date(2026, 11, 20))
    return sorted((p for p in found if kind in {None, p.kind}), key=lambda p: p.net_revenue, reverse=True)


def money(micros: int) -> Fraction:
    return Fraction(micros, MICROS)


def _first_three(books: Books) -> list[Any]:
    best = buyers(books)
    return [*(value for p in best[:3] for value in (p.first_month, p.orders, money(p.net_revenue))), len(best)]


def _lapsing(books: Books) -> list[Any]:
    away = buyers(books, kind="at_risk")
    return [len(away), sum(p.orders for p in away), money(sum(p.net_revenue for p in away)), away[0].last_month]


def _ordered_lately(books: Books) -> list[Any]:
    lately = buyers(books, "2026-10-01", "2026-10-31")
    kinds = [len([p for p in lately if p.kind == kind]) for kind in ("champions", "new")]
    return [len(lately), max(p.orders for p in lately), *kinds]


TOP_CUSTOMERS: tuple[Question, ...] = (
    Question(
        asked="Who are our best customers?",
        tool="list_top_customers",
        arguments={"limit": 3},
        answers=lambda c: [
            *(value for row in c["data"]["rows"] for value in (row[1], row[3], row[4])),
            c["totals"]["customers"],
        ],
        counted=_first_three,
    ),
    Question(
        asked="Which of our regular customers are lapsing?",
        tool="list_top_customers",
        arguments={"segment": "at_risk", "limit": 10},
        answers=lambda c: [
            c["totals"]["customers"],
            c["totals"]["orders"],
            c["totals"]["net_revenue"],
            c["data"]["rows"][0][2],
        ],
        counted=_lapsing,
    ),
    Question(
        asked="How many different customers bought last month, and what kind are they?",
        tool="list_top_customers",
        arguments={"period": "last_month", "sort_by": "orders", "limit": 1},
        answers=lambda c: [
            c["totals"]["customers"],
            c["data"]["rows"][0][3],
            c["totals"]["customers_by_rfm"]["champions"],
            c["totals"]["customers_by_rfm"]["new"],
        ],
        counted=_ordered_lately,
    ),
)
