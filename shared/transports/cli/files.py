"""Reads the files that commands are given. None is read further than it may be long: `/dev/zero` has no end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import typer

MB = 1024 * 1024
MOST_BYTES = 10 * MB
"""Of a file that is read whole: rules, accounts, keys."""
LONGEST_LINE = 64 * MB
"""Of an export, in letters: the hashes of a seal stand in one line, so this is a million rows in a minute."""


def text_of(path: Path) -> str:
    """Read a small file whole.

    Raises:
        typer.BadParameter: it is too large to be what was asked for.
        UnicodeDecodeError: it is not UTF-8.

    """
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise typer.BadParameter(f"{path} is larger than {MOST_BYTES // MB} MB, so it is not the file that is meant")
    return content.decode("utf-8-sig")


def lines_in(file: TextIO, *, name: str) -> Iterator[str]:
    """Give the lines of an export, one at a time.

    Raises:
        typer.BadParameter: a line is longer than any of an export.

    """
    while line := file.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise typer.BadParameter(f"a line of {name} is longer than {LONGEST_LINE // MB} MB, so it is no export")
        yield line
