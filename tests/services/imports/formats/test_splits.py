"""However an export is cut at the ends of days, and in whatever order the parts come, its facts are the same.

The same holds of a run that stops behind any row, and of one export by days that is asked for again in other spans.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.services.imports.formats.bank_chase import CHASE
from shared.services.imports.formats.format import Format
from shared.services.imports.formats.google_ads import GOOGLE_ADS
from shared.services.imports.formats.meta_ads import META_ADS
from shared.services.imports.formats.quickbooks_journal import QUICKBOOKS_JOURNAL
from shared.services.imports.formats.quickbooks_ledger import QUICKBOOKS_LEDGER
from shared.services.imports.formats.snapchat_ads import SNAPCHAT_ADS
from shared.services.imports.formats.tiktok_ads import TIKTOK_ADS
from tests.data.sheets import facts_of, in_parts, lines_of, reading, told_of

Cell = tuple[str, int]
"""A word and a number of cents; few of each, so that days have equal rows."""
Days = Mapping[int, Sequence[Cell]]
"""Day of October 2026 -> what happened."""
Write = Callable[[Days], str]

WORDS = ("Travel", "Packaging", "Meals")
cells = st.tuples(st.sampled_from(WORDS), st.sampled_from((100, 250, -100)))
histories = st.dictionaries(st.integers(1, 20), st.lists(cells, min_size=1, max_size=5), min_size=1, max_size=6)


def in_major(cents: int) -> str:
    return f"{Decimal(cents) / 100:.2f}"


def journal(days: Days) -> str:
    rows = ["Date,Transaction Type,Num,Name,Memo/Description,Account,Debit,Credit"]
    for day, happened in sorted(days.items()):
        for account, cents in happened:
            rows += [f"10/{day:02}/2026,Expense,,,,{account},{in_major(cents)},", f",,,,,Checking,,{in_major(cents)}"]
    return "\n".join([*rows, "TOTAL,,,,,,1.00,1.00"]) + "\n"


def ledger(days: Days) -> str:
    rows = [",Date,Transaction Type,Num,Name,Memo/Description,Split,Amount,Balance"]
    for account in WORDS:
        rows.append(f"{account},,,,,,,,")
        for day, happened in sorted(days.items()):
            rows += [
                f",10/{day:02}/2026,Expense,,,,Checking,{in_major(cents)},0.00"
                for name, cents in happened
                if name == account
            ]
        rows.append(f"Total for {account},,,,,,,1.00,")
    return "\n".join(rows) + "\n"


def chase(days: Days) -> str:
    """Write the newest first; the balance before all of it was 1,000.00 on each day's morning, as far as we know."""
    rows: list[str] = []
    for day, happened in sorted(days.items()):
        running = list(accumulate((cents for _, cents in happened), initial=100_000 + day))
        rows += [
            f"DEBIT,10/{day:02}/2026,{word},{in_major(cents)},ACH_DEBIT,{in_major(balance)},,"
            for (word, cents), balance in zip(happened, running[1:], strict=True)
        ]
    return "\n".join(["Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #", *reversed(rows)]) + "\n"


def by_campaign(headers: str, row: str) -> Write:
    """Write a row for each campaign of a day; its spend is not negative."""

    def write(days: Days) -> str:
        rows = [
            row.format(day=f"2026-10-{day:02}", word=word, spend=in_major(abs(cents)))
            for day, happened in sorted(days.items())
            for word, cents in dict(happened).items()
        ]
        return "\n".join([headers, *rows]) + "\n"

    return write


@dataclass(frozen=True)
class Export:
    """A format, and how its exports are written here."""

    format: Format
    write: Write


