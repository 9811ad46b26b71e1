"""The file in which a trail is handed out: NDJSON, told line by line in docs/audit-format.md.

    {"kind":"trail", …}      once: format, workspace, and the first and the last seal of the file
    {"kind":"seal", …}       a seal's statement: see `seal`
    {"kind":"leaves", …}     the hashes of the rows under it, in their order
    {"kind":"event", …}      such a row: see `archival`; as many as there are
    {"kind":"proof", …}      once: that the last seal is in the log, and the log's signed checkpoint

A file of one event has `{"kind":"place", …}` instead of the hashes: where under the seal the event is.

Hashes are lower-case hexadecimal. Every line is canonical and is hashed as it stands, so nothing has to be written anew
to be checked. The line of the proof is what a reader keeps: the next export is checked against it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shared.domain.trail.archival import line_of

FORMAT = "merchant-mcp-trail/1"


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
class Place:
    """Where under its seal an event is, of which the neighbours are not shown."""

    index: int
    path: tuple[bytes, ...]

    @property
    def line(self) -> str:
        """Write it."""
        return line_of({"kind": "place", "index": self.index, "path": _hexes(self.path)})


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


def _hexes(hashes: Iterable[bytes]) -> list[str]:
    return [each.hex() for each in hashes]
