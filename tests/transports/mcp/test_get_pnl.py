from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from shared.domain.facts.rollups import Figure, FxMonth, ShopMonth
from shared.domain.facts.settings import Settings
from shared.domain.scopes import Scope
from tests.data.rollups import MICROS, account, every_day, fx_month, holding, length, overview, shop_month, store
from tests.transports.mcp.shop import Shop

SALES = {
    Figure.ORDERS: 2,
    Figure.UNITS: 3,
    Figure.GROSS_SALES: 100 * MICROS,
    Figure.DISCOUNTS: 10 * MICROS,
    Figure.RETURNS: 5 * MICROS,
    Figure.RETURNS_BY_ORDER: 4 * MICROS,
    Figure.ORDERS_REFUNDED: 1,
    Figure.SHIPPING_CHARGED: 8 * MICROS,
    Figure.COGS: 30 * MICROS,
    Figure.COST_KNOWN_SALES: 81 * MICROS,
    Figure.COST_KNOWN_UNITS: 2,
    Figure.AD_SPEND: 12 * MICROS,
    Figure.OPEX: 7 * MICROS,
}
TOLD = overview(
    accounts=[account(), account("meta_ads", "act_1", holdings=[holding("ad_day")])], expense_lines=["opex"]
)


def shop_with(*months: ShopMonth | FxMonth, settings: Settings | None = None) -> Shop:
    shop = Shop(scopes=frozenset({Scope.PNL}))
    store(shop.engine, *months, found=TOLD, settings=settings)
    return shop