EXPORTS = (
    Export(
        META_ADS,
        by_campaign("Reporting starts,Reporting ends,Campaign name,Amount spent (USD)", "{day},{day},{word},{spend}"),
    ),
    Export(GOOGLE_ADS, by_campaign("Day,Campaign,Cost,Impr.,Customer ID", "{day},{word},{spend},1,{word}")),
    Export(TIKTOK_ADS, by_campaign("By Day,Campaign name,Cost,Clicks (destination)", "{day},{word},{spend},1")),
    Export(
        SNAPCHAT_ADS,
        by_campaign(
            "Start Time,End Time,Paid Impressions,Swipe Ups,Spend,Campaign Name", "{day},{day},1,1,{spend},{word}"
        ),
    ),
    Export(QUICKBOOKS_JOURNAL, journal),
    Export(QUICKBOOKS_LEDGER, ledger),
    Export(CHASE, chase),
)
each_export = pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.format.name)


def facts(export: Export, days: Days) -> dict[tuple[str, str, str], str]:
    found = facts_of(export.format, told_of(export.format, export.write(days)))
    assert len({(fact.account, fact.family, fact.key) for fact in found}) == len(found), "no key comes twice in a file"
    return {(fact.account, fact.family, fact.key): fact.content_hash() for fact in found}


@each_export
@settings(max_examples=25, deadline=None)
@given(days=histories, cuts=st.sets(st.integers(1, 20), max_size=3), data=st.data())
def test_files_that_are_cut_between_days_hold_the_facts_of_the_whole(
    export: Export, days: Days, cuts: set[int], data: st.DataObject
) -> None:
    edges = [0, *sorted(cuts), 21]
    parts = [part for first, end in pairwise(edges) if (part := {d: days[d] for d in days if first <= d < end})]
    together: dict[tuple[str, str, str], str] = {}
    for part in data.draw(st.permutations(parts)):
        together |= facts(export, part)

    assert together == facts(export, days)


@each_export
@settings(max_examples=25, deadline=None)
@given(days=histories, cuts=st.lists(st.integers(0, 40), max_size=3))
def test_runs_that_stop_behind_any_row_tell_what_one_run_tells(export: Export, days: Days, cuts: list[int]) -> None:
    text, one, several = export.write(days), reading(), reading()

    assert in_parts(export.format, text, cuts, several) == told_of(export.format, text, one)


@each_export
@settings(max_examples=25, deadline=None)
@given(days=histories)
def test_a_file_is_complete_for_its_own_days_and_no_others(export: Export, days: Days) -> None:
    how = reading()
    found = facts_of(export.format, told_of(export.format, export.write(days), how))
    claims = export.format.claims(how)

    assert min(str(claim["from"]) for claim in claims) == f"2026-10-{min(days):02}"
    assert max(str(claim["to"]) for claim in claims) == f"2026-10-{max(days):02}"
    for fact in found:
        (claim,) = [
            claim for claim in claims if claim["type"] == fact.family and claim.get("account", "main") == fact.account
        ]
        assert str(claim["from"]) <= str(fact.day) <= str(claim["to"])


@settings(max_examples=50, deadline=None)
@given(days=histories)
def test_no_transaction_of_a_bank_is_lost_and_each_day_ends_with_its_balance(days: Days) -> None:
    lines = lines_of(told_of(CHASE, chase(days)))
    found = {line["date"]: Decimal(str(line["amount"])) for line in lines if line["type"] == "balance"}
    moved = sorted(Decimal(str(line["amount"])) for line in lines if line["type"] == "bank_txn")

    assert moved == sorted(Decimal(cents) / 100 for happened in days.values() for _, cents in happened)
    assert found == {
        f"2026-10-{day:02}": Decimal(100_000 + day + sum(cents for _, cents in happened)) / 100
        for day, happened in days.items()
    }


@pytest.mark.parametrize("write", [journal, ledger])
@settings(max_examples=25, deadline=None)
@given(days=histories)
def test_no_booking_is_lost(write: Write, days: Days) -> None:
    format_ = QUICKBOOKS_JOURNAL if write is journal else QUICKBOOKS_LEDGER
    booked = sorted(Decimal(str(line["amount"])) for line in lines_of(told_of(format_, write(days))))

    assert booked == sorted(Decimal(cents) / 100 for happened in days.values() for _, cents in happened)
