from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from shared.domain.analytics.periods import later_month
from shared.domain.facts.rollups import Figure
from tests.data.rollups import MICROS, overview
from tests.transports.mcp.shop import Shop
from tests.transports.mcp.valued_shop import (
    A_MONTH,
    AS_OF,
    BOOKS,
    EVERYTHING,
    SIDES,
    months,
    rows,
    shop_with,
    side,
    valued,
    warnings,
)

LOSING = {**A_MONTH, Figure.OPEX: 9_000 * MICROS}
"""A loss of 4,500 a month."""

# --- earnings ---------------------------------------------------------------------------------------------------------


def test_earnings_are_profit_before_tax_and_what_a_buyer_would_not_have() -> None:
    content = valued(shop_with())

    assert content["data"]["as_of_month"] == AS_OF
    assert content["meta"]["period"] == {"from": "2025-11-01", "to": "2026-10-31", "partial": False}
    assert content["data"]["earnings"] == {
        "net_profit": 28_200.0,
        "net_profit_label": "Net profit (pre-tax)",
        "addbacks": [
            {"reason": "owner_pay", "amount": 6_000.0},
            {"reason": "discretionary", "amount": 0.0},
            {"reason": "one_off", "amount": 0.0},
            {"reason": "interest", "amount": 600.0},
            {"reason": "depreciation", "amount": 1_200.0},
        ],
        "sde": 36_000.0,
        "ebitda": 30_000.0,
        "adjusted_ebitda": 30_000.0,
        "revenue": 120_000.0,
        "months_used": 12,
    }


def test_income_tax_lowers_no_earnings() -> None:
    taxed = {**A_MONTH, Figure.INCOME_TAX: 700 * MICROS}

    assert valued(shop_with(*months(taxed), *SIDES))["data"]["earnings"]["net_profit"] == 28_200.0


def test_one_offs_and_what_was_the_owners_choice_are_in_adjusted_ebitda_and_the_owners_pay_is_not() -> None:
    marked = side(addbacks={"owner_pay": 100 * MICROS, "one_off": 20 * MICROS, "discretionary": 3 * MICROS})
    earned = valued(shop_with(*months(A_MONTH), marked))["data"]["earnings"]

    assert (earned["sde"], earned["adjusted_ebitda"], earned["ebitda"]) == (30_123.0, 30_023.0, 30_000.0)


def test_books_that_mark_nothing_are_said_to() -> None:
    shop = shop_with(*months(A_MONTH), side(addbacks={}))

    assert "no_addbacks" in warnings(valued(shop))
    assert "no_addbacks" not in warnings(valued(shop_with()))


def test_history_is_the_twelve_months_up_to_each_of_the_last_twelve() -> None:
    content = valued(shop_with())
    found = rows(content, "history")

    assert list(found) == [later_month(AS_OF, back) for back in range(-11, 1)]
    assert found[AS_OF]["sde"] == content["data"]["earnings"]["sde"]
    # Eleven months of 8,000 and one of 10,000; with each month later, one more of these.
    assert found["2025-11"]["revenue"] == 98_000.0
    assert found["2025-12"]["revenue"] - found["2025-11"]["revenue"] == 2_000.0


def test_another_month_can_be_asked_for_and_the_default_is_the_last_that_the_data_completes() -> None:
    assert valued(shop_with(), as_of_month="2026-09")["data"]["as_of_month"] == "2026-09"

    stale = overview(data_from=date(2024, 11, 1), data_through=date(2026, 9, 29), expense_lines=BOOKS)
    assert valued(shop_with(found=stale))["data"]["as_of_month"] == "2026-08"


# --- values -----------------------------------------------------------------------------------------------------------


def test_each_method_multiplies_its_own_basis() -> None:
    found = rows(valued(shop_with(found=EVERYTHING), multiples={
        "sde": {"low": 2, "mid": 3, "high": 4},
        "ebitda": {"low": 2.5, "mid": 3.5, "high": 4.5},
        "revenue": {"low": 0.1, "mid": 0.2, "high": 0.3},
    }))  # fmt: skip

    assert [found["sde"][name] for name in ("basis", "low", "mid", "high")] == [36_000, 72_000, 108_000, 144_000]
    assert [found["ebitda"][name] for name in ("basis", "low", "mid", "high")] == [30_000, 75_000, 105_000, 135_000]
    assert [found["revenue"][name] for name in ("basis", "low", "mid", "high")] == [120_000, 12_000, 24_000, 36_000]
    assert {(found[name]["source"], found[name]["since"]) for name in ("sde", "ebitda", "revenue")} == {("given", None)}