def asked(shop: Shop, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    result = shop.call("get_pnl", **arguments).result
    assert result["isError"] is False, result
    return result["structuredContent"]


def test_a_day_line_by_line_in_major_units_with_shares_and_formulas() -> None:
    content = asked(shop_with(every_day("2026-11", SALES)), period="yesterday", compare="none")

    # Worked out by hand: 100 - 10 - 5 + 8 = 93 net revenue.
    assert content["data"]["columns"] == ["line", "label", "amount", "share_of_net_revenue"]
    assert content["data"]["rows"] == [
        ["gross_sales", "Gross sales", 100.0, 1.0753],
        ["discounts", "Discounts", 10.0, 0.1075],
        ["returns", "Returns", 5.0, 0.0538],
        ["net_sales", "Net sales", 85.0, 0.914],
        ["shipping_income", "Shipping income", 8.0, 0.086],
        ["net_revenue", "Net revenue", 93.0, 1.0],
        ["cogs", "Cost of goods sold", 30.0, 0.3226],
        ["cm1", "Contribution margin 1", 63.0, 0.6774],
        ["fulfilment", "Fulfilment", None, None],
        ["payment_fees", "Payment fees", None, None],
        ["platform_fees", "Platform fees", None, None],
        ["cm2", "Contribution margin 2", 63.0, 0.6774],
        ["ad_spend", "Ad spend", 12.0, 0.129],
        ["cm3", "Contribution margin 3", 51.0, 0.5484],
        ["opex", "Operating expenses", 7.0, 0.0753],
        ["ebitda", "EBITDA", 44.0, 0.4731],
        ["depreciation", "Depreciation and amortization", None, None],
        ["interest", "Interest", None, None],
        ["income_tax", "Income tax", None, None],
        ["net_profit", "Net profit (pre-tax)", 44.0, 0.4731],
    ]
    assert content["data"]["formulas"]["net_revenue"] == "net_sales + shipping_income"
    assert content["data"]["formulas"].keys() == {row[0] for row in content["data"]["rows"]}
    assert content["comparison"] is None


def test_totals_hold_orders_units_and_what_follows_from_them() -> None:
    totals = asked(shop_with(every_day("2026-11", SALES)), date_from="2026-11-01", date_to="2026-11-10")["totals"]

    assert (totals["net_revenue"], totals["orders"], totals["units"]) == (930.0, 20, 30)
    assert (totals["aov"], totals["refund_rate"]) == (45.0, 0.5)
    assert totals["fulfilment"] is None


def test_what_is_unknown_is_named_and_how_far_costs_are_known_is_told() -> None:
    meta = asked(shop_with(every_day("2026-11", SALES)), period="yesterday")["meta"]

    warnings = {warning["code"]: warning for warning in meta["warnings"]}
    assert "fulfilment, payment_fees, platform_fees, depreciation" in warnings["costs_unknown"]["message"]
    assert warnings["cogs_partial"]["share"] == meta["coverage"]["cogs"] == 0.9


SOLD = {Figure.ORDERS: 2, Figure.UNITS: 3, Figure.GROSS_SALES: 100 * MICROS}


def test_the_summary_names_no_profit_of_a_shop_that_told_no_costs() -> None:
    shop = Shop()
    store(shop.engine, every_day("2026-11", SOLD))

    content = asked(shop, period="yesterday")

    assert content["summary"] == (
        "2026-11-20: net revenue 100.00 USD from 2 orders; no costs are known, so no profit is known. "
        "Net revenue changed by +0.0 % against 2026-11-19."
    )


def test_the_summary_names_no_profit_where_other_costs_are_known_and_those_of_goods_are_not() -> None:
    content = asked(shop_with(every_day("2026-11", {**SOLD, Figure.OPEX: 7 * MICROS})), period="yesterday")

    assert content["summary"].startswith(
        "2026-11-20: net revenue 100.00 USD from 2 orders; the cost of goods sold is unknown, so no profit is known."
    )


def test_the_basis_chooses_the_day_on_which_a_refund_counts() -> None:
    shop = shop_with(every_day("2026-11", SALES))

    assert asked(shop, period="yesterday")["totals"]["returns"] == 5.0
    assert asked(shop, period="yesterday", basis="order_date")["totals"]["returns"] == 4.0


def test_a_total_is_compared_with_the_period_before_unless_something_else_is_asked() -> None:
    september, october = every_day("2026-09", SALES), every_day("2026-10", SALES)

    content = asked(shop_with(september, october), date_from="2026-10-01", date_to="2026-10-31")

    assert content["meta"]["comparison_period"] == {"from": "2026-09-01", "to": "2026-09-30", "partial": False}
    assert content["comparison"]["data"]["net_revenue"] == 2790.0
    assert content["comparison"]["change"]["net_revenue"] == {"abs": 93.0, "pct": 3.3}
    assert content["comparison"]["change"]["orders"] == {"abs": 2, "pct": 3.3}
    assert content["comparison"]["change"]["refund_rate"] == {"abs": 0.0, "pct": 0.0}
    assert content["comparison"]["change"]["interest"] == {"abs": None, "pct": None}
    assert content["summary"] == (
        "2026-10-01 to 2026-10-31: net revenue 2,883.00 USD, CM3 1,581.00 USD, EBITDA 1,364.00 USD from 62 orders. "
        "Net revenue changed by +3.3 % against 2026-09-01 to 2026-09-30."
    )


def test_refunds_alone_are_no_base_of_a_percentage() -> None:
    shop = shop_with(every_day("2026-09", {Figure.RETURNS: MICROS}), every_day("2026-10", SALES))
    content = asked(shop, date_from="2026-10-01", date_to="2026-10-31")

    assert content["comparison"]["change"]["net_revenue"] == {"abs": 2913.0, "pct": None}
    assert content["summary"].endswith("compared in percent against 2026-09-01 to 2026-09-30 (before was below zero).")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"compare": "none"}, None),
        ({"compare": "previous_year"}, {"from": "2025-11-20", "to": "2025-11-20", "partial": False}),
        (
            {"compare": "custom", "compare_from": "2026-10-01", "compare_to": "2026-10-02"},
            {"from": "2026-10-01", "to": "2026-10-02", "partial": False},
        ),
        ({"granularity": "day"}, None),
        (
            {"granularity": "day", "compare": "previous_period"},
            {"from": "2026-11-19", "to": "2026-11-19", "partial": False},
        ),
    ],
)
def test_what_it_is_compared_with_can_be_chosen(arguments: dict[str, Any], expected: dict[str, Any] | None) -> None:
    content = asked(shop_with(every_day("2026-11", SALES)), period="yesterday", **arguments)

    assert content["meta"]["comparison_period"] == expected
    assert (content["comparison"] is None) == (expected is None)


@pytest.mark.parametrize(
    ("begins", "unknown", "share"),
    [(date(2026, 9, 2), 1, 0.9667), (date(2026, 9, 16), 15, 0.5), (date(2026, 10, 1), 30, 0.0)],
)
def test_no_change_of_sales_is_told_against_a_period_that_begins_before_the_data(
    begins: date, unknown: int, share: float
) -> None:
    shop = Shop()
    store(
        shop.engine,
        shop_month("2026-09", {Figure.GROSS_SALES: {30: MICROS}}),
        every_day("2026-10", SALES),
        found=overview(data_from=begins, accounts=TOLD.accounts, expense_lines=["opex"]),
    )

    content = asked(shop, period="last_month")

    assert {change["pct"] for change in content["comparison"]["change"].values()} == {None}
    assert content["comparison"]["change"]["gross_sales"]["abs"] is None
    assert "%" not in content["summary"]
    assert "2026-09-01" not in content["summary"]
    assert content["meta"]["warnings"][0] == {
        "code": "comparison_before_data",
        "message": (
            f"{unknown} of the 30 days of 2026-09-01 to 2026-09-30 are before the first order, {begins}: "
            f"no change of what was sold is given. Compare periods within {begins} to 2026-11-20."
        ),
        "share": share,
    }


