"""Reads a file of facts row by row, in bounded memory, and decides whether the whole of it can be used.

What kind of file it is, its content says and never its name: NDJSON of our own begins with a brace, everything else is
a sheet whose headers tell its format. A bad row is counted and reported. A bad file is refused whole: one that we do
not know, whose structure is broken, or that has more than one bad row in twenty.

Reading may stop between any two rows, and a `Bookmark` is all that is needed to go on there.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, NoReturn, Protocol, cast
from zoneinfo import ZoneInfo

from shared.domain.facts.families import Family
from shared.domain.facts.header import HEADER_TYPE, MAIN_ACCOUNT, SCHEMA, Claim, Header, read_header
from shared.domain.facts.imports import SHOWN_ERRORS, Declared, RowError
from shared.domain.facts.lines import Fact, Line, read_line, shown_name
from shared.domain.facts.settings import Settings
from shared.domain.facts.values import EXACT, WrongValue
from shared.domain.moments import moment
from shared.services.imports.checkpoints import Bookmark
from shared.services.imports.file_text import FileRefused, TextLines
from shared.services.imports.formats.catalogue import FORMATS
from shared.services.imports.formats.format import Format, Once, Reading, Row, Sheet, Told
from shared.services.imports.formats.told_names import ToldNames
from shared.services.imports.formats.unread import Unread, unread_of
from shared.services.imports.names import NOTHING_DECLARED
from shared.services.imports.sheets import Headers, read_headers, read_rows

BAD_ROWS_ONE_IN = 20
PROGRESS_STEPS = 20
SMALLEST_STEP = 1 << 20
"""Bytes between two words about progress in a small file."""
LOOK_EACH = 1 << 20
"""Bytes between two looks at whether it is time to stop; some tenths of a second."""
LOOK_EACH_ROWS = 10_000
"""Rows between them at the most: a short row may cost as much as a long one."""
NDJSON = "ndjson"
"""The name of our own format in reports."""


class _NotJson(Exception):
    """A line is no JSON."""


class _Paused(Exception):
    """Enough was read for now."""


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Make an object; JSON lets a key stand in it twice, and nobody knows which of the two was meant."""
    read = dict(pairs)
    if len(read) < len(pairs):
        ((name, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise WrongValue("key_twice", "must not stand twice in one object", field=shown_name(name))
    return read


_DECODER = json.JSONDecoder(parse_float=EXACT.create_decimal, parse_constant=_no_constant, object_pairs_hook=_object)


class Progress(Protocol):
    """Told now and then how far the reading has come."""

    def __call__(self, *, lines_read: int, bytes_read: int) -> None:
        """Take note."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What is known of a file besides its bytes."""

    declared: Declared = NOTHING_DECLARED
    announced_at: datetime
    now: datetime
    settings: Settings
    customer_key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """When to stop reading, though the file goes on."""

    after_bytes: int
    is_due: Callable[[], bool]
    """Asked about once in a megabyte, or in so many rows as may take as long."""


class FactsFile:
    """The facts of one file, as an iterator; when it is exhausted, either `paused` or `check` has the last word."""

    def __init__(
        self,
        file: BinaryIO,
        *,
        size: int,
        beside: Beside,
        progress: Progress,
        formats: Sequence[Format] = FORMATS,
        begin: Bookmark | None = None,
        pause: Pause | None = None,
    ) -> None:
        """Read how the file begins, and go to where the reading is to begin.

        Raises:
            FileRefused: no file that we know begins so.

        """
        self._file = file
        self._beside = beside
        self._progress = progress
        self._step = max(size // PROGRESS_STEPS, SMALLEST_STEP)
        self._pause = pause
        self.paused: Bookmark | None = None
        """Where to go on, if there was a pause."""
        lines = TextLines(file)
        first = next((text for text in lines if not text.isspace()), "")
        self._headers = None if first.lstrip().startswith("{") else read_headers(file, formats)
        self.format = NDJSON if self._headers is None else self._headers.format.name
        self.header = _ndjson_header(first, beside) if self._headers is None else _sheet_header(self._headers, beside)
        if begin is None and self._headers is not None:
            begin = Bookmark(offset=self._headers.offset, line=self._headers.line)
        self._lines = TextLines(file, offset=begin.offset, number=begin.line) if begin is not None else lines
        begin = begin or Bookmark(offset=lines.offset, line=lines.number)
        self.lines = begin.lines
        """Rows after the first line or the headers that are not blank."""
        self.rejected = begin.rejected
        self.errors = list(begin.errors)
        self._last_rejected = begin.last_rejected
        self._reading = Reading(
            declared=beside.declared,
            settings=beside.settings,
            exported_at=self.header.exported_at,
            customer_key=beside.customer_key,
            carry=json.loads(begin.carry),
        )
        self._progress_due = begin.offset + self._step
        self._size = size
        self._stop_at = size if pause is None else begin.offset + pause.after_bytes
        self._look_at = self._next_look(begin.offset)

    def __iter__(self) -> Iterator[Fact]:
        """Give fact after fact.

        Raises:
            FileRefused: the file turns out not to be what it seemed.

        """
        context = self.header.context
        try:
            for line, told in self._told():
                try:
                    if isinstance(told, WrongValue):
                        self._reject(line, told)
                    else:
                        yield read_line(told, context)
                except WrongValue as wrong:
                    self._reject(line, wrong)
        except _Paused:
            self.paused = self._bookmark()

    def claims(self) -> Sequence[Claim]:
        """Tell what the file held completely, now that it is read; nothing, while there is more of it.

        Raises:
            FileRefused: what was declared beside it does not go with what it holds.

        """
        if self.paused is not None:
            return ()
        # A row that could not be read is missing, too: to claim its day would take away what an earlier export told.
        if self._headers is None:
            return () if self.rejected else self.header.claims
        is_complete = self._beside.declared.is_complete and not self.rejected
        claims = self._headers.format.claims(self._reading) if is_complete else ()
        return _sheet_header(self._headers, self._beside, claims).claims

    @property
    def account_is_assumed(self) -> bool:
        """Neither the file nor who sent it says of which account it claims to tell everything."""
        if self._headers is None or self._beside.declared.account is not None:
            return False
        return any(claim.account == MAIN_ACCOUNT for claim in self.claims())

    @property
    def unmapped(self) -> tuple[str, ...]:
        """Accounts of the books that nobody has settled."""
        return tuple(cast("list[str]", self._reading.carry.get("unmapped", ())))

    @property
    def unread(self) -> Unread:
        """Columns that become nothing; a line of NDJSON that has a field which we do not know is a bad row."""
        return Unread() if self._headers is None else unread_of(self._headers.format, self._headers.cells)

    @property
    def once(self) -> Mapping[Family, Once]:
        """Families of which no key may stand in the file twice, as the format says."""
        return {} if self._headers is None else self._headers.format.once

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
        # NDJSON may say that there is nothing; a sheet without rows more likely says that its export went wrong.
        if not self.lines and not (self._headers is None and self.header.claims):
            raise FileRefused("file_empty", "The file has a first line and nothing after it.")

    # --- how ----------------------------------------------------------------------------------------------------------

    def _told(self) -> Iterator[Told]:
        if self._headers is None:
            return self._told_by_lines()
        headers = self._headers
        sheet = Sheet(headers=headers.cells, preamble=headers.preamble, rows=self._rows(headers))
        return headers.format.read(sheet, self._reading)

    def _told_by_lines(self) -> Iterator[Told]:
        lines = self._lines
        for text in lines:
            if not text.isspace():
                self.lines += 1
                try:
                    parsed = _parsed(text)
                except _NotJson:
                    if not text.endswith("\n"):
                        raise FileRefused(
                            "file_truncated",
                            "The last line breaks off in the middle.",
                            hint="Send the whole file again.",
                        ) from None
                    yield lines.number, WrongValue("not_json", "The line is not a JSON object.")
                except WrongValue as wrong:
                    yield lines.number, wrong
                else:
                    yield lines.number, parsed
            if self._is_time_to_look():
                self._look()

    def _rows(self, headers: Headers) -> Iterator[Row]:
        for row in ToldNames(headers.format, headers.cells).redacted(read_rows(self._lines, headers)):
            self.lines += 1
            yield row
            # The format has told all of this row when it asks for the next.
            if self._is_time_to_look():
                self._look()

    def _is_time_to_look(self) -> bool:
        return self._lines.offset >= self._look_at or not self.lines % LOOK_EACH_ROWS

    def _look(self) -> None:
        offset = self._lines.offset
        if offset >= self._progress_due:
            self._progress_due = offset + self._step
            self._progress(lines_read=self.lines, bytes_read=offset)
        if self._pause is not None and offset < self._size and (offset >= self._stop_at or self._pause.is_due()):
            raise _Paused
        self._look_at = self._next_look(offset)

    def _next_look(self, offset: int) -> int:
        return min(offset + LOOK_EACH, self._progress_due, self._stop_at)

    def _bookmark(self) -> Bookmark:
        return Bookmark(
            offset=self._lines.offset,
            line=self._lines.number,
            lines=self.lines,
            rejected=self.rejected,
            errors=tuple(self.errors),
            last_rejected=self._last_rejected,
            carry=json.dumps(self._reading.carry),
        )

    def _reject(self, line: int, wrong: WrongValue) -> None:
        if line != self._last_rejected:  # a row may tell several lines
            self.rejected += 1
            self._last_rejected = line
        if len(self.errors) < SHOWN_ERRORS:
            self.errors.append(RowError(line=line, code=wrong.code, message=_said(wrong), field=wrong.field))


def _ndjson_header(text: str, beside: Beside) -> Header:
    try:
        line = _parsed(text)
    except _NotJson:
        raise FileRefused("not_ndjson", "The first line is not a JSON object, so this is no NDJSON.") from None
    except WrongValue as wrong:
        raise FileRefused("header_wrong", f"In the first line, {_said(wrong)}") from None
    if line.get("type") != HEADER_TYPE:
        raise FileRefused(
            "header_missing",
            "The first line does not say when the data left its source.",
            hint='Put a line such as {"type":"export","schema":1,"exported_at":"2026-11-20T08:00:00Z"} before it.',
        )
    if beside.declared != NOTHING_DECLARED:
        raise FileRefused(
            "declared_twice",
            "An NDJSON file says when and where its data comes from, and something was declared beside it.",
            hint="Send it again with nothing declared; change its first line if that is wrong.",
        )
    try:
        return _read_header(line, beside)
    except WrongValue as wrong:
        raise FileRefused("header_wrong", f"In the first line, {_said(wrong)}") from None


def _sheet_header(headers: Headers, beside: Beside, claims: Sequence[Line] = ()) -> Header:
    """Say for a sheet what the first line of an NDJSON file says, so that both go by the same rules."""
    declared = beside.declared
    line = {
        "type": HEADER_TYPE,
        "schema": SCHEMA,
        "exported_at": moment(declared.exported_at or beside.announced_at),
        "source": headers.format.source,
        "account": declared.account,
        "currency": declared.currency,
        "complete": list(claims),
    }
    try:
        return _read_header(line, beside)
    except WrongValue as wrong:
        raise FileRefused(
            "declared_wrong",
            f"Of what is declared beside the file, {_said(wrong)}",
            hint="Send the file again and declare it otherwise.",
        ) from None


def _read_header(line: Line, beside: Beside) -> Header:
    return read_header(
        line,
        now=beside.now,
        zone=ZoneInfo(beside.settings.timezone),
        currency=beside.settings.currency,
        customer_key=beside.customer_key,
    )


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
