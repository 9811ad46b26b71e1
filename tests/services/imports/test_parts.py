"""A file that takes many runs comes to what it comes to in one, wherever its parts end and whatever befalls a run."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO, StringIO
from itertools import chain, count, pairwise, repeat
from typing import cast
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.facts.imports import Counts, ImportStatus
from shared.domain.facts.lines import Fact
from shared.domain.facts.settings import Settings
from shared.services.imports.checkpoints import VERSION, Bookmark
from shared.services.imports.import_upload import import_upload
from shared.services.imports.read_file import Beside, FactsFile, Pause
from tests.data.memory_objects import MemoryObjects
from tests.data.merchants import NOW, WORKSPACE, Merchant, as_file, header, order, refund
from tests.data.toy_formats import TOYS

BESIDE = Beside(announced_at=NOW, now=NOW, settings=Settings(), customer_key=b"k" * 32)

FIRST_LINE = header(complete=[{"type": "order", "from": "2026-09-01", "to": "2026-10-31"}])
BAD = order(3, "2026-11-99")
LINES = [
    order(1, customer="a", shipping="5.00"),
    refund(),
    order(2, "2026-09-05", customer="jane@example.com"),
    BAD,
    *(order(number, "2026-10-06") for number in range(10, 40)),
    order(1, customer="a", shipping="5.00"),
]
NDJSON = as_file([FIRST_LINE, *LINES])


def baskets(*, bad: int = 1, first: int = 0, last: int = 30) -> bytes:
    """Write a sheet of baskets of one to three rows, some of them without a day."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(["Basket", "Day", "Code", "Pieces", "Price (USD)", "Label"])
    for basket in range(first, last):
        for piece in range(basket % 3 + 1):
            day = "" if piece or basket < bad else "2026-10-05"
            writer.writerow([basket, day, f"SKU-{piece}", 1, "2.50", "two\nlines, quoted"])
    return text.getvalue().encode()


SHEET = baskets()


def unheard(*, lines_read: int, bytes_read: int) -> None:
    """Nobody waits for this import."""


def left(merchant: Merchant) -> Mapping[str, bytes]:
    assert isinstance(merchant.objects, MemoryObjects)
    return {key: content for key, content in merchant.objects.contents.items() if key.startswith("staging/")}


def read_in_parts(content: bytes, sizes: Iterable[int]) -> tuple[object, ...]:
    """Read a file with a pause after each of these many bytes, each part by a reader that knows the bookmark alone."""
    begin: Bookmark | None = None
    facts: list[Fact] = []
    for size in sizes:
        part = FactsFile(
            BytesIO(content),
            size=len(content),
            beside=BESIDE,
            progress=unheard,
            formats=TOYS,
            begin=begin,
            pause=Pause(after_bytes=size, is_due=lambda: False),
        )
        facts += part
        begin = part.paused
        if begin is None:
            part.check()
            return facts, part.claims(), part.lines, part.rejected, part.errors, part.format
    raise AssertionError("it never ended")


@pytest.mark.parametrize("content", [NDJSON, SHEET], ids=["ndjson", "sheet"])
@given(sizes=st.lists(st.integers(min_value=1, max_value=1_500), min_size=1))
def test_parts_of_any_sizes_say_what_the_whole_says(content: bytes, sizes: list[int]) -> None:
    assert read_in_parts(content, chain(sizes, repeat(200))) == read_in_parts(content, [len(content)])


def read_whole(content: bytes) -> Counter[Fact]:
    facts = read_in_parts(content, [len(content)])[0]
    return Counter(cast("list[Fact]", facts))


@given(cuts=st.sets(st.integers(min_value=1, max_value=len(LINES) - 1), max_size=4))
def test_ndjson_that_is_split_between_any_lines_says_the_same(cuts: set[int]) -> None:
    good = [line for line in LINES if line != BAD]
    pieces = [good[first:last] for first, last in pairwise([0, *sorted(cuts), len(good)]) if good[first:last]]

    assert sum((read_whole(as_file([FIRST_LINE, *piece])) for piece in pieces), Counter[Fact]()) == read_whole(
        as_file([FIRST_LINE, *good])
    )


