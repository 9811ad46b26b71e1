"""A file that names no account does not take the place of another account's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.facts.imports import Declared, ImportStatus
from shared.domain.facts.settings import Settings
from shared.services.imports.names import NOTHING_DECLARED
from shared.storage.contracts.facts import ImportRecord
from tests.data.merchants import Merchant, shown

CHASE = "Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #\n"
TIKTOK = "Campaign name,By Day,Cost,Impressions,Clicks (destination)\n"
SNAPCHAT = "Campaign Name,Start Time,End Time,Spend,Paid Impressions,Swipe Ups\n"
META = "Campaign name,Day,Attribution setting,Amount spent (USD)\n"
META_ACCOUNT = "Account ID,Campaign name,Day,Amount spent (USD)\n"
GOOGLE = "Campaign,Day,Cost,Impr.\n"
JOURNAL = "Date,Transaction Type,Num,Name,Memo/Description,Account,Debit,Credit\n"
LEDGER = "Distribution account,Transaction date,Transaction type,Num,Name,Description,Split,Amount,Balance\n"

File = Callable[[str, Sequence[int]], str]
"""Writes the export of an account, told by the name of what is in it, of these days of October."""


def written(headers: str, row: str) -> File:
    return lambda name, days: headers + "".join(row.format(day=day, name=name) for day in days)


FORMATS = [
    written(CHASE, "DEBIT,10/{day:02}/2026,{name},-1.00,ACH_DEBIT,{day}0.00,,\n"),
    written(TIKTOK, "{name},2026-10-{day:02},1.00,1,1\n"),
    written(SNAPCHAT, "{name},2026-10-{day:02},2026-10-{day:02},1.00,1,1\n"),
    written(META, "{name},2026-10-{day:02},7-day click,1.00\n"),
    written(META, "Brand,2026-10-{day:02},{name},1.00\n"),  # two windows of one campaign
    written(GOOGLE, "{name},2026-10-{day:02},1.00,1\n"),
    written(JOURNAL, "10/{day:02}/2026,Expense,{name},,,Travel,1.00,\n"),
    written(LEDGER, "Travel,10/{day:02}/2026,Expense,{name},,,,1.00,1.00\n"),
]
DAYS = range(1, 8)
each_format = pytest.mark.parametrize("file", FORMATS)


def sent(merchant: Merchant, content: str, declared: Declared = NOTHING_DECLARED) -> ImportRecord:
    merchant.now += timedelta(minutes=1)  # without a word about it, a file is as old as its announcement
    done = merchant.take_up(merchant.send(content.encode(), declared=declared))
    merchant.fold()
    return done


def code(record: ImportRecord) -> str | None:
    assert record.report is not None
    return record.report.refusal and record.report.refusal.code


def gone(record: ImportRecord) -> int:
    """Say how many facts a finished import took away, of the family of which it took most."""
    assert record.status is ImportStatus.FINISHED, record.report
    assert record.report is not None
    return max(each.gone for each in record.report.counts.values())


def known(merchant: Merchant) -> tuple[Any, ...]:
    return merchant.facts(), shown(merchant)


@each_format
@pytest.mark.parametrize("part_bytes", [1 << 28, 100])
def test_what_shares_nothing_with_the_days_that_it_would_take_away_is_refused_and_nothing_is_lost(
    file: File, part_bytes: int
) -> None:
    merchant = Merchant(part_bytes=part_bytes)
    first = sent(merchant, file("One", DAYS))
    before = known(merchant)

    second = sent(merchant, file("Two", DAYS))

    assert (gone(first), second.status, code(second)) == (0, ImportStatus.REFUSED, "account_unclear")
    assert known(merchant) == before
    assert sent(merchant, file("Two", DAYS)).status is ImportStatus.REFUSED, "once more says the same"
    assert known(merchant) == before


@each_format
def test_with_its_account_it_is_added_and_with_the_main_one_it_takes_the_place(file: File) -> None:
    merchant = Merchant()
    sent(merchant, file("One", DAYS))
    sent(merchant, file("Two", DAYS))

    assert gone(sent(merchant, file("Two", DAYS), Declared(account="second"))) == 0
    assert gone(sent(merchant, file("Two", DAYS), Declared(account="main"))) == len(DAYS)


@each_format
def test_another_part_of_the_same_account_is_added_where_it_says_so(file: File) -> None:
    merchant = Merchant()
    sent(merchant, file("One", DAYS))

    assert gone(sent(merchant, file("Two", DAYS), Declared(is_complete=False))) == 0


@each_format
def test_a_later_export_of_the_same_account_still_takes_away_what_it_no_longer_tells(file: File) -> None:
    merchant = Merchant()
    sent(merchant, file("One", DAYS))

    assert gone(sent(merchant, file("One", [1, 7]))) == 5
    assert code(sent(merchant, file("One", range(8, 15)))) is None, "days that nobody told of are anybody's"


@each_format
def test_two_facts_may_have_been_corrected_away(file: File) -> None:
    merchant = Merchant()
    sent(merchant, file("One", [1, 2]))

    assert gone(sent(merchant, file("Two", [1, 2]))) == 2


FEE = "DEBIT,10/31/2026,MONTHLY SERVICE FEE,-12.00,FEE_TRANSACTION,1000.00,,\n"


def day_before(record: ImportRecord) -> Declared:
    assert record.report is not None
    assert record.report.exported_at is not None
    return Declared(exported_at=record.report.exported_at - timedelta(days=1))


@each_format
def test_of_another_account_that_was_exported_earlier_nothing_would_be_seen_so_it_is_refused(file: File) -> None:
    merchant = Merchant()
    first = sent(merchant, file("One", DAYS))
    before = known(merchant)

    assert code(sent(merchant, file("Two", DAYS), day_before(first))) == "account_unclear"
    assert known(merchant) == before


@each_format
def test_an_earlier_export_of_the_same_account_may_come_late(file: File) -> None:
    merchant = Merchant()
    first = sent(merchant, file("One", DAYS))
    before = shown(merchant)

    assert code(sent(merchant, file("One", DAYS), day_before(first))) is None
    assert shown(merchant) == before


@pytest.mark.parametrize("exported_first", [False, True])
def test_a_fee_that_two_accounts_of_a_bank_have_in_common_does_not_make_them_one(
    exported_first: bool,  # noqa: FBT001 - a parameter
) -> None:
    file, merchant = FORMATS[0], Merchant()
    first = sent(merchant, file("One", DAYS) + FEE)
    before = known(merchant)
    declared = day_before(first) if exported_first else NOTHING_DECLARED

    assert code(sent(merchant, file("Two", DAYS) + FEE, declared)) == "account_unclear"
    assert known(merchant) == before


@each_format
def test_an_export_that_shows_most_of_its_account_again_may_take_some_away_and_bring_others(file: File) -> None:
    merchant = Merchant()
    sent(merchant, file("One", DAYS))

    assert gone(sent(merchant, file("One", [1, 2, 3, 9, 10]))) == 4


@pytest.mark.parametrize("file", FORMATS[-2:])
def test_an_account_of_the_books_that_is_ignored_from_now_on_is_taken_out_by_its_next_export(file: File) -> None:
    merchant = Merchant()
    content = file("One", DAYS).replace("Travel", "Design Work")
    sent(merchant, content)
    merchant.settle(Settings(ledger_accounts={"Design Work": {"line": "ignore"}}))

    later = Declared(exported_at=merchant.now + timedelta(minutes=1))
    merchant.now += timedelta(minutes=1)
    assert gone(sent(merchant, content, later)) == len(DAYS)


def test_an_account_that_the_file_names_itself_is_no_guess() -> None:
    file = written(META_ACCOUNT, "7311,{name},2026-10-{day:02},1.00\n")
    merchant = Merchant()
    sent(merchant, file("One", DAYS))

    assert gone(sent(merchant, file("Two", DAYS))) == len(DAYS)
