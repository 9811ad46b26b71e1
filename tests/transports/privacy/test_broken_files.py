"""What is wrong with a file is told without a word of whoever stands in the wrong place."""

from __future__ import annotations

import csv
import json
from codecs import BOM_UTF16
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from typing import Any

import pytest

from shared.domain.facts.families import Family
from tests.data.merchants import Merchant, as_file, header
from tests.data.tenants import NOON
from tests.transports.privacy.people import Person, found_in
from tests.transports.privacy.plain_rows import PLAIN, PLANTINGS
from tests.transports.privacy.planted_shop import Logged

ZOE = Person(2345)
BOTH = f"{ZOE.name},{ZOE.email}"
ROWS = 40


def sheets(format_: str) -> Iterator[bytes]:
    """Write a format's export with somebody before it, behind it, in its header and where its columns end."""
    headers = [*PLANTINGS[format_].row(1)]
    for before in (f"Report of {ZOE.name}\n", f'"{ZOE.everything}"\n', f'"{ZOE.name}\n'):
        yield (before + _sheet(format_, headers)).encode()
    behind = (BOTH, f"Total: {ZOE.everything}", f'"{ZOE.name}', f'x"{ZOE.email}', f"\0{BOTH}", ",".join([BOTH] * 40))
    for line in behind:
        yield f"{_sheet(format_, headers)}{line}\n".encode()
    yield f"{_sheet(format_, headers)}{BOTH}\n".encode("utf-16")
    yield f"{_sheet(format_, headers)}{BOTH}\n".encode("latin-1")
    yield _sheet(format_, [ZOE.name, ZOE.email, *headers[2:]]).encode()
    yield _sheet(format_, [*headers[:-1], f"{headers[-1]} ({ZOE.name})"]).encode()


def _sheet(format_: str, headers: Sequence[str]) -> str:
    written = StringIO()
    sheet = csv.writer(written)
    sheet.writerows([headers, *(PLANTINGS[format_].row(number).values() for number in range(1, ROWS))])
    return written.getvalue()


ORDER = PLAIN[Family.ORDER]
HEADERS: Sequence[Mapping[str, Any]] = (
    header(exported_at=ZOE.everything),
    {**header(), "source": ZOE.email},
    {**header(), ZOE.name: 1},
    header(claims=[{"type": ZOE.name}]),
    header(claims=[{ZOE.email: 1}]),
)
LINES: Sequence[Mapping[str, Any]] = (
    {"type": ZOE.email},
    {**ORDER, "date": ZOE.everything},
    {**ORDER, "currency": ZOE.name},
    {**ORDER, "id": {"a": ZOE.name}},
    {**ORDER, "lines": ZOE.name},
    {**ORDER, "lines": [{"quantity": ZOE.name, "price": ZOE.email}]},
    {**ORDER, "lines": [{ZOE.email: 1, "quantity": 1}]},
    {**ORDER, "lines": [{"quantity": 1, "price": "1.00", "sku": ZOE.email}]},
    {**ORDER, "customer": [ZOE.email]},
    {**ORDER, "customer": {"email": ZOE.name}},
    {**ORDER, "customer": {"id": {"a": ZOE.email}}},
    {**ORDER, "deleted": ZOE.name},
)
NO_JSON = (
    ZOE.everything,
    f'"{ZOE.email}"',
    f'["{ZOE.email}"]',
    f'{{"type": "order", "id": "{ZOE.name}',
    f'{{"a": 1, "a": "{ZOE.email}"}}',
)


def plain_files() -> Iterator[bytes]:
    """Write our own format with somebody in its header, in lines that are none, and in fields of other things."""
    good = [{**ORDER, "id": f"o{number}"} for number in range(ROWS)]
    for first in (*HEADERS, {**ORDER, "customer": ZOE.fields}):
        yield as_file([first, *good])
    for line in (*map(json.dumps, LINES), *NO_JSON):
        yield as_file([header(), *good]) + f"{line}\n".encode()
    yield as_file([header(), *good]) + f'{{"note": "{ZOE.email}\xff"}}\n'.encode("latin-1")


@pytest.mark.parametrize("format_", [*PLANTINGS, "ndjson"])
def test_nobody_is_named_for_standing_where_they_should_not(format_: str) -> None:
    logged, merchant = Logged(), Merchant(now=NOON)
    files = [*(plain_files() if format_ == "ndjson" else sheets(format_))]
    with logged.listening():
        records = [merchant.take_up(merchant.send(content, name="a file")) for content in files]

    assert all(found_in(file.decode("utf-16" if file.startswith(BOM_UTF16) else "latin-1")) for file in files)
    assert [part for record in records for part in found_in(repr(record))] == []
    assert [part for line in logged.records for part in found_in(line)] == []
    assert any(record.report and (record.report.errors or record.report.refusal) for record in records)
