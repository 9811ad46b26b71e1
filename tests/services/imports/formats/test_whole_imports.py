"""Exports through the whole of an import and a fold: what they come to, what goes with them, who is nowhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from shared.domain.facts.imports import Declared, ImportReport, ImportStatus
from shared.domain.facts.rollups import Figure
from shared.domain.facts.settings import Settings
from shared.services.imports.names import NOTHING_DECLARED
from shared.storage.contracts.facts import ImportRecord
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.memory_objects import MemoryObjects
from tests.data.merchants import WORKSPACE, Merchant

META = "Day,Campaign name,Attribution setting,Amount spent (USD),Impressions\n"
GOOGLE = "Campaign report\nOctober 2026\nDay,Campaign,Campaign ID,Currency code,Cost,Impr.\n"
JOURNAL = "Date,Transaction Type,Num,Name,Memo/Description,Account,Debit,Credit\n"
CHASE = "Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #\n"
OCTOBER = "2026-10"


def sent(merchant: Merchant, content: str | bytes, declared: Declared = NOTHING_DECLARED) -> ImportRecord:
    merchant.now += timedelta(minutes=1)  # without a word about it, a file is as old as its announcement
    record = merchant.send(content if isinstance(content, bytes) else content.encode(), declared=declared)
    done = merchant.take_up(record)
    merchant.fold()
    return done


def report(merchant: Merchant, content: str | bytes, declared: Declared = NOTHING_DECLARED) -> ImportReport:
    record = sent(merchant, content, declared)
    assert record.status is ImportStatus.FINISHED, record.report
    assert record.report is not None
    return record.report


def spent(merchant: Merchant) -> int:
    return sum(merchant.month(OCTOBER).days[Figure.AD_SPEND])


def test_what_a_later_export_leaves_out_of_its_days_is_gone() -> None:
    merchant = Merchant()
    days = "2026-10-01,Brand,,10,1\n2026-10-01,Broad,,5,1\n2026-10-02,Brand,,7,1\n2026-10-03,Brand,,1,1\n"
    report(merchant, META + days)
    assert spent(merchant) == 23_000_000

    report(merchant, META + "2026-10-01,Brand,,11,1\n2026-10-02,Brand,,7,1\n")
    assert spent(merchant) == 19_000_000, "Brand was restated, Broad is gone, the third is not in these days"


def test_a_part_of_an_account_takes_nothing_away() -> None:
    merchant = Merchant()
    report(merchant, META + "2026-10-01,Brand,,10,1\n2026-10-01,Broad,,5,1\n")

    report(merchant, META + "2026-10-01,Brand,,11,1\n", Declared(is_complete=False))
    assert spent(merchant) == 16_000_000


def test_a_bad_row_does_not_take_away_what_an_earlier_export_told() -> None:
    merchant = Merchant()
    good = [f"2026-10-{day:02},Brand,,1,1\n" for day in range(1, 22)]
    report(merchant, META + "".join(good))

    told = report(merchant, META + "".join([*good[:20], "2026-10-21,Brand,,one,1\n"]))

    assert told.rejected == 1
    assert spent(merchant) == 21_000_000


def test_parts_of_an_export_come_to_the_whole_in_either_order() -> None:
    days = [f"10/0{day}/2026,Expense,,,,Travel,{day}.00,\n" * 2 for day in (1, 2, 3, 4)]
    whole, forth, back = Merchant(), Merchant(), Merchant()
    report(whole, JOURNAL + "".join(days))
    for merchant, parts in ((forth, (days[:2], days[2:])), (back, (days[2:], days[:2]))):
        for part in parts:
            report(merchant, JOURNAL + "".join(part))

    assert sum(whole.month(OCTOBER).days[Figure.OPEX]) == 20_000_000
    assert replace(whole.month(OCTOBER), generation=0) == replace(forth.month(OCTOBER), generation=0)
    assert replace(whole.month(OCTOBER), generation=0) == replace(back.month(OCTOBER), generation=0)


def test_a_day_that_is_told_for_several_windows_is_paid_once() -> None:
    merchant = Merchant()
    told = report(merchant, META + "2026-10-01,Brand,7-day click,10,1\n2026-10-01,Brand,1-day click,10,1\n")

    assert told.counts["ad_day"].new == 2
    assert spent(merchant) == 10_000_000


def test_a_google_report_may_be_what_excel_makes_of_it() -> None:
    merchant = Merchant()
    rows = "2026-10-01,Brand,111,USD,1204.50,48210\nTotal: Account,,,,1204.50,48210\n"
    told = report(merchant, (GOOGLE + rows).replace(",", "\t").encode("utf-16"))

    assert (told.format, told.rejected) == ("google_ads", 0)
    assert spent(merchant) == 1_204_500_000


@pytest.mark.parametrize("headers", ["Tag,Kampagne,Kampagnen-ID,Währungscode,Kosten,Impr.", "Jour,Campagne,Coût,Impr."])
def test_a_report_in_another_language_is_answered_with_the_english_columns(headers: str) -> None:
    refused = sent(Merchant(), f"Bericht\nOktober\n{headers}\n").report

    assert refused is not None
    assert refused.refusal is not None
    assert refused.refusal.code == "format_unknown"
    assert "English" in refused.refusal.hint


def test_a_report_that_is_not_by_day_is_refused_whole() -> None:
    record = sent(Merchant(), GOOGLE.replace("Day,", "") + "Brand,111,USD,1204.50,48210\n")

    assert record.status is ImportStatus.REFUSED
    assert record.report is not None
    assert [(error.code, error.field) for error in record.report.errors] == [("not_daily", "day")]


def test_the_books_tell_what_they_could_not_place() -> None:
    merchant = Merchant()
    rows = "10/01/2026,Expense,,,,Travel,30.00,\n,,,,,Advertising,50.00,\n,,,,,Checking,,80.00\n"
    assert report(merchant, JOURNAL + rows).unmapped == ("Advertising",)
    assert sum(merchant.month(OCTOBER).days[Figure.OPEX]) == 30_000_000
    assert sum(merchant.month(OCTOBER).days[Figure.UNSETTLED]) == 50_000_000

    merchant.settle(Settings(ledger_accounts={"Advertising": {"line": "ad_spend"}}))
    assert report(merchant, JOURNAL + rows + "TOTAL,,,,,,80.00,80.00\n").unmapped == ()
    assert sum(merchant.month(OCTOBER).days[Figure.AD_SPEND_INVOICED]) == 50_000_000
    assert Figure.UNSETTLED not in merchant.month(OCTOBER).days


def test_reports_of_quickbooks_come_with_all_that_stands_around_them() -> None:
    merchant = Merchant()
    title = '"Craft Supply Co, LLC"\n{}\n"January 1 - December 31, 2026"\n\n'
    last = '\n"Accrual Basis Wednesday, November 18, 2026 01:27 AM GMT-05:00"\n'
    journal = (
        title.format("Journal") + f",{JOURNAL},10/01/2026,Expense,,,,Travel,$30.00,\n,TOTAL,,,,,,$30.00,$30.00\n" + last
    )
    ledger = (
        title.format("General Ledger")
        + ",Transaction date,Transaction type,Num,Name,Description,Split,Amount,Balance\n"
        + "Travel,,,,,,,,\n,10/01/2026,Expense,,,,Checking,30.00,30.00\n,10/02/2026,Expense,,,,Checking,4.00,34.00\n"
        + "Total for Travel,,,,,,,$34.00,\n"
        + last
    )
    assert (told := report(merchant, journal)).format == "quickbooks_journal"
    assert (told.rejected, told.counts["expense"].new) == (0, 1)

    assert (told := report(merchant, ledger)).format == "quickbooks_ledger"
    assert (told.rejected, told.counts["expense"].new, told.counts["expense"].unchanged) == (0, 1, 1)
    assert sum(merchant.month(OCTOBER).days[Figure.OPEX]) == 34_000_000, "both reports tell of one trip"


def test_no_person_of_the_books_or_the_bank_is_kept_but_in_the_raw_file(tmp_path: Path) -> None:
    merchant = Merchant()
    assert isinstance(merchant.objects, MemoryObjects)
    assert isinstance(merchant.engine, SqliteEngine)
    journal = (
        "10/01/2026,Check,88,Plantine Planted,for Planted,Payroll:Plantine Planted,30.00,\n"
        "10/01/2026,Expense,,Planted Person,call 415-555-2671,Travel,30.00,\n"
        ",,,,planted@example.com,Lent to planted@example.com,30.00,\n"
        "10/02/2026,Expense,,Planted,,Travel,Planted,\n" + "10/02/2026,Expense,,,,Travel,1.00,\n" * 40
    )
    bank = (
        "DEBIT,10/02/2026,Zelle payment to Plantine Planted 12345678901,-5.00,QUICKPAY_DEBIT,1.00,,\n"
        "DEBIT,Planted,Zelle payment to Plantine Planted,-5.00,QUICKPAY_DEBIT,1.00,,\n"
        + "DEBIT,10/01/2026,TAPE,-5.00,DEBIT_CARD,1.00,,\n"
        * 40
    )
    assert report(merchant, JOURNAL + journal).rejected == 1
    assert report(merchant, CHASE + bank).rejected == 1

    changes = merchant.engine.changes().read(0, limit=10_000)
    objects = [key for key in merchant.objects.contents if key.startswith(f"facts/{WORKSPACE}/")]
    kept = [str(change.record) for change in changes]
    for number, key in enumerate(objects):
        (tmp_path / str(number)).write_bytes(merchant.objects.contents[key])
        kept.append(str(duckdb.read_parquet(str(tmp_path / str(number))).fetchall()))
    assert [key.split("/")[2] for key in sorted(objects)] == ["bank_txn", "expense"], "a bad row: no balance"
    assert [text for text in kept if "plant" in text.lower() or "5552671" in text or "555-2671" in text] == []
