"""A file as lines of text, read in bounded memory, with where in the file each one ends."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import BinaryIO

from shared.domain.facts.imports import Refusal

LONGEST_LINE = 1 << 20
"""Bytes. An order of a thousand lines takes a tenth of it."""
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

_CHUNK = 1 << 20
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
        if len(raw) > LONGEST_LINE:
            raise FileRefused("line_too_long", f"Line {self.number:,} is longer than {LONGEST_LINE:,} bytes.")
        if self.number == 1:
            raw = raw.removeprefix(codecs.BOM_UTF8)
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            raise FileRefused(
                "not_utf8", f"Line {self.number:,} is not UTF-8 text.", hint="Save the file as UTF-8."
            ) from None
        if "\0" in text:
            raise FileRefused(
                "not_text",
                f"Line {self.number:,} holds bytes that no text has.",
                hint="Export a workbook as CSV, unpack an archive; send the text itself.",
            )
        return text


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
