from __future__ import annotations

from typing import Any

import pytest

from shared.domain.analytics.query_fields import REPORTS
from shared.domain.scopes import Scope
from tests.data.merchants import order
from tests.transports.mcp.ads_told import USUAL, claim, warnings
from tests.transports.mcp.query_told import (
    ANY,
    BY_CAMPAIGN_AND_DAY,
    SPEND,
    TOOL,
    asked,
    busy_shop,
    refused,
    shop_with,
    tiktok,
)
from tests.transports.mcp.shop import Shop

OF_THE_SHOP = ("order", "refund", "expense", "product")


@pytest.fixture(scope="module")
def busy() -> Shop:
    return busy_shop()


# --- rows -------------------------------------------------------------------------------------------------------------


def test_spend_by_campaign_by_day_for_tiktok(busy: Shop) -> None:
    content = asked(busy, **BY_CAMPAIGN_AND_DAY)

    assert content["data"]["columns"] == ["campaign", "date", "spend"]
    assert content["data"]["rows"] == [
        ["Autumn", "2026-10-06", 30.3],
        ["Spring", "2026-10-05", 10.1],
        ["Spring", "2026-10-06", 20.2],
    ]
    assert content["totals"] == {"rows": 3, "spend": 60.6}
    assert content["summary"] == ("ad_day of tiktok_ads, 2026-10-01 to 2026-10-31: spend 60.60 USD in all. All 3 rows.")


def test_pma_s_names_of_arguments_are_taken(busy: Shop) -> None:
    ours = asked(busy, **BY_CAMPAIGN_AND_DAY)
    theirs: dict[str, Any] = {**BY_CAMPAIGN_AND_DAY, "connector_type": "tiktok_ads", "start_date": "2026-10-01"}
    del theirs["connector"]
    busy.clock.advance(seconds=3)

    content = busy.call(TOOL, **theirs, end_date="2026-10-31", offset=0, limit=100, format="json").content

    assert content["data"] == ours["data"]


def test_a_ratio_of_the_totals_is_that_of_the_sums(busy: Shop) -> None:
    content = asked(busy, **{**BY_CAMPAIGN_AND_DAY, "metrics": ["ctr", "cpc"]})

    assert [row[2] for row in content["data"]["rows"]] == [0.02, 0.01, 0.01]
    assert content["totals"] == {"rows": 3, "ctr": 0.0133, "cpc": 1.52}  # 40 clicks, 3,000 impressions, 60.60


def test_claims_of_different_windows_are_never_added() -> None:
    shop = shop_with(tiktok(**claim(USUAL, "2", "40.00")), tiktok("c2", **claim("1d_click", "1", "10.00")))
    question = {**SPEND, "metrics": ["revenue", "conversions"]}

    by_window = asked(shop, **question, dimensions=["window"])
    assert by_window["data"]["rows"] == [["1d_click", 10.0, 1.0], [USUAL, 40.0, 2.0]]
    assert by_window["totals"] == {"rows": 2, "revenue": None, "conversions": None}
    assert "windows_differ" in warnings(by_window)
    one = asked(shop, **question, filters=[{"field": "window", "op": "eq", "value": USUAL}])
    assert one["totals"] == {"rows": 1, "revenue": 40.0, "conversions": 2.0}
    assert asked(shop, **question)["data"]["rows"] == [[None, None]]
    wrong = refused(shop, **SPEND, dimensions=["window"])
    assert (wrong["code"], wrong["field"]) == ("invalid_argument", "metrics")


