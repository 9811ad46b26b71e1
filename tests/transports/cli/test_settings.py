"""workspace settings: how a merchant's facts become figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.domain.facts.imports import MOST_UNMAPPED
from tests.transports.cli.importing import Attended
from tests.transports.cli.program import Program

WORDS = ("workspace", "settings", "wks_1")


def written(folder: Path, text: str | bytes) -> str:
    file = folder / "accounts"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(file)


def test_settings_are_shown_as_they_are(shop: Program) -> None:
    assert shop.run(*WORDS, "--json").json == {
        "timezone": "UTC",
        "currency": "USD",
        "fiscal_year_start": 1,
        "k_min": 10,
        "payment_fee_ppm": None,
        "payment_fee_fixed": 0,
        "platform_fee_ppm": None,
        "prices_include_tax": False,
        "ledger_accounts": {},
        "north_star": "cm3",
        "guardrails": {},
        "promotions": {},
        "multiples": {},
    }


def test_only_what_is_said_changes(shop: Program) -> None:
    shop.run(*WORDS, "--timezone", "Europe/Berlin", "--currency", "EUR")
    changed = shop.run(*WORDS, "--fiscal-year-start", "7", "--json").json

    assert (changed["timezone"], changed["currency"], changed["fiscal_year_start"]) == ("Europe/Berlin", "EUR", 7)
    assert shop.run(*WORDS, "--json").json == changed


def test_prices_with_tax_in_them_are_settled_and_taken_back(shop: Program) -> None:
    assert shop.run(*WORDS, "--prices-include-tax", "--json").json["prices_include_tax"] is True
    assert shop.run(*WORDS, "--currency", "EUR", "--json").json["prices_include_tax"] is True
    assert shop.run(*WORDS, "--no-prices-include-tax", "--json").json["prices_include_tax"] is False


@pytest.mark.parametrize(
    "text",
    [
        "account,line,category\nMerchant fees,payment_fees,\nTravel,opex,Trips\n",
        "\ufeffaccount,line,category,behaviour,addback\nMerchant fees,payment_fees,,,\nTravel,opex,Trips,,\n",
        '{"Merchant fees": {"line": "payment_fees"}, "Travel": {"line": "opex", "category": "Trips"}}',
    ],
)
def test_accounts_come_from_a_table_or_from_json(shop: Program, tmp_path: Path, text: str) -> None:
    changed = shop.run(*WORDS, "--ledger-accounts", written(tmp_path, text), "--json").json

    assert changed["ledger_accounts"] == {
        "Merchant fees": {"line": "payment_fees"},
        "Travel": {"line": "opex", "category": "Trips"},
    }
    assert "Merchant fees" in shop.run(*WORDS).out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("account,line\nTravel,rent\n", "Account 1.line must be one of"),
        ("account,line\nTravel\n", "Account 1.line is missing"),
        ('{"Travel": {"line": "opex", "colour": "red"}}', "Account 1 has other fields"),
    ],
)
def test_what_no_account_can_be_is_refused(shop: Program, tmp_path: Path, text: str, said: str) -> None:
    ran = shop.run(*WORDS, "--ledger-accounts", written(tmp_path, text))

    assert ran.code == 1
    assert said in ran.err
    assert shop.run(*WORDS, "--json").json["ledger_accounts"] == {}


@pytest.mark.parametrize(
    "text", ["{", '{"Travel": "opex"}', "name,line\nTravel,opex\n", "account,line\nTravel,opex,a,b\n", b"\xff\xfe{"]
)
def test_what_is_no_list_of_accounts_is_one_line(shop: Program, tmp_path: Path, text: str | bytes) -> None:
    ran = shop.run(*WORDS, "--ledger-accounts", written(tmp_path, text))

    assert ran.code == 2
    assert "account" in ran.err


def test_who_imports_books_is_told_which_accounts_nobody_has_settled(tmp_path: Path) -> None:
    attended = Program(tmp_path, kind=Attended)
    attended.run("workspace", "create", "A shop", "--id", "wks_1")
    head = "Date,Transaction Type,Num,Name,Memo/Description,Account,Debit,Credit\n"
    file = written(tmp_path, head + "10/01/2026,Expense,,,,Merchant fees,4.50,\n10/01/2026,Expense,,,,Travel,9.00,\n")

    ran = attended.run("import", file, "-w", "wks_1")

    assert ran.code == 0
    assert "are in no number: Merchant fees." in ran.out
    assert "workspace settings --ledger-accounts" in ran.out


def test_who_imports_books_of_very_many_accounts_is_told_that_there_may_be_more(tmp_path: Path) -> None:
    attended = Program(tmp_path, kind=Attended)
    attended.run("workspace", "create", "A shop", "--id", "wks_1")
    rows = "".join(f"10/01/2026,Expense,,,,Odd {number},1.00,\n" for number in range(MOST_UNMAPPED + 1))
    file = written(tmp_path, f"Date,Transaction Type,Num,Name,Memo/Description,Account,Debit,Credit\n{rows}")

    ran = attended.run("import", file, "-w", "wks_1")

    assert f"These are the first {MOST_UNMAPPED} accounts; there may be more." in ran.out


RULES = """{
    "guardrails": {"mer": {"at_least": 3}, "cm2_margin": {"at_least": 0.2}, "ad_spend": {"at_most": 25000}},
    "promotions": [{"from": "2026-11-27", "to": "2026-11-30"}],
    "multiples": {"2026-11-01": {"sde": {"low": 2.5, "mid": 3, "high": 3.5}}}
}"""
"""As `docs/cli.md` shows it."""


def test_what_the_shop_steers_by_is_settled_and_shown_as_people_write_it(shop: Program, tmp_path: Path) -> None:
    shop.run(*WORDS, "--north-star", "net_revenue", "--rules", written(tmp_path, RULES))

    changed = shop.run(*WORDS, "--json").json
    assert changed["north_star"] == "net_revenue"
    assert changed["guardrails"] == {
        "mer": {"at_least": 3_000_000},
        "cm2_margin": {"at_least": 200_000},
        "ad_spend": {"at_most": 25_000_000_000},
    }
    assert changed["promotions"] == {"2026-11-27": "2026-11-30"}
    assert changed["multiples"] == {"2026-11-01": {"sde": [2500, 3000, 3500]}}
    rows = [line.split() for line in shop.run(*WORDS).out.splitlines()]
    for row in (
        ["north", "star", "net_revenue"],
        ["cm2_margin", "0.2", "-"],
        ["ad_spend", "-", "25000"],
        ["2026-11-27", "2026-11-30"],
        ["2026-11-01", "sde", "2.5", "3", "3.5"],
    ):
        assert row in rows


def test_a_part_of_the_rules_that_is_left_out_stays_and_an_empty_one_is_emptied(shop: Program, tmp_path: Path) -> None:
    shop.run(*WORDS, "--rules", written(tmp_path, RULES))
    changed = shop.run(*WORDS, "--rules", written(tmp_path, '{"promotions": [], "multiples": {}}'), "--json").json

    assert (changed["promotions"], changed["multiples"]) == ({}, {})
    assert set(changed["guardrails"]) == {"mer", "cm2_margin", "ad_spend"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"guardrails": {"merr": {"at_least": 3}}}', "Did you mean mer"),
        ('{"guardrails": {"mer": {"least": 3}}}', "at_least, at_most"),
        ('{"promotions": [{"from": "2026-11-30", "to": "2026-11-27"}]}', "ends before it begins"),
        ('{"multiples": {"2026-11-01": {"sde": {"low": 3, "mid": 2, "high": 4}}}}', "a mid that is not below it"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_how_to_mend_it(
    shop: Program, tmp_path: Path, text: str, said: str
) -> None:
    ran = shop.run(*WORDS, "--rules", written(tmp_path, text))

    assert (ran.code, said in ran.err) == (1, True), ran.err
    assert shop.run(*WORDS, "--json").json["guardrails"] == {}


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"goals": {}}',
        '{"guardrails": {"mer": 3}}',
        '{"guardrails": {"mer": {"at_least": "3"}}}',
        '{"guardrails": {"mer": {"at_least": true}}}',
        '{"guardrails": {"mer": {"at_least": 0.0000001}}}',
        '{"guardrails": {"mer": {"at_least": 1e-99999999}}}',
        '{"guardrails": {"mer": {"at_least": -1e99999}}}',
        '{"guardrails": {"mer": {"at_least": 1e9999999}}}',
        '{"guardrails": {"mer": {"at_least": NaN}}}',
        '{"promotions": [{"from": "2026-11-27"}]}',
        '{"promotions": [{"from": "2026-11-27", "to": "2026-11-28"}, {"from": "2026-11-27", "to": "2026-11-30"}]}',
        '{"multiples": {"2026-11-01": {"sde": 3}}}',
        '{"multiples": {"2026-11-01": {"sde": [2, 3, 4]}}}',
        '{"multiples": {"2026-11-01": {"sde": {"low": 2, "mid": 3}}}}',
        '{"multiples": {"2026-11-01": {"sde": {"low": 2, "mid": 3, "high": "4"}}}}',
        b"\xff\xfe{",
    ],
)
def test_what_is_no_file_of_rules_is_one_line(shop: Program, tmp_path: Path, text: str | bytes) -> None:
    ran = shop.run(*WORDS, "--rules", written(tmp_path, text))

    assert ran.code == 2
    assert "file of rules" in " ".join(ran.err.replace("│", " ").split())


@pytest.mark.parametrize("option", ["--rules", "--ledger-accounts"])
def test_a_file_without_an_end_is_not_read_to_it(shop: Program, option: str) -> None:
    ran = shop.run(*WORDS, option, "/dev/zero")

    assert ran.code == 2
    assert "is larger than 10 MB" in ran.err


def test_a_rule_that_is_broken_is_one_line(shop: Program) -> None:
    ran = shop.run(*WORDS, "--timezone", "New York")

    assert ran.code == 1
    assert ran.err.startswith("Error: There is no such time zone.")


def test_there_are_no_settings_of_no_workspace(program: Program) -> None:
    assert program.run("workspace", "settings", "wks_9").code == 1
