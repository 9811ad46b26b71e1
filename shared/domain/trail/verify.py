"""Check an exported trail with nothing but the file and what is known of the log: its keys, perhaps a checkpoint.

Every step is told in docs/audit.md, so that others can write a program that comes to the same. A file in which nothing
is found is, from its first seal to its last, what was sealed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from shared.domain.trail.export import FileUnreadable, Head, Proof, Sealed, read_export
from shared.domain.trail.merkle import extends, nodes_of, root, root_by_path
from shared.domain.trail.note import Checkpoint, Note, NoteUnreadable, read_checkpoint, read_note
from shared.domain.trail.seal import NO_SEAL, Seal


class Fault(StrEnum):
    """What can be wrong."""

    FILE_UNREADABLE = "file_unreadable"
    ROW_MODIFIED = "row_modified"
    ROW_DELETED = "row_deleted"
    ROW_INSERTED = "row_inserted"
    ROWS_REORDERED = "rows_reordered"
    LEAF_SWAPPED = "leaf_swapped"
    COUNT_WRONG = "count_wrong"
    SEAL_MISSING = "seal_missing"
    SEAL_OUT_OF_PLACE = "seal_out_of_place"
    SEAL_FORKED = "seal_forked"
    SEAL_NOT_IN_LOG = "seal_not_in_log"
    KEY_UNKNOWN = "key_unknown"
    SIGNATURE_WRONG = "signature_wrong"
    LOG_ROLLED_BACK = "log_rolled_back"
    LOG_REWRITTEN = "log_rewritten"


class Signed(StrEnum):
    """What the signatures of a note are worth."""

    YES = "yes"
    BY_NOBODY_KNOWN = "by_nobody_known"
    WRONGLY = "wrongly"
    """There is one of a key that is known, and it is not of this text."""


SignatureCheck = Callable[[Note], Signed]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong."""

    fault: Fault
    detail: str
    line: int | None = None
    """Where in the file, counted from 1."""


@dataclass(slots=True)
class Verdict:
    """What a file is worth, as far as it was read."""

    findings: list[Finding] = field(default_factory=list[Finding])
    workspace_id: str | None = None
    first: Seal | None = None
    last: Seal | None = None
    rows: int = 0
    """The rows that the file's seals cover."""
    checkpoint: Checkpoint | None = None

    @property
    def holds(self) -> bool:
        """Tell whether nothing is wrong."""
        return not self.findings


def verify_export(
    lines: Iterable[str], *, check_signature: SignatureCheck, earlier: Checkpoint | None = None
) -> Verdict:
    """Check a file line by line; the rows of one seal are held at a time.

    `earlier` is a checkpoint of the same log that the reader believes in, from an export before.
    """
    verdict = Verdict()
    head: Head | None = None
    try:
        for part in read_export(lines):
            match part:
                case Head():
                    head = part
                    verdict.workspace_id = part.workspace_id
                case Sealed():
                    verdict.findings += _wrong_with_seal(part, verdict, head)
                    verdict.first = verdict.first or part.seal
                    verdict.last = part.seal
                    verdict.rows += part.seal.count
                case Proof():
                    verdict.findings += _wrong_with_end(verdict.last, head)
                    verdict.findings += _wrong_with_proof(part, verdict, check_signature, earlier)
    except FileUnreadable as unreadable:
        verdict.findings.append(Finding(fault=Fault.FILE_UNREADABLE, detail=str(unreadable), line=unreadable.line))
    return verdict


def _wrong_with_seal(sealed: Sealed, verdict: Verdict, head: Head | None) -> Iterator[Finding]:
    yield from _wrong_with_place(sealed, verdict.last, head)
    yield from _wrong_with_count(sealed, verdict.last)
    if not sealed.leaves or root(len(sealed.leaves), nodes_of(sealed.leaves)) != sealed.seal.root:
        yield Finding(
            fault=Fault.LEAF_SWAPPED,
            detail=f"the hashes under seal {sealed.seal.number} are not those that it was made over",
            line=sealed.line + 1,
        )
    yield from _wrong_with_rows(sealed)


def _wrong_with_place(sealed: Sealed, before: Seal | None, head: Head | None) -> Iterator[Finding]:
    seal = sealed.seal
    expected = before.number + 1 if before is not None else head.first_seal if head is not None else 1
    if head is not None and seal.workspace_id != head.workspace_id:
        yield Finding(fault=Fault.SEAL_OUT_OF_PLACE, detail="the seal is another workspace's", line=sealed.line)
    if seal.number > expected:
        missing = f"seal {expected}" if seal.number == expected + 1 else f"seals {expected} to {seal.number - 1}"
        yield Finding(fault=Fault.SEAL_MISSING, detail=f"before seal {seal.number}, {missing}", line=sealed.line)
    elif seal.number < expected:
        yield Finding(
            fault=Fault.SEAL_OUT_OF_PLACE,
            detail=f"seal {seal.number} stands where seal {expected} belongs",
            line=sealed.line,
        )
    elif (seal.previous != before.hash) if before is not None else (seal.number == 1 and seal.previous != NO_SEAL):
        yield Finding(
            fault=Fault.SEAL_FORKED,
            detail=f"seal {seal.number} was made after another seal {seal.number - 1}",
            line=sealed.line,
        )