def test_the_range_is_the_median_of_the_methods() -> None:
    given = {
        "sde": {"low": 1, "mid": 2, "high": 3},
        "ebitda": {"low": 1, "mid": 2, "high": 3},
        "revenue": {"low": 0.5, "mid": 0.75, "high": 1},
    }
    content = valued(shop_with(), methods=["sde", "ebitda", "revenue"], multiples=given)

    # Of 36,000, 30,000 and 60,000; 72,000, 60,000 and 90,000; 108,000, 90,000 and 120,000.
    assert content["data"]["range"] == {"low": 36_000, "mid": 72_000, "high": 108_000}
    assert "methods_disagree" not in warnings(content)
    assert content["summary"] == (
        "As of 2026-10 the shop may be worth 36,000.00 USD to 108,000.00 USD, in the middle 72,000.00 USD, by sde, "
        "ebitda, revenue. SDE of the 12 months is 36,000.00 USD."
    )


def test_methods_that_have_nothing_in_common_are_told_one_by_one_and_the_range_holds_them_all() -> None:
    given = {name: {"low": 1, "mid": 2, "high": 3} for name in ("sde", "ebitda", "revenue")}
    content = valued(shop_with(), methods=["sde", "ebitda", "revenue"], multiples=given)

    assert content["data"]["range"] == {"low": 30_000, "mid": 72_000, "high": 360_000}
    assert content["summary"] == (
        "As of 2026-10 the methods disagree on what the shop is worth: sde 36,000.00 USD to 108,000.00 USD; ebitda "
        "30,000.00 USD to 90,000.00 USD; revenue 120,000.00 USD to 360,000.00 USD; median 72,000.00 USD. SDE of the 12 "
        "months is 36,000.00 USD."
    )
    assert "lowest low" in warnings(content)["methods_disagree"]


def annuity(cash: float, rate: float) -> float:
    """Give what the same cash in the middle of each year is worth, five years long and for ever after."""
    years = sum(cash / (1 + rate) ** (year - 0.5) for year in range(1, 6))
    return round(years + cash / rate / (1 + rate) ** 5, 2)


def test_without_growth_and_taxes_the_cash_flow_is_an_annuity_and_its_ends_are_a_fifth_of_the_rate_away() -> None:
    content = valued(shop_with(), methods=["dcf"], dcf={"discount_rate": 0.25, "years": 5})
    dcf = rows(content)["dcf"]

    assert [dcf[name] for name in ("low", "mid", "high")] == [annuity(30_000, rate) for rate in (0.3, 0.25, 0.2)]
    assert [dcf[name] for name in ("multiple_low", "multiple_mid", "multiple_high", "source")] == [None] * 4
    assert content["data"]["dcf"] == {
        "growth": 0, "discount_rate": 0.25, "terminal_growth": 0, "tax_rate": 0, "capex_rate": 0, "nwc_rate": 0,
        "years": 5,
    }  # fmt: skip


def test_the_cash_flow_begins_with_adjusted_ebitda_and_depreciation_of_the_books_lowers_its_taxes() -> None:
    marked = side(addbacks={"owner_pay": 5_000 * MICROS, "one_off": 2_000 * MICROS})
    found = rows(valued(shop_with(*months(A_MONTH), marked), dcf={"tax_rate": 0.25}))["dcf"]

    # Of 30,000 and one-offs of 2,000; books have 1,200 of depreciation.
    assert (found["basis"], found["mid"]) == (32_000, annuity(32_000 * 0.75 + 1_200 * 0.25, 0.25))


def test_a_cash_flow_that_has_no_end_at_a_lower_rate_has_no_high() -> None:
    plan = {"discount_rate": 0.1, "terminal_growth": 0.09}
    content = valued(shop_with(), dcf=plan)

    assert rows(content)["dcf"]["high"] is None
    assert content["data"]["range"]["high"] is None
    assert "its high is null" in warnings(content)["estimate"]
    alone = valued(shop_with(), dcf=plan, methods=["dcf"])
    assert f"may be worth at least {alone['data']['range']['low']:,.2f} USD" in alone["summary"]


def test_a_loss_that_has_no_end_at_a_lower_rate_has_no_low() -> None:
    content = valued(shop_with(*months(LOSING), *SIDES), methods=["dcf"], dcf={"terminal_growth": 0.22})
    dcf, spanned = rows(content)["dcf"], content["data"]["range"]

    assert (dcf["low"], spanned["low"]) == (None, None)
    assert dcf["mid"] < dcf["high"] < 0
    assert "its low is null" in warnings(content)["estimate"]
    assert f"at most {dcf['high']:,.2f} USD" in content["summary"]