def test_a_comparison_that_begins_with_the_data_is_told_in_percent() -> None:
    shop = Shop()
    found = overview(data_from=date(2026, 9, 1), accounts=TOLD.accounts, expense_lines=["opex"])
    store(shop.engine, every_day("2026-09", SALES), every_day("2026-10", SALES), found=found)

    content = asked(shop, period="last_month")

    assert content["comparison"]["change"]["net_revenue"]["pct"] == 3.3
    assert "comparison_before_data" not in {warning["code"] for warning in content["meta"]["warnings"]}


def test_a_bucket_before_the_first_order_is_unknown_but_for_costs_that_were_told() -> None:
    shop = Shop()
    store(
        shop.engine,
        shop_month("2026-08", {Figure.AD_SPEND: {1: 12 * MICROS}}),
        every_day("2026-09", SALES),
        found=overview(data_from=date(2026, 9, 16), accounts=TOLD.accounts, expense_lines=["opex"]),
    )

    content = asked(shop, date_from="2026-07-01", date_to="2026-09-30", granularity="month")

    july, august, september = (
        dict(zip(content["data"]["columns"], row, strict=True)) for row in content["data"]["rows"]
    )
    known = {name: value for name, value in august.items() if value is not None}
    assert {name for name, value in july.items() if value is not None} == {"start", "partial"}
    assert known == {
        "start": "2026-08-01", "partial": False, "ad_spend": 12.0, "cm3": -12.0, "ebitda": -12.0, "net_profit": -12.0,
    }  # fmt: skip
    assert (september["net_revenue"], september["orders"]) == (2790.0, 60)


def test_a_series_has_a_row_for_each_bucket_and_its_rows_add_up_to_the_total() -> None:
    shop = shop_with(every_day("2026-09", SALES), every_day("2026-10", SALES))

    content = asked(shop, date_from="2026-09-16", date_to="2026-10-31", granularity="month")

    rows = [dict(zip(content["data"]["columns"], row, strict=True)) for row in content["data"]["rows"]]
    assert [(row["start"], row["partial"], row["net_revenue"], row["orders"]) for row in rows] == [
        ("2026-09-01", True, 1395.0, 30),
        ("2026-10-01", False, 2883.0, 62),
    ]
    assert content["totals"]["net_revenue"] == 4278.0
    assert rows[0]["interest"] is None


def test_a_bucket_holds_what_a_total_of_its_days_holds() -> None:
    shop = shop_with(every_day("2026-09", SALES), every_day("2026-10", {**SALES, Figure.ORDERS: 3}))

    series = asked(shop, date_from="2026-09-01", date_to="2026-10-31", granularity="month")["data"]
    october = asked(shop, date_from="2026-10-01", date_to="2026-10-31")["totals"]

    row = dict(zip(series["columns"], series["rows"][1], strict=True))
    assert {name: row[name] for name in october} == october
    assert (row["aov"], row["refund_rate"]) == (30.0, 0.3333)


def test_weeks_begin_on_monday_and_those_that_the_range_cuts_say_so() -> None:
    shop = shop_with(every_day("2026-10", SALES))

    rows = asked(shop, date_from="2026-10-07", date_to="2026-10-20", granularity="week")["data"]["rows"]

    assert [row[:3] for row in rows] == [
        ["2026-10-05", True, 500.0],
        ["2026-10-12", False, 700.0],
        ["2026-10-19", True, 200.0],
    ]


def test_quarters_are_those_of_the_fiscal_year() -> None:
    shop = shop_with(
        *(every_day(f"2026-{month:02}", SALES) for month in range(5, 11)), settings=Settings(fiscal_year_start=2)
    )

    rows = asked(shop, date_from="2026-05-01", date_to="2026-10-30", granularity="quarter")["data"]["rows"]

    assert [row[:3] for row in rows] == [["2026-05-01", False, 9200.0], ["2026-08-01", True, 9100.0]]


def test_a_cost_that_some_orders_did_not_state_says_how_many_did() -> None:
    stated = {**SALES, Figure.FULFILMENT: 2 * MICROS, Figure.FULFILMENT_KNOWN_ORDERS: 1}

    content = asked(shop_with(every_day("2026-11", stated)), period="yesterday")

    warnings = {warning["code"]: warning["share"] for warning in content["meta"]["warnings"]}
    assert warnings["fulfilment_partial"] == 0.5
    assert "payment_fees_partial" not in warnings


def test_a_cost_that_is_booked_as_an_expense_too_is_not_said_to_lack_orders() -> None:
    stated = {**SALES, Figure.FULFILMENT: 2 * MICROS, Figure.FULFILMENT_KNOWN_ORDERS: 1}
    shop = Shop()
    store(shop.engine, every_day("2026-11", stated), found=overview(expense_lines=["fulfilment"]))

    warnings = asked(shop, period="yesterday")["meta"]["warnings"]

    assert "fulfilment_partial" not in {warning["code"] for warning in warnings}


