"""Files as the product exports them, and a log around their seals, both in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from shared.domain.trail.archival import line_of
from shared.domain.trail.export import Growth, Head, Place, Proof, leaves_line
from shared.domain.trail.merkle import consistency_path, inclusion_path, leaf_hash, nodes_of, root
from shared.domain.trail.note import Checkpoint, Note, Signature
from shared.domain.trail.seal import Seal, seal_rows
from shared.domain.trail.verify import SignatureCheck, Signed

ORIGIN, WORKSPACE, AT = "example.com/trail", "wks_1", "2026-11-21T14:30:00.000000Z"
OTHERS = 3
"""Seals of other workspaces between any two of ours in the log."""


def row(number: int) -> str:
    return line_of({"kind": "event", "id": f"event-{number}", "type": "mcp.call", "workspace": WORKSPACE})


def signed_by(key: bytes) -> Callable[[Checkpoint], str]:
    """Sign with what stands in for a key here: signatures that hold are tried with real keys elsewhere."""
    return lambda checkpoint: str(
        Note(
            text=str(checkpoint),
            signatures=(Signature(name=ORIGIN, key_id=key, signature=leaf_hash(str(checkpoint).encode() + key)),),
        )
    )


def checked_with(key: bytes) -> SignatureCheck:
    def check(note: Note, origin: str) -> Signed:
        for each in note.signatures:
            if (each.key_id, each.name) == (key, origin):
                return Signed.YES if each.signature == leaf_hash(note.text.encode() + key) else Signed.WRONGLY
        return Signed.BY_NOBODY_KNOWN

    return check


KEY = b"key1"


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Some seals of one workspace, with their rows, and the whole log."""

    rows: tuple[tuple[str, ...], ...]
    seals: tuple[Seal, ...]
    log: tuple[bytes, ...]

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        size = len(self.log) if size is None else size
        return Checkpoint(origin=ORIGIN, size=size, root=root(size, nodes_of(self.log[:size])))

    def proof(self, last: int, size: int) -> Proof:
        """Give the proof of an earlier export, which ended with a seal, under a log of so many leaves."""
        index = self.log.index(self.seals[last - 1].hash)
        return Proof(
            workspace_id=WORKSPACE,
            seal=last,
            hash=self.seals[last - 1].hash,
            index=index,
            path=inclusion_path(index, size, nodes_of(self.log[:size])),
            note=signed_by(KEY)(self.checkpoint(size)),
        )

    def event(self, number: int, index: int, *, earlier: int | None = None) -> list[str]:
        """Write the file of one event."""
        head, seal, _, *rows, proof = self.export(first=number, last=number, earlier=earlier)
        leaves = [leaf_hash(each.encode()) for each in rows]
        place = Place(index=index, path=inclusion_path(index, len(leaves), nodes_of(leaves)))
        return [head, seal, place.line, rows[index], proof]

    def export(self, *, first: int = 1, last: int | None = None, earlier: int | None = None) -> list[str]:
        """Write the file of some seals, under the checkpoint of the whole log."""
        last = last or len(self.seals)
        head = Head(workspace_id=WORKSPACE, first_seal=first, last_seal=last)
        lines = [head.line]
        for seal, rows in zip(self.seals[first - 1 : last], self.rows[first - 1 : last], strict=True):
            lines += [seal.line, leaves_line(leaf_hash(each.encode()) for each in rows), *rows]
        node, size = nodes_of(self.log), len(self.log)
        index = self.log.index(self.seals[last - 1].hash)
        proof = Proof(
            workspace_id=WORKSPACE,
            seal=last,
            hash=self.seals[last - 1].hash,
            index=index,
            path=inclusion_path(index, size, node),
            note=signed_by(KEY)(self.checkpoint()),
            growth=Growth(size=earlier, path=consistency_path(earlier, size, node)) if earlier is not None else None,
        )
        return [*lines, proof.line]


def history(counts: Sequence[int]) -> History:
    """Make seals over so many rows each."""
    seals: list[Seal] = []
    rows: list[tuple[str, ...]] = []
    log: list[bytes] = []
    for number, count in enumerate(counts):
        under = tuple(row(1000 * number + each) for each in range(count))
        leaves = [leaf_hash(each.encode()) for each in under]
        seals.append(seal_rows(leaves, workspace_id=WORKSPACE, after=seals[-1] if seals else None, at=AT))
        rows.append(under)
        log += [leaf_hash(f"another workspace {number} {other}".encode()) for other in range(OTHERS)]
        log.append(seals[-1].hash)
    return History(rows=tuple(rows), seals=tuple(seals), log=tuple(log))


def resealed(past: History, number: int, rows: tuple[str, ...]) -> History:
    """Change the rows of a seal and make all seals after it anew, and the log, as whoever holds the database could."""
    altered = [*past.rows[: number - 1], rows, *past.rows[number:]]
    seals: list[Seal] = []
    log = list(past.log)
    for old, under in zip(past.seals, altered, strict=True):
        leaves = [leaf_hash(each.encode()) for each in under]
        seal = seal_rows(leaves, workspace_id=WORKSPACE, after=seals[-1] if seals else None, at=old.at)
        log[log.index(old.hash)] = seal.hash
        seals.append(seal)
    return replace(past, rows=tuple(altered), seals=tuple(seals), log=tuple(log))
