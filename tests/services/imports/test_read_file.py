"""A bad file is refused whole, with the reason; a bad row is reported with its line."""

from __future__ import annotations

import json
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO, RawIOBase
from typing import Any

import pytest

from shared.domain.facts.imports import SHOWN_ERRORS, Declared
from shared.domain.facts.lines import Fact
from shared.domain.facts.settings import Settings
from shared.services.imports.file_text import LONGEST_LINE, FileRefused
from shared.services.imports.read_file import Beside, FactsFile
from tests.data.merchants import NOW, as_file, header, order


class Told:
    """Takes note of the progress."""

    def __init__(self) -> None:
        self.so_far: list[tuple[int, int]] = []

    def __call__(self, *, lines_read: int, bytes_read: int) -> None:
        self.so_far.append((lines_read, bytes_read))


BESIDE = Beside(announced_at=NOW, now=NOW, settings=Settings(timezone="America/New_York"), customer_key=b"k" * 32)


def opened(
    content: bytes | Any,  # noqa: ANN401  # bytes, or a file
    *,
    size: int | None = None,
    told: Told | None = None,
    declared: Declared | None = None,
) -> FactsFile:
    return FactsFile(
        BytesIO(content) if isinstance(content, bytes) else content,
        size=len(content) if size is None else size,
        beside=BESIDE if declared is None else replace(BESIDE, declared=declared),
        progress=told or Told(),
    )


def read(content: bytes, *, declared: Declared | None = None) -> tuple[FactsFile, list[Fact]]:
    file = opened(content, declared=declared)
    facts = list(file)
    file.check()
    return file, facts


def refusal(content: bytes, *, declared: Declared | None = None) -> str:
    with pytest.raises(FileRefused) as refused:
        read(content, declared=declared)
    return refused.value.refusal.code


GOOD = as_file([header(), *(order(number) for number in range(100))])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"\n \r\n", "file_empty"),
        (as_file([header()]), "file_empty"),
        (b"Colour,Number\nred,7\n", "format_unknown"),
        (b"[]\n", "format_unknown"),
        (b"{" * 100_000 + b"\n", "not_ndjson"),
        (b"PK\x03\x04 a zip file \x00\x00\n", "not_text"),
        (b"\x1f\x8b\x08\x00 a gzip file\n", "not_text"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "not_text"),
        (bytes(reversed(range(256))), "not_text"),
        (b"PK\x03\x04" + b"\xd5" * LONGEST_LINE, "not_text"),
        (GOOD.replace(b"\n", b"\r") * 70, "wrong_line_ends"),
        (GOOD.decode().encode("utf-16"), "not_text"),
        (as_file([order()]), "header_missing"),
        (as_file([header() | {"schema": 2}]), "header_wrong"),
        (as_file([header("2026-11-20T12:00:00")]), "header_wrong"),
        (as_file([header("2026-11-21T12:06:00Z")]), "header_wrong"),
        (as_file([header(colour="red")]), "header_wrong"),
        (as_file([header(complete=[{"type": "order", "from": "2026-11-01", "to": "2026-12-01"}])]), "header_wrong"),
        (as_file([header(complete=[{"type": "order", "from": "2020-01-01", "to": "2026-01-01"}])]), "header_wrong"),
        (as_file([header(complete=[{"type": "product", "from": "2026-01-01", "to": "2026-01-02"}])]), "header_wrong"),
        (as_file([header(complete={})]), "header_wrong"),
        (as_file([header()]).replace(b'"schema"', b'"schema": 1, "schema"'), "header_wrong"),
        (GOOD[:-30], "file_truncated"),
        (GOOD + b'{"type":"order","id":', "file_truncated"),
        (GOOD + b"x" * (LONGEST_LINE + 1) + b"\n" + GOOD, "line_too_long"),
        (GOOD + '{"type":"order","id":"Zo\u00eb"}\n'.encode("latin-1"), "not_utf8"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_whole(content: bytes, code: str) -> None:
    assert refusal(content) == code


def test_a_byte_order_mark_blank_lines_and_windows_line_ends_are_no_reason_to_refuse() -> None:
    file, facts = read(b"\xef\xbb\xbf" + as_file([header(), order(1)]).replace(b"\n", b"\r\n\r\n") + b"  \n")

    assert (file.lines, file.rejected, len(facts)) == (1, 0, 1)


def test_a_last_line_without_its_end_is_a_line() -> None:
    assert len(read(GOOD.rstrip(b"\n"))[1]) == 100


def test_a_bad_row_is_reported_with_its_line_and_the_rest_is_read() -> None:
    rows = [order(number) for number in range(60)]
    rows[10] = order(10, lines=[{"quantity": 1, "price": "1.0000001"}])
    file, facts = read(as_file([header(), *rows[:20]]) + b"\n{broken}\n" + as_file(rows[20:]))

    assert [(error.line, error.code, error.field) for error in file.errors] == [
        (12, "too_precise", "lines.0.price"),
        (23, "not_json", None),
    ]
    assert (file.lines, file.rejected, len(facts)) == (61, 2, 59)
    assert file.errors[0].message == "`lines.0.price` must not have more than 6 decimal places."


@pytest.mark.parametrize(
    "line",
    ["7", '"text"', '{"a":NaN}', '{"a":Infinity}', '{"a":1e999999999}', '{"a":' + "9" * 5000 + "}", '{"a":' * 50_000],
)
def test_a_line_that_is_no_object_of_json_is_one_bad_row(line: str) -> None:
    file, _ = read(GOOD + line.encode() + b"\n" + as_file([order(101)]))

    assert [error.code for error in file.errors] == ["not_json"]


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (b'{"type":"order","id":"d","date":"2026-10-20","date":"2026-10-20","lines":[]}', "date"),
        (b'{"type":"order","id":"d","date":"2026-10-20","lines":[{"quantity":1,"quantity":1,"price":1}]}', "quantity"),
        (b'{"type":"order","id":"d","jane@example.com":1,"jane@example.com":2}', "?"),
    ],
)
def test_a_line_in_which_a_key_stands_twice_is_a_bad_row_since_nobody_knows_which_was_meant(
    line: bytes, field: str
) -> None:
    file, facts = read(GOOD + line + b"\n")

    assert [(error.line, error.code, error.field) for error in file.errors] == [(102, "key_twice", field)]
    assert len(facts) == 100