def test_only_the_methods_that_were_asked_for_are_told() -> None:
    content = valued(shop_with(), methods=["revenue", "sde"])

    assert list(rows(content)) == ["sde", "revenue"]
    assert content["data"]["dcf"] is None


# --- multiples and the scorecard --------------------------------------------------------------------------------------

SETTLED = {
    "2026-01-01": {"sde": [2000, 2500, 3000], "revenue": [100, 200, 300]},
    "2026-07-01": {"sde": [3000, 3500, 4000]},
    "2026-11-01": {"sde": [9000, 9000, 9000]},
    "2026-12-01": {"sde": [10000, 10000, 10000]},
}


@pytest.mark.parametrize(
    ("month", "low", "source", "since"),
    [
        ("2026-10", 9.0, "settings", "2026-11-01"),  # of the last complete month those of today
        ("2026-09", 3.0, "settings", "2026-07-01"),
        ("2026-06", 2.0, "settings", "2026-01-01"),
    ],
)
def test_settled_multiples_hold_from_their_day_and_go_before_the_usual_ones(
    month: str, low: float, source: str, since: str
) -> None:
    found = rows(valued(shop_with(multiples=SETTLED), as_of_month=month))

    assert [found["sde"][name] for name in ("multiple_low", "source", "since")] == [low, source, since]
    assert [found["revenue"][name] for name in ("multiple_mid", "source", "since")] == [0.2, "settings", "2026-01-01"]
    assert [found["ebitda"][name] for name in ("multiple_low", "source", "since")] == [1.5, "usual", "2026-11-21"]


def test_multiples_that_do_not_hold_yet_are_said_to_be_left_out() -> None:
    later = valued(shop_with(multiples=SETTLED))
    assert "The settings have others of sde from 2026-12-01 on, after 2026-11-21." in warnings(later)["estimate"]

    for none in ({"methods": ["revenue"]}, {"multiples": {"sde": {"low": 1, "mid": 2, "high": 3}}}):
        assert "The settings have others" not in warnings(valued(shop_with(multiples=SETTLED), **none))["estimate"]


def test_multiples_of_the_call_go_before_those_of_the_settings_and_the_answer_says_whose_they_are() -> None:
    content = valued(shop_with(multiples=SETTLED), multiples={"sde": {"low": 1, "mid": 2, "high": 3}})

    assert rows(content)["sde"]["multiple_mid"] == 2.0
    told = warnings(content)["estimate"]
    assert "Multiples: sde as given, ebitda usual since 2026-11-21, revenue from settings since 2026-01-01." in told


def test_the_scorecard_says_what_it_looked_at_and_moves_the_middle() -> None:
    content = valued(shop_with())
    found = rows(content, "scorecard")

    assert {factor: (row["value"], row["adjustment"]) for factor, row in found.items()} == {
        "growth": (0.25, 0.25),
        "net_margin": (0.235, 0.5),
        "mer": (6.6667, 0.25),
        "top_channel": (0.6, 0.25),
        "top_sku": (0.1, 0.25),
        "history_months": (24.0, 0.0),
    }
    assert content["data"]["score"] == 1.5
    # 3.1 + 1.5 is beyond the band of SDE, and 3.5 + 1.5 is within that of EBITDA; revenue is not moved.
    assert [rows(content)[name]["multiple_mid"] for name in ("sde", "ebitda", "revenue")] == [3.8, 5.0, 1.0]
    assert "The scorecard moves the middle of sde and ebitda by +1.5" in warnings(content)["estimate"]


def test_refunds_lower_mer_in_the_month_of_their_order_as_they_do_in_get_marketing_efficiency() -> None:
    returned = {**A_MONTH, Figure.RETURNS: 3_000 * MICROS, Figure.RETURNS_BY_ORDER: 1_000 * MICROS}

    # 10,000 less 1,000, by ads of 1,500.
    assert rows(valued(shop_with(*months(returned), *SIDES)), "scorecard")["mer"]["value"] == 6.0


def test_without_the_year_before_growth_is_unknown_and_moves_nothing() -> None:
    young = overview(data_from=date(2025, 11, 1), accounts=EVERYTHING.accounts, expense_lines=BOOKS)
    found = rows(valued(shop_with(*months(A_MONTH), *SIDES, found=young)), "scorecard")

    assert found["growth"] == {"factor": "growth", "value": None, "band": None, "adjustment": 0.0}
    assert found["history_months"]["value"] == 12.0


