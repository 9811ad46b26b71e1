"""How figures are printed: a heading that says what they are and how they came about, then a line for each thing."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from itertools import chain


def say(line: str = "") -> None:
    """Print at once: a benchmark takes minutes."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def say_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a row when it is there; the first column holds names, the others figures."""
    widths = [26, *(max(len(column), 7) for column in columns[1:])]
    say()
    say(title)
    for row in chain((columns,), rows):
        name, *figures = (f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True))
        say("  ".join((f"{name.strip():<{widths[0]}}", *figures)))
