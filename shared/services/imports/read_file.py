"""Reads a file of facts line by line, in bounded memory, and decides whether the whole of it can be used.

A bad row is counted and reported. A bad file is refused whole: one that is no NDJSON, is cut off, does not say when its
data left the source, or has more than one bad row in twenty.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import BinaryIO, NoReturn, Protocol, cast
from zoneinfo import ZoneInfo

from shared.domain.facts.header import HEADER_TYPE, Header, read_header
from shared.domain.facts.imports import SHOWN_ERRORS, Refusal, RowError
from shared.domain.facts.lines import Fact, read_line
from shared.domain.facts.values import EXACT, WrongValue

LONGEST_LINE = 1 << 20
"""Bytes. An order of a thousand lines takes a tenth of it."""
BAD_ROWS_ONE_IN = 20
PROGRESS_STEPS = 20
SMALLEST_STEP = 1 << 20
"""Bytes between two words about progress in a small file."""

_BOM = b"\xef\xbb\xbf"
_FORMAT_HINT = "The format is described in docs/data.md."


class FileRefused(Exception):
    """The file cannot be used at all."""

    def __init__(self, code: str, message: str, *, hint: str = _FORMAT_HINT) -> None:
        super().__init__(message)
        self.refusal = Refusal(code=code, message=message, hint=hint)


class _NotJson(Exception):
    """A line is no JSON."""


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_float=EXACT.create_decimal, parse_constant=_no_constant)


class Progress(Protocol):
    """Told now and then how far the reading has come."""

    def __call__(self, *, lines_read: int, bytes_read: int) -> None:
        """Take note."""
        ...


class FactsFile:
    """The facts of one file, as an iterator; when it is exhausted, `check` has the last word on the file."""

    def __init__(
        self,
        file: BinaryIO,
        *,
        size: int,
        now: datetime,
        zone: ZoneInfo,
        currency: str,
        customer_key: bytes,
        progress: Progress,
    ) -> None:
        """Read the first line.

        Raises:
            FileRefused: it is not the first line of such a file.

        """
        self._file = file
        self._progress = progress
        self._step = max(size // PROGRESS_STEPS, SMALLEST_STEP)
        self._number = 0
        self._bytes = 0
        self.lines = 0
        """Lines after the first that are not blank."""
        self.rejected = 0
        self.errors: list[RowError] = []
        self.header = self._read_header(now=now, zone=zone, currency=currency, customer_key=customer_key)

    def __iter__(self) -> Iterator[Fact]:
        """Give fact after fact.

        Raises:
            FileRefused: the file turns out not to be what it seemed.

        """
        due, context = self._step, self.header.context
        for text in self._texts():
            self.lines += 1
            try:
                yield read_line(_parsed(text), context)
            except _NotJson:
                if not text.endswith("\n"):
                    raise FileRefused(
                        "file_truncated", "The last line breaks off in the middle.", hint="Send the whole file again."
                    ) from None
                self._reject(WrongValue("not_json", "The line is not a JSON object."))
            except WrongValue as wrong:
                self._reject(wrong)
            if self._bytes >= due:
                due = self._bytes + self._step
                self._progress(lines_read=self.lines, bytes_read=self._bytes)

    def check(self) -> None:
        """Judge the file as a whole, now that it is read.

        Raises:
            FileRefused: it has too many bad rows, or nothing in it.

        """
        if self.rejected * BAD_ROWS_ONE_IN > self.lines:
            raise FileRefused(
                "too_many_bad_rows",
                f"{self.rejected:,} of {self.lines:,} rows are bad; more than one in {BAD_ROWS_ONE_IN} is too many.",
                hint="Mend the rows that the errors name and send the file again. Nothing of it was imported.",
            )
        if not self.lines and not self.header.claims:
            raise FileRefused("file_empty", "The file has a first line and nothing after it.")

    def _read_header(self, *, now: datetime, zone: ZoneInfo, currency: str, customer_key: bytes) -> Header:
        text = next(self._texts(), None)
        if text is None:
            raise FileRefused("file_empty", "The file is empty.")
        try:
            line = _parsed(text)
        except _NotJson:
            raise FileRefused("not_ndjson", "The first line is not a JSON object, so this is no NDJSON.") from None
        if line.get("type") != HEADER_TYPE:
            raise FileRefused(
                "header_missing",
                "The first line does not say when the data left its source.",
                hint='Put a line such as {"type":"export","schema":1,"exported_at":"2026-11-20T08:00:00Z"} before it.',
            )
        try:
            return read_header(line, now=now, zone=zone, currency=currency, customer_key=customer_key)
        except WrongValue as wrong:
            raise FileRefused("header_wrong", f"In the first line, {_said(wrong)}") from None

    def _texts(self) -> Iterator[str]:
        """Give the lines that are not blank.

        Raises:
            FileRefused: a line is too long, or not UTF-8.

        """
        while raw := self._file.readline(LONGEST_LINE + 1):
            self._number += 1
            self._bytes += len(raw)
            if len(raw) > LONGEST_LINE:
                raise FileRefused("line_too_long", f"Line {self._number:,} is longer than {LONGEST_LINE:,} bytes.")
            if self._number == 1:
                raw = raw.removeprefix(_BOM)
            try:
                text = raw.decode()
            except UnicodeDecodeError:
                raise FileRefused(
                    "not_utf8", f"Line {self._number:,} is not UTF-8 text.", hint="Save the file as UTF-8."
                ) from None
            if not text.isspace() and text:
                yield text

    def _reject(self, wrong: WrongValue) -> None:
        self.rejected += 1
        if len(self.errors) < SHOWN_ERRORS:
            said = _said(wrong)
            self.errors.append(RowError(line=self._number, code=wrong.code, message=said, field=wrong.field))


def _said(wrong: WrongValue) -> str:
    return wrong.message if wrong.field is None else f"`{wrong.field}` {wrong.message}."


def _parsed(text: str) -> Mapping[str, object]:
    try:
        parsed = _DECODER.decode(text)
    except (ValueError, ArithmeticError, RecursionError):
        # ArithmeticError: a number of more digits than any amount; RecursionError: brackets without end.
        raise _NotJson from None
    if not isinstance(parsed, dict):
        raise _NotJson
    return cast("Mapping[str, object]", parsed)
