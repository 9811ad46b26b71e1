from __future__ import annotations

from typing import Any

import pytest

from shared.domain.scopes import Scope
from tests.data.rollups import fx_month, length, overview, store
from tests.transports.mcp.bank_told import ALL_YEAR, FLOWS, MONTHS, asked, checking, codes, shop_with, told
from tests.transports.mcp.shop import Shop


def test_cash_cards_and_payouts_stand_apart_each_account_with_its_day() -> None:
    content = asked(
        shop_with(
            checking(),
            told("savings", {"2026-11-19": 800, "2026-11-30": 1}),
            told("visa", {"2026-11-18": -90}, nature="card"),
            told("payouts", {"2026-11-20": 55}, nature="payout_in_transit"),
            lines=ALL_YEAR,
        )
    )

    assert content["data"]["columns"] == [
        "account_id", "name", "type", "balance", "as_of", "own_balance", "own_currency",
    ]  # fmt: skip
    assert content["data"]["rows"] == [
        ["checking", "The checking", "cash", 2000.0, "2026-11-20", 2000.0, "USD"],
        ["savings", "The savings", "cash", 800.0, "2026-11-19", 800.0, "USD"],
        ["visa", "The visa", "card", -90.0, "2026-11-18", -90.0, "USD"],
        ["payouts", "The payouts", "payout_in_transit", 55.0, "2026-11-20", 55.0, "USD"],
    ]
    totals = content["totals"]
    assert (totals["total_cash"], totals["card_balance"], totals["in_transit_payouts"]) == (2800.0, -90.0, 55.0)


def test_burn_is_the_mean_of_operations_in_the_last_complete_months() -> None:
    # August -500, September +200, October -1200: 1500 in three months; November is not over.
    content = asked(shop_with(checking(), lines=ALL_YEAR))

    assert content["totals"]["burn_monthly"] == 500.0
    assert content["totals"]["burn_window"] == {"from": "2026-08-01", "to": "2026-10-31"}
    assert content["totals"]["runway_months"] == 4.0
    assert content["summary"] == (
        "Cash on 2026-11-21: 2,000.00 USD, which lasts 4.0 months. "
        "At 500.00 USD a month, the mean of 2026-08-01 to 2026-10-31."
    )


def test_who_does_not_burn_has_no_runway() -> None:
    totals = asked(shop_with(checking(), lines=ALL_YEAR), as_of="2026-10-30", burn_window_months=1)["totals"]

    assert totals["runway_months"] is None
    assert totals["runway_note"] == ("Not burning: 200.00 USD a month came in on balance in 2026-09-01 to 2026-09-30.")


def test_who_has_nothing_left_has_a_runway_of_nothing() -> None:
    shop = shop_with(told("checking", {"2026-11-20": -5}, FLOWS), lines=ALL_YEAR)

    assert asked(shop)["totals"]["runway_months"] == 0.0


def test_a_warning_names_an_account_without_a_name_by_the_id_that_stands_in_its_row() -> None:
    iban = told("DE89 3704 0044 0532 0130 00", {"2026-06-02": 10})
    for month in iban:
        month["name"] = None

    content = asked(shop_with(iban))

    ((account_id, *_),) = content["data"]["rows"]
    assert account_id == "DE89 3704 0044 0532 0130 00"
    assert f'bank "{account_id}" is of' in content["meta"]["warnings"][0]["message"]


def test_thirteen_weeks_end_on_sundays_and_with_the_day_itself() -> None:
    trend = asked(
        shop_with(told("a", {"2026-09-10": 10, "2026-09-13": 20, "2026-11-16": 30}), told("b", {"2026-10-01": 5}))
    )["data"]["trend"]

    assert [(week["week_end"], week["total_cash"], week["accounts"]) for week in trend] == [
        ("2026-08-30", None, 0),
        ("2026-09-06", None, 0),
        ("2026-09-13", 20.0, 1),
        ("2026-09-20", 20.0, 1),
        ("2026-09-27", 20.0, 1),
        ("2026-10-04", 25.0, 2),
        ("2026-10-11", 25.0, 2),
        ("2026-10-18", 25.0, 2),
        ("2026-10-25", 25.0, 2),
        ("2026-11-01", 25.0, 2),
        ("2026-11-08", 25.0, 2),
        ("2026-11-15", 25.0, 2),
        ("2026-11-21", 35.0, 2),
    ]


