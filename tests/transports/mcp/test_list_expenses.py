from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from shared.domain.facts.expenses import ExpenseMonth
from shared.domain.scopes import Scope
from tests.data.rollups import MICROS, account, holding, overview, store
from tests.transports.mcp.shop import Shop

Days = dict[int, int]
"""Day of the month -> dollars; each one transaction."""

BOOKS = account("quickbooks", "main", holdings=[holding("expense")])


def group(
    days: Days,
    *,
    category: str | None = "Software",
    vendor: str | None = "Acme Inc.",
    line: str = "opex",
    behaviour: str = "fixed",
) -> list[Any]:
    booked = [[day, dollars * MICROS, 1] for day, dollars in days.items()]
    return [line, category, vendor, behaviour, None, booked]


def month(name: str, *groups: list[Any], part: int = 0, unconverted: list[list[int]] | None = None) -> ExpenseMonth:
    return ExpenseMonth(
        month=name,
        part=part,
        currency="USD",
        generation=1,
        groups=list(groups),
        unconverted=unconverted or [],
        unsettled=[],
    )


def shop_with(*months: ExpenseMonth, begins: date = date(2025, 1, 1), ends: date = date(2026, 11, 20)) -> Shop:
    shop = Shop(scopes=frozenset({Scope.PNL}))
    found = replace(overview(accounts=[account(), BOOKS]), expense_lines={"opex": (begins, ends)})
    store(shop.engine, *months, found=found)
    return shop


OCTOBER = month(
    "2026-10",
    group({3: 300, 31: 1}),
    group({4: 40}, category="software", vendor="Other Ltd."),
    group({5: 1000}, category="Rent", vendor="Harbour Lofts"),
    group({6: 60}, category="Ads", vendor="Printer Ltd.", line="ad_spend", behaviour="variable"),
    group({7: 7}, category=None, vendor=None, behaviour="variable"),
    group({8: -8}, category="Fair", vendor="person 1", behaviour="one_off"),
)
SEPTEMBER = month("2026-09", group({3: 280}), group({9: 90}, category="Phones"))