def _wrong_with_count(sealed: Sealed, before: Seal | None) -> Iterator[Finding]:
    seal = sealed.seal
    if len(sealed.leaves) != seal.count:
        yield Finding(
            fault=Fault.COUNT_WRONG,
            detail=f"seal {seal.number} counts {seal.count} rows and has the hashes of {len(sealed.leaves)}",
            line=sealed.line,
        )
    follows = before is not None and seal.number == before.number + 1
    total_before = before.total if before is not None and follows else 0 if seal.number == 1 else None
    if total_before is not None and seal.total != total_before + seal.count:
        yield Finding(
            fault=Fault.COUNT_WRONG,
            detail=f"seal {seal.number} counts {seal.total} rows in all; there are {total_before + seal.count}",
            line=sealed.line,
        )


def _wrong_with_rows(sealed: Sealed) -> Iterator[Finding]:
    """Name each row that is not as it was sealed, by comparing the hashes in the file with those of its rows."""
    rows = [row.hash for row in sealed.rows]
    number = sealed.seal.number
    missing, strange = Counter(sealed.leaves) - Counter(rows), Counter(rows) - Counter(sealed.leaves)
    if not missing and not strange:
        if rows != list(sealed.leaves):
            detail = f"the rows of seal {number} are in another order"
            yield Finding(fault=Fault.ROWS_REORDERED, detail=detail, line=sealed.line + 2)
        return
    gone = {place for place, leaf in enumerate(sealed.leaves) if missing[leaf] > 0}
    for place, row in enumerate(sealed.rows):
        if strange[row.hash] == 0:
            continue
        strange[row.hash] -= 1
        if place in gone and len(rows) == len(sealed.leaves):
            gone.remove(place)
            yield Finding(fault=Fault.ROW_MODIFIED, detail=f"row {place + 1} of seal {number}", line=row.line)
        else:
            yield Finding(fault=Fault.ROW_INSERTED, detail=f"a row that seal {number} does not have", line=row.line)
    for place in sorted(gone):
        yield Finding(fault=Fault.ROW_DELETED, detail=f"row {place + 1} of seal {number} is gone", line=sealed.line)


def _wrong_with_end(last: Seal | None, head: Head | None) -> Iterator[Finding]:
    """A file has the seals that its head promises."""
    if head is not None and (last is None or last.number < head.last_seal):
        upto = f"up to {head.last_seal}"
        yield Finding(fault=Fault.SEAL_MISSING, detail=f"the seals after {last.number if last else 0} {upto}")


def _wrong_with_proof(
    proof: Proof, verdict: Verdict, check_signature: SignatureCheck, earlier: Checkpoint | None
) -> Iterator[Finding]:
    try:
        note = read_note(proof.note)
        checkpoint = read_checkpoint(note.text)
    except NoteUnreadable as unreadable:
        yield Finding(fault=Fault.FILE_UNREADABLE, detail=str(unreadable))
        return
    match check_signature(note):
        case Signed.YES:
            verdict.checkpoint = checkpoint
        case Signed.BY_NOBODY_KNOWN:
            yield Finding(fault=Fault.KEY_UNKNOWN, detail="the checkpoint is signed by none of the keys that you gave")
        case Signed.WRONGLY:
            yield Finding(fault=Fault.SIGNATURE_WRONG, detail="the signature is not of this checkpoint")
    seal = verdict.last
    if seal is not None and (
        proof.seal != seal.number
        or root_by_path(seal.hash, index=proof.index, size=checkpoint.size, path=proof.path) != checkpoint.root
    ):
        yield Finding(
            fault=Fault.SEAL_NOT_IN_LOG,
            detail=f"the log of the checkpoint does not hold seal {seal.number} as it is here",
        )
    if earlier is not None:
        yield from _wrong_with_growth(proof, checkpoint, earlier)


def _wrong_with_growth(proof: Proof, checkpoint: Checkpoint, earlier: Checkpoint) -> Iterator[Finding]:
    if checkpoint.origin != earlier.origin:
        detail = f"the checkpoint is of the log {checkpoint.origin}, the earlier one of {earlier.origin}"
        yield Finding(fault=Fault.LOG_REWRITTEN, detail=detail)
    elif checkpoint.size < earlier.size:
        detail = f"the checkpoint has {checkpoint.size} seals, and the earlier one {earlier.size}"
        yield Finding(fault=Fault.LOG_ROLLED_BACK, detail=detail)
    elif not extends(
        old=earlier.size,
        old_root=earlier.root,
        size=checkpoint.size,
        new_root=checkpoint.root,
        path=proof.growth.path if proof.growth is not None and proof.growth.size == earlier.size else (),
    ):
        detail = f"it is not shown that the log grew out of the earlier one of {earlier.size} seals"
        yield Finding(fault=Fault.LOG_REWRITTEN, detail=detail)
