"""The file in which a trail is handed out: NDJSON, told line by line in docs/audit.md.

    {"kind":"trail", …}      once: format, workspace, and the first and the last seal of the file
    {"kind":"seal", …}       a seal's statement: see `seal`
    {"kind":"leaves", …}     the hashes of the rows under it, in their order
    {"kind":"event", …}      such a row: see `archival`; as many as there are
    {"kind":"proof", …}      once: that the last seal is in the log, and the log's signed checkpoint

Hashes are lower-case hexadecimal. Every line is hashed as it stands, so nothing has to be written anew to be checked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from shared.domain.trail.archival import line_of
from shared.domain.trail.merkle import leaf_hash
from shared.domain.trail.seal import Seal

FORMAT = "merchant-mcp-trail/1"
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

    seal: int
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
                "seal": self.seal,
                "index": self.index,
                "path": _hexes(self.path),
                "note": self.note,
                "growth": growth,
            }
        )


def leaves_line(leaves: Iterable[bytes]) -> str:
    """Write the hashes of a seal's rows."""
    return line_of({"kind": "leaves", "hashes": _hexes(leaves)})


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

    def take(self, kind: str) -> dict[str, Any]:
        """Take a line of one kind, which says what it says in the one form in which it can be said."""
        if self._document is None:
            raise FileUnreadable(f"the file ends where a line of the kind {kind} belongs", line=self.number)
        if self.kind != kind:
            raise FileUnreadable(f"here belongs a line of the kind {kind}", line=self.number)
        document, text = self._document, self._text
        if line_of(document) != text:
            raise FileUnreadable("the line is not in canonical form", line=self.number)
        self._move()
        return document

    def take_row(self) -> Row:
        """Take an event: only its bytes matter."""
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
        try:
            document = json.loads(self._text)
        except (ValueError, RecursionError):  # of brackets without end
            document = None
        match document:
            case {"kind": str()}:
                return document
            case _:
                raise FileUnreadable("the line is not a JSON object that says its kind", line=self.number)


def _head(reader: _Lines) -> Head:
    line = reader.number
    match reader.take("trail"):
        case {"format": format_, "workspace": str(workspace), "first": int(first), "last": int(last)}:
            if format_ != FORMAT:
                raise FileUnreadable(f"the format is {format_}; this reads {FORMAT}", line=line)
            return Head(workspace_id=workspace, first_seal=first, last_seal=last)
        case _:
            raise FileUnreadable("the head lacks a field", line=line)


def _sealed(reader: _Lines) -> Sealed:
    line = reader.number
    stated, leaves = reader.take("seal"), reader.take("leaves")
    seal = _seal(stated)
    hashes = _hashes(leaves.get("hashes"))
    if seal is None or hashes is None or seal.line != line_of(stated):
        raise FileUnreadable("the seal or the line behind it lacks a field, or has one of another kind", line=line)
    rows: list[Row] = []
    while reader.kind == "event":
        rows.append(reader.take_row())
    return Sealed(seal=seal, leaves=hashes, rows=tuple(rows), line=line)


def _seal(stated: Mapping[str, Any]) -> Seal | None:
    match stated:
        case {
            "workspace": str(workspace),
            "number": int(number),
            "count": int(count),
            "total": int(total),
            "root": str(root),
            "previous": str(previous),
            "at": str(at),
        }:
            hashes = _hashes([root, previous])
        case _:
            return None
    if hashes is None:
        return None
    return Seal(
        workspace_id=workspace, number=number, count=count, total=total, root=hashes[0], previous=hashes[1], at=at
    )


def _proof(reader: _Lines) -> Proof:
    line = reader.number
    match reader.take("proof"):
        case {"seal": int(seal), "index": int(index), "path": path, "note": str(note), "growth": stated}:
            hashes, growth = _hashes(path), _growth(stated)
            if hashes is not None and (growth is not None or stated is None):
                return Proof(seal=seal, index=index, path=hashes, note=note, growth=growth)
        case _:
            pass
    raise FileUnreadable("the proof lacks a field, or has one of another kind", line=line)


def _growth(stated: object) -> Growth | None:
    if not isinstance(stated, dict):
        return None
    said = cast("dict[str, object]", stated)
    size, path = said.get("size"), _hashes(said.get("path"))
    return Growth(size=size, path=path) if isinstance(size, int) and path is not None else None


def _hashes(texts: object) -> tuple[bytes, ...] | None:
    """Read hashes in hexadecimal; None: one of them is not, or they are no list."""
    if not isinstance(texts, list):
        return None
    each = cast("list[object]", texts)
    found = [text for text in each if isinstance(text, str) and _HASH.fullmatch(text)]
    return tuple(map(bytes.fromhex, found)) if len(found) == len(each) else None


def _hexes(hashes: Iterable[bytes]) -> list[str]:
    return [each.hex() for each in hashes]
