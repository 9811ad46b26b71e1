"""Hand out a workspace's trail as it was sealed, with what proves it: see docs/audit.md.

It is read from the archive, so it takes no more memory than one seal, and nothing of the tables that calls use.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shared.domain.errors import Invalid, NotFound
from shared.domain.trail.export import Growth, Head, Proof
from shared.domain.trail.merkle import consistency_path, inclusion_path
from shared.services.trail.archive import archived_lines
from shared.storage.contracts.objects import ObjectStore
from shared.storage.contracts.seals import KeptSeal, SealStore

SEALS_A_READ = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which seals somebody wants."""

    first: int = 1
    last: int | None = None
    """None: the last one that a checkpoint covers."""
    earlier_size: int | None = None
    """The size of a checkpoint that they have from before, out of which the log is to be shown to have grown."""


def export_trail(workspace_id: str, wanted: Wanted, *, seals: SealStore, archive: ObjectStore) -> Iterator[str]:
    """Give the lines of the file, without newlines.

    Raises:
        NotFound: nothing of the workspace is sealed yet (`nothing_sealed`).
        Invalid: there are no such seals, or there was no such checkpoint.
        ObjectMissing: the archive has lost a seal.
        StoreUnavailable: it cannot be read now.

    """
    signed = seals.note()
    if signed is None:
        raise _nothing_sealed()
    size, note = signed
    last = _last(workspace_id, wanted, size, seals)
    if not 1 <= wanted.first <= last.seal.number:
        raise Invalid("seal_invalid", f"The seals go from 1 to {last.seal.number}.", field="first")
    proof = Proof(
        workspace_id=workspace_id,
        seal=last.seal.number,
        hash=last.seal.hash,
        index=last.index,
        path=inclusion_path(last.index, size, seals.log_node),
        note=note,
        growth=_growth(wanted.earlier_size, size, seals),
    )
    return _lines(
        Head(workspace_id=workspace_id, first_seal=wanted.first, last_seal=last.seal.number), proof, seals, archive
    )


def _lines(head: Head, proof: Proof, seals: SealStore, archive: ObjectStore) -> Iterator[str]:
    yield head.line
    number = head.first_seal
    while number <= head.last_seal:
        some = seals.seals(head.workspace_id, first=number, limit=min(SEALS_A_READ, head.last_seal + 1 - number))
        for kept in some:
            yield from archived_lines(kept.seal, archive=archive)
        number += len(some)
    yield proof.line


def _last(workspace_id: str, wanted: Wanted, size: int, seals: SealStore) -> KeptSeal:
    """Give the last seal that is wanted and that the checkpoint covers."""
    head = seals.head(workspace_id)
    if head is None:
        raise _nothing_sealed()
    number = head.last.number if wanted.last is None else wanted.last
    if not 1 <= number <= head.last.number:
        raise Invalid("seal_invalid", f"The seals go from 1 to {head.last.number}.", field="last")
    while number >= 1:
        found = seals.seals(workspace_id, first=number, limit=1)
        if found and found[0].index < size:
            return found[0]
        number -= 1
    raise _nothing_sealed()


def _growth(earlier_size: int | None, size: int, seals: SealStore) -> Growth | None:
    if earlier_size is None:
        return None
    if not 1 <= earlier_size <= size:
        raise Invalid(
            "checkpoint_invalid",
            f"The log has {size} seals, so it cannot have grown out of one of {earlier_size}.",
            hint="Give a checkpoint of this log.",
            field="earlier",
        )
    return Growth(size=earlier_size, path=consistency_path(earlier_size, size, seals.log_node))


def _nothing_sealed() -> NotFound:
    return NotFound(
        "nothing_sealed", "Nothing of this workspace is sealed yet.", hint="Rows are sealed within two minutes."
    )