@pytest.mark.parametrize(("bad", "is_refused"), [(5, False), (6, True)])
def test_one_bad_row_in_twenty_is_still_taken(bad: int, is_refused: bool) -> None:  # noqa: FBT001 - a parameter of the test
    content = as_file([header(), *(order(n) for n in range(100 - bad)), *[order("bad", "2026-11-99")] * bad])

    if is_refused:
        assert refusal(content) == "too_many_bad_rows"
    else:
        assert len(read(content)[1]) == 95


def test_fifty_errors_are_shown_and_all_are_counted() -> None:
    file = opened(as_file([header(), *[order("bad", "2026-11-99")] * 70]))
    assert list(file) == []
    assert (len(file.errors), file.rejected, SHOWN_ERRORS) == (50, 70, 50)


def test_an_export_that_is_complete_and_empty_is_a_file() -> None:
    claim = {"type": "order", "from": "2026-11-01", "to": "2026-11-19"}
    file, facts = read(as_file([header(complete=[claim])]))

    assert (len(facts), [(c.first, c.last, c.source, c.account) for c in file.header.claims]) == (
        0,
        [("2026-11-01", "2026-11-19", "shop", "main")],
    )


def test_an_export_with_a_bad_row_is_not_complete() -> None:
    first = header(complete=[{"type": "order", "from": "2026-10-01", "to": "2026-10-31"}])
    rows = [order(number) for number in range(20)]
    whole, _ = read(as_file([first, *rows]))
    spoiled, facts = read(as_file([first, *rows[1:], order(0, "2026-10-99")]))

    assert [(claim.first, claim.last) for claim in whole.claims()] == [("2026-10-01", "2026-10-31")]
    assert (len(facts), spoiled.claims()) == (19, ())


def test_no_error_shows_what_stood_in_the_line() -> None:
    secret = "Jane Doe jane@example.com"
    bad = [
        order(secret + "\n"),
        order(1, secret),
        order(1, customer={"email": "Jane Doe"}),
        order(1, customer="Jane\nDoe"),
        order(1, channel=7, lines=secret),
        order(1, lines=[{"quantity": secret, "price": 1}]),
        order(1, currency=secret),
        order(1, source=secret),
        {"type": secret},
        order(1, **{secret: secret}),
    ]
    file = opened(as_file([header(), *bad]) + secret.encode() + b"\n")
    assert list(file) == []

    said = json.dumps([(error.message, error.field) for error in file.errors])
    assert file.rejected == len(bad) + 1
    assert "jane" not in said.lower()


def test_progress_is_told_about_twenty_times() -> None:
    told, content = Told(), as_file([header(), *[order(1, channel="x" * 100_000)] * 300])
    file = opened(content, told=told)
    for _ in file:
        pass

    assert 15 <= len(told.so_far) <= 20
    assert told.so_far == sorted(told.so_far)
    assert told.so_far[-1][1] <= len(content)


class Endless(RawIOBase):
    """A file of as many bytes as are asked for, made while it is read."""

    def __init__(self, first: bytes, line: bytes, times: int) -> None:
        self._parts = iter([first, *[line] * times])

    def readline(self, size: int | None = -1, /) -> bytes:  # noqa: ARG002 - lines are short
        return next(self._parts, b"")


def test_a_file_of_any_length_is_read_in_the_same_memory() -> None:
    line = as_file([order(1, customer={"email": "jane@example.com"})])
    peaks: list[int] = []
    for times in (1_000, 8_000):
        file = opened(Endless(as_file([header()]), line, times), size=len(line) * times)
        tracemalloc.start()
        for _ in file:
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] < peaks[0] + 100_000


def test_the_day_of_the_export_is_the_merchant_s() -> None:
    # Four in the morning in Greenwich is the evening before in New York.
    content = as_file([header("2026-11-20T04:00:00Z"), order(1, "2026-11-20")])
    file = opened(content)

    assert list(file) == []
    assert [error.code for error in file.errors] == ["after_export"]
    assert file.header.exported_at == datetime(2026, 11, 20, 4, tzinfo=UTC)