def test_twelve_months_fit_into_one_compact_answer() -> None:
    months = [f"2025-{month:02}" for month in range(11, 13)] + [f"2026-{month:02}" for month in range(1, 11)]
    shop = shop_with(*(every_day(month, SALES) for month in months))

    content = asked(shop, period="ttm", granularity="month")

    assert [row[0] for row in content["data"]["rows"]] == [f"{month}-01" for month in months]
    assert content["meta"]["truncated"] is False


def test_another_currency_is_converted_at_the_rates_of_each_day() -> None:
    rates = fx_month("2026-11", {"JPY": [6_500_000] * length("2026-11")})  # a yen is 0.0065 dollars
    shop = shop_with(every_day("2026-11", SALES), rates)

    content = asked(shop, date_from="2026-11-10", date_to="2026-11-11", currency="jpy")

    assert content["meta"]["currency"] == "JPY"
    assert content["totals"]["gross_sales"] == 30769  # 2 x 100 / 0.0065 = 30,769.23 yen, and a yen has no cents
    assert content["totals"]["orders"] == 4


def test_facts_that_could_not_be_converted_make_the_answer_an_error_and_not_a_wrong_number() -> None:
    shop = shop_with(shop_month("2026-11", {Figure.ORDERS: {20: 1}, Figure.UNCONVERTED: {20: 2}}))

    content = shop.call("get_pnl", period="yesterday").content

    assert (content["code"], content.get("field")) == ("fx_rate_missing", None)
    assert "2 facts" in content["message"]
    assert "leave out currency" not in content["hint"]


def test_a_currency_that_there_is_not_is_a_wrong_argument_and_no_missing_rate() -> None:
    content = shop_with(shop_month("2026-11", {Figure.ORDERS: {20: 1}})).call("get_pnl", currency="xxy").content

    assert (content["code"], content["field"]) == ("invalid_argument", "currency")
    assert content["message"] == "currency: there is no such currency in ISO 4217."
    assert "ISO 4217, such as EUR" in content["hint"]


def test_a_period_that_the_data_does_not_reach_is_said_to_be_incomplete() -> None:
    content = asked(shop_with(every_day("2026-11", SALES)), date_from="2026-11-18", date_to="2026-11-21")

    assert {"code": "upstream_stale", "share": 0.75}.items() <= content["meta"]["warnings"][0].items()


def test_ad_accounts_that_stopped_before_the_period_ended_are_named() -> None:
    stopped = account("tiktok_ads", "7311", holdings=[holding("ad_day", last=date(2026, 7, 5))], status="lost_access")
    shop = Shop()
    store(shop.engine, every_day("2026-11", SALES), found=overview(accounts=[account(), stopped]))

    warnings = asked(shop, period="yesterday")["meta"]["warnings"]

    assert {
        "code": "upstream_stale",
        "message": (
            'tiktok_ads "7311" (lost_access) reaches to 2026-07-05: later spend is missing. pma_inspect_org_data says '
            "what to do about it."
        ),
        "share": None,
    } in warnings


def test_refunds_without_a_day_of_their_own_are_counted_where_it_matters() -> None:
    shop = shop_with(every_day("2026-11", {**SALES, Figure.REFUNDS: 4, Figure.REFUNDS_DATE_ASSUMED: 1}))

    def warnings(**arguments: str) -> dict[str, Any]:
        return {
            warning["code"]: warning for warning in asked(shop, period="yesterday", **arguments)["meta"]["warnings"]
        }

    assert warnings()["refund_date_assumed"]["share"] == 0.75
    assert warnings()["refund_date_assumed"]["message"].startswith("Of 1 of 4 refunds nobody said the day")
    assert "refund_date_assumed" not in warnings(basis="order_date")


def test_a_workspace_into_which_nothing_was_imported_has_no_data() -> None:
    content = Shop().call("get_pnl").content

    assert (content["code"], content["retryable"]) == ("no_data", False)


@pytest.mark.parametrize(
    ("arguments", "queries"),
    [
        ({"date_from": "2023-12-01", "date_to": "2026-11-20", "compare": "none", "granularity": "month"}, 1),
        ({"period": "last_month"}, 1),  # with the month before it, in the same query
        ({"period": "last_month", "compare": "previous_year"}, 2),
    ],
)
def test_a_call_reads_the_months_of_its_ranges_and_no_others(arguments: dict[str, Any], queries: int) -> None:
    shop = shop_with(every_day("2026-11", SALES))
    asked(shop, period="yesterday")
    before = shop.engine.operations.copy()

    asked(shop, **arguments)

    spent = shop.engine.operations - before
    assert (spent["query"], spent["get"]) == (queries, 2)  # settings and overview
