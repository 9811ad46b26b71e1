"""What all tools share: the envelope, arguments that are refused by name, pages, and cuts by whole rows."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.domain.facts.rollups import Figure
from shared.domain.facts.settings import Settings
from shared.transports.mcp.tools.answer import Answer, Table, envelope
from shared.transports.mcp.tools.catalogue import CATALOGUE
from tests.data.rollups import account, every_day, overview, store
from tests.data.tenants import token, workspace
from tests.transports.mcp.diagnostic_tools import FRAME
from tests.transports.mcp.shop import Shop

DAYS_92: dict[str, Any] = {"date_from": "2026-08-20", "date_to": "2026-11-19", "granularity": "day"}
FIGURES = {Figure.ORDERS: 3, Figure.UNITS: 4, Figure.GROSS_SALES: 123_450_000, Figure.RETURNS: 1_110_000}
MONTHS = ("2026-08", "2026-09", "2026-10", "2026-11")

NEEDS_HISTORY = frozenset({"get_customer_ltv", "analyze_valuation_sensitivity", "list_anomalies"})
"""Four months of a few orders are not enough for them: their own tests know shops that are."""

NEEDED: dict[str, dict[str, Any]] = {
    "assess_product_viability": {"price": 20, "unit_cost": 8},
    "pma_query_custom": {
        "connector": "shopify",
        "report_type": "order",
        "dimensions": ["date"],
        "metrics": ["orders", "gross_sales"],
    },
}
"""What cannot be left out of a call."""


@pytest.fixture
def busy() -> Shop:
    """Give a shop that sold the same on every day of some months."""
    shop = Shop()
    store(shop.engine, *(every_day(month, FIGURES) for month in MONTHS))
    return shop


def walk(shop: Shop, tool: str, **arguments: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - any JSON
    """Read every page."""
    pages: list[dict[str, Any]] = []
    cursor: str | None = None
    while cursor is not None or not pages:
        content = shop.call(tool, **arguments, **({"cursor": cursor} if cursor else {})).content
        pages.append(content)
        cursor = content["meta"]["page"]["next_cursor"]
    return pages


# --- the envelope ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tool", [tool.name for tool in CATALOGUE])
@pytest.mark.parametrize("detail", ["compact", "full"])
@pytest.mark.parametrize("is_empty", [True, False], ids=["empty", "busy"])
def test_every_answer_is_what_the_tool_declared(busy: Shop, tool: str, detail: str, is_empty: bool) -> None:  # noqa: FBT001 - a column of the table
    shop = Shop() if is_empty else busy

    result = shop.call(tool, detail=detail, **NEEDED.get(tool, {})).result

    content = result["structuredContent"]
    if result["isError"]:
        assert content["code"] == ("no_data" if is_empty else "insufficient_data")
        assert is_empty or tool in NEEDS_HISTORY
    else:
        declared = CATALOGUE.get(tool)
        assert declared is not None
        jsonschema.validate(content, dict(CATALOGUE.tool(declared).output))


def test_the_text_is_the_summary_and_the_same_json(busy: Shop) -> None:
    result = busy.call("get_pnl").result

    summary, _, document = result["content"][0]["text"].partition("\n")
    assert summary == result["structuredContent"]["summary"]
    assert json.loads(document) == result["structuredContent"]


def test_the_meta_tells_the_calendar_the_currency_and_the_reach_of_the_data() -> None:
    shop = Shop()
    store(
        shop.engine,
        settings=Settings(timezone="Pacific/Auckland", currency="NZD"),
        found=overview(accounts=[account()]),
    )

    reply = shop.call("get_pnl", period="yesterday")

    assert reply.content["meta"] == {
        "period": {"from": "2026-11-21", "to": "2026-11-21", "partial": False},  # where it is the 22nd already
        "comparison_period": {"from": "2026-11-20", "to": "2026-11-20", "partial": False},
        "timezone": "Pacific/Auckland",
        "currency": "NZD",
        "today": "2026-11-22",
        "data_through": "2026-11-20",
        "definition_version": "pnl.v1",
        "sources": [
            {"connector": "shopify", "account_id": "shop-1", "last_sync": "2026-11-21T03:00:00Z", "status": "synced"}
        ],
        "coverage": {"cogs": None},
        "warnings": [
            {"code": "no_orders", "message": "Orders are known from 2025-01-01 to 2026-11-20 only.", "share": None},
            {
                "code": "costs_unknown",
                "message": (
                    "Nobody told, so null and not subtracted further down: ad_spend, opex, depreciation, interest, "
                    "income_tax. Profit is without them until they are imported."
                ),
                "share": None,
            },
        ],
        "outside_text": ["account_id", "connector"],
        "page": {"returned": 20, "total": 20, "has_more": False, "next_cursor": None},
        "truncated": False,
        "request_id": reply.headers["x-request-id"],
    }


def test_only_a_period_that_reaches_into_today_is_partial(busy: Shop) -> None:
    assert busy.call("get_pnl", period="today").content["meta"]["period"]["partial"] is True
    assert busy.call("get_pnl", period="mtd").content["meta"]["period"]["partial"] is False


# --- arguments -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code", "field", "said"),
    [
        ({"perod": "mtd"}, "invalid_argument", "perod", "Did you mean period?"),
        ({"tenant": "wks_2"}, "invalid_argument", "tenant", "There is no such argument."),
        ({f"te\u200b\x1bn{'x' * 100}": 1}, "invalid_argument", f"ten{'x' * 55}", "There is no such argument."),
        ({"period": "this_century"}, "invalid_argument", "period", "last_30d"),
        ({"date_from": 20261101, "date_to": "2026-11-02"}, "invalid_argument", "date_from", "yyyy-mm-dd"),
        ({"date_from": "2026-11-31", "date_to": "2026-11-02"}, "invalid_argument", "date_from", "yyyy-mm-dd"),
        ({"period": "mtd", "date_from": "2026-11-01"}, "invalid_argument", "period", "not both"),
        ({"compare_from": "2026-11-01"}, "invalid_argument", "compare", "compare=custom"),
        ({"currency": "dollars"}, "invalid_argument", "currency", "ISO 4217"),
        ({"date_from": "2026-11-02", "date_to": "2026-11-01"}, "invalid_date_range", "date_from", "after"),
        ({"start_date": "2026-11-02"}, "invalid_date_range", "date_to", "together"),
        ({"date_to": "2027-01-01", "date_from": "2026-01-01"}, "invalid_date_range", "date_to", "2026-11-21"),
        ({"date_from": "2020-01-01", "date_to": "2026-01-01"}, "range_too_long", "date_from", "1830"),
        ({**DAYS_92, "date_to": "2026-11-20"}, "range_too_long", "granularity", "granularity=week"),
        ({"currency": "EUR"}, "fx_rate_missing", "currency", "EUR"),
        ({"cursor": "bm9uc2Vuc2U"}, "cursor_invalid", "cursor", "first page"),
    ],
)
def test_a_wrong_argument_is_named_with_what_would_be_right(
    busy: Shop, arguments: dict[str, Any], code: str, field: str, said: str
) -> None:
    reply = busy.call("get_pnl", **arguments)
    content = reply.content

    assert (reply.status, reply.result["isError"]) == (200, True)
    assert (content["code"], content["field"], content["retryable"]) == (code, field, False)
    assert said in json.dumps(content)
    assert content["hint"]
    assert reply.result["content"][0]["text"].startswith(f"{code}: ")
    assert [entry.data["error_code"] for entry in busy.trail()] == [code]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2026-11-01T00:00:00", "write a date as yyyy-mm-dd"),
        ("2026-11-01T00:00:00Z", "write a date as yyyy-mm-dd"),
        ("1793491200", "write a date as yyyy-mm-dd"),
        ("20261101", "write a date as yyyy-mm-dd"),
        ("2026-W45-1", "write a date as yyyy-mm-dd"),
        ("01/11/2026", "write a date as yyyy-mm-dd"),
        ("", "write a date as yyyy-mm-dd"),
        (1793491200, "write a date as yyyy-mm-dd"),
        (True, "write a date as yyyy-mm-dd"),
        ("2026-11-31", "there is no such day"),
        ("0000-01-01", "there is no such day"),
    ],
)
def test_a_date_is_written_in_one_way(busy: Shop, written: object, said: str) -> None:
    content = busy.call("get_pnl", date_from=written, date_to="2026-11-02").content

    assert (content["code"], content["message"]) == ("invalid_argument", f"date_from: {said}.")


@pytest.mark.parametrize("limit", [True, "3"])
def test_a_whole_number_is_a_number(busy: Shop, limit: object) -> None:
    content = busy.call("pma_list_data_sources", limit=limit).content

    assert (content["code"], content["message"]) == ("invalid_argument", "limit: write a whole number, without quotes.")


def test_a_choice_that_is_none_lists_the_choices(busy: Shop) -> None:
    content = busy.call("get_pnl", granularity="year").content

    assert content["allowed"] == ["total", "day", "week", "month", "quarter"]


def test_dates_may_be_called_start_and_end_and_what_is_null_is_not_given(busy: Shop) -> None:
    named = busy.call("get_pnl", date_from="2026-09-01", date_to="2026-09-10").content
    alias = busy.call("get_pnl", start_date="2026-09-01", end_date="2026-09-10", period=None, cursor=None).content

    assert alias["totals"] == named["totals"]
    assert alias["meta"]["period"] == named["meta"]["period"]
    assert named["meta"]["period"] == {"from": "2026-09-01", "to": "2026-09-10", "partial": False}


# --- pages and cuts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("detail", "cap"), [("compact", 8 * 1024), ("full", 32 * 1024)])
def test_an_answer_that_is_too_long_is_cut_by_whole_rows_and_goes_on_behind_a_cursor(
    busy: Shop, detail: str, cap: int
) -> None:
    pages = walk(busy, "get_pnl", **DAYS_92, detail=detail)

    days = [row[0] for page in pages for row in page["data"]["rows"]]
    assert days == [f"{busy.clock().date() - timedelta(days=back)}" for back in range(93, 1, -1)]
    assert [page["meta"]["truncated"] for page in pages] == [True] * (len(pages) - 1) + [False]
    assert len(pages) > 1 if detail == "compact" else len(pages) == 1
    for page in pages:
        assert len(json.dumps(page, separators=(",", ":")).encode()) <= cap
        assert page["totals"] == pages[0]["totals"]
        assert page["meta"]["page"]["returned"] == len(page["data"]["rows"])
        assert page["meta"]["page"]["total"] == 92


def test_a_page_is_as_full_as_it_can_be(busy: Shop) -> None:
    first = busy.call("get_pnl", **DAYS_92).content
    one_row = len(json.dumps(first["data"]["rows"][0], separators=(",", ":")))

    assert len(json.dumps(first, separators=(",", ":"))) > 8 * 1024 - one_row - 8


@pytest.mark.parametrize(("offset", "returned"), [(0, 1), (1, 1), (2, 0)])
def test_a_row_that_is_too_long_alone_is_given_alone(offset: int, returned: int) -> None:
    # Never an error for size, and never a walk that stands still.
    table = Table(columns=("text",), rows=[["x" * 9_000], ["y" * 9_000]])

    content = envelope(Answer(summary="", frame=FRAME, data=table), detail="compact", request_id="r", offset=offset)

    assert len(content["data"]["rows"]) == content["meta"]["page"]["returned"] == returned
    assert content["meta"]["page"]["next_cursor"] == ("1" if offset == 0 else None)


def test_what_stands_beside_no_rows_is_not_cut() -> None:
    table = Table(columns=("text",), rows=[], more={"note": "x" * 9_000})

    content = envelope(Answer(summary="", frame=FRAME, data=table), detail="compact", request_id="r")

    assert content["meta"]["page"] == {"returned": 0, "total": 0, "has_more": False, "next_cursor": None}
    assert content["meta"]["truncated"] is False


def test_a_list_is_paged_by_its_limit(busy: Shop) -> None:
    store(busy.engine, found=overview(generation=2, accounts=[account(name=f"shop-{n:03}") for n in range(45)]))

    pages = walk(busy, "pma_list_data_sources", limit=20)

    assert [page["meta"]["page"]["returned"] for page in pages] == [20, 20, 5]
    assert [page["meta"]["truncated"] for page in pages] == [False] * 3
    assert [row[2] for page in pages for row in page["data"]["rows"]] == [f"shop-{n:03}" for n in range(45)]
    assert {page["totals"]["sources"] for page in pages} == {45}


@pytest.mark.parametrize(
    ("said", "pages"),
    [({}, [20, 20, 20, 20, 20, 5]), ({"detail": "full"}, [100, 5]), ({"detail": "full", "limit": 60}, [60, 45])],
)
def test_a_list_in_full_gives_more_rows_a_page_unless_the_caller_says_how_many(
    busy: Shop, said: dict[str, Any], pages: list[int]
) -> None:
    store(busy.engine, found=overview(generation=2, accounts=[account(name=f"shop-{n:03}") for n in range(105)]))

    walked = walk(busy, "pma_list_data_sources", **said)

    assert [page["meta"]["page"]["returned"] for page in walked] == pages


def test_of_a_list_a_wrong_detail_is_what_is_named(busy: Shop) -> None:
    content = busy.call("pma_list_data_sources", detail="everything").content

    assert (content["code"], content["field"]) == ("invalid_argument", "detail")


many = st.integers(0, 130)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(count=many, limit=st.integers(1, 100), width=st.integers(1, 400), detail=st.sampled_from(["compact", "full"]))
def test_a_walk_meets_every_row_exactly_once(count: int, limit: int, width: int, detail: str) -> None:
    shop = Shop()
    accounts = [account(name=f"{n:03}" + "x" * width) for n in range(count)]
    store(shop.engine, found=overview(accounts=accounts))
    shop.clock.advance(minutes=2)

    seen: list[str] = []
    cursor: str | None = None
    while True:
        shop.clock.advance(seconds=2)
        extra = {"cursor": cursor} if cursor else {}
        content = shop.call("pma_list_data_sources", limit=limit, detail=detail, **extra).content
        seen += [row[2][:3] for row in content["data"]["rows"]]
        cursor = content["meta"]["page"]["next_cursor"]
        assert len(content["data"]["rows"]) <= limit
        if cursor is None:
            break
        assert content["data"]["rows"]
    assert seen == [f"{n:03}" for n in range(count)]


def first_cursor(shop: Shop) -> str:
    cursor = shop.call("get_pnl", **DAYS_92).content["meta"]["page"]["next_cursor"]
    assert isinstance(cursor, str)
    return cursor


@pytest.mark.parametrize(
    "changed",
    [
        {"date_from": "2026-08-21"},
        {"granularity": "week"},
        {"basis": "order_date"},
        {"detail": "full"},
        {"compare": "previous_year"},
    ],
)
def test_a_cursor_goes_with_the_arguments_that_it_was_given_for(busy: Shop, changed: dict[str, Any]) -> None:
    cursor = first_cursor(busy)

    assert busy.call("get_pnl", **{**DAYS_92, **changed}, cursor=cursor).content["code"] == "cursor_invalid"
    assert busy.call("get_pnl", **DAYS_92, cursor=cursor).result["isError"] is False


def test_a_cursor_of_one_tool_or_workspace_is_none_of_another(busy: Shop) -> None:
    workspace(busy.stores, "wks_2")
    store(busy.engine, *(every_day(month, FIGURES) for month in MONTHS), workspace_id="wks_2")
    theirs = token(busy.stores, workspace_id="wks_2", at=busy.clock()).text
    cursor = first_cursor(busy)

    assert busy.call("get_cohort_retention", cursor=cursor).content["code"] == "cursor_invalid"
    assert busy.call("get_pnl", **DAYS_92, cursor=cursor, bearer=theirs).content["code"] == "cursor_invalid"


def test_a_cursor_lives_a_quarter_of_an_hour(busy: Shop) -> None:
    cursor = first_cursor(busy)

    busy.clock.advance(minutes=15, seconds=-1)
    assert busy.call("get_pnl", **DAYS_92, cursor=cursor).result["isError"] is False
    busy.clock.advance(seconds=1)
    assert busy.call("get_pnl", **DAYS_92, cursor=cursor).content["code"] == "cursor_invalid"


def test_a_cursor_is_stale_once_the_data_has_moved_on(busy: Shop) -> None:
    cursor = first_cursor(busy)
    store(busy.engine, every_day("2026-11", FIGURES), found=overview(generation=2))

    content = busy.call("get_pnl", **DAYS_92, cursor=cursor).content

    assert (content["code"], content["retryable"]) == ("cursor_stale", False)
    assert "without cursor" in content["hint"]


def test_a_cursor_is_stale_once_the_shop_has_a_new_day(busy: Shop) -> None:
    # `mtd` of yesterday and of today are two lists.
    busy.clock.now = busy.clock.now.replace(hour=23, minute=55)
    cursor = first_cursor(busy)
    busy.clock.advance(minutes=10)

    assert busy.call("get_pnl", **DAYS_92, cursor=cursor).content["code"] == "cursor_stale"


def test_a_cursor_that_somebody_changed_opens_nothing(busy: Shop) -> None:
    cursor = first_cursor(busy)

    for place in range(0, len(cursor) - 1, 5):
        changed = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
        assert busy.call("get_pnl", **DAYS_92, cursor=changed).content["code"] == "cursor_invalid"
