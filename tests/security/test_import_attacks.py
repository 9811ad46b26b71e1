"""Files that are sent to be imported, of every kind and damage: all of one becomes facts, or nothing does."""

from __future__ import annotations

import tracemalloc
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings

from shared.domain.facts.imports import ImportStatus, Refusal
from shared.domain.facts.settings import Settings
from shared.services.imports.file_text import FileRefused
from shared.services.imports.read_file import Beside, FactsFile
from shared.storage.contracts.facts import ImportRecord
from tests.data.memory_objects import MemoryObjects
from tests.data.merchants import NOW, WORKSPACE, Merchant, as_file, header, order
from tests.security.import_files import MONSTERS, sheet, with_other_bytes, with_other_cells, with_other_fields
from tests.security.tally import TALLY

FEW = settings(max_examples=min(200, settings().max_examples // 12))
"""An import and a fold take some tenths of a second."""
FORMULA = '=HYPERLINK("http://evil.test","refund")'
INTERNALS = ("Traceback", "duckdb", "sqlite", "/tmp", "object at 0x")  # noqa: S108 - looked for, not used


BESIDE = Beside(announced_at=NOW, now=NOW, settings=Settings(), customer_key=b"k" * 32)


def unheard(*, lines_read: int, bytes_read: int) -> None:
    """Nobody waits for this import."""


def check_refusal(refusal: Refusal | None) -> None:
    assert refusal is not None
    assert refusal.message
    assert refusal.hint


def stands(merchant: Merchant) -> tuple[Any, ...]:
    """Give all that is known, and what lies in the bucket beside what was sent."""
    assert isinstance(merchant.objects, MemoryObjects)
    kept = {key for key in merchant.objects.contents if not key.startswith("raw/")}
    return (merchant.figures.ledger(WORKSPACE), kept)


def attack(content: bytes, what: str) -> ImportRecord:
    """Import a good file, then this one, and hold what comes of it against all or nothing."""
    merchant = Merchant()
    merchant.import_bytes(as_file([header(), order("before", "2026-08-01")]))
    before = stands(merchant)

    record = merchant.import_bytes(content)

    report = record.report
    assert report is not None
    TALLY.note(what, record.status if report.refusal is None else report.refusal.code)
    if record.status is ImportStatus.REFUSED:
        check_refusal(report.refusal)
        assert stands(merchant) == before
    else:
        assert record.status is ImportStatus.FINISHED
        assert report.rejected * 20 <= report.lines
        merchant.fold()  # and what it told can be counted with
    lines = content.count(b"\n") + content.count(b"\r") + 1
    assert all(1 <= error.line <= lines and error.code and error.message for error in report.errors)
    refused = [report.refusal.message, report.refusal.hint] if report.refusal is not None else []
    told = "\n".join([*refused, *(error.message for error in report.errors)])
    assert not [word for word in INTERNALS if word in told]
    return record


@given(content=with_other_cells() | with_other_bytes() | with_other_fields())
def test_whatever_stands_in_a_file_is_facts_a_bad_row_or_a_refusal_that_says_how_to_mend_it(content: bytes) -> None:
    try:
        file = FactsFile(BytesIO(content), size=len(content), beside=BESIDE, progress=unheard)
        told = len(list(file))
        file.check()
    except FileRefused as refused:
        TALLY.note("reading anything", refused.refusal.code)
        check_refusal(refused.refusal)
    else:
        TALLY.note("reading anything", "read")
        assert told or file.rejected
        assert all(error.code and error.message for error in file.errors)


@FEW
@given(content=with_other_cells())
def test_a_sheet_with_cells_of_any_kind_is_imported_whole_or_not_at_all(content: bytes) -> None:
    attack(content, "a sheet with other cells")


@FEW
@given(content=with_other_bytes())
def test_a_damaged_file_is_imported_whole_or_not_at_all(content: bytes) -> None:
    attack(content, "a damaged file")


@FEW
@given(content=with_other_fields())
def test_ndjson_with_fields_of_any_kind_is_imported_whole_or_not_at_all(content: bytes) -> None:
    attack(content, "NDJSON with other fields")


@pytest.mark.parametrize("what", MONSTERS)
def test_a_monster_is_refused_in_bounded_memory(what: str) -> None:
    merchant = Merchant()
    record = merchant.send(MONSTERS[what])
    tracemalloc.start()

    done = merchant.take_up(record)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert done.report is not None
    check_refusal(done.report.refusal)
    TALLY.note("a monster", done.report.refusal.code if done.report.refusal is not None else "read")
    assert peak < 48 << 20
    assert not merchant.figures.ledger(WORKSPACE)


def test_what_is_a_formula_elsewhere_is_text_here() -> None:
    merchant = Merchant()

    record = merchant.import_bytes(sheet("meta_ads", 1, changed={(0, "Campaign name"): FORMULA}))

    assert record.status is ImportStatus.FINISHED, record.report
    assert FORMULA in repr(merchant.facts())  # kept as it was said
