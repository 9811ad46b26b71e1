"""Sheets written by hand, and what a format makes of them: lines first, then facts.

Only a sheet's rows are built here; how they are found in a file's bytes is tested elsewhere.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from shared.domain.facts.header import MAIN_ACCOUNT
from shared.domain.facts.imports import Declared
from shared.domain.facts.lines import Context, Fact, Line, read_line
from shared.domain.facts.settings import Settings
from shared.domain.facts.values import WrongValue
from shared.services.imports.formats.format import Format, Reading, Row, Sheet, Told, folded_header

EXPORTED_AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NEW_YORK = Settings(timezone="America/New_York")
CUSTOMER_KEY = b"k" * 32


def reading(
    declared: Declared | None = None, *, settings: Settings = NEW_YORK, exported_at: datetime = EXPORTED_AT
) -> Reading:
    """Give what a format knows of a file besides its rows."""
    return Reading(
        declared=declared or Declared(), settings=settings, exported_at=exported_at, customer_key=CUSTOMER_KEY
    )


def sheet_of(text: str, *, preamble: int = 0) -> Sheet:
    """Read comma-separated text; so many rows stand before its headers."""
    lines = csv.reader(StringIO(text))
    before = list(islice(lines, preamble))
    headers = tuple(next(lines))
    folded = [folded_header(header) for header in headers]

    def rows() -> Iterator[Row]:
        line = lines.line_num + 1
        for cells in lines:
            padded = [*(cell.strip() for cell in cells), *[""] * len(folded)][: len(folded)]
            if any(padded):
                # Of columns with one name the first counts.
                yield Row(line=line, cells=dict(zip(reversed(folded), reversed(padded), strict=True)))
            line = lines.line_num + 1

    return Sheet(headers=headers, preamble=before, rows=rows())


def written(rows: Sequence[Mapping[str, str]], *, headers: Sequence[str]) -> str:
    """Write rows as comma-separated text; a header that a row does not name has an empty cell."""
    text = StringIO()
    writer = csv.DictWriter(text, fieldnames=list(headers), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def told_of(format_: Format, text: str, how: Reading | None = None, *, preamble: int = 0) -> list[Told]:
    """Give what a format says of each line of a file."""
    return list(format_.read(sheet_of(text, preamble=preamble), how or reading()))


def lines_of(told: Iterable[Told]) -> list[Line]:
    """Give the lines, none of which may be a bad row."""
    found: list[Line] = []
    for number, line in told:
        assert not isinstance(line, WrongValue), (number, line.code, line.message, line.field)
        found.append(line)
    return found


def wrong_of(told: Iterable[Told]) -> list[tuple[int, str, str | None]]:
    """Give the bad rows: line, code and field."""
    return [(number, line.code, line.field) for number, line in told if isinstance(line, WrongValue)]


def facts_of(format_: Format, told: Iterable[Told], how: Reading | None = None) -> list[Fact]:
    """Read the lines as the importer does: every one must be a fact."""
    used = how or reading()
    zone = ZoneInfo(used.settings.timezone)
    context = Context(
        source=format_.source,
        account=used.declared.account or MAIN_ACCOUNT,
        currency=used.declared.currency or used.settings.currency,
        zone=zone,
        last_day=used.exported_at.astimezone(zone).date().isoformat(),
        customer_key=CUSTOMER_KEY,
    )
    return [read_line(line, context) for line in lines_of(told)]


class _Stopped(Exception):
    """The run ends behind a row, though the file goes on."""


def in_parts(format_: Format, text: str, cuts: Sequence[int], how: Reading | None = None) -> list[Told]:
    """Read a file in several runs, each of which knows of the one before what JSON kept of its carry, and no more.

    A cut is the number of rows that were read before it.
    """
    used, sheet = how or reading(), sheet_of(text)
    rows, told, carry = list(sheet.rows), list[Told](), dict[str, object]()
    for start, end in pairwise([0, *sorted(min(cut, len(rows)) for cut in cuts), None]):
        run = replace(used, carry=carry)
        part = replace(sheet, rows=_rows(rows[start:end], is_last=end is None))
        with suppress(_Stopped):
            told.extend(format_.read(part, run))
        carry = json.loads(json.dumps(run.carry))
    return told


def _rows(rows: Sequence[Row], *, is_last: bool) -> Iterator[Row]:
    yield from rows
    if not is_last:
        raise _Stopped
