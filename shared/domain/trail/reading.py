"""Read an exported trail: line by line, and only what is written in the one form that docs/audit-format.md allows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeGuard, TypeVar, cast

from shared.domain.trail.archival import line_of
from shared.domain.trail.export import FORMAT, Growth, Head, Place, Proof, leaves_line
from shared.domain.trail.merkle import leaf_hash
from shared.domain.trail.seal import Seal

LARGEST = 2**53 - 1
"""The largest whole number that every reader of JSON reads alike."""
FIRST_SEAL_LINE = 2
_HASH = re.compile("[0-9a-f]{64}")


def _refused(literal: str) -> object:
    """Refuse fractions, which not everybody writes alike."""
    raise ValueError(literal)


_JSON = json.JSONDecoder(parse_float=_refused, parse_constant=_refused)


class FileUnreadable(ValueError):
    """The file is not an exported trail, or is one no further than to here."""

    def __init__(self, why: str, *, line: int) -> None:
        super().__init__(why)
        self.line = line


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row as it stands in a file."""

    hash: bytes
    line: int
    """Where, counted from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A seal with what is under it."""

    seal: Seal
    leaves: tuple[bytes, ...]
    rows: tuple[Row, ...]
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A seal with one event of those under it."""

    seal: Seal
    place: Place
    row: Row
    line: int


def read_proof(line: str) -> Proof:
    """Read the line of a proof that was kept.

    Raises:
        FileUnreadable: it is none.

    """
    return _proof(_Lines([line]))


def read_export(lines: Iterable[str]) -> Iterator[Head | Sealed | Placed | Proof]:
    """Read a file: its head, its seals or one event, its proof. The rows of one seal are held at a time.

    A file is opened with newlines as they are and `errors="surrogateescape"`: what is not UTF-8 is found here, in its
    place. Lines that come from elsewhere need no newlines; of a file, none lacks its own, nor does the last.

    Raises:
        FileUnreadable: it is none, or it ends too early; what came before stands.

    """
    reader = _Lines(lines)
    head = _head(reader)
    yield head
    while reader.is_at("seal"):
        line = reader.take("seal")
        seal = line.as_said_by(_seal(line.document))
        # The head is in line 1: what has this seal in line 2, and no other, is a file of one event.
        alone = reader.is_at("place") and head.first_seal == head.last_seal and line.number == FIRST_SEAL_LINE
        part = _placed(reader, seal, line.number) if alone else _sealed(reader, seal, line.number)
        if not (reader.is_at("seal") or reader.is_at("proof")):
            # Nothing is said of a seal of which the rest may lie behind this place: a torn file is no tampering.
            raise FileUnreadable(f"what is under seal {seal.number} breaks off here", line=reader.number)
        yield part
        if alone:
            break
    yield _proof(reader)
    if not reader.at_end:
        raise FileUnreadable("there is more behind the proof", line=reader.number)


class _Says(Protocol):
    """What a line can say."""

    @property
    def line(self) -> str:
        """How it is written."""
        ...


S = TypeVar("S", bound=_Says)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    document: Mapping[str, Any]
    text: str
    number: int

    def as_said_by(self, found: S | None) -> S:
        """Give what was read off the line, if the line says that and nothing else."""
        if found is None or found.line != self.text:
            raise self.unreadable()
        return found

    def unreadable(self) -> FileUnreadable:
        kind = self.document["kind"]
        return FileUnreadable(
            f"the line of the kind {kind} lacks a field, or has another, or one of another kind", line=self.number
        )


class _Lines:
    """The lines of a file, with one that is looked at before it is taken."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.number = 0
        """Of the line that is looked at, counted from 1."""
        self._text = ""
        self._ended: bool | None = None
        self._document: dict[str, Any] | None = None
        self._move()

    @property
    def at_end(self) -> bool:
        """Tell whether all lines were taken."""
        return self._document is None

    def is_at(self, kind: str) -> bool:
        """Tell whether the line that is looked at is of a kind."""
        return self._document is not None and self._document["kind"] == kind

    def take(self, kind: str) -> _Line:
        """Take a line of one kind."""
        if self._document is None:
            raise FileUnreadable(f"the file ends where a line of the kind {kind} belongs", line=self.number)
        if not self.is_at(kind):
            raise FileUnreadable(f"here belongs a line of the kind {kind}", line=self.number)
        line = _Line(document=self._document, text=self._text, number=self.number)
        self._move()
        return line

    def take_row(self) -> Row:
        """Take an event, of which only the hash matters here."""
        line = self.take("event")
        return Row(hash=leaf_hash(line.text.encode()), line=line.number)

    def _move(self) -> None:
        self.number += 1
        self._document = None
        for line in self._lines:
            self._text = line.removesuffix("\n")
            ended, before = self._text != line, self._ended
            if before not in {None, ended}:
                raise FileUnreadable("the line is not ended by a newline, as the others are", line=self.number)
            self._ended = ended
            self._document = self._parsed()
            return

    def _parsed(self) -> dict[str, Any]:
        """Read a line, which says what it says in the one form in which it can be said."""
        try:
            self._text.encode()
            document = cast("dict[str, Any]", _JSON.decode(self._text))
            says_kind = isinstance(document.get("kind"), str)
            if says_kind and line_of(document) == self._text:
                return document
        except (ValueError, AttributeError, RecursionError):  # no UTF-8, no JSON, no object, or brackets without end
            pass
        raise FileUnreadable("the line is not canonical JSON that says its kind", line=self.number)


