"""Questions about the customers of one segment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from tests.transports.questions.oracle import Books, Days, Line, day_of, days
from tests.transports.questions.question import Content, Question, row_of

AUGUST, SEPTEMBER, OCTOBER = (
    days("2026-08-01", "2026-08-31"),
    days("2026-09-01", "2026-09-30"),
    days("2026-10-01", "2026-10-31"),
)
SECOND_QUARTER = days("2026-04-01", "2026-06-30")


def firsts(books: Books, new_in: Days, belongs: Callable[[Line], bool]) -> dict[str, date]:
    """Find the customers whose first order lies in some days and is of this kind, each with its day."""
    first: dict[str, Line] = {}
    for order in sorted(books.of("order"), key=lambda order: (day_of(order), str(order.get("at", "")), order["id"])):
        first.setdefault(order["customer"]["id"], order)
    return {who: day_of(order) for who, order in first.items() if day_of(order) in new_in and belongs(order)}


def is_discounted(order: Line) -> bool:
    return any(float(line.get("discount", 0)) > 0 for line in order["lines"]) or float(order.get("discount", 0)) > 0


def came_back(books: Books, new: dict[str, date], *later: Days) -> list[Any]:
    """Give how many they are, and the share that ordered in other days."""
    shares = [len(new.keys() & {order["customer"]["id"] for order in books.of("order", each)}) for each in later]
    return [len(new), *(round(share / len(new), 4) for share in shares)]


def orders_in_first_month(books: Books, new: dict[str, date]) -> list[Any]:
    made = sum(
        order["customer"]["id"] in new and day_of(order).month == new[order["customer"]["id"]].month
        for order in books.of("order", SECOND_QUARTER)
    )
    return [len(new), round(made / len(new), 4)]


def shown(content: Content, cohort: str, *places: int) -> list[Any]:
    row = row_of(content, cohort=cohort)
    return [row["size"], *(row["values"][place] for place in places)]


COHORTS: tuple[Question, ...] = (
    Question(
        asked="Did the customers of August whose first order was discounted come back?",
        tool="get_cohort_retention",
        arguments={
            "cohort_from": "2026-08",
            "cohort_to": "2026-08",
            "segment": "discounted_first_order=yes",
            "max_offset": 2,
        },
        answers=lambda c: shown(c, "2026-08", 1, 2),
        counted=lambda b: came_back(b, firsts(b, AUGUST, is_discounted), SEPTEMBER, OCTOBER),
    ),
    Question(
        asked="How many orders did those who first came by the online store from April to June make in that month?",
        tool="get_cohort_retention",
        arguments={
            "cohort_from": "2026-04",
            "cohort_to": "2026-06",
            "grain": "quarter",
            "segment": "channel=online_store",
            "metric": "orders_per_customer",
            "max_offset": 0,
        },
        answers=lambda c: shown(c, "2026-04", 0),
        counted=lambda b: orders_in_first_month(
            b, firsts(b, SECOND_QUARTER, lambda order: order.get("channel") == "online_store")
        ),
    ),
)
