"""What is burned in a month, by balances and by bank lines."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.transports.mcp.bank_told import (
    ALL_YEAR,
    FLOWS,
    YESTERDAY,
    Balances,
    asked,
    checking,
    codes,
    shop_with,
    told,
    without_balances,
)


@pytest.mark.parametrize(
    ("arguments", "window", "burn"),
    [
        ({"burn_window_months": 1}, ("2026-10-01", "2026-10-31"), 1200.0),
        ({"burn_window_months": 2}, ("2026-09-01", "2026-10-31"), 500.0),
        ({"as_of": "2026-10-31", "burn_window_months": 1}, ("2026-10-01", "2026-10-31"), 1200.0),
        ({"as_of": "2026-10-30", "burn_window_months": 1}, ("2026-09-01", "2026-09-30"), -200.0),
    ],
)
def test_the_window_ends_with_the_last_month_that_is_over(
    arguments: dict[str, Any], window: tuple[str, str], burn: float
) -> None:
    totals = asked(shop_with(checking(), lines=ALL_YEAR), **arguments)["totals"]

    assert tuple(totals["burn_window"].values()) == window
    assert totals["burn_monthly"] == burn


@pytest.mark.parametrize(
    ("reach", "flows", "reason"),
    [
        (
            (date(2026, 8, 9), date(2026, 11, 20)),
            FLOWS,
            'bank lines of "The checking" are known from 2026-08-09 to 2026-11-20 only',
        ),
        (
            (date(2026, 5, 1), date(2026, 10, 23)),
            FLOWS,
            'bank lines of "The checking" are known from 2026-05-01 to 2026-10-23 only',
        ),
        (
            (date(2026, 5, 1), date(2026, 11, 20)),
            [flow for flow in FLOWS if not flow[0].startswith("2026-09")],
            "there are no bank lines of 2026-09",
        ),
    ],
)
def test_burn_of_months_that_the_lines_do_not_cover_is_unknown_with_the_reason(
    reach: tuple[date, date], flows: list[tuple[str, str, int]], reason: str
) -> None:
    totals = asked(shop_with(without_balances(flows), lines={"checking": reach}))["totals"]

    assert (totals["burn_monthly"], totals["runway_months"]) == (None, None)
    assert totals["runway_note"] == f"Burn is unknown: {reason}."


@pytest.mark.parametrize("reach", [(date(2026, 8, 8), date(2026, 11, 20)), (date(2026, 5, 1), date(2026, 10, 24))])
def test_a_bank_may_be_silent_for_a_week_at_the_ends(reach: tuple[date, date]) -> None:
    assert asked(shop_with(without_balances(), lines={"checking": reach}))["totals"]["burn_monthly"] == 500.0


def test_lines_without_a_rate_make_burn_unknown() -> None:
    rows = checking()
    rows[4]["flows"].append(["2026-09-20", "operating", 0, 2])

    note = asked(shop_with(rows, lines=ALL_YEAR))["totals"]["runway_note"]

    assert note == "Burn is unknown: 2 bank lines are in a currency without a rate."


def test_without_bank_lines_burn_is_the_change_of_balances() -> None:
    savings = told("savings", {"2026-07-25": 1000, "2026-10-30": 100})

    content = asked(shop_with(checking([], october=2500), savings))

    # 3000 + 1000 before August, 2500 + 100 after October: 1400 in three months.
    assert content["totals"]["burn_monthly"] == 466.67
    assert "burn_by_balances" in codes(content)


@pytest.mark.parametrize("balances", [{"2026-07-23": 1000, "2026-10-31": 100}, {"2026-08-01": 1, "2026-10-31": 1}])
def test_burn_by_balances_needs_one_of_each_account_at_both_ends(balances: Balances) -> None:
    note = asked(shop_with(checking([]), told("savings", balances)))["totals"]["runway_note"]

    assert note == 'Burn is unknown: no balance of "The savings" is known for 2026-07-31 or the week before.'


def test_flows_of_cards_are_no_cash() -> None:
    visa = told("visa", {"2026-11-18": -90}, [("2026-09-05", "operating", -7000)], nature="card")
    lines = {**ALL_YEAR, "visa": (date(2026, 5, 1), date(2026, 11, 20))}

    assert asked(shop_with(checking(), visa, lines=lines))["totals"]["burn_monthly"] == 500.0


def incomplete(content: dict[str, Any]) -> list[str]:
    return [each["message"] for each in content["meta"]["warnings"] if each["code"] == "bank_lines_incomplete"]


def test_what_balances_lost_and_no_line_tells_is_burned_and_said_with_both_figures() -> None:
    # By the lines 5800 came in, after 1500 was burned; the balance rose by 5200 only, so 600 more went out.
    content = asked(shop_with(checking(october=8200), lines=ALL_YEAR))

    assert content["totals"]["burn_monthly"] == 700.0
    (message,) = incomplete(content)
    assert message == (
        'From 2026-07-31 to 2026-10-31 the balance of bank "The checking" changed by 5,200.00 USD, but its lines add '
        "up to 5,800.00 USD. Burn goes by the balance: -600.00 USD that no line tells counts as operating. Import the "
        "missing bank lines, for some of them may be a loan, a draw of the owner or a transfer."
    )


@pytest.mark.parametrize(("october", "burn", "is_said"), [(8786, 504.67, False), (8784, 505.33, True)])
def test_a_hundredth_of_the_burn_is_no_word_worth(october: int, burn: float, is_said: bool) -> None:  # noqa: FBT001 - a case of the table
    # 1% of 1514 is 15.14, and of 1516 15.16: 14 stays unsaid, 16 does not; burn goes by balances in both.
    content = asked(shop_with(checking(october=october), lines=ALL_YEAR))

    assert content["totals"]["burn_monthly"] == burn
    assert bool(incomplete(content)) is is_said


def test_lines_since_a_balance_of_the_week_before_are_no_difference() -> None:
    told_early = told(
        "checking",
        {"2026-07-28": 3100, "2026-10-29": 8800, "2026-11-20": 2000},
        [("2026-07-30", "operating", -100), *FLOWS, ("2026-10-30", "operating", -50)],
    )

    content = asked(shop_with(told_early, lines=ALL_YEAR))

    # July's 100 is before the months; October's 50 is in them: 1550 in three months.
    assert content["totals"]["burn_monthly"] == 516.67
    assert incomplete(content) == []


def test_months_without_a_line_are_known_by_the_balances_at_their_ends() -> None:
    content = asked(shop_with(checking([FLOWS[0]], october=1900), lines=ALL_YEAR))

    # 1100 less in three months, 600 of which no line tells.
    assert content["totals"]["burn_monthly"] == 366.67
    assert len(incomplete(content)) == 1


def test_nobody_is_told_that_nothing_burns_because_of_money_that_no_line_tells() -> None:
    content = asked(shop_with(checking(october=12_000), lines=ALL_YEAR))

    assert (content["totals"]["burn_monthly"], content["totals"]["runway_months"]) == (None, None)
    assert content["totals"]["runway_note"] == (
        'Burn is unknown: more came in than was spent, but not by the lines of "The checking".'
    )
    assert len(incomplete(content)) == 1


def test_an_account_in_another_currency_burns_by_its_lines_as_rates_move_its_balance() -> None:
    euros = told("euros", {"2026-07-31": 30, "2026-10-31": 10}, FLOWS, currency="EUR", rate=2)

    content = asked(shop_with(euros, lines={"euros": ALL_YEAR["checking"]}))

    assert content["totals"]["burn_monthly"] == 500.0
    assert incomplete(content) == []


@pytest.mark.parametrize(
    "reach",
    [None, (date(2026, 5, 1), date(2026, 7, 15)), (date(2026, 5, 1), date(2026, 10, 1)), (date(2026, 9, 1), YESTERDAY)],
)
def test_accounts_whose_lines_do_not_cover_the_months_are_named_and_what_is_known_of_them_counts(
    reach: tuple[date, date] | None,
) -> None:
    savings = told("savings", {"2026-11-20": 800}, [("2026-09-20", "operating", -300)])
    content = asked(shop_with(checking(), savings, lines=ALL_YEAR | ({"savings": reach} if reach else {})))

    assert content["totals"]["burn_monthly"] == 600.0
    assert [each["message"] for each in content["meta"]["warnings"] if each["code"] == "burn_partial"] == [
        (
            'Bank lines of bank "The savings" do not cover 2026-08-01 to 2026-10-31: burn is without those that are '
            "missing. Import them."
        )
    ]


def test_nobody_is_told_that_nothing_burns_while_the_lines_of_an_account_are_missing() -> None:
    earns = told("checking", {"2026-11-20": 10}, [(f"2026-{month}-03", "operating", 9) for month in ("08", "09", "10")])
    burns = told("payroll", {"2026-11-20": 800})
    lines = {**ALL_YEAR, "payroll": (date(2026, 5, 1), date(2026, 7, 15))}

    totals = asked(shop_with(earns, burns, lines=lines))["totals"]

    assert (totals["burn_monthly"], totals["runway_months"]) == (None, None)
    assert totals["runway_note"] == (
        'Burn is unknown: bank lines of "The payroll" do not cover 2026-08-01 to 2026-10-31.'
    )


def test_two_accounts_that_each_cover_a_part_of_the_months_do_not_cover_them_together() -> None:
    lines = {"checking": (date(2026, 5, 1), date(2026, 9, 15)), "savings": (date(2026, 9, 1), date(2026, 11, 20))}

    note = asked(shop_with(without_balances(), told("savings", {"2026-11-20": 1}), lines=lines))["totals"][
        "runway_note"
    ]

    assert note == 'Burn is unknown: bank lines of "The checking" are known from 2026-05-01 to 2026-09-15 only.'
