"""The Superstore sample, imported whole, folded, and asked for by category: to the cent of what the file itself says.

2,297,200.86 of sales and 286,397.02 of profit are the totals that this sample is known by.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from shared.domain.analytics.periods import Asked, Compare
from shared.domain.analytics.product_profit import Level
from shared.services.figures.list_product_profitability import ProfitQuestion, list_product_profitability
from shared.services.figures.spans import Against
from tests.data import superstore
from tests.data.merchants import NOW, WORKSPACE, Merchant
from tests.data.superstore import Sale
from tests.transports.mcp.shop import Shop

YEARS = ("2014", "2015", "2016", "2017")
PUBLISHED = {
    "Furniture": (Decimal("741999.80"), Decimal("18451.27")),
    "Office Supplies": (Decimal("719047.03"), Decimal("122490.80")),
    "Technology": (Decimal("836154.03"), Decimal("145454.95")),
}


@pytest.fixture(scope="module")
def sold() -> Sequence[Sale]:
    return superstore.sales()


@pytest.fixture(scope="module")
def shop(sold: Sequence[Sale]) -> Shop:
    merchant = Merchant()
    shop = Shop(engine=merchant.engine)
    merchant.import_bytes("".join(line + "\n" for line in superstore.lines(sold)).encode())
    merchant.fold()
    return shop


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def worked_out(sold: Iterable[Sale]) -> tuple[Decimal, Decimal]:
    """Give sales and profit."""
    sold = list(sold)
    return sum((s.sales for s in sold), Decimal(0)), sum((s.profit for s in sold), Decimal(0))


def asked(shop: Shop, year: str, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    days = {"date_from": f"{year}-01-01", "date_to": f"{year}-12-31", "compare": "none"}
    result = shop.call("list_product_profitability", **days, **arguments).result
    assert result["isError"] is False, result
    return result["structuredContent"]


def table(content: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip(content["data"]["columns"], row, strict=True)) for row in content["data"]["rows"]]


def money(value: float) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.01"))


def test_the_file_is_the_one_that_is_known(sold: Sequence[Sale]) -> None:
    assert (len(sold), len({sale.order for sale in sold})) == (9_994, 5_009)
    assert tuple(cents(each) for each in worked_out(sold)) == (Decimal("2297200.86"), Decimal("286397.02"))
    for category, published in PUBLISHED.items():
        found = worked_out(sale for sale in sold if sale.category == category)
        assert tuple(cents(each) for each in found) == published


@pytest.mark.parametrize("year", YEARS)
def test_categories_of_a_year_have_their_sales_and_their_profit_to_the_cent(
    shop: Shop, sold: Sequence[Sale], year: str
) -> None:
    content = asked(shop, year, level="category")

    found = {row["category"]: (money(row["net_sales"]), money(row["cm2"])) for row in table(content)}
    assert found == {
        category: tuple(
            cents(each) for each in worked_out(s for s in sold if s.category == category and s.day.startswith(year))
        )
        for category in PUBLISHED
    }
    whole = worked_out(sale for sale in sold if sale.day.startswith(year))
    totals = content["totals"]
    assert (money(totals["net_sales"]), money(totals["cm2"])) == tuple(cents(each) for each in whole)


def test_four_years_of_categories_are_the_published_totals(shop: Shop) -> None:
    sales, profit = dict.fromkeys(PUBLISHED, 0), dict.fromkeys(PUBLISHED, 0)
    for year in YEARS:
        period = Asked(first=date(int(year), 1, 1), last=date(int(year), 12, 31))
        question = ProfitQuestion(period=period, against=Against(compare=Compare.NONE), level=Level.CATEGORY)
        for row in list_product_profitability(question, workspace_id=WORKSPACE, now=NOW, figures=shop.figures).rows:
            assert row.key is not None
            sales[row.key] += row.now.net_sales
            profit[row.key] += row.now.cm2 or 0

    million = Decimal(1_000_000)
    assert {name: (cents(sales[name] / million), cents(profit[name] / million)) for name in sales} == PUBLISHED


def test_the_skus_that_lost_most_in_a_year_come_first(shop: Shop, sold: Sequence[Sale]) -> None:
    profits: dict[str, Decimal] = {}
    for sale in sold:
        if sale.day.startswith("2017"):
            profits[sale.sku] = profits.get(sale.sku, Decimal(0)) + sale.profit
    worst = sorted(profits, key=lambda sku: (profits[sku], sku))[:20]

    content = asked(shop, "2017", sort_by="cm2", order="asc", limit=20, detail="full")

    assert [row["sku"] for row in table(content)] == worst
    assert content["totals"]["losing_money"] == sum(profit < 0 for profit in profits.values())
    assert content["totals"]["rows"] == len(profits)


def test_a_discount_rate_is_that_of_the_goods(shop: Shop, sold: Sequence[Sale]) -> None:
    for row in table(asked(shop, "2016", level="category")):
        own = [s for s in sold if s.category == row["category"] and s.day.startswith("2016")]
        gross = sum(sale.sales / (1 - sale.discount_rate) for sale in own)
        assert row["discount_rate"] == float(round(1 - worked_out(own)[0] / gross, 4))


def test_four_years_are_too_long_a_range(shop: Shop) -> None:
    result = shop.call("list_product_profitability", date_from="2014-01-01", date_to="2017-12-31").result

    assert result["isError"] is True
    assert result["structuredContent"]["code"] == "range_too_long"
    assert "get_pnl" in result["structuredContent"]["hint"]
