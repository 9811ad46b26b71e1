"""A row of the trail as a row of CSV, for spreadsheets. It is a reading: the proof is in the exported file."""

from __future__ import annotations

import csv
import json
from typing import Any

from shared.domain.trail.archival import line_of

COLUMNS = ("id", "at", "type", "workspace", "stream", "seq", "actor", "request_id", "ip", "user_agent", "data")
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a cell begins with that a spreadsheet would work out; the last four are the first four in full width."""


def csv_head() -> str:
    """Write the names of the columns."""
    return _written(list(COLUMNS))


def csv_line(line: str) -> str:
    """Write a row, given as its exported line."""
    row: dict[str, Any] = json.loads(line)
    row["data"] = line_of(row["data"])
    return _written([_cell(row.get(column)) for column in COLUMNS])


def _cell(value: object) -> str:
    """Write a value as a text that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULAS) else text


class _Line:
    """Takes what a writer of CSV writes: one text for each row."""

    text = ""

    def write(self, text: str, /) -> None:
        self.text = text


def _written(cells: list[str]) -> str:
    line = _Line()
    csv.writer(line).writerow(cells)  # its own end of a line: a cell with a character of that is quoted
    return line.text.removesuffix("\r\n")
