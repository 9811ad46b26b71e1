"""Questions as users of PMA ask them: dimensions and metrics of their own choice."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from tests.transports.questions.oracle import Books, Days, Line, days, worth
from tests.transports.questions.question import Content, Question

TEN_DAYS = days("2026-01-05", "2026-01-14")
THIRD_QUARTER = days("2026-07-01", "2026-09-30")
OCTOBER = days("2026-10-01", "2026-10-31")


def _ads(books: Books, connector: str, within: Days) -> list[Line]:
    return [ad for ad in books.of("ad_day", within) if ad["source"] == connector]


def _by_campaign_and_day(books: Books) -> list[Any]:
    found = sorted(_ads(books, "tiktok_ads", TEN_DAYS), key=lambda ad: (ad["campaign"], ad["date"]))
    rows = [value for ad in found for value in (ad["campaign"], ad["date"], Fraction(ad["spend"]))]
    return [*rows, sum((Fraction(ad["spend"]) for ad in found), Fraction(0))]


def _google_by_month(books: Books) -> list[Any]:
    months: dict[str, list[int]] = {}
    for ad in _ads(books, "google_ads", THIRD_QUARTER):
        sums = months.setdefault(ad["date"][:7], [0, 0])
        sums[0] += ad["impressions"]
        sums[1] += ad["clicks"]
    rows = [value for month in sorted(months) for value in (month, *months[month], _ctr(*months[month]))]
    return [*rows, _ctr(*(sum(sums[place] for sums in months.values()) for place in (0, 1)))]


def _ctr(impressions: int, clicks: int) -> float:
    return round(clicks / impressions, 4)


def _costly_categories(books: Books) -> list[Any]:
    names = sorted({str(each["category"]) for each in books.of("expense") if each.get("category")})
    lines = {str(each.get("line") or "opex") for each in books.of("expense")} - {"unsettled"}
    sums = {
        name: sum((books.booked(OCTOBER, line=line, category=name) for line in lines), Fraction(0)) for name in names
    }
    dear = {name: amount for name, amount in sums.items() if amount > 1000}
    rows = [value for name in sorted(dear) for value in (name, dear[name])]
    return [*rows, sum(dear.values(), Fraction(0))]


def _knives(books: Books) -> list[Any]:
    of_knives = {each["sku"] for each in books.of("product") if each["category"] == "Knives"}
    sold: dict[str, tuple[int, Fraction]] = {}
    for order in books.of("order", OCTOBER):
        for line in order["lines"]:
            if line["sku"] in of_knives:
                units, gross = sold.get(line["sku"], (0, Fraction(0)))
                whole = worth(line) + Fraction(line.get("discount", 0))
                sold[line["sku"]] = (units + line["quantity"], gross + whole)
    return [value for sku in sorted(sold) for value in (sku, *sold[sku])]


def _cells(content: Content) -> list[Any]:
    return [cell for row in content["data"]["rows"] for cell in row]


def _cells_and(total: str) -> Callable[[Content], list[Any]]:
    return lambda content: [*_cells(content), content["totals"][total]]


def _query(
    asked: str,
    within: Days,
    *,
    answers: Callable[[Content], list[Any]],
    counted: Callable[[Books], list[Any]],
    **arguments: object,
) -> Question:
    return Question(
        asked=asked,
        tool="pma_query_custom",
        arguments={**arguments, "date_from": within.first.isoformat(), "date_to": within.last.isoformat()},
        answers=answers,
        counted=counted,
    )


QUERY: tuple[Question, ...] = (
    _query(
        "Spend by campaign by day for TikTok.",
        TEN_DAYS,
        connector="tiktok_ads",
        report_type="ad_day",
        dimensions=["campaign", "date"],
        metrics=["spend"],
        answers=_cells_and("spend"),
        counted=_by_campaign_and_day,
    ),
    _query(
        "A PMA query: rows of the ad_day report by month, metrics impressions, clicks and CTR of Google.",
        THIRD_QUARTER,
        connector="google_ads",
        report_type="ad_day",
        dimensions=["month"],
        metrics=["impressions", "clicks", "ctr"],
        answers=_cells_and("ctr"),
        counted=_google_by_month,
    ),
    _query(
        "A custom query of the expense report: rows by category with an amount filter of more than 1,000.",
        OCTOBER,
        connector="quickbooks",
        report_type="expense",
        dimensions=["category"],
        metrics=["amount"],
        filters=[{"field": "amount", "op": "gt", "value": 1000}],
        answers=_cells_and("amount"),
        counted=_costly_categories,
    ),
    _query(
        "A custom query of products: dimensions SKU, metrics units and gross sales, filters for knives.",
        OCTOBER,
        connector="shopify",
        report_type="product",
        dimensions=["sku"],
        metrics=["units", "gross_sales"],
        filters=[{"field": "category", "op": "eq", "value": "knives"}],
        answers=_cells,
        counted=_knives,
    ),
)