@given(cuts=st.sets(st.integers(min_value=1, max_value=29), max_size=4))
def test_a_sheet_that_is_split_between_any_orders_says_the_same(cuts: set[int]) -> None:
    bounds = [0, *sorted(cuts), 30]
    pieces = [baskets(bad=0, first=first, last=last) for first, last in pairwise(bounds)]

    assert sum(map(read_whole, pieces), Counter[Fact]()) == read_whole(baskets(bad=0))


@pytest.mark.parametrize("content", [NDJSON, SHEET], ids=["ndjson", "sheet"])
def test_an_import_in_many_runs_comes_to_what_it_comes_to_in_one(content: bytes) -> None:
    whole, cut = (Merchant(part_bytes=size, formats=TOYS) for size in (len(content), len(content) // 6))
    for merchant in (whole, cut):
        assert (
            merchant.import_bytes(as_file([header("2026-11-01T00:00:00Z"), order(2)])).status is ImportStatus.FINISHED
        )

    at_once = whole.import_bytes(content)
    assert at_once.status is ImportStatus.FINISHED
    assert cut.import_bytes(content) == at_once
    assert cut.facts() == whole.facts()
    assert left(cut) == {}


def test_each_run_reads_a_part_and_leads_to_the_next() -> None:
    merchant = Merchant(part_bytes=len(NDJSON) // 5)
    sent = merchant.send(NDJSON)
    seen = {sent.checkpoint}
    for _ in range(4):
        record = merchant.run_once(sent)
        assert record.status is ImportStatus.RUNNING
        assert record.checkpoint not in seen
        seen.add(record.checkpoint)
        assert merchant.queue.messages.pop() == f"raw/{WORKSPACE}/{sent.import_id}"

    assert merchant.run_once(sent).status is ImportStatus.FINISHED
    assert merchant.queue.messages == []


def test_a_run_stops_when_its_time_is_over_and_has_read_something() -> None:
    merchant = Merchant()
    sent = merchant.send(as_file([header(), *(order(number, channel="x" * 900_000) for number in range(4))]))
    key, runs = f"raw/{WORKSPACE}/{sent.import_id}", count(1)
    while True:
        record = import_upload(key, request_id=uuid4().hex, tools=merchant.importer, until=NOW)
        next(runs)
        assert record is not None
        if record.status is ImportStatus.FINISHED:
            break

    assert record.report is not None
    assert (next(runs) - 1, record.report.counts) == (2, {"order": Counts(new=4)})


@pytest.mark.parametrize("content", [NDJSON.splitlines()[0] + b"\n" + b"{}\n" * 30_000, SHEET + b"9\n" * 30_000])
def test_a_run_over_short_rows_asks_for_the_time_as_well(content: bytes) -> None:
    """A megabyte of them takes longer than the run may have left."""
    assert len(content) < 1 << 17
    part = FactsFile(
        BytesIO(content),
        size=len(content),
        beside=BESIDE,
        progress=unheard,
        formats=TOYS,
        pause=Pause(after_bytes=len(content), is_due=lambda: True),
    )
    list(part)
    assert part.paused is not None
    assert part.lines == 10_000


def test_of_two_runs_over_one_part_one_goes_on_and_the_other_changes_nothing() -> None:
    whole, merchant = Merchant(), Merchant(part_bytes=len(NDJSON) // 3)
    sent = merchant.send(NDJSON)
    key, looks = f"raw/{WORKSPACE}/{sent.import_id}", count(1)
    quick = replace(merchant.importer, part_bytes=len(NDJSON) // 2)

    def clock() -> datetime:
        if next(looks) == 3:  # the slow one has read its part and is about to keep it
            import_upload(key, request_id="quick", tools=quick)
        return NOW

    import_upload(key, request_id="slow", tools=replace(merchant.importer, clock=clock))

    assert next(looks) > 3
    assert merchant.queue.messages == [key], "the one that kept its part leads on"
    assert merchant.take_up(sent) == whole.import_bytes(NDJSON)
    assert merchant.facts() == whole.facts()


def test_a_bad_row_in_any_part_counts_for_the_whole_file() -> None:
    content = baskets(bad=4)
    merchant = Merchant(part_bytes=len(content) // 6, formats=TOYS)
    record = merchant.import_bytes(content)
    assert record.report is not None
    assert record.report.refusal is not None

    assert (record.status, record.report.refusal.code) == (ImportStatus.REFUSED, "too_many_bad_rows")
    assert (record.report.lines, record.report.rejected) == (60, 4)
    assert [error.line for error in record.report.errors] == [2, 4, 8, 14]
    assert left(merchant) == {}


def test_a_file_that_breaks_off_in_its_last_part_is_refused_whole() -> None:
    merchant = Merchant(part_bytes=len(NDJSON) // 5)
    record = merchant.import_bytes(NDJSON[:-20])

    assert record.status is ImportStatus.REFUSED
    assert (merchant.figures.ledger(WORKSPACE), left(merchant)) == ([], {})
    assert list(merchant.objects.list("facts/")) == []


def test_a_refused_file_that_is_sent_again_is_read_from_its_beginning() -> None:
    merchant = Merchant(part_bytes=len(SHEET) // 5, formats=())
    assert merchant.import_bytes(SHEET).status is ImportStatus.REFUSED
    merchant.formats = TOYS

    assert merchant.import_bytes(SHEET).status is ImportStatus.FINISHED


def test_a_file_is_read_anew_if_the_settings_change_between_its_parts() -> None:
    whole, merchant = Merchant(formats=TOYS), Merchant(part_bytes=len(SHEET) // 5, formats=TOYS)
    sent = merchant.send(SHEET)
    merchant.run_once(sent)
    for each in (whole, merchant):
        each.settle(Settings(currency="CHF"))

    assert merchant.take_up(sent) == whole.import_bytes(SHEET)
    assert merchant.facts() == whole.facts()
    assert "USD" not in str(merchant.facts())
    assert left(merchant) == {}


def test_an_import_that_stood_still_until_its_parts_expired_begins_anew() -> None:
    whole, merchant = Merchant(), Merchant(part_bytes=len(NDJSON) // 4)
    sent = merchant.send(NDJSON)
    merchant.run_once(sent)
    for expired in left(merchant):
        merchant.objects.delete(expired)

    assert merchant.take_up(sent) == whole.import_bytes(NDJSON)
    assert merchant.facts() == whole.facts()


def replaced(merchant: Merchant, checkpoint: str, was: bytes, becomes: bytes) -> None:
    """Let a checkpoint say something else, as another version of the program would have."""
    content = left(merchant)[checkpoint]
    assert was in content
    merchant.objects.put(checkpoint, content.replace(was, becomes, 1))


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (f'"version": {VERSION}'.encode(), f'"version": {VERSION + 1}, "place": 3'.encode()),
        (b"unit_cost", b"cost_of_a_piece"),
    ],
    ids=["another version", "other columns of the parts"],
)
def test_a_file_is_read_anew_if_another_program_has_read_its_first_parts(was: bytes, becomes: bytes) -> None:
    whole, merchant = Merchant(), Merchant(part_bytes=len(NDJSON) // 4)
    sent = merchant.send(NDJSON)
    merchant.run_once(sent)
    checkpoint = merchant.run_once(sent).checkpoint
    assert checkpoint is not None
    replaced(merchant, checkpoint, was, becomes)

    assert merchant.take_up(sent) == whole.import_bytes(NDJSON)
    assert merchant.facts() == whole.facts()


def test_who_bought_is_in_no_table_while_a_file_is_half_read() -> None:
    rows = [order(number, customer={"email": "planted@example.com"}) for number in range(30)]
    content = as_file([header(), *rows])
    merchant = Merchant(part_bytes=len(content) // 3)
    record = merchant.run_once(merchant.send(content))

    assert record.checkpoint is not None
    assert b"planted" not in b"".join(left(merchant).values())
    assert "planted" not in str(record)


def test_an_import_says_when_it_last_moved() -> None:
    merchant = Merchant(part_bytes=len(NDJSON) // 3)
    sent = merchant.send(NDJSON)
    merchant.now += timedelta(minutes=1)
    first = merchant.run_once(sent)
    merchant.now += timedelta(minutes=10)
    second = merchant.run_once(sent)

    assert (sent.moved_at, first.moved_at, second.moved_at) == (
        None,
        NOW + timedelta(minutes=1),
        NOW + timedelta(minutes=11),
    )