@pytest.mark.parametrize(
    ("report_type", "dimensions", "metrics", "expected"),
    [
        ("order", ["date"], ["orders", "gross_sales"], [["2026-10-05", 1, 20.0], ["2026-10-07", 1, 30.0]]),
        ("order", ["week", "month"], ["units", "discounts"], [["2026-10-05", "2026-10", 3, 5.0]]),
        ("refund", ["month"], ["refunds", "units", "amount"], [["2026-10", 1, 1, 25.0]]),
        ("product", ["sku"], ["units", "net_sales"], [["A", 2, 20.0], ["B", 1, 0.0]]),
        ("product", ["category", "title"], ["gross_sales"], [["Fruit", "An apple", 20.0], [None, None, 30.0]]),
        ("expense", ["category", "line"], ["amount", "transactions"], [["Rent", "opex", 310.0, 1]]),
        (
            "expense",
            ["week"],
            ["amount"],
            [["2026-09-28", 40.0], *([f"2026-10-{day:02}", 70.0] for day in (5, 12, 19)), ["2026-10-26", 60.0]],
        ),
        ("order", [], ["orders", "cogs"], [[2, None]]),
    ],
)
def test_each_report_type_number_by_number(
    busy: Shop, report_type: str, dimensions: list[str], metrics: list[str], expected: list[list[Any]]
) -> None:
    content = asked(busy, connector="shop", report_type=report_type, dimensions=dimensions, metrics=metrics)

    assert content["data"]["rows"] == expected


@pytest.mark.parametrize(
    ("order_by", "first"),
    [("spend", "Autumn"), ("spend desc", "Autumn"), ("spend asc", "Spring"), ("date desc", "Autumn"), (None, "Autumn")],
)
def test_rows_are_in_the_order_that_was_asked_for(busy: Shop, order_by: str | None, first: str) -> None:
    assert asked(busy, **BY_CAMPAIGN_AND_DAY, order_by=order_by)["data"]["rows"][0][0] == first


@pytest.mark.parametrize(
    ("filters", "spent"),
    [
        ([{"field": "campaign", "op": "eq", "value": "spring"}], 30.3),
        ([{"field": "campaign", "op": "in", "value": ["Spring", "Autumn"]}], 60.6),
        ([{"field": "campaign", "op": "contains", "value": "UTU"}], 30.3),
        ([{"field": "date", "op": "gt", "value": "2026-10-05"}], 50.5),
        ([{"field": "date", "op": "lt", "value": "2026-10-06"}], 10.1),
        ([{"field": "date", "op": "eq", "value": "2026-10-06"}], 50.5),
        ([{"field": "date", "op": "contains", "value": "10-06"}], 50.5),
        ([{"field": "week", "op": "in", "value": ["2026-10-05", "2026-10-12"]}], 60.6),
        ([{"field": "month", "op": "gt", "value": "2026-09"}], 60.6),
        ([{"field": "spend", "op": "gt", "value": 10.1}], 50.5),
        ([{"field": "clicks", "op": "eq", "value": 20}], 30.3),
        ([{"field": "campaign_id", "op": "eq", "value": "c1"}, {"field": "spend", "op": "lt", "value": 15}], 10.1),
        ([{"field": "account_id", "op": "eq", "value": "another"}], None),
    ],
)
def test_filters_choose_rows_and_what_the_totals_are_of(
    busy: Shop, filters: list[dict[str, Any]], spent: float | None
) -> None:
    content = asked(busy, **BY_CAMPAIGN_AND_DAY, filters=filters)

    assert content["totals"]["spend"] == spent
    assert sum(row[2] for row in content["data"]["rows"]) == pytest.approx(spent or 0)


# --- pages ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def long() -> Shop:
    """A shop with 40 campaigns of four days."""
    lines = [tiktok(f"c{n:02}", f"2026-10-0{d}", spend=f"{n}.0{d}") for n in range(40) for d in range(1, 5)]
    return shop_with(*lines)


def test_one_page_is_never_mistaken_for_the_whole(long: Shop) -> None:
    content = asked(long, **{**BY_CAMPAIGN_AND_DAY, "dimensions": ["campaign_id", "date"]})

    assert len(content["data"]["rows"]) == 50
    page = content["meta"]["page"]
    assert (page["returned"], page["total"], page["has_more"]) == (50, 160, True)
    assert content["totals"] == {"rows": 160, "spend": 3124.0}  # 4 x (0 + … + 39) + 40 x 0.10
    assert content["summary"].endswith("Rows 1-50 of 160.")


