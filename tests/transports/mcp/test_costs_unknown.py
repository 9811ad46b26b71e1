"""Days of which ads or books tell nothing: their costs are unknown in every tool, and no change is made of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from shared.domain.facts.rollups import Figure
from tests.data.merchants import Merchant, header, order, refund
from tests.data.rollups import MICROS, account, cohort, every_day, holding, overview, shop_month, store
from tests.transports.mcp.shop import Shop

SALES = {
    Figure.ORDERS: 2,
    Figure.UNITS: 2,
    Figure.GROSS_SALES: 90 * MICROS,
    Figure.COGS: 30 * MICROS,
    Figure.COST_KNOWN_UNITS: 2,
    Figure.COST_KNOWN_SALES: 90 * MICROS,
}
BOOKS_END = date(2026, 11, 10)
ADS_BEGIN = date(2026, 10, 2)
TOLD = replace(
    overview(accounts=[account(), account("meta_ads", "act_1", holdings=[holding("ad_day", first=ADS_BEGIN)])]),
    expense_lines={"opex": (date(2025, 1, 1), BOOKS_END)},
)


@pytest.fixture
def shop() -> Shop:
    shop = Shop()
    spent = {**SALES, Figure.AD_SPEND: 5 * MICROS}
    booked = {Figure.OPEX: dict.fromkeys(range(1, 11), 7 * MICROS)}
    november = every_day("2026-11", spent)
    november = replace(november, days={**november.days, **shop_month("2026-11", booked).days})
    store(
        shop.engine,
        every_day("2026-09", {**SALES, Figure.OPEX: 7 * MICROS}),
        every_day("2026-10", {**spent, Figure.OPEX: 7 * MICROS}),
        november,
        cohort("2026-09", [10]),
        cohort("2026-10", [10]),
        found=TOLD,
    )
    return shop


def asked(shop: Shop, tool: str = "get_pnl", **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    result = shop.call(tool, **arguments).result
    assert result["isError"] is False, result
    return result["structuredContent"]


def warnings(content: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {warning["code"]: warning for warning in content["meta"]["warnings"]}


def test_what_was_booked_after_the_books_end_is_unknown_and_no_ebitda_is_named(shop: Shop) -> None:
    content = asked(shop, date_from="2026-11-11", date_to="2026-11-20", compare="previous_period")

    assert content["totals"]["opex"] is None
    assert content["totals"]["ebitda"] == content["totals"]["cm3"] == 550.0
    assert "EBITDA" not in content["summary"]
    assert (warnings(content)["costs_days_unknown"]["share"]) == 0.0
    assert "the books tell of 2025-01-01 to 2026-11-10" in warnings(content)["costs_days_unknown"]["message"]
    assert "ad accounts" not in warnings(content)["costs_days_unknown"]["message"]
    changes = content["comparison"]["change"]
    assert (changes["ebitda"]["abs"], changes["opex"]["abs"], changes["cm3"]["abs"]) == (None, None, 0.0)
    assert "opex (unknown, 10 of 10 days before)" in warnings(content)["costs_not_alike"]["message"]


def test_where_the_books_end_within_a_period_the_known_part_has_its_share(shop: Shop) -> None:
    content = asked(shop, date_from="2026-11-01", date_to="2026-11-20", granularity="week")

    weeks = [dict(zip(content["data"]["columns"], row, strict=True))["opex"] for row in content["data"]["rows"]]
    assert weeks == [7.0, 49.0, 14.0, None]
    assert content["totals"]["opex"] == 70.0
    assert warnings(content)["costs_days_unknown"]["share"] == 0.5
    assert "opex: known of 10 of the 20 days" in warnings(content)["costs_days_unknown"]["message"]


def test_spend_before_the_first_day_of_any_ad_account_is_unknown(shop: Shop) -> None:
    before = asked(shop, date_from="2026-09-01", date_to="2026-09-30", compare="none")
    partly = asked(shop, date_from="2026-10-01", date_to="2026-10-31", compare="none")

    assert (before["totals"]["ad_spend"], before["totals"]["cm3"]) == (None, 1800.0)
    assert warnings(partly)["costs_days_unknown"]["share"] == 0.9677
    assert "ad accounts tell of" in warnings(partly)["costs_days_unknown"]["message"]
    assert "the books" not in warnings(partly)["costs_days_unknown"]["message"]


def test_cohorts_of_months_before_the_ads_have_no_acquisition_cost_and_those_in_part_a_warning(shop: Shop) -> None:
    content = asked(shop, "get_cohort_retention", cohort_from="2026-09", cohort_to="2026-10")

    assert [row[2] for row in content["data"]["rows"]] == [None, 15.5]
    assert warnings(content)["ad_days_unknown"]["share"] == 0.9677


def test_sales_of_a_period_that_ends_after_the_last_order_are_not_said_to_have_fallen(shop: Shop) -> None:
    store(shop.engine, found=replace(TOLD, generation=2, data_through=date(2026, 11, 15)))
    content = asked(shop, date_from="2026-11-11", date_to="2026-11-20")

    changes = content["comparison"]["change"]
    assert {(each["abs"], each["pct"]) for name, each in changes.items() if name != "ad_spend"} == {(None, None)}
    assert (changes["ad_spend"]["abs"], changes["ad_spend"]["pct"]) == (0.0, None)
    assert "%" not in content["summary"]
    assert warnings(content)["comparison_after_data"]["share"] == 0.5


@pytest.mark.parametrize("tool", ["get_pnl", "get_marketing_efficiency", "explain_profit_change"])
@pytest.mark.parametrize(("ends", "is_given"), [(19, True), (17, False)])
def test_a_change_is_given_where_no_more_than_a_tenth_of_the_days_is_after_the_last_order(
    shop: Shop, tool: str, ends: int, *, is_given: bool
) -> None:
    books = {"opex": (date(2025, 1, 1), date(2026, 11, 20))}
    store(shop.engine, found=replace(TOLD, generation=2, data_through=date(2026, 11, ends), expense_lines=books))
    content = asked(shop, tool, date_from="2026-11-01", date_to="2026-11-20")

    told = warnings(content)["comparison_after_data"]
    if tool == "explain_profit_change":
        assert (content["totals"]["change"] is not None) is is_given
    else:
        revenue = content["comparison"]["change"]["net_revenue"]
        assert (revenue["abs"] is not None, revenue["pct"] is not None) == (is_given, is_given)
    assert told["share"] == ends / 20
    assert ("changes are given of what is known, 19 of 20 days" in told["message"]) is is_given


def test_books_that_lag_a_tenth_of_the_days_warn_and_do_not_hide_the_change_of_ebitda(shop: Shop) -> None:
    books = {"opex": (date(2025, 1, 1), date(2026, 11, 18))}
    store(shop.engine, found=replace(TOLD, generation=2, expense_lines=books))
    content = asked(shop, date_from="2026-11-01", date_to="2026-11-20")

    assert content["comparison"]["change"]["ebitda"]["abs"] is not None
    assert "costs_not_alike" not in warnings(content)
    assert "opex (18 of 20 days, 20 of 20 days before)" in warnings(content)["costs_nearly_alike"]["message"]


@pytest.mark.parametrize("tool", ["get_pnl", "get_marketing_efficiency"])
def test_costs_of_days_before_the_first_order_are_not_said_to_be_known(shop: Shop, tool: str) -> None:
    store(
        shop.engine,
        every_day("2026-10", {Figure.OPEX: 7 * MICROS}),
        found=replace(TOLD, generation=2, data_from=date(2026, 11, 1)),
    )
    content = asked(shop, tool, date_from="2026-11-01", date_to="2026-11-20")

    told = warnings(content)
    assert told["comparison_before_data"]["share"] == 0.0
    assert "opex (10 of 20 days, 20 of 20 days before)" in told["costs_not_alike"]["message"]
    assert "fulfilment" not in told["costs_not_alike"]["message"]
    assert "cogs" not in told["costs_not_alike"]["message"]


def test_books_that_stopped_are_diagnosed(shop: Shop) -> None:
    books = account("quickbooks", "books", holdings=[holding("expense", last=date(2026, 10, 28))])
    store(shop.engine, found=replace(TOLD, generation=2, accounts=[*TOLD.accounts, books]))

    content = asked(shop, "pma_inspect_org_data")

    assert "silent" in {each["cause"] for each in content["data"]["diagnosis"]}
    assert 'quickbooks "books": no expense since 2026-10-28' in str(content["data"]["diagnosis"])


def test_refunds_after_the_last_order_are_told_and_their_days_add_up() -> None:
    shop = Shop()
    back = {"quantity": 1, "sku": "A", "restocked": True, "amount": "10.00"}
    Merchant(engine=shop.engine).import_lines(
        header(),
        order("1", "2026-10-30", lines=[{"sku": "A", "quantity": 1, "price": "10.00", "unit_cost": "4.00"}]),
        refund(date="2026-11-02", lines=[back]),
    )

    both, after = (asked(shop, date_from=day, date_to="2026-11-05") for day in ("2026-10-30", "2026-11-01"))

    known = {name: value for name, value in after["totals"].items() if value is not None}
    assert known.pop("returns") == 10.0
    assert (known.pop("net_sales"), known.pop("net_revenue"), known.pop("cogs")) == (-10.0, -10.0, -4.0)
    assert set(known.values()) == {-6.0}
    assert "gross_sales" not in known
    assert (both["totals"]["returns"], both["totals"]["net_revenue"], both["totals"]["cm1"]) == (10.0, 0.0, 0.0)
    assert {"no_orders", "sales_unknown"} <= warnings(after).keys()


@pytest.mark.parametrize(
    ("without_rate", "told"),
    [
        (0, "with debits of 25,000.00 USD, are"),
        (3, "with debits of 25,000.00 USD and 3 in a currency without a rate, are"),
        (4, "4 in a currency without a rate, are"),
    ],
)
@pytest.mark.parametrize("tool", ["get_pnl", "explain_profit_change"])
def test_bookings_that_nobody_has_settled_are_told_of(tool: str, without_rate: int, told: str) -> None:
    shop = Shop()
    unsettled = {
        Figure.UNSETTLED: 25_000 * MICROS,
        Figure.UNSETTLED_BOOKINGS: 4,
        Figure.UNSETTLED_UNCONVERTED: without_rate,
    }
    store(shop.engine, shop_month("2026-11", {figure: {5: each} for figure, each in unsettled.items()}))

    content = asked(shop, tool, date_from="2026-11-01", date_to="2026-11-10")

    assert warnings(content)["books_unmapped"]["message"].startswith(
        f"4 bookings on accounts that nobody has settled, {told} in no number."
    )
