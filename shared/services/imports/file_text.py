"""A file as lines of text, read in bounded memory, with where in the file each one ends."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import BinaryIO

from shared.domain.facts.imports import Refusal

LONGEST_LINE = 1 << 20
"""Bytes. An order of a thousand lines takes a tenth of it."""
FOREIGN_BEGINNINGS = (b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0", b"%PDF-")
"""Archives and the workbooks that are some, older workbooks, documents."""
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

_CHUNK = 1 << 20
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1f]")
"""In no text of whatever encoding."""
_FORMAT_HINT = "The formats are described in docs/data.md."


class FileRefused(Exception):
    """The file cannot be used at all."""

    def __init__(self, code: str, message: str, *, hint: str = _FORMAT_HINT) -> None:
        super().__init__(message)
        self.refusal = Refusal(code=code, message=message, hint=hint)


class TextLines:
    """The lines of a UTF-8 file, ends of lines and all, as an iterator that may begin behind any line."""

    def __init__(self, file: BinaryIO, *, offset: int = 0, number: int = 0) -> None:
        """Begin behind line `number`, which ends at `offset`; 0 and 0 is the beginning."""
        if offset:
            file.seek(offset)
        self._file = file
        self.offset = offset
        """Bytes up to the end of the last line that was given."""
        self.number = number
        """That line's number; the first is 1."""
        self.is_at_end = False
        self.is_ended = True
        """Whether the last line that was given has its end; only the last of a file may lack it."""

    def __iter__(self) -> TextLines:
        """Give itself."""
        return self

    def __next__(self) -> str:
        """Give the next line.

        Raises:
            FileRefused: it is too long, or no text.

        """
        raw = self._file.readline(LONGEST_LINE + 1)
        if not raw:
            self.is_at_end = True
            raise StopIteration
        self.number += 1
        self.offset += len(raw)
        if self.number == 1:
            if raw.startswith(FOREIGN_BEGINNINGS):
                raise _no_text(self.number)
            _check_end(raw)
        if len(raw) > LONGEST_LINE:
            raise FileRefused(
                "line_too_long",
                f"Line {self.number:,} is longer than {LONGEST_LINE:,} bytes.",
                hint="Ends of lines are missing, or this is no text. Export the file again.",
            )
        self.is_ended = raw.endswith(b"\n")
        if self.number == 1:
            raw = raw.removeprefix(codecs.BOM_UTF8)
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            if _CONTROLS.search(raw):
                raise _no_text(self.number) from None
            raise FileRefused(
                "not_utf8", f"Line {self.number:,} is not UTF-8 text.", hint="Save the file as UTF-8."
            ) from None
        if "\0" in text:
            raise _no_text(self.number)
        return text


def _no_text(line: int) -> FileRefused:
    return FileRefused(
        "not_text",
        f"Line {line:,} holds bytes that no text has.",
        hint="Export a workbook as CSV, unpack an archive; send the text itself.",
    )


def _check_end(first: bytes) -> None:
    """Look whether the first line is many, as old systems end them; within quotes anything may stand."""
    line, _, others = first.partition(b"\r")
    if others.strip(b"\0 \t\r\n") and line.count(b'"') % 2 == 0:
        raise FileRefused(
            "wrong_line_ends",
            "The lines end with a carriage return alone.",
            hint="Save the file with the line ends of Windows or Unix: as CSV UTF-8, not as CSV for Macintosh.",
        )


def as_utf8(file: Path) -> Path:
    """Give a file in UTF-8: the file itself, or beside it a copy of one that says that it is in UTF-16 (Excel's).

    Raises:
        FileRefused: it is not what it says.

    """
    with file.open("rb") as content:
        if not content.read(2).startswith(UTF_16_MARKS):
            return file
        content.seek(0)
        copy = file.with_name(f"{file.name}.utf-8")
        decoder = codecs.getincrementaldecoder("utf-16")()
        with copy.open("wb") as target:
            try:
                while chunk := content.read(_CHUNK):
                    target.write(decoder.decode(chunk).encode())
                decoder.decode(b"", final=True)
            except UnicodeError:
                raise FileRefused(
                    "not_utf8", "The file begins as UTF-16 and is not.", hint="Save it as UTF-8."
                ) from None
    return copy