def test_a_script_that_pages_to_the_end_finds_every_row_once(long: Shop) -> None:
    """By offset as a PMA user's script does, by cursor as ours do: both are one count without pages."""
    question = {**BY_CAMPAIGN_AND_DAY, "dimensions": ["campaign_id", "date"], "limit": 33, "detail": "full"}

    by_offset: list[list[Any]] = []
    has_more = True
    while has_more:
        content = asked(long, **question, offset=len(by_offset))
        by_offset += content["data"]["rows"]
        has_more = content["meta"]["page"]["has_more"]
    by_cursor: list[list[Any]] = []
    cursor: str | None = None
    while cursor is not None or not by_cursor:
        content = asked(long, **question, **({"cursor": cursor} if cursor else {}))
        by_cursor += content["data"]["rows"]
        cursor = content["meta"]["page"]["next_cursor"]

    assert by_offset == by_cursor
    assert len({(row[0], row[1]) for row in by_offset}) == len(by_offset) == 160
    assert sum(row[2] for row in by_offset) == pytest.approx(asked(long, **SPEND)["data"]["rows"][0][0])


def test_a_page_goes_on_where_an_offset_began_and_both_at_once_are_refused(long: Shop) -> None:
    question = {**BY_CAMPAIGN_AND_DAY, "dimensions": ["campaign_id", "date"], "limit": 2}
    begun = asked(long, **question, offset=100)
    cursor = begun["meta"]["page"]["next_cursor"]

    assert begun["summary"].endswith("Rows 101-102 of 160.")
    assert asked(long, **question, cursor=cursor)["summary"].endswith("Rows 103-104 of 160.")
    assert refused(long, **question, cursor=cursor, offset=100)["field"] == "offset"
    assert asked(long, **question, offset=160)["data"]["rows"] == []


# --- scopes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("report_type", sorted(REPORTS))
def test_the_report_type_decides_which_scope_a_call_needs(report_type: str) -> None:
    needed = REPORTS[report_type].scope
    for other in {report.scope for report in REPORTS.values()} - {needed}:
        shop = Shop(scopes=frozenset({other}))
        reply = shop.call(TOOL, connector="shop", report_type=report_type, metrics=["orders"])

        assert reply.status == 403
        assert reply.error["data"]["reason"] == "insufficient_scope"
        assert reply.error["data"]["missing_scopes"] == [needed]
        (entry,) = shop.trail()
        assert (entry.data["outcome"], entry.data["scope"]) == ("denied_scope", needed)
    assert Shop(scopes=frozenset({needed})).call(TOOL, connector="shop", report_type=report_type).status == 200


@pytest.mark.parametrize("written", [" ad_day", "AD_DAY", "ad_day\u200b", "ad day", "ad_day "])
def test_no_other_spelling_of_a_report_type_gets_round_its_scope(written: str) -> None:
    shop = shop_with(tiktok(), order(), scopes=frozenset({Scope.PNL}))

    assert refused(shop, **{**SPEND, "report_type": written})["code"] == "unknown_report_type"


# --- as it is inspected -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("connector", "report_type"), [("tiktok_ads", "ad_day"), *(("shop", r) for r in OF_THE_SHOP)])
def test_every_field_that_an_inspection_marks_is_taken_in_its_role(
    busy: Shop, connector: str, report_type: str
) -> None:
    of_report = {"connector": connector, "report_type": report_type}
    busy.clock.advance(seconds=3)
    data = busy.call("pma_inspect_org_data", **of_report, level="fields", detail="full").content["data"]
    (row,) = data["rows"]
    fields = [field for field in row[data["columns"].index("fields")] if field["queryable"]]
    assert len(fields) == len(REPORTS[report_type].fields)

    for field in fields:
        if field["role"] == "metric":
            question = {"metrics": [field["name"]]}
            assert field["unit"] in {"money", "count", "number", "ratio"}
        else:
            question = {
                "dimensions": [field["name"]],
                "metrics": ["revenue" if field["name"] == "window" else ANY[report_type]],
            }
        assert asked(busy, **of_report, **question)["data"]["rows"]
