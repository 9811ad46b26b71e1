from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest

from shared.domain.facts.cash import CashMonth
from shared.domain.facts.rollups import FxMonth, Holding
from shared.domain.scopes import Scope
from tests.data.rollups import MICROS, account, fx_month, length, overview, store
from tests.transports.mcp.shop import Shop

Balances = Mapping[str, int]
"""Day -> dollars."""

MONTHS = [f"2026-{month:02}" for month in range(5, 12)]


def told(
    name: str,
    balances: Balances,
    flows: Sequence[tuple[str, str, int]] = (),
    *,
    nature: str = "cash",
    currency: str = "USD",
    rate: int | None = 1,
) -> list[dict[str, Any]]:
    """Make what an account told, month by month: 1 of its currency is worth `rate` dollars."""
    each: list[tuple[str, list[Any]]] = [
        (day, [day, nature, currency, amount * MICROS, None if rate is None else amount * rate * MICROS])
        for day, amount in sorted(balances.items())
    ]
    return [
        {
            "source": "bank",
            "account": name,
            "name": f"The {name}",
            "opening": next((row for day, row in reversed(each) if day < month), None),
            "balances": [row for day, row in each if day.startswith(month)],
            "flows": [[day, kind, amount * MICROS, 0] for day, kind, amount in flows if day.startswith(month)],
        }
        for month in MONTHS
    ]


def shop_with(
    *accounts: list[dict[str, Any]], lines: Mapping[str, tuple[date, date]] | None = None, rates: Sequence[FxMonth] = ()
) -> Shop:
    """Serve accounts, of which some have bank lines from one day to another."""
    shop = Shop(scopes=frozenset({Scope.PNL}))
    reaches = {
        each[0]["account"]: [Holding(family="balance", rows=1, first=date(2026, 5, 1), last=date(2026, 11, 20))]
        for each in accounts
    }
    for name, (first, last) in (lines or {}).items():
        reaches[name].append(Holding(family="bank_txn", rows=1, first=first, last=last))
    months = [
        CashMonth(month=month, currency="USD", generation=1, accounts=[each[place] for each in accounts])
        for place, month in enumerate(MONTHS)
    ]
    found = overview(
        accounts=[account(), *(account("bank", name, holdings=holdings) for name, holdings in reaches.items())]
    )
    store(shop.engine, *months, *rates, found=found)
    return shop


def asked(shop: Shop, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    result = shop.call("get_cash_position", **arguments).result
    assert result["isError"] is False, result
    return result["structuredContent"]


def codes(content: dict[str, Any]) -> list[str]:
    return [warning["code"] for warning in content["meta"]["warnings"]]


FLOWS = [
    ("2026-08-04", "operating", -500),
    ("2026-08-05", "financing", 9000),
    ("2026-08-06", "owner", -700),
    ("2026-09-07", "operating", 200),
    ("2026-09-08", "transfer", -1000),
    ("2026-10-09", "operating", -1200),
    ("2026-11-02", "operating", -40000),
]
YESTERDAY = date(2026, 11, 20)
ALL_YEAR = {"checking": (date(2026, 5, 1), date(2026, 11, 20))}


def checking(flows: Sequence[tuple[str, str, int]] = FLOWS, *, october: int = 8800) -> list[dict[str, Any]]:
    """Give an account whose balances say what its lines say: 5800 came in from August to October."""
    return told("checking", {"2026-07-31": 3000, "2026-10-31": october, "2026-11-20": 2000}, flows)


def without_balances(flows: Sequence[tuple[str, str, int]] = FLOWS) -> list[dict[str, Any]]:
    """Give the same account with no balance at the ends of the months: its lines are all there is."""
    return told("checking", {"2026-11-20": 2000}, flows)


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


def test_who_does_not_burn_has_no_runway() -> None:
    totals = asked(shop_with(checking(), lines=ALL_YEAR), as_of="2026-10-30", burn_window_months=1)["totals"]

    assert totals["runway_months"] is None
    assert totals["runway_note"] == ("Not burning: 200.00 USD a month came in on balance in 2026-09-01 to 2026-09-30.")


def test_who_has_nothing_left_has_a_runway_of_nothing() -> None:
    shop = shop_with(told("checking", {"2026-11-20": -5}, FLOWS), lines=ALL_YEAR)

    assert asked(shop)["totals"]["runway_months"] == 0.0


@pytest.mark.parametrize(
    ("reach", "flows", "reason"),
    [
        (
            (date(2026, 8, 9), date(2026, 11, 20)),
            FLOWS,
            "bank lines of The checking are known from 2026-08-09 to 2026-11-20 only",
        ),
        (
            (date(2026, 5, 1), date(2026, 10, 23)),
            FLOWS,
            "bank lines of The checking are known from 2026-05-01 to 2026-10-23 only",
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

    assert note == "Burn is unknown: no balance of The savings is known for 2026-07-31 or the week before."


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
        "From 2026-07-31 to 2026-10-31 the balance of bank The checking changed by 5,200.00 USD, but its lines add up "
        "to 5,800.00 USD. Burn goes by the balance: -600.00 USD that no line tells counts as operating. Import the "
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
        "Burn is unknown: more came in than was spent, but not by the lines of The checking."
    )
    assert len(incomplete(content)) == 1


def test_an_account_in_another_currency_burns_by_its_lines_as_rates_move_its_balance() -> None:
    euros = told("euros", {"2026-07-31": 30, "2026-10-31": 10}, FLOWS, currency="EUR", rate=2)

    content = asked(shop_with(euros, lines={"euros": ALL_YEAR["checking"]}))

    assert content["totals"]["burn_monthly"] == 500.0
    assert incomplete(content) == []


def test_the_number_of_an_account_is_shown_by_its_last_four_digits() -> None:
    iban = told("DE89 3704 0044 0532 0130 00", {"2026-06-02": 10})
    for month in iban:
        month["name"] = None

    (warning,) = asked(shop_with(iban))["meta"]["warnings"][:1]

    assert "bank DE•• •••• •••• •••• ••30 00 is of" in warning["message"]


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
            "Bank lines of bank The savings do not cover 2026-08-01 to 2026-10-31: burn is without those that are "
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
        "Burn is unknown: bank lines of The payroll do not cover 2026-08-01 to 2026-10-31."
    )


def test_two_accounts_that_each_cover_a_part_of_the_months_do_not_cover_them_together() -> None:
    lines = {"checking": (date(2026, 5, 1), date(2026, 9, 15)), "savings": (date(2026, 9, 1), date(2026, 11, 20))}

    note = asked(shop_with(without_balances(), told("savings", {"2026-11-20": 1}), lines=lines))["totals"][
        "runway_note"
    ]

    assert note == "Burn is unknown: bank lines of The checking are known from 2026-05-01 to 2026-09-15 only."


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
            "The last balance of bank The a is of 2026-06-02, 172 days before: it counts as if nothing had moved "
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
