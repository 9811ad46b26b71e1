"""Hand out a workspace's trail as it was sealed, with what proves it: see docs/audit-format.md.

It is read from the archive, so it takes no more memory than one seal, and nothing of the tables that calls use.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from shared.domain.errors import Invalid, NotFound
from shared.domain.trail.export import Growth, Head, Proof
from shared.domain.trail.merkle import consistency_path, inclusion_path
from shared.domain.trail.seal import Seal
from shared.services.trail.archive import read_all_archived
from shared.services.trail.read_seals import read_seal, read_seals
from shared.storage.contracts.objects import ObjectStore
from shared.storage.contracts.seals import KeptSeal, SealStore

WITHIN_TWO_MINUTES = "Rows are sealed within two minutes."


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which seals somebody wants."""

    first: int = 1
    last: int | None = None
    """None: the last one that a checkpoint covers."""
    earlier_size: int | None = None
    """The size of a checkpoint that they have from before, out of which the log is to be shown to have grown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that is handed out at once."""

    seals: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What a file begins and ends with; its seals and rows are still in the archive."""

    head: Head
    proof: Proof

    def lines(self, *, seals: SealStore, archive: ObjectStore) -> Iterator[str]:
        """Give the lines of the file, without newlines.

        Raises:
            SealLost: one of the seals is lost.
            StoreUnavailable: it cannot be read now.

        """
        yield self.head.line
        for archived in read_all_archived(self._seals(seals), archive=archive):
            yield from archived.lines
        yield self.proof.line

    def _seals(self, seals: SealStore) -> Iterator[Seal]:
        first, last = self.head.first_seal, self.head.last_seal
        return (kept.seal for kept in read_seals(self.head.workspace_id, first=first, last=last, seals=seals))


def export_trail(workspace_id: str, wanted: Wanted, *, seals: SealStore, archive: ObjectStore) -> Iterator[str]:
    """Give the lines of the file: see `find_export` and `Export.lines`, which say what can be in the way."""
    return find_export(workspace_id, wanted, seals=seals).lines(seals=seals, archive=archive)


def find_export(workspace_id: str, wanted: Wanted, *, seals: SealStore, limits: Limits | None = None) -> Export:
    """Find out what the file will hold, and prove that it is in the log.

    Raises:
        NotFound: nothing of the workspace is sealed yet, or nothing new (`nothing_sealed`).
        Invalid: there are no such seals (`seal_invalid`), there was no such checkpoint (`checkpoint_invalid`), or it is
            more than is handed out at once (`export_too_large`).
        SealLost: one of the seals that say so is lost.
        StoreUnavailable: it cannot be read now.

    """
    if wanted.last is not None and wanted.first > wanted.last:
        raise Invalid(
            "seal_invalid",
            f"The first seal that is wanted, {wanted.first}, is behind the last, {wanted.last}.",
            hint="Give a first that is not greater than last, or leave last out.",
            field="first",
        )
    signed = seals.note()
    if signed is None:
        raise _nothing_sealed()
    last = _last(workspace_id, wanted, signed[0], seals)
    if wanted.last is None and wanted.first == last.seal.number + 1:
        raise NotFound(
            "nothing_sealed", f"Nothing was sealed behind seal {last.seal.number} yet.", hint=WITHIN_TWO_MINUTES
        )
    if not 1 <= wanted.first <= last.seal.number:
        raise Invalid(
            "seal_invalid", f"The seals go from 1 to {last.seal.number}.", hint="Ask for one of these.", field="first"
        )
    if limits is not None:
        _check_limits(workspace_id, wanted.first, last.seal, limits, seals)
    return Export(
        head=Head(workspace_id=workspace_id, first_seal=wanted.first, last_seal=last.seal.number),
        proof=prove_seal(last, signed=signed, earlier_size=wanted.earlier_size, seals=seals),
    )


def prove_seal(kept: KeptSeal, *, signed: tuple[int, str], earlier_size: int | None = None, seals: SealStore) -> Proof:
    """Prove that a seal is in the log of a checkpoint, given with its size, which covers it.

    Raises:
        Invalid: see `find_export`.

    """
    size, note = signed
    return Proof(
        workspace_id=kept.seal.workspace_id,
        seal=kept.seal.number,
        hash=kept.seal.hash,
        index=kept.index,
        path=inclusion_path(kept.index, size, seals.log_node),
        note=note,
        growth=_growth(earlier_size, size, seals),
    )


def _check_limits(workspace_id: str, first: int, last: Seal, limits: Limits, seals: SealStore) -> None:
    """Refuse what is too much, and say what is not. One seal is never too much."""
    upto = min(last.number, first + limits.seals - 1)
    some = [kept.seal for kept in read_seals(workspace_id, first=first, last=upto, seals=seals)]
    before = some[0].total - some[0].count
    fitting = max(seal.number for seal in some if seal is some[0] or seal.total - before <= limits.rows)
    if fitting < last.number:
        raise Invalid(
            "export_too_large",
            f"The seals {first} to {last.number} cover {last.total - before} rows, and one answer has room for"
            f" {limits.rows}, under {limits.seals} seals.",
            hint=f"Ask for last={fitting}, then go on with first={fitting + 1}.",
            field="last",
        )


def _last(workspace_id: str, wanted: Wanted, size: int, seals: SealStore) -> KeptSeal:
    """Give the last seal that is wanted and that the checkpoint covers."""
    head = seals.head(workspace_id)
    if head is None:
        raise _nothing_sealed()
    number = head.last.number if wanted.last is None else wanted.last
    if not 1 <= number <= head.last.number:
        raise Invalid(
            "seal_invalid", f"The seals go from 1 to {head.last.number}.", hint="Ask for one of these.", field="last"
        )
    last = read_seal(workspace_id, number, seals=seals)
    if last.index < size:
        return last
    # Each seal is a leaf of the log, a later one a later leaf: so many are not covered at the most, or all of them.
    covered = max(0, number - (last.index + 1 - size))
    between = range(covered + 1, number)
    covered += bisect_left(between, size, key=lambda each: read_seal(workspace_id, each, seals=seals).index)
    if covered == 0:
        raise _nothing_sealed()
    return read_seal(workspace_id, covered, seals=seals)


def _growth(earlier_size: int | None, size: int, seals: SealStore) -> Growth | None:
    if earlier_size is None:
        return None
    if not 1 <= earlier_size <= size:
        raise Invalid(
            "checkpoint_invalid",
            f"The log has {size} seals, so it cannot have grown out of one of {earlier_size}.",
            hint="Give a checkpoint of this log.",
            field="earlier_size",
        )
    return Growth(size=earlier_size, path=consistency_path(earlier_size, size, seals.log_node))


def _nothing_sealed() -> NotFound:
    return NotFound("nothing_sealed", "Nothing of this workspace is sealed yet.", hint=WITHIN_TWO_MINUTES)
