"""How figures are said: a heading that says what they are, a line for each thing; kept as Markdown for the docs."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import chain

IMAGES = "images"
"""The folder of docs that pictures lie in."""
FIGURE = re.compile(r"[-+<>$~]? ?[\d.]|-?$")
"""How a cell begins that stands at the right side of its column."""


class Kept:
    """What a part of the benchmark has said, for a page: Markdown, and the pictures that it shows."""

    def __init__(self) -> None:
        self.paragraphs: list[str] = []
        self.pictures: dict[str, bytes] = {}

    @property
    def markdown(self) -> str:
        """All of it, a paragraph or a table after the other."""
        return "\n\n".join(self.paragraphs)


_kept: ContextVar[Kept | None] = ContextVar("kept", default=None)


@contextmanager
def keeping() -> Generator[Kept]:
    """Keep what is said in this block, besides printing it."""
    kept = Kept()
    before = _kept.set(kept)
    try:
        yield kept
    finally:
        _kept.reset(before)


def say(line: str = "") -> None:
    """Print at once: a benchmark takes minutes."""
    _print(line)
    if line and (kept := _kept.get()) is not None:
        kept.paragraphs.append(line)


def say_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a row when it is there; the first column holds names, the others figures."""
    widths = [26, *(max(len(column), 7) for column in columns[1:])]
    _print()
    _print(title)
    shown: list[Sequence[str]] = []
    for row in chain((columns,), rows):
        name, *figures = (f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True))
        _print("  ".join((f"{name.strip():<{widths[0]}}", *figures)))
        shown.append(row)
    if (kept := _kept.get()) is not None:
        kept.paragraphs += [f"**{' '.join(title.split())}**", _markdown(*shown)]


def show(name: str, words: str, draw: Callable[[], bytes]) -> None:
    """Have a picture drawn where it is kept; whoever cannot see it reads the words."""
    if (kept := _kept.get()) is not None:
        kept.pictures[name] = draw()
        kept.paragraphs.append(f"![{words}]({IMAGES}/{name})")


def _markdown(columns: Sequence[str], *rows: Sequence[str]) -> str:
    sides = [
        "--:" if all(FIGURE.match(cell.strip()) for cell in column) else "---" for column in zip(*rows, strict=True)
    ]
    cells = ([cell.strip().replace("|", r"\|") for cell in row] for row in (columns, sides, *rows))
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def _print(line: str = "") -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
