"""The questions of the shop, its money, its goods, its ads and its sources; others stand in files of their own."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from tests.transports.questions.anomalies import ANOMALIES
from tests.transports.questions.cohorts import COHORTS
from tests.transports.questions.goals import GOALS
from tests.transports.questions.ltv import LTV
from tests.transports.questions.oracle import Books, day_of, days
from tests.transports.questions.query import QUERY
from tests.transports.questions.question import Question, row_of
from tests.transports.questions.top_customers import TOP_CUSTOMERS
from tests.transports.questions.valuation import VALUATION

AUGUST = days("2026-08-01", "2026-08-31")
OCTOBER, SEPTEMBER = days("2026-10-01", "2026-10-31"), days("2026-09-01", "2026-09-30")
THIRD_QUARTER = days("2026-07-01", "2026-09-30")
LAST_30, LAST_90 = days("2026-10-22", "2026-11-20"), days("2026-08-23", "2026-11-20")
LAST_WEEK = days("2026-11-09", "2026-11-15")
BLACK_WEEK = days("2025-11-24", "2025-11-30")
AUGUST_TO_OCTOBER = days("2026-08-01", "2026-10-31")
YESTERDAY = date(2026, 11, 20)


def _platforms(books: Books) -> list[Any]:
    sources = {(line.get("source", "shopify"), line.get("account", "main")) for line in books.of("account")}
    return [len(sources), len({source for source, _ in sources if source.endswith("_ads")})]


def _costly_campaign(books: Books) -> list[Any]:
    spent: dict[str, Fraction] = {}
    for ad in books.of("ad_day", LAST_WEEK):
        spent[ad["campaign"]] = spent.get(ad["campaign"], Fraction(0)) + Fraction(ad["spend"])
    return list(max(spent.items(), key=lambda each: each[1]))


def _losers(books: Books) -> list[Any]:
    by_sku = {p["sku"]: books.cm2_of(p["sku"], LAST_90) for p in books.of("product")}
    return [value for pair in sorted(by_sku.items(), key=lambda each: each[1]) if pair[1] < 0 for value in pair]


def _net_revenue_by_order(books: Books) -> Fraction:
    return sum(map(books.revenue_of, books.of("order", LAST_30)), Fraction(0))


QUESTIONS: tuple[Question, ...] = (
    Question(
        asked="What can this token see, and what day is it for the shop?",
        tool="get_workspace_context",
        answers=lambda c: [c["data"]["today"], c["data"]["data_from"], c["data"]["data_through"]],
        counted=lambda b: [
            "2026-11-21",
            min(map(day_of, b.of("order"))).isoformat(),
            max(map(day_of, b.of("order"))).isoformat(),
        ],
    ),
    Question(
        asked="Which sources are connected and current?",
        tool="pma_list_data_sources",
        answers=lambda c: [c["totals"]["sources"], sum(row[0].endswith("_ads") for row in c["data"]["rows"])],
        counted=_platforms,
    ),
    Question(
        asked="Why is TikTok empty?",
        tool="pma_inspect_org_data",
        arguments={"connector": "tiktok_ads"},
        answers=lambda c: [row_of(c, report_type="ad_day")["rows"], row_of(c, report_type="ad_day")["date_max"]],
        counted=lambda b: [
            len([ad for ad in b.of("ad_day") if ad["source"] == "tiktok_ads"]),
            max(ad["date"] for ad in b.of("ad_day") if ad["source"] == "tiktok_ads"),
        ],
    ),
    Question(
        asked="How did October's profit compare with September's?",
        tool="get_pnl",
        arguments={"date_from": "2026-10-01", "date_to": "2026-10-31"},
        answers=lambda c: [
            c["totals"]["net_revenue"],
            c["totals"]["ebitda"],
            c["comparison"]["data"]["ebitda"],
            c["comparison"]["change"]["ebitda"]["abs"],
        ],
        counted=lambda b: [
            b.net_revenue(OCTOBER),
            b.ebitda(OCTOBER),
            b.ebitda(SEPTEMBER),
            b.ebitda(OCTOBER) - b.ebitda(SEPTEMBER),
        ],
    ),
    Question(
        asked="What did Black Friday week bring, beside the week before?",
        tool="get_pnl",
        arguments={"date_from": "2025-11-24", "date_to": "2025-11-30"},
        answers=lambda c: [c["totals"]["orders"], c["comparison"]["data"]["orders"], c["totals"]["gross_sales"]],
        counted=lambda b: [
            len(b.of("order", BLACK_WEEK)),
            len(b.of("order", BLACK_WEEK.before())),
            b.gross(BLACK_WEEK),
        ],
    ),
    Question(
        asked="How much went back to customers in the third quarter?",
        tool="get_pnl",
        arguments={"period": "last_quarter"},
        answers=lambda c: [c["totals"]["returns"]],
        counted=lambda b: [b.returns(THIRD_QUARTER)],
    ),
    Question(
        asked="Why is profit down?",
        tool="explain_profit_change",
        arguments={"period": "last_month"},
        answers=lambda c: [
            c["totals"]["change"],
            row_of(c, driver="ad_spend")["effect"],
            row_of(c, driver="opex")["effect"],
            round(sum(row[2] for row in c["data"]["rows"]), 2),
        ],
        counted=lambda b: [
            change := b.ebitda(OCTOBER) - b.ebitda(SEPTEMBER),
            b.ad_spend(SEPTEMBER) - b.ad_spend(OCTOBER),
            b.booked(SEPTEMBER, line="opex") - b.booked(OCTOBER, line="opex"),
            change,
        ],
    ),
    Question(
        asked="What do we spend on software?",
        tool="list_expenses",
        arguments={"period": "last_quarter", "category": "Software", "group_by": "vendor"},
        answers=lambda c: [c["totals"]["amount"], c["totals"]["transactions"]],
        counted=lambda b: [
            b.booked(THIRD_QUARTER, line="opex", category="Software"),
            len([each for each in b.of("expense", THIRD_QUARTER) if each["category"] == "Software"]),
        ],
    ),
    Question(
        asked="How long does our cash last?",
        tool="get_cash_position",
        answers=lambda c: [c["totals"]["total_cash"], c["totals"]["burn_monthly"]],
        counted=lambda b: [b.cash(YESTERDAY), b.burn(AUGUST_TO_OCTOBER, 3)],
    ),
    Question(
        asked="Which SKUs lose money?",
        tool="list_product_profitability",
        arguments={"period": "last_90d", "sort_by": "cm2", "order": "asc", "limit": 1, "compare": "none"},
        answers=lambda c: [row_of(c)["sku"], row_of(c)["cm2"]],
        counted=_losers,
    ),
    Question(
        asked="How much of our sales are knives?",
        tool="list_product_profitability",
        arguments={"date_from": "2026-10-01", "date_to": "2026-10-31", "level": "category"},
        answers=lambda c: [row_of(c, category="Knives")["net_sales"], c["totals"]["net_sales"]],
        counted=lambda b: [b.sold_in("Knives", OCTOBER), b.net_sales(OCTOBER)],
    ),
    Question(
        asked="Where is COGS missing?",
        tool="list_product_costs",
        arguments={"status": "missing"},
        answers=lambda c: [row[0] for row in c["data"]["rows"]],
        counted=lambda b: sorted({p["sku"] for p in b.of("product")} - {cost["sku"] for cost in b.of("cost")}),
    ),
    Question(
        asked="Is the pan lid worth advertising?",
        tool="assess_product_viability",
        arguments={"sku": "PAN-LID"},
        answers=lambda c: [
            c["data"]["verdict"],
            next(x["value"] for x in c["data"]["inputs"] if x["name"] == "unit_cost"),
        ],
        counted=lambda b: ["not_viable", b.unit_cost("PAN-LID", YESTERDAY)],
    ),
    Question(
        asked="Which campaign spent most last week?",
        tool="get_ad_performance",
        arguments={"period": "last_week", "group_by": "campaign"},
        answers=lambda c: [*c["data"]["rows"][0][3:5], c["totals"]["spend"]],
        counted=lambda b: [*_costly_campaign(b), b.ad_spend(LAST_WEEK)],
    ),
    Question(
        asked="Is blended spend paying back?",
        tool="get_marketing_efficiency",
        answers=lambda c: [c["totals"]["ad_spend"], c["totals"]["net_revenue"], c["totals"]["mer"]],
        counted=lambda b: [
            b.ad_spend(LAST_30),
            _net_revenue_by_order(b),
            round(float(_net_revenue_by_order(b) / b.ad_spend(LAST_30)), 4),
        ],
    ),
    Question(
        asked="Does Meta's ROAS survive last-touch?",
        tool="compare_attribution",
        arguments={"models": ["platform_reported", "last_touch"]},
        answers=lambda c: [
            row_of(c, channel="meta")["spend"],
            row_of(c, channel="meta")["platform_reported_revenue"],
            row_of(c, channel="meta")["last_touch_orders"],
            row_of(c, channel="meta")["last_touch_revenue"],
        ],
        counted=lambda b: [
            b.ad_spend(LAST_30, platform="meta"),
            sum((Fraction(ad["revenue"]) for ad in b.of("ad_day", LAST_30) if ad["platform"] == "meta"), Fraction(0)),
            len(b.brought_last("meta", LAST_30)),
            sum(map(b.revenue_of, b.brought_last("meta", LAST_30)), Fraction(0)),
        ],
    ),
    Question(
        asked="Did the customers of August come back?",
        tool="get_cohort_retention",
        arguments={"cohort_from": "2026-08", "cohort_to": "2026-08", "max_offset": 2},
        answers=lambda c: [row_of(c, cohort="2026-08")["size"], *row_of(c, cohort="2026-08")["values"][1:]],
        counted=lambda b: b.returning(AUGUST, days("2026-09-01", "2026-09-30"), OCTOBER),
    ),
    Question(
        asked="Was anything imported today?",
        tool="list_activity",
        arguments={"period": "today", "kinds": ["import"]},
        answers=lambda c: [len([row for row in c["data"]["rows"] if "finished" in str(row)])],
        counted=lambda b: [len(b.of("export"))],
    ),
    *TOP_CUSTOMERS,
    *COHORTS,
    *LTV,
    *VALUATION,
    *GOALS,
    *QUERY,
    *ANOMALIES,
)
"""At least one for each tool; the first of a tool is the example on its page."""
