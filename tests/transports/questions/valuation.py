"""Questions about what the shop is worth."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from tests.transports.questions.oracle import Books, days
from tests.transports.questions.question import Content, Question

YEAR = days("2025-11-01", "2026-10-31")
FOUR_TIMES = {"sde": {"low": 2, "mid": 4, "high": 6}}


def added_back(books: Books, reason: str) -> Fraction:
    """Add up what the books mark; all of it is booked in the month that it is for."""
    marked = [line for line in books.of("expense", YEAR) if line.get("addback") == reason]
    return sum((Fraction(line["amount"]) for line in marked), Fraction(0))


def sde(books: Books) -> Fraction:
    return books.ebitda(YEAR) + sum(added_back(books, reason) for reason in ("owner_pay", "discretionary", "one_off"))


def top_sku(books: Books) -> float:
    """Give the part of the net sales that the best-selling variant has."""
    sold: dict[str, Fraction] = {}
    for order in books.of("order", YEAR):
        for line in order["lines"]:
            worth = Fraction(line["price"]) * line["quantity"] - Fraction(line.get("discount", 0))
            sold[line["sku"]] = sold.get(line["sku"], Fraction(0)) + worth
    for refund in books.of("refund", YEAR):
        for line in refund["lines"]:
            sold[line["sku"]] -= Fraction(line["amount"])
    return round(float(max(sold.values()) / sum(sold.values())), 4)


def method_of(content: Content, name: str) -> dict[str, Any]:
    columns = content["data"]["methods"]["columns"]
    return next(dict(zip(columns, row, strict=True)) for row in content["data"]["methods"]["rows"] if row[0] == name)


def swing_of(content: Content, driver: str) -> float:
    return next(each["swing"] for each in content["data"]["tornado"] if each["driver"] == driver)


def needed(content: Content, driver: str) -> float:
    return next(each["needed"] for each in content["data"]["breakeven"] if each["driver"] == driver)


VALUATION: tuple[Question, ...] = (
    Question(
        asked="What could the store sell for?",
        tool="get_business_valuation",
        answers=lambda c: [
            c["data"]["earnings"]["sde"],
            method_of(c, "sde")["low"],
            method_of(c, "sde")["high"],
            method_of(c, "revenue")["mid"],
        ],
        counted=lambda b: [sde(b), sde(b) * Fraction("2.4"), sde(b) * Fraction("3.8"), b.net_revenue(YEAR)],
    ),
    Question(
        asked="Which costs would a buyer of the business not have?",
        tool="get_business_valuation",
        arguments={"methods": ["sde"]},
        answers=lambda c: [each["amount"] for each in c["data"]["earnings"]["addbacks"]],
        counted=lambda b: [
            *(added_back(b, reason) for reason in ("owner_pay", "discretionary", "one_off")),
            b.booked(YEAR, line="interest"),
            b.booked(YEAR, line="depreciation"),
        ],
    ),
    Question(
        asked="Does the worth of the business hang on a single article?",
        tool="get_business_valuation",
        arguments={"methods": ["sde"]},
        answers=lambda c: [row[1] for row in c["data"]["scorecard"]["rows"] if row[0] == "top_sku"],
        counted=lambda b: [top_sku(b)],
    ),
    Question(
        asked="How much does one turn of multiple matter for the sale price?",
        tool="analyze_valuation_sensitivity",
        arguments={"multiples": FOUR_TIMES, "shock": 0.25, "steps": 3},
        answers=lambda c: [c["data"]["grid"]["col_values"], swing_of(c, "multiple") / 2, c["data"]["value"]],
        counted=lambda b: [[3, 4, 5], sde(b), 4 * sde(b)],
    ),
    Question(
        asked="What must we earn to sell the business for half a million?",
        tool="analyze_valuation_sensitivity",
        arguments={"multiples": FOUR_TIMES, "target_value": 500_000},
        answers=lambda c: [needed(c, "earnings"), c["data"]["value"]],
        counted=lambda b: [125_000, 4 * sde(b)],
    ),
)