def _head(reader: _Lines) -> Head:
    line = reader.take("trail")
    match line.document:
        case {"format": str(format_)} if format_ != FORMAT:
            raise FileUnreadable(f"the format is {format_[:40]}; this reads {FORMAT}", line=line.number)
        case {"workspace": str(workspace), "first": int(first), "last": int(last)} if _are_counts(first, last):
            head = Head(workspace_id=workspace, first_seal=first, last_seal=last)
        case _:
            head = None
    return line.as_said_by(head)


def _sealed(reader: _Lines, seal: Seal, line: int) -> Sealed:
    listed = reader.take("leaves")
    leaves = _hashes(listed.document.get("hashes"))
    if leaves is None or leaves_line(leaves) != listed.text:
        raise listed.unreadable()
    rows: list[Row] = []
    while reader.is_at("event"):
        rows.append(reader.take_row())
    return Sealed(seal=seal, leaves=leaves, rows=tuple(rows), line=line)


def _placed(reader: _Lines, seal: Seal, line: int) -> Placed:
    stated = reader.take("place")
    index, path = stated.document.get("index"), _hashes(stated.document.get("path"))
    place = stated.as_said_by(Place(index=index, path=path) if _is_index(index) and path is not None else None)
    return Placed(seal=seal, place=place, row=reader.take_row(), line=line)


def _seal(stated: Mapping[str, Any]) -> Seal | None:
    match stated:
        case {"workspace": str(workspace), "number": int(number), "count": int(count), "total": int(total)}:
            hashes, at = _hashes([stated.get("root"), stated.get("previous")]), stated.get("at")
        case _:
            return None
    if hashes is None or not isinstance(at, str) or not _are_counts(number, count, total):
        return None
    root, previous = hashes
    return Seal(workspace_id=workspace, number=number, count=count, total=total, root=root, previous=previous, at=at)


def _proof(reader: _Lines) -> Proof:
    line = reader.take("proof")
    match line.document:
        case {"workspace": str(workspace), "seal": int(seal), "index": index, "note": str(note)} if _are_counts(
            seal
        ) and _is_index(index):
            hash_, path = _hashes([line.document.get("hash")]), _hashes(line.document.get("path"))
        case _:
            raise line.unreadable()
    if hash_ is None or path is None:
        raise line.unreadable()
    growth = _growth(line.document.get("growth"))
    return line.as_said_by(
        Proof(workspace_id=workspace, seal=seal, hash=hash_[0], index=index, path=path, note=note, growth=growth)
    )


def _are_counts(*numbers: int, least: int = 1) -> bool:
    """Tell whether all of them count something: from 1 on, and no truth value, which Python takes for a number."""
    return all(type(number) is int and least <= number <= LARGEST for number in numbers)


def _is_index(number: object) -> TypeGuard[int]:
    return isinstance(number, int) and _are_counts(number, least=0)


def _growth(stated: object) -> Growth | None:
    if not isinstance(stated, dict):
        return None
    said = cast("dict[str, object]", stated)
    size, path = said.get("size"), _hashes(said.get("path"))
    return Growth(size=size, path=path) if isinstance(size, int) and _are_counts(size) and path is not None else None


def _hashes(texts: object) -> tuple[bytes, ...] | None:
    """Read hashes in hexadecimal; None: one of them is not, or they are no list."""
    if not isinstance(texts, list):
        return None
    each = cast("list[object]", texts)
    found = [text for text in each if isinstance(text, str) and _HASH.fullmatch(text)]
    return tuple(map(bytes.fromhex, found)) if len(found) == len(each) else None
