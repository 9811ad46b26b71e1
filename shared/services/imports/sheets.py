"""Sheets: files of rows, told by their headers, wherever among the first rows these stand and whatever parts the cells.

What breaks the structure of a sheet refuses it whole, for the rows after it may be other rows than their writer meant;
what is wrong with a single value is for its format to say.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from shared.services.imports.file_text import FileRefused, TextLines
from shared.services.imports.formats.format import Format, Row, folded_header

DELIMITERS = (",", "\t", ";")
MOST_PREAMBLE = 20
"""Rows before the headers: a title, a range of dates."""
MOST_HEADERS = 1_000
"""A row costs as much as there are headers, however short it is; real exports have a hundred."""
LONGEST_ROW = 1 << 20
"""Bytes, with all the lines that its quoted cells have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Headers:
    """What a sheet says before its first row."""

    format: Format
    delimiter: str
    preamble: Sequence[Sequence[str]]
    cells: tuple[str, ...]
    offset: int
    """Where they end, in bytes."""
    line: int
    """The last line that they take."""


def read_headers(file: BinaryIO, formats: Sequence[Format]) -> Headers:
    """Find the headers of a sheet, and by them its format.

    Raises:
        FileRefused: it has none that we know, or is no sheet.

    """
    seen: list[Sequence[str]] = []
    broken: list[FileRefused] = []
    for delimiter in DELIMITERS:
        file.seek(0)
        lines = TextLines(file)
        preamble: list[Sequence[str]] = []
        for cells in _first_rows(lines, delimiter, broken):
            if fitting := [each for each in formats if each.fits(cells)]:
                _check_once(cells)
                return Headers(
                    format=_only(fitting),
                    delimiter=delimiter,
                    preamble=preamble,
                    cells=tuple(cell.strip() for cell in cells),
                    offset=lines.offset,
                    line=lines.number,
                )
            preamble.append(cells)
        seen += preamble
    raise _unknown(seen, formats, broken)


def read_rows(lines: TextLines, headers: Headers) -> Iterator[Row]:
    """Give the rows behind the headers.

    Raises:
        FileRefused: the structure of the sheet is broken.

    """
    width = len(headers.cells)
    named = max(number for number, header in enumerate(headers.cells, 1) if header)
    # Several may be empty: the last of equal names stays in a dict, and the first of them is to count.
    names = [folded_header(header) for header in reversed(headers.cells)]
    for line, cells in rows_of(lines, headers.delimiter):
        while len(cells) > width and not cells[-1].strip():
            cells.pop()
        if len(cells) > width:
            raise FileRefused(
                "too_many_cells",
                f"The row on line {line:,} has {len(cells)} cells under {width} headers.",
                hint="A quote or a delimiter is missing there. Export the file again.",
            )
        if len(cells) < named and not lines.is_ended and not (headers.format.has_footer and len(cells) == 1):
            raise FileRefused(
                "file_truncated",
                f"The row on line {line:,} is the last one and breaks off before its last cell.",
                hint="Send the whole file again.",
            )
        texts = [*map(str.strip, cells), *[""] * (width - len(cells))]
        yield Row(line, dict(zip(names, reversed(texts), strict=True)))


def rows_of(lines: TextLines, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Give the rows that are not blank, each with the line that it begins on."""
    began = lines.offset

    def watched() -> Iterator[str]:
        for text in lines:
            if lines.offset - began > LONGEST_ROW:
                raise FileRefused(
                    "row_too_long",
                    f"The row that ends on line {lines.number:,} is longer than a megabyte.",
                    hint="A quote in it is probably never closed.",
                )
            yield text

    rows = csv.reader(watched(), delimiter=delimiter, strict=True)
    while True:
        began, line = lines.offset, lines.number + 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error:
            raise _broken(line, at_end=lines.is_at_end, size=lines.offset - began) from None
        if any(cell and not cell.isspace() for cell in cells):
            yield line, cells


def _first_rows(lines: TextLines, delimiter: str, broken: list[FileRefused]) -> Iterator[list[str]]:
    """Give the rows among which the headers may be; what a wrong delimiter breaks may be whole with the right one."""
    try:
        for line, cells in islice(rows_of(lines, delimiter), MOST_PREAMBLE + 1):
            _check_width(line, cells)
            yield cells
    except FileRefused as refused:
        broken.append(refused)


def _check_width(line: int, cells: Sequence[str]) -> None:
    if len(cells) > MOST_HEADERS:
        raise FileRefused(
            "too_many_cells",
            f"The row on line {line:,} has {len(cells):,} cells; headers may be {MOST_HEADERS:,}.",
            hint="Delete the empty columns and export the file again.",
        )


def _only(fitting: Sequence[Format]) -> Format:
    if len(fitting) > 1:
        titles = " and ".join(each.title for each in fitting)
        raise FileRefused("format_ambiguous", f"The headers are those of more than one format: {titles}.")
    return fitting[0]


def _check_once(cells: Sequence[str]) -> None:
    """Look whether two columns have one header: then nobody can say which of them is meant."""
    first: dict[str, int] = {}
    for number, header in enumerate(map(folded_header, cells), 1):
        if header and first.setdefault(header, number) != number:
            raise FileRefused(
                "header_repeated",
                f"Columns {first[header]} and {number} have the same header.",
                hint="Leave one of them and send the file again.",
            )


def _broken(line: int, *, at_end: bool, size: int) -> FileRefused:
    if at_end:
        return FileRefused(
            "quote_open",
            f"In the row that begins on line {line:,} a quote opens that nothing closes.",
            hint="The file breaks off there. Export it again.",
        )
    if size > csv.field_size_limit():
        return FileRefused(
            "cell_too_long",
            f"In the row that begins on line {line:,} a cell is longer than {csv.field_size_limit():,} characters.",
            hint="A quote that opens it is probably never closed.",
        )
    return FileRefused(
        "not_csv", f"The quotes of the row that begins on line {line:,} are broken.", hint="Export the file again."
    )


def _unknown(seen: Sequence[Sequence[str]], formats: Sequence[Format], broken: Sequence[FileRefused]) -> FileRefused:
    """Say which format comes nearest, by the share of its headers that one of these rows has."""
    nearest: Format | None = None
    missing: tuple[str, ...] = ()
    best = 0.0
    for known in formats:
        for cells in seen:
            lacking = known.missing(cells)
            share = 1 - len(lacking) / (len(known.requires) + len(known.begins))
            if share > best:
                nearest, missing, best = known, lacking, share
    if nearest is not None:
        said = ", ".join(f"“{header}”" for header in missing)
        return FileRefused(
            "format_unknown",
            f"The headers are those of no format that we know. The nearest is {nearest.title}; missing: {said}.",
            hint="Export with these columns, under these English names. The formats are described in docs/data.md.",
        )
    if broken:
        return broken[0]
    if not seen:
        return FileRefused("file_empty", "The file is empty.")
    told_by = "; ".join(f"{known.name}: {', '.join((*sorted(known.requires), *known.begins))}" for known in formats)
    return FileRefused(
        "format_unknown",
        "This is neither NDJSON nor a sheet with the headers of a format that we know.",
        hint=f"Headers must be the English ones. Those that tell a format are: {told_by}.",
    )