def test_an_old_balance_counts_and_is_named_with_its_day() -> None:
    content = asked(shop_with(told("a", {"2026-06-02": 10}), told("b", {"2026-11-14": 5})))

    assert content["totals"]["total_cash"] == 15.0
    assert [each["message"] for each in content["meta"]["warnings"] if each["code"] == "balance_old"] == [
        (
            'The last balance of bank "The a" is of 2026-06-02, 172 days before: it counts as if nothing had moved '
            "since. Import a newer one."
        )
    ]


def test_an_account_of_which_no_balance_was_told_is_listed_and_named() -> None:
    content = asked(shop_with(told("checking", {}, FLOWS), lines=ALL_YEAR))

    assert content["data"]["rows"] == [["checking", "The checking", None, None, None, None, None]]
    assert content["totals"]["total_cash"] is None
    assert content["totals"]["burn_monthly"] == 500.0
    assert content["totals"]["runway_note"] == "Cash is unknown: no balance of a cash account is known."
    assert codes(content) == ["balance_unknown"]


def test_an_account_in_a_currency_without_a_rate_is_in_no_sum() -> None:
    yen = told("yen", {"2026-11-20": 7}, currency="JPY", rate=None)

    content = asked(shop_with(checking(), yen, lines={**ALL_YEAR, "yen": ALL_YEAR["checking"]}))

    assert content["data"]["rows"][1][3:] == [None, "2026-11-20", 7, "JPY"]
    assert content["totals"]["total_cash"] == 2000.0
    assert [(each["code"], each["share"]) for each in content["meta"]["warnings"]] == [("fx_rate_missing", 0.5)]


def test_another_currency_is_at_the_rate_of_each_day_and_what_is_in_it_already_stays() -> None:
    # A euro is worth two dollars, and four from 20 November on.
    rates = [
        fx_month(
            month,
            {"EUR": [(4 if f"{month}-{day:02}" >= "2026-11-20" else 2) * 10**9 for day in range(1, length(month) + 1)]},
        )
        for month in MONTHS
    ]
    euros = told("euros", {"2026-11-19": 33}, currency="EUR", rate=2)

    content = asked(shop_with(checking(), euros, lines=ALL_YEAR, rates=rates), currency="eur")

    assert [row[3] for row in content["data"]["rows"]] == [500.0, 33.0]
    assert (content["totals"]["total_cash"], content["totals"]["burn_monthly"]) == (533.0, 250.0)
    assert content["meta"]["currency"] == "EUR"


def test_a_currency_without_rates_is_refused() -> None:
    content = shop_with(checking(), lines=ALL_YEAR).call("get_cash_position", currency="GBP").content

    assert (content["code"], content["field"]) == ("fx_rate_missing", "currency")


def test_without_a_bank_nothing_is_known_and_said_so() -> None:
    shop = Shop(scopes=frozenset({Scope.PNL}))
    store(shop.engine, found=overview())

    content = asked(shop)

    assert codes(content) == ["no_bank_data"]
    assert content["data"]["rows"] == []
    assert content["totals"]["total_cash"] is None


@pytest.mark.parametrize(
    ("arguments", "code", "field"),
    [
        ({"as_of": "2026-11-22"}, "invalid_date_range", "as_of"),
        ({"as_of": "yesterday"}, "invalid_argument", "as_of"),
        ({"burn_window_months": 0}, "invalid_argument", "burn_window_months"),
        ({"burn_window_months": 13}, "invalid_argument", "burn_window_months"),
        ({"period": "last_month"}, "invalid_argument", "period"),
    ],
)
def test_what_it_cannot_answer_is_refused_by_the_argument(arguments: dict[str, Any], code: str, field: str) -> None:
    content = shop_with(checking(), lines=ALL_YEAR).call("get_cash_position", **arguments).content

    assert (content["code"], content["field"]) == (code, field)


def test_a_call_reads_the_months_of_its_weeks_and_its_window_in_one_query() -> None:
    shop = shop_with(checking(), lines=ALL_YEAR)
    asked(shop)
    before = shop.engine.operations.copy()

    asked(shop, burn_window_months=12)

    spent = shop.engine.operations - before
    assert (spent["query"], spent["get"]) == (1, 2)
