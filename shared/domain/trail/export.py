"""The file in which a trail is handed out: NDJSON, told line by line in docs/audit.md.

    {"kind":"trail", …}      once: format, workspace, and the first and the last seal of the file
    {"kind":"seal", …}       a seal's statement: see `seal`
    {"kind":"leaves", …}     the hashes of the rows under it, in their order
    {"kind":"event", …}      such a row: see `archival`; as many as there are
    {"kind":"proof", …}      once: that the last seal is in the log, and the log's signed checkpoint

Hashes are lower-case hexadecimal. Every line is canonical and is hashed as it stands, so nothing has to be written anew
to be checked. The line of the proof is what a reader keeps: the next export is checked against it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast

from shared.domain.trail.archival import line_of
from shared.domain.trail.merkle import leaf_hash
from shared.domain.trail.seal import Seal

FORMAT = "merchant-mcp-trail/1"
LARGEST = 2**53 - 1
"""The largest whole number that every reader of JSON reads alike."""
_HASH = re.compile("[0-9a-f]{64}")


class FileUnreadable(ValueError):
    """The file is not an exported trail, or is one no further than to here."""

    def __init__(self, why: str, *, line: int) -> None:
        super().__init__(why)
        self.line = line


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a file is about."""

    workspace_id: str
    first_seal: int
    last_seal: int

    @property
    def line(self) -> str:
        """Write it."""
        return line_of(
            {
                "kind": "trail",
                "format": FORMAT,
                "workspace": self.workspace_id,
                "first": self.first_seal,
                "last": self.last_seal,
            }
        )


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
class Growth:
    """That a log of fewer leaves grew into the one of the checkpoint."""

    size: int
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Where the last seal is in the log, and the log."""

    workspace_id: str
    seal: int
    hash: bytes
    """Of the line of the last seal."""
    index: int
    path: tuple[bytes, ...]
    note: str
    growth: Growth | None = None

    @property
    def line(self) -> str:
        """Write it."""
        growth = {"size": self.growth.size, "path": _hexes(self.growth.path)} if self.growth is not None else None
        return line_of(
            {
                "kind": "proof",
                "workspace": self.workspace_id,
                "seal": self.seal,
                "hash": self.hash.hex(),
                "index": self.index,
                "path": _hexes(self.path),
                "note": self.note,
                "growth": growth,
            }
        )


def leaves_line(leaves: Iterable[bytes]) -> str:
    """Write the hashes of a seal's rows."""
    return line_of({"kind": "leaves", "hashes": _hexes(leaves)})


def read_proof(line: str) -> Proof:
    """Read the line of a proof that was kept.

    Raises:
        FileUnreadable: it is none.

    """
    return _proof(_Lines([line]))


def read_export(lines: Iterable[str]) -> Iterator[Head | Sealed | Proof]:
    """Read a file: its head, its seals, its proof. The rows of one seal are held at a time.

    Raises:
        FileUnreadable: it is none, or it ends too early; what came before stands.

    """
    reader = _Lines(lines)
    yield _head(reader)
    while reader.kind == "seal":
        yield _sealed(reader)
    yield _proof(reader)
    if reader.kind is not None:
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
        self._document: dict[str, Any] | None = None
        self._move()

    @property
    def kind(self) -> str | None:
        """Of the line that is looked at; None: there is none."""
        return self._document["kind"] if self._document is not None else None

    def take(self, kind: str) -> _Line:
        """Take a line of one kind."""
        if self._document is None:
            raise FileUnreadable(f"the file ends where a line of the kind {kind} belongs", line=self.number)
        if self.kind != kind:
            raise FileUnreadable(f"here belongs a line of the kind {kind}", line=self.number)
        line = _Line(document=self._document, text=self._text, number=self.number)
        self._move()
        return line

    def take_row(self) -> Row:
        """Take an event, of which only the hash matters here."""
        row = Row(hash=leaf_hash(self._text.encode()), line=self.number)
        self._move()
        return row

    def _move(self) -> None:
        self.number += 1
        self._document = None
        for line in self._lines:
            self._text = line.removesuffix("\n")
            self._document = self._parsed()
            return

    def _parsed(self) -> dict[str, Any]:
        """Read a line, which says what it says in the one form in which it can be said."""
        try:
            document = cast("dict[str, Any]", json.loads(self._text))
            says_kind = isinstance(document.get("kind"), str)
            if says_kind and line_of(document) == self._text:
                return document
        except (ValueError, AttributeError, RecursionError):  # no JSON, no object, or brackets without end
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


def _sealed(reader: _Lines) -> Sealed:
    stated, listed = reader.take("seal"), reader.take("leaves")
    seal = stated.as_said_by(_seal(stated.document))
    leaves = _hashes(listed.document.get("hashes"))
    if leaves is None or leaves_line(leaves) != listed.text:
        raise listed.unreadable()
    rows: list[Row] = []
    while reader.kind == "event":
        rows.append(reader.take_row())
    return Sealed(seal=seal, leaves=leaves, rows=tuple(rows), line=stated.number)


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
        case {"workspace": str(workspace), "seal": int(seal), "index": int(index), "note": str(note)} if _are_counts(
            seal, index + 1
        ):
            hash_, path = _hashes([line.document.get("hash")]), _hashes(line.document.get("path"))
        case _:
            raise line.unreadable()
    if hash_ is None or path is None:
        raise line.unreadable()
    growth = _growth(line.document.get("growth"))
    return line.as_said_by(
        Proof(workspace_id=workspace, seal=seal, hash=hash_[0], index=index, path=path, note=note, growth=growth)
    )


def _are_counts(*numbers: int) -> bool:
    """Tell whether all of them count something: from 1 on, and no truth value, which Python takes for a number."""
    return all(type(number) is int and 1 <= number <= LARGEST for number in numbers)


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


def _hexes(hashes: Iterable[bytes]) -> list[str]:
    return [each.hex() for each in hashes]
