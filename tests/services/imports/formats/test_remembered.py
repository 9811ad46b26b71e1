"""What a format remembers of a file stays small, whatever the file is: a run hands it on to the next."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from shared.domain.facts.imports import MOST_UNMAPPED
from shared.domain.facts.values import WrongValue
from shared.services.imports.formats.occurrences import MOST_A_DAY, nth_id
from shared.services.imports.formats.quickbooks_journal import QUICKBOOKS_JOURNAL
from shared.services.imports.formats.spans import MOST_ACCOUNTS, widen_span
from tests.data.sheets import reading, told_of


def test_a_day_has_only_so_many_different_rows_and_equal_ones_without_end() -> None:
    how = reading()
    ids = {nth_id(how, "", "2026-10-01", str(number)) for number in range(MOST_A_DAY)}
    ids |= {nth_id(how, "", "2026-10-01", "0") for _ in range(10)}

    assert len(ids) == MOST_A_DAY + 10
    with pytest.raises(WrongValue, match="different rows"):
        nth_id(how, "", "2026-10-01", "one more")
    assert len(json.dumps(how.carry)) < 200_000


def test_of_a_day_that_is_over_nothing_is_remembered() -> None:
    how = reading()
    for day in range(1, 29):
        nth_id(how, "", f"2026-10-{day:02}", "x" * 100)

    assert len(json.dumps(how.carry)) < 200


def test_a_file_has_only_so_many_accounts() -> None:
    how = reading()
    for number in range(MOST_ACCOUNTS):
        widen_span(how, "2026-10-01", account=f"account {number}")
    widen_span(how, "2026-10-02", account="account 7")

    with pytest.raises(WrongValue, match="accounts"):
        widen_span(how, "2026-10-02", account="one more")


def test_only_so_many_accounts_that_nobody_has_settled_are_named() -> None:
    how = reading()
    rows = "".join(f"10/01/2026,Expense,,,,Odd {number},1.00,\n" for number in range(MOST_UNMAPPED + 10))
    told_of(QUICKBOOKS_JOURNAL, f"Date,Transaction Type,Num,Name,Memo/Description,Account,Debit,Credit\n{rows}", how)

    assert how.carry["unmapped"] == [f"Odd {number}" for number in range(MOST_UNMAPPED)]


def test_the_workspace_makes_ids_of_its_own() -> None:
    ours, theirs = reading(), replace(reading(), customer_key=b"the key of another workspace")

    assert nth_id(ours, "", "2026-10-01", "Zelle") != nth_id(theirs, "", "2026-10-01", "Zelle")
