"""How a file of lines is altered."""

from __future__ import annotations

from typing import NamedTuple

from tests.domain.trail.second.maker import Key
from tests.domain.trail.second.scene import Lines, reworded, seal_at

S1, S2, S3, S4, S5 = map(seal_at, range(1, 6))
"""Where the lines of the seals stand in `whole`."""


class Tampering(NamedTuple):
    """A file, and what is wrong with it."""

    name: str
    """Before a colon what was done, behind it, where many have that in common, to what."""
    file: bytes
    found: list[str]
    earlier: str | None = None
    """The proof that the reader has kept."""
    keys: list[str] | None = None
    """Those that the reader trusts, if not the log's alone."""


def tampered(
    name: str, lines: Lines, *found: str, earlier: str | None = None, keys: list[str] | None = None
) -> Tampering:
    return Tampering(name, b"".join(lines), [*found], earlier, keys)


def changed(lines: Lines, number: int, *instead: bytes) -> Lines:
    """Put other lines, or none, where one was."""
    return [*lines[:number], *instead, *lines[number + 1 :]] if number != -1 else [*lines[:-1], *instead]


def cut(lines: Lines, start: int, end: int) -> Lines:
    return [*lines[:start], *lines[end:]]


def other_row(line: bytes) -> bytes:
    return reworded(line, tool="another")


def forged_by(stranger: Key, key: Key, text: str) -> str:
    """Give a signature of a stranger with the id of a key that is known."""
    return Key(key.name, stranger.private, key.id).signature(text)


def signed_anew(lines: Lines, note: str) -> Lines:
    return changed(lines, -1, reworded(lines[-1], note=note))
