"""The CDNOW purchase history, imported whole, folded, and asked for over MCP: to the cent of the published figures."""

from __future__ import annotations

from statistics import fmean
from typing import Any

import pytest

from shared.domain.analytics.periods import first_of, last_of, later_month
from tests.data import cdnow
from tests.data.merchants import Line, Merchant, as_file, header
from tests.transports.mcp.shop import Shop

EIGHTEEN_MONTHS: dict[str, Any] = {"date_from": "1997-01-01", "date_to": "1998-06-30", "compare": "none"}
FIRST_QUARTER: dict[str, Any] = {"cohort_from": "1997-01", "cohort_to": "1997-03"}
GOALS = [later_month("1997-07", months) for months in range(12)]


def goal_of(month: str) -> Line:
    days = {"from": first_of(month).isoformat(), "to": last_of(month).isoformat()}
    return {"type": "goal", "id": month, "metric": "net_revenue", "target": "100000", **days}


@pytest.fixture(scope="module")
def shop() -> Shop:
    merchant = Merchant()
    shop = Shop(engine=merchant.engine)
    merchant.import_bytes("".join(line + "\n" for line in cdnow.lines()).encode())
    merchant.import_bytes(as_file([header(), *map(goal_of, GOALS)]))
    merchant.fold()
    return shop


def asked(shop: Shop, tool: str, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    result = shop.call(tool, **arguments).result
    assert result["isError"] is False, result
    return result["structuredContent"]


def test_the_whole_history_has_the_published_totals(shop: Shop) -> None:
    totals = asked(shop, "get_pnl", **EIGHTEEN_MONTHS)["totals"]

    assert (totals["gross_sales"], totals["net_revenue"]) == (2500315.63, 2500315.63)
    assert (totals["orders"], totals["units"]) == (69659, 167881)


@pytest.mark.parametrize("granularity", ["week", "month", "quarter"])
def test_its_buckets_add_up_to_the_total_to_the_cent(shop: Shop, granularity: str) -> None:
    content = asked(shop, "get_pnl", **EIGHTEEN_MONTHS, granularity=granularity, detail="full")

    rows = [dict(zip(content["data"]["columns"], row, strict=True)) for row in content["data"]["rows"]]
    assert sum(round(row["net_revenue"] * 100) for row in rows) == 250031563
    assert sum(row["orders"] for row in rows) == 69659
    assert content["meta"]["truncated"] is False


def test_cohorts_have_the_published_sizes_and_returners(shop: Shop) -> None:
    content = asked(shop, "get_cohort_retention", **FIRST_QUARTER, max_offset=1)

    assert [(row[0], row[1]) for row in content["data"]["rows"]] == [
        ("1997-01", 7846),
        ("1997-02", 8476),
        ("1997-03", 7248),
    ]
    returners = [(1157, 7846), (1312, 8476), (1032, 7248)]
    assert [row[4][1] for row in content["data"]["rows"]] == [round(back / size, 4) for back, size in returners]
    assert content["data"]["weighted_average"][1] == round((1157 + 1312 + 1032) / 23570, 4)


def test_what_a_customer_of_january_had_brought_after_some_months(shop: Shop) -> None:
    content = asked(shop, "get_cohort_retention", **FIRST_QUARTER, metric="cumulative_net_revenue", max_offset=18)

    january = content["data"]["rows"][0][4]
    assert [january[month] for month in (0, 1, 3, 12)] == [38.12, 45.90, 57.54, 95.75]
    assert (january[17] is None, january[18] is None) == (False, True)  # June 1998 is the last month that is over


def test_all_its_customers_came_in_the_first_quarter(shop: Shop) -> None:
    content = asked(shop, "get_cohort_retention", cohort_from="1997-01", cohort_to="1998-06", grain="quarter")

    assert [row[:2] for row in content["data"]["rows"]] == [["1997-01", 23570]]


@pytest.mark.parametrize(("days", "off"), [(5, 0.147), (10, 0.126), (20, 0.079)])
def test_its_months_are_projected_as_well_as_the_rule_is_known_for(shop: Shop, days: int, off: float) -> None:
    def row(month: str, day: str) -> dict[str, Any]:
        shop.clock.advance(seconds=2)  # so that the limit of calls a minute is never met
        data = asked(shop, "get_goal_progress", goal_id=month, as_of=day)["data"]
        return dict(zip(data["columns"], data["rows"][0], strict=True))

    errors: list[float] = []
    for month in GOALS:
        came = row(month, "1998-06-30")["actual_to_date"]
        errors.append(abs(row(month, f"{month}-{days:02}")["projected"] / came - 1))

    assert round(fmean(errors), 3) == off


def test_costs_that_the_history_does_not_tell_are_unknown(shop: Shop) -> None:
    content = asked(shop, "get_pnl", **EIGHTEEN_MONTHS)

    assert content["totals"]["cogs"] is None
    assert content["totals"]["ebitda"] == 2500315.63
    assert content["meta"]["coverage"]["cogs"] == 0.0
    assert [warning["code"] for warning in content["meta"]["warnings"]] == ["costs_unknown"]