def asked(shop: Shop, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    result = shop.call("list_expenses", **({"period": "last_month"} | arguments)).result
    assert result["isError"] is False, result
    return result["structuredContent"]


def codes(content: dict[str, Any]) -> set[str]:
    return {warning["code"] for warning in content["meta"]["warnings"]}


def test_categories_are_rows_largest_first_beside_the_month_before() -> None:
    content = asked(shop_with(SEPTEMBER, OCTOBER))

    assert content["data"] == {
        "columns": ["group", "amount", "transactions", "share", "prior_amount"],
        "rows": [
            ["Rent", 1000.0, 1, 0.7143, 0.0],
            ["Software", 341.0, 3, 0.2436, 280.0],
            ["Ads", 60.0, 1, 0.0429, 0.0],
            [None, 7.0, 1, 0.005, 0.0],
            ["Phones", 0.0, 0, 0.0, 90.0],
            ["Fair", -8.0, 1, -0.0057, 0.0],
        ],
    }
    assert content["totals"] == {"amount": 1400.0, "transactions": 7}
    assert content["comparison"] == {
        "data": {"amount": 370.0, "transactions": 2},
        "change": {"amount": {"abs": 1030.0, "pct": 278.4}, "transactions": {"abs": 5, "pct": 250.0}},
    }
    assert content["summary"] == (
        "Booked expenses in 2026-10-01 to 2026-10-31: 1,400.00 USD in 7 transactions, 370.00 USD in 2026-09-01 to "
        '2026-09-30. Largest: "Rent" 1,000.00 USD, "Software" 341.00 USD.'
    )
    assert content["meta"]["sources"][0]["connector"] == "quickbooks"


def test_vendors_may_be_rows() -> None:
    rows = asked(shop_with(OCTOBER), group_by="vendor", compare="none")["data"]["rows"]

    assert [(row[0], row[1]) for row in rows] == [
        ("Harbour Lofts", 1000.0),
        ("Acme Inc.", 301.0),
        ("Printer Ltd.", 60.0),
        ("Other Ltd.", 40.0),
        (None, 7.0),
        ("person 1", -8.0),
    ]
    assert {row[4] for row in rows} == {None}


def test_lines_of_the_pnl_may_be_rows_so_that_both_can_be_compared() -> None:
    rows = asked(shop_with(OCTOBER), group_by="line", compare="none")["data"]["rows"]

    assert [(row[0], row[1]) for row in rows] == [("opex", 1340.0), ("ad_spend", 60.0)]


def test_booked_advertising_is_told_from_what_platforms_report_in_the_summary() -> None:
    shop = Shop(scopes=frozenset({Scope.PNL}))
    ads = account("meta_ads", "act_1", holdings=[holding("ad_day")])
    store(shop.engine, OCTOBER, found=overview(accounts=[account(), BOOKS, ads], expense_lines=["ad_spend"]))

    assert asked(shop, kind="ad", compare="none")["summary"].startswith(
        "Booked expenses (kind ad, what ad platforms report is apart, in get_ad_performance) in 2026-10-01 to "
        "2026-10-31: 60.00 USD in 1 transaction."
    )


def test_months_stand_in_their_order_beside_those_of_a_period_of_as_many() -> None:
    shop = shop_with(SEPTEMBER, OCTOBER)
    arguments = {"date_from": "2026-09-01", "date_to": "2026-10-31", "group_by": "month", "period": None}

    rows = asked(shop, **arguments)["data"]["rows"]
    custom = {"compare": "custom", "compare_from": "2026-09-01", "compare_to": "2026-09-30"}

    assert [row[:3] for row in rows] == [["2026-09", 370.0, 2], ["2026-10", 1400.0, 7]]
    assert [row[4] for row in rows] == [0.0, 0.0]
    assert [row[4] for row in asked(shop, **arguments, **custom)["data"]["rows"]] == [None, None]


def test_single_bookings_stand_latest_first() -> None:
    data = asked(shop_with(OCTOBER), group_by="none", category="SOFTWARE")["data"]

    assert data == {
        "columns": ["date", "line", "category", "vendor", "behaviour", "amount", "transactions", "share"],
        "rows": [
            ["2026-10-31", "opex", "Software", "Acme Inc.", "fixed", 1.0, 1, 0.0029],
            ["2026-10-04", "opex", "software", "Other Ltd.", "fixed", 40.0, 1, 0.1173],
            ["2026-10-03", "opex", "Software", "Acme Inc.", "fixed", 300.0, 1, 0.8798],
        ],
    }


@pytest.mark.parametrize(
    ("kind", "amount"), [("all", 1400.0), ("fixed", 1341.0), ("variable", 7.0), ("ad", 60.0), ("one_off", -8.0)]
)
def test_the_kinds_share_all_expenses_out_among_them(kind: str, amount: float) -> None:
    assert asked(shop_with(OCTOBER), kind=kind)["totals"]["amount"] == amount


@pytest.mark.parametrize("group_by", ["category", "month", "none"])
def test_a_category_that_nothing_has_is_answered_with_those_that_there_are(group_by: str) -> None:
    content = asked(shop_with(OCTOBER), category="Telephones", group_by=group_by)

    assert content["totals"] == {"amount": 0.0, "transactions": 0}
    (warning,) = [each for each in content["meta"]["warnings"] if each["code"] == "nothing_matches"]
    assert warning["message"] == 'Nothing matches. Categories of the period: "Rent", "Software", "Ads", "Fair".'


def test_rows_come_in_pages_and_totals_are_of_all_of_them() -> None:
    many = [group({1: place + 1}, category=f"Category {place}") for place in range(25)]
    shop = shop_with(month("2026-10", *many[:15]), month("2026-10", *many[15:], part=1))

    first = asked(shop, limit=20)
    second = asked(shop, limit=20, cursor=first["meta"]["page"]["next_cursor"])

    assert [len(page["data"]["rows"]) for page in (first, second)] == [20, 5]
    assert first["totals"] == second["totals"] == {"amount": 325.0, "transactions": 25}
    assert sum(row[1] for page in (first, second) for row in page["data"]["rows"]) == 325.0


def test_where_no_expense_was_ever_imported_what_was_spent_is_unknown() -> None:
    shop = Shop(scopes=frozenset({Scope.PNL}))
    store(shop.engine, found=overview())

    content = asked(shop)

    assert content["totals"] == {"amount": None, "transactions": None}
    assert codes(content) == {"no_expenses"}
    assert content["summary"] == "No expenses have been imported."


def test_a_period_before_the_books_is_unknown_and_not_nothing() -> None:
    content = asked(shop_with(OCTOBER, begins=date(2026, 10, 3)), period="last_year")

    assert content["totals"]["amount"] is None
    assert content["comparison"] is None


def test_an_earlier_period_that_the_books_do_not_reach_has_no_amounts_and_one_in_part_no_change() -> None:
    after = asked(shop_with(OCTOBER, begins=date(2026, 10, 3)))
    within = asked(shop_with(SEPTEMBER, OCTOBER, begins=date(2026, 9, 3)))

    assert after["comparison"] is None
    assert {row[4] for row in after["data"]["rows"]} == {None}
    assert within["comparison"]["change"]["amount"] == {"abs": None, "pct": None}
    assert within["comparison"]["data"]["amount"] == 370.0
    assert "comparison_before_data" in codes(after) & codes(within)


def test_books_that_end_before_the_period_say_so() -> None:
    content = asked(shop_with(OCTOBER, ends=date(2026, 10, 15)))

    (warning,) = content["meta"]["warnings"]
    assert (warning["code"], warning["share"]) == ("upstream_stale", 0.4839)


def test_a_period_after_the_books_is_unknown_and_not_nothing() -> None:
    content = asked(shop_with(SEPTEMBER, ends=date(2026, 9, 28)))

    assert content["totals"] == {"amount": None, "transactions": None}
    assert content["summary"] == "No expenses are known after 2026-09-28."
    assert (content["comparison"], {row[1] for row in content["data"]["rows"]}) == (None, {None})


def test_what_nobody_has_settled_is_told_beside_what_is_known() -> None:
    unsettled = replace(OCTOBER, unsettled=[[2, 5 * MICROS, 3, 0], [4, 0, 2, 2], [9, 0, 1, 0]])

    content = asked(shop_with(unsettled), date_from="2026-10-02", date_to="2026-10-08", period=None)

    (warning,) = (each for each in content["meta"]["warnings"] if each["code"] == "books_unmapped")
    assert warning["message"].startswith(
        "5 bookings on accounts that nobody has settled, with debits of 5.00 USD and 2 in a currency without a rate, "
        "are in no number."
    )


def test_a_period_of_which_nothing_is_settled_is_unknown_and_not_nothing() -> None:
    content = asked(shop_with(replace(month("2026-10"), unsettled=[[2, 5 * MICROS, 3, 0]])))

    assert content["totals"] == {"amount": None, "transactions": None}
    assert content["summary"] == (
        "Booked expenses in 2026-10-01 to 2026-10-31 are unknown, not zero: "
        "nobody has settled the accounts of what is booked."
    )


def test_expenses_without_a_rate_are_told_with_the_share_of_those_that_have_one() -> None:
    unconverted = [[4, 1], [5, 0]]
    shop = shop_with(month("2026-10", group({3: 3, 6: 6, 7: 7}), unconverted=unconverted))

    (warning,) = asked(shop)["meta"]["warnings"]

    assert (warning["code"], warning["share"]) == ("fx_rate_missing", 0.75)
    assert "fx_rate_missing" not in codes(asked(shop, period=None, date_from="2026-10-06", date_to="2026-10-07"))


@pytest.mark.parametrize("group_by", ["category", "month", "none"])
def test_expenses_of_which_none_has_a_rate_are_unknown_and_not_zero(group_by: str) -> None:
    shop = shop_with(SEPTEMBER, month("2026-10", unconverted=[[4, 2]]))
    content = asked(shop, group_by=group_by)

    assert content["totals"] == {"amount": None, "transactions": None}
    assert "fx_rate_missing" in codes(content)
    assert content["summary"] == (
        "Booked expenses in 2026-10-01 to 2026-10-31 are unknown, not zero: "
        "some are in a currency for which no rate is known, and there are no others."
    )


def test_an_earlier_period_of_which_no_expense_has_a_rate_is_not_compared_with() -> None:
    content = asked(shop_with(month("2026-09", unconverted=[[4, 2]]), OCTOBER))

    assert content["comparison"] is None
    assert {row[4] for row in content["data"]["rows"]} == {None}


def test_spend_of_ad_platforms_is_said_to_be_elsewhere() -> None:
    shop = Shop(scopes=frozenset({Scope.PNL}))
    ads = account("meta_ads", "act_1", holdings=[holding("ad_day")])
    store(shop.engine, OCTOBER, found=overview(accounts=[account(), BOOKS, ads], expense_lines=["opex"]))

    assert "platform_spend_apart" in codes(asked(shop, kind="ad"))
    assert "platform_spend_apart" not in codes(asked(shop, kind="fixed"))


@pytest.mark.parametrize(
    ("arguments", "code", "field"),
    [
        ({"group_by": "supplier"}, "invalid_argument", "group_by"),
        ({"kind": "marketing"}, "invalid_argument", "kind"),
        ({"period": None, "date_from": "2025-01-01", "date_to": "2026-10-31"}, "range_too_long", "date_from"),
        (
            {"compare": "custom", "compare_from": "2024-01-01", "compare_to": "2025-10-31"},
            "range_too_long",
            "compare_from",
        ),
        ({"granularity": "day"}, "invalid_argument", "granularity"),
    ],
)
def test_what_it_cannot_answer_is_refused_by_the_argument(arguments: dict[str, Any], code: str, field: str) -> None:
    content = shop_with(OCTOBER).call("list_expenses", **({"period": "last_month"} | arguments)).content

    assert (content["code"], content["field"]) == (code, field)


@pytest.mark.parametrize(("arguments", "queries"), [({}, 1), ({"compare": "previous_year"}, 2)])
def test_a_call_reads_the_months_of_its_ranges_and_no_others(arguments: dict[str, Any], queries: int) -> None:
    shop = shop_with(SEPTEMBER, OCTOBER)
    asked(shop)
    before = shop.engine.operations.copy()

    asked(shop, **arguments)

    spent = shop.engine.operations - before
    assert (spent["query"], spent["get"]) == (queries, 2)