def test_concentration_of_a_part_of_the_sales_says_of_which() -> None:
    partly = [side(later_month(AS_OF, -back), no_channel=10_000 * MICROS) for back in range(12)]
    content = valued(shop_with(*months(A_MONTH), *partly))

    assert rows(content, "scorecard")["top_channel"]["value"] == 0.6
    (told,) = [each for each in content["meta"]["warnings"] if each["code"] == "concentration_partial"]
    assert told["share"] == 0.5


def test_a_channel_from_which_more_came_back_makes_no_other_more_than_the_whole() -> None:
    closed = {"channels": {"store": 6_000 * MICROS, "app": 2_000 * MICROS, "market": -4_000 * MICROS}}
    told = [side(later_month(AS_OF, -back), no_channel=-1_000 * MICROS, **closed) for back in range(12)]
    content = valued(shop_with(*months(A_MONTH), *told))

    assert rows(content, "scorecard")["top_channel"]["value"] == 0.75
    assert "concentration_partial" not in warnings(content)


def test_channels_without_a_name_are_no_largest_channel() -> None:
    nameless = [side(later_month(AS_OF, -back), channels={}, no_channel=10_000 * MICROS) for back in range(12)]

    assert rows(valued(shop_with(*months(A_MONTH), *nameless)), "scorecard")["top_channel"]["value"] is None


# --- a loss -----------------------------------------------------------------------------------------------------------


def test_a_loss_is_worth_nothing_by_a_multiple() -> None:
    content = valued(shop_with(*months(LOSING), side(addbacks={})))
    found = rows(content)

    assert content["data"]["earnings"]["sde"] == -54_000.0
    assert [found[name]["high"] for name in ("sde", "ebitda")] == [0, 0]
    assert found["revenue"]["mid"] == 120_000.0
    assert warnings(content)["loss"].startswith("A loss has no multiple: by sde, ebitda the value is 0. By dcf ")


def test_of_a_loss_the_summary_and_the_range_say_what_each_method_says() -> None:
    content = valued(shop_with(*months(LOSING), side(addbacks={})))
    dcf = rows(content)["dcf"]

    assert content["summary"].startswith(
        "As of 2026-10 the methods disagree on what the shop is worth: sde 0.00 USD; ebitda 0.00 USD; revenue "
        f"60,000.00 USD to 180,000.00 USD; dcf {dcf['low']:,.2f} USD to {dcf['high']:,.2f} USD; median 0.00 USD."
    )
    assert content["data"]["range"] == {"low": dcf["low"], "mid": 0, "high": 180_000}
    assert dcf["low"] < dcf["high"] < 0


def test_a_profit_whose_plan_costs_more_than_it_is_worth_by_a_multiple_and_below_nothing_by_dcf() -> None:
    content = valued(shop_with(), methods=["sde", "dcf"], dcf={"capex_rate": 0.5})

    assert rows(content)["dcf"]["mid"] < 0 < rows(content)["sde"]["mid"]
    assert warnings(content)["loss"].startswith("By dcf the value is below 0")


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code", "field"),
    [
        ({"as_of_month": "2026-13"}, "invalid_argument", "as_of_month"),
        ({"as_of_month": "2026-11"}, "invalid_date_range", "as_of_month"),
        ({"methods": []}, "invalid_argument", "methods"),
        ({"methods": ["asset"]}, "invalid_argument", "methods"),
        ({"multiples": {"dcf": {"low": 1, "mid": 2, "high": 3}}}, "invalid_argument", "multiples"),
        ({"multiples": {"sde": {"low": 1, "mid": 2}}}, "invalid_argument", "multiples"),
        ({"multiples": {"sde": {"low": 2, "mid": 1, "high": 3}}}, "invalid_argument", "multiples"),
        ({"multiples": {"sde": {"low": "1", "mid": 2, "high": 3}}}, "invalid_argument", "multiples"),
        ({"multiples": {"sde": 3}}, "invalid_argument", "multiples"),
        ({"dcf": {"growth_rate": 0.1}}, "invalid_argument", "dcf"),
        ({"dcf": {"tax_rate": 25}}, "invalid_argument", "dcf"),
        ({"dcf": {"years": 2.5}}, "invalid_argument", "dcf"),
        ({"dcf": {"discount_rate": 0.1, "terminal_growth": 0.1}}, "invalid_argument", "dcf"),
        ({"currency": "EUR"}, "invalid_argument", "currency"),
    ],
)
def test_what_cannot_be_answered_is_refused_by_name(arguments: dict[str, Any], code: str, field: str) -> None:
    content = shop_with().call("get_business_valuation", **arguments).content

    assert (content["code"], content["field"]) == (code, field)


def test_without_any_import_there_is_nothing_to_value() -> None:
    assert Shop().call("get_business_valuation").content["code"] == "no_data"
