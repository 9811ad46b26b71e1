"""MER of four years of weekly revenue and spend, against plain sums of the file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from tests.data.merchants import Line, Merchant, header, order
from tests.data.robyn_weeks import CHANNELS, Week, weeks
from tests.transports.mcp.shop import Shop

WEEKS = weeks()


def lines() -> list[Line]:
    found: list[Line] = []
    for week in WEEKS:
        day = week.first.isoformat()
        found.append(order(day, day, lines=[{"quantity": 1, "price": str(week.revenue)}]))
        found += [
            {
                "type": "ad_day",
                "source": f"{platform}_ads",
                "platform": platform,
                "campaign_id": channel,
                "date": day,
                "spend": str(week.spend[channel]),
            }
            for channel, platform in CHANNELS.items()
        ]
    return found


@pytest.fixture(scope="module")
def answer() -> Callable[..., Any]:
    shop = Shop()
    Merchant(engine=shop.engine).import_lines(header(), *lines())

    def answered(tool: str, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
        return shop.call(tool, **arguments).content

    return answered


def rounded(value: Decimal, digits: str) -> float:
    return float(value.quantize(Decimal(digits), ROUND_HALF_UP))


def spent(within: list[Week], platform: str | None = None) -> Decimal:
    columns = [name for name in CHANNELS if platform in {None, CHANNELS[name]}]
    return sum((week.spend[name] for week in within for name in columns), Decimal(0))


def test_the_file_has_208_weeks_of_five_paid_channels() -> None:
    assert (len(WEEKS), WEEKS[0].first, WEEKS[-1].first) == (208, date(2015, 11, 23), date(2019, 11, 11))


@pytest.mark.parametrize("year", [None, 2016, 2017, 2018])
def test_mer_is_revenue_by_spend(answer: Callable[..., Any], year: int | None) -> None:
    within = [week for week in WEEKS if year in {None, week.first.year}]
    first, last = (date(year, 1, 1), date(year, 12, 31)) if year else (WEEKS[0].first, WEEKS[-1].first)

    totals = answer("get_marketing_efficiency", date_from=str(first), date_to=str(last))["totals"]

    revenue = sum((week.revenue for week in within), Decimal(0))
    assert totals["net_revenue"] == rounded(revenue, "0.01")
    assert totals["ad_spend"] == rounded(spent(within), "0.01")
    assert totals["mer"] == rounded(revenue / spent(within), "0.0001")


def test_platforms_and_campaigns_spent_what_their_columns_say(answer: Callable[..., Any]) -> None:
    year = [week for week in WEEKS if week.first.year == 2018]
    content = answer("get_ad_performance", date_from="2018-01-01", date_to="2018-12-31")

    columns = content["data"]["columns"]
    found = {row[columns.index("campaign_id")]: row[columns.index("spend")] for row in content["data"]["rows"]}
    assert found == {name: rounded(sum((week.spend[name] for week in year), Decimal(0)), "0.01") for name in CHANNELS}
    assert {name: sums["spend"] for name, sums in content["totals"]["platforms"].items()} == {
        name: rounded(spent(year, name), "0.01") for name in ("meta", "google", "other")
    }


def test_quarters_add_up_to_the_year(answer: Callable[..., Any]) -> None:
    content = answer("get_marketing_efficiency", date_from="2017-01-01", date_to="2017-12-31", granularity="quarter")

    column = content["data"]["columns"].index("ad_spend")
    quarters = sum(Decimal(str(row[column])) for row in content["data"]["rows"])
    assert abs(quarters - Decimal(str(content["totals"]["ad_spend"]))) <= Decimal("0.02"), "each is rounded to the cent"
