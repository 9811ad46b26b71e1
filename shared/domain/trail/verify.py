"""Check an exported trail with nothing but the file and what is known of the log: its keys, perhaps a checkpoint.

Every step is told in docs/audit-format.md, so that others can write a program that comes to the same. A file in which
nothing is found is, from its first seal to its last, what was sealed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from shared.domain.trail.export import Head, Proof
from shared.domain.trail.faults import Fault, Finding
from shared.domain.trail.merkle import extends, nodes_of, root, root_by_path
from shared.domain.trail.note import Checkpoint, Note, NoteUnreadable, read_checkpoint, read_note
from shared.domain.trail.reading import FileUnreadable, Placed, Sealed, read_export
from shared.domain.trail.seal import NO_SEAL, Seal


class Signed(StrEnum):
    """What the signatures of a note are worth."""

    YES = "yes"
    BY_NOBODY_KNOWN = "by_nobody_known"
    WRONGLY = "wrongly"
    """There is one of a key that is known, and it is not of this text."""


SignatureCheck = Callable[[Note, str], Signed]
"""A note and the name of the log that it is to be of -> what its signatures are worth."""


@dataclass(slots=True)
class Verdict:
    """What a file is worth, as far as it was read."""

    findings: list[Finding] = field(default_factory=list[Finding])
    workspace_id: str | None = None
    first: Seal | None = None
    last: Seal | None = None
    rows: int = 0
    """The rows that the file's seals cover; one, where it shows one event only."""
    checkpoint: Checkpoint | None = None

    @property
    def holds(self) -> bool:
        """Tell whether nothing is wrong."""
        return not self.findings


def verify_export(lines: Iterable[str], *, check_signature: SignatureCheck, earlier: Proof | None = None) -> Verdict:
    """Check a file line by line; the rows of one seal are held at a time.

    `earlier` is the proof of an export of the same workspace that held, which the reader has kept.
    """
    verdict = Verdict()
    head: Head | None = None
    proof: Proof | None = None
    kept: Proof | None = None  # `earlier`, if it is of the file's workspace: no other says anything of its seals
    alone = False
    try:
        for part in read_export(lines):
            match part:
                case Head():
                    head = part
                    verdict.workspace_id = part.workspace_id
                    kept = earlier if earlier is not None and earlier.workspace_id == part.workspace_id else None
                case Sealed():
                    verdict.findings += _wrong_with_seal(part, verdict, head, kept)
                    verdict.first = verdict.first or part.seal
                    verdict.last = part.seal
                    verdict.rows += part.seal.count
                case Placed():
                    verdict.findings += _wrong_with_event(part, head, kept)
                    verdict.first = verdict.last = part.seal
                    verdict.rows = 1
                    alone = True
                case Proof():
                    proof = part
    except FileUnreadable as unreadable:
        verdict.findings.append(Finding(fault=Fault.FILE_UNREADABLE, detail=str(unreadable), line=unreadable.line))
        return verdict
    if head is not None and proof is not None:
        verdict.findings += _wrong_with_end(verdict.last, head, earlier, alone=alone)
        verdict.findings += _wrong_with_proof(proof, verdict, check_signature, earlier)
    return verdict


def _wrong_with_seal(sealed: Sealed, verdict: Verdict, head: Head | None, earlier: Proof | None) -> Iterator[Finding]:
    number = sealed.seal.number
    yield from _wrong_with_place(sealed, verdict.last, head, earlier)
    if len(sealed.leaves) != sealed.seal.count:
        detail = f"seal {number} counts {sealed.seal.count} rows and has the hashes of {len(sealed.leaves)}"
        yield Finding(fault=Fault.COUNT_WRONG, detail=detail, line=sealed.line)
    yield from _wrong_with_total(sealed, verdict.last)
    if not sealed.leaves or root(len(sealed.leaves), nodes_of(sealed.leaves)) != sealed.seal.root:
        detail = f"the hashes under seal {number} are not those that it was made over"
        yield Finding(fault=Fault.LEAF_SWAPPED, detail=detail, line=sealed.line + 1)
    yield from _wrong_with_rows(sealed)


def _wrong_with_event(placed: Placed, head: Head | None, earlier: Proof | None) -> Iterator[Finding]:
    seal, place = placed.seal, placed.place
    yield from _wrong_with_place(placed, None, head, earlier)
    yield from _wrong_with_total(placed, None)
    if root_by_path(placed.row.hash, index=place.index, size=seal.count, path=place.path) != seal.root:
        detail = f"the event is not row {place.index + 1} of seal {seal.number}"
        yield Finding(fault=Fault.ROW_NOT_IN_SEAL, detail=detail, line=placed.row.line)


def _wrong_with_place(
    sealed: Sealed | Placed, before: Seal | None, head: Head | None, earlier: Proof | None
) -> Iterator[Finding]:
    wrong = _wrong_with_number(sealed, before, head) or _wrong_with_chain(sealed, before, earlier)
    yield from [wrong] if wrong is not None else []


def _wrong_with_number(sealed: Sealed | Placed, before: Seal | None, head: Head | None) -> Finding | None:
    seal = sealed.seal
    first, last = (head.first_seal, head.last_seal) if head is not None else (1, seal.number)
    expected = before.number + 1 if before is not None else first
    if head is not None and seal.workspace_id != head.workspace_id:
        return Finding(fault=Fault.SEAL_OUT_OF_PLACE, detail="the seal is another workspace's", line=sealed.line)
    if seal.number < expected or seal.number > last:
        detail = f"seal {seal.number} stands where there is seal {expected}, or the end at seal {last}"
        return Finding(fault=Fault.SEAL_OUT_OF_PLACE, detail=detail, line=sealed.line)
    if seal.number > expected:
        missing = f"seal {expected}" if seal.number == expected + 1 else f"seals {expected} to {seal.number - 1}"
        return Finding(fault=Fault.SEAL_MISSING, detail=f"before seal {seal.number}, {missing}", line=sealed.line)
    return None


def _wrong_with_chain(sealed: Sealed | Placed, before: Seal | None, earlier: Proof | None) -> Finding | None:
    """Compare a seal with the one that it was made after, as far as that is known, and with the one that was kept."""
    seal = sealed.seal
    known: bytes | None = None
    if before is not None:
        known = before.hash
    elif seal.number == 1:
        known = NO_SEAL
    elif earlier is not None and seal.number == earlier.seal + 1:
        known = earlier.hash
    if known is not None and seal.previous != known:
        detail = f"seal {seal.number} was made after another seal {seal.number - 1}"
        return Finding(fault=Fault.SEAL_FORKED, detail=detail, line=sealed.line)
    if earlier is not None and seal.number == earlier.seal and seal.hash != earlier.hash:
        detail = f"seal {seal.number} is another one than in the proof that you kept"
        return Finding(fault=Fault.SEAL_FORKED, detail=detail, line=sealed.line)
    return None


def _wrong_with_total(sealed: Sealed | Placed, before: Seal | None) -> Iterator[Finding]:
    seal = sealed.seal
    follows = before is not None and seal.number == before.number + 1
    total_before = before.total if before is not None and follows else 0 if seal.number == 1 else None
    if seal.total != total_before + seal.count if total_before is not None else seal.total <= seal.count:
        detail = f"seal {seal.number} counts {seal.total} rows in all, which does not go with the rows before it"
        yield Finding(fault=Fault.COUNT_WRONG, detail=detail, line=sealed.line)


def _wrong_with_rows(sealed: Sealed) -> Iterator[Finding]:
    """Name each row that is not as it was sealed, by comparing the hashes in the file with those of its rows."""
    rows = [row.hash for row in sealed.rows]
    number = sealed.seal.number
    rows_left, leaves_left = Counter(rows), Counter(sealed.leaves)
    if rows_left == leaves_left:
        if rows != list(sealed.leaves):
            detail = f"the rows of seal {number} are in another order"
            yield Finding(fault=Fault.ROWS_REORDERED, detail=detail, line=sealed.line + 2)
        return
    gone = [place for place, leaf in enumerate(sealed.leaves) if not _take(rows_left, leaf)]
    for place, row in enumerate(sealed.rows):
        if _take(leaves_left, row.hash):
            continue
        if place in gone and len(rows) == len(sealed.leaves):
            gone.remove(place)
            yield Finding(fault=Fault.ROW_MODIFIED, detail=f"row {place + 1} of seal {number}", line=row.line)
        else:
            yield Finding(fault=Fault.ROW_INSERTED, detail=f"a row that seal {number} does not have", line=row.line)
    for place in gone:
        yield Finding(fault=Fault.ROW_DELETED, detail=f"row {place + 1} of seal {number} is gone", line=sealed.line)


def _take(left: Counter[bytes], each: bytes) -> bool:
    """Take one off a count, if there is one left."""
    left[each] -= 1
    return left[each] >= 0


def _wrong_with_end(last: Seal | None, head: Head, earlier: Proof | None, *, alone: bool) -> Iterator[Finding]:
    """A file has the seals that its head promises, and goes on where the one before ended; one event may be any."""
    if last is None:
        yield Finding(fault=Fault.SEAL_MISSING, detail="all seals of the file")
    elif last.number < head.last_seal:
        detail = f"the seals after {last.number} up to {head.last_seal}"
        yield Finding(fault=Fault.SEAL_MISSING, detail=detail)
    if earlier is None:
        return
    if head.workspace_id != earlier.workspace_id:
        detail = "the file is of another workspace than the proof that you kept"
        yield Finding(fault=Fault.SEAL_OUT_OF_PLACE, detail=detail)
    elif alone:
        return
    elif head.last_seal < earlier.seal:
        detail = f"the file ends with seal {head.last_seal}, and you have seen seal {earlier.seal}"
        yield Finding(fault=Fault.TRAIL_ROLLED_BACK, detail=detail)
    elif head.first_seal > earlier.seal + 1:
        detail = f"the seals after {earlier.seal}, with which your proof ends, up to {head.first_seal - 1}"
        yield Finding(fault=Fault.SEAL_MISSING, detail=detail)


def _wrong_with_proof(
    proof: Proof, verdict: Verdict, check_signature: SignatureCheck, earlier: Proof | None
) -> Iterator[Finding]:
    try:
        note = read_note(proof.note)
        checkpoint = read_checkpoint(note.text)
        before = read_checkpoint(read_note(earlier.note).text) if earlier is not None else None
    except NoteUnreadable as unreadable:
        yield Finding(fault=Fault.FILE_UNREADABLE, detail=str(unreadable))
        return
    match check_signature(note, checkpoint.origin):
        case Signed.YES:
            verdict.checkpoint = checkpoint
        case Signed.BY_NOBODY_KNOWN:
            signed_by = " and ".join(f"{each.name}+{each.key_id.hex()}" for each in note.signatures)
            detail = f"the checkpoint of the log {checkpoint.origin} is signed by {signed_by}"
            yield Finding(fault=Fault.KEY_UNKNOWN, detail=detail)
        case Signed.WRONGLY:
            yield Finding(fault=Fault.SIGNATURE_WRONG, detail="the signature is not of this checkpoint")
    seal = verdict.last
    if (
        seal is None
        or (proof.workspace_id, proof.seal, proof.hash) != (seal.workspace_id, seal.number, seal.hash)
        or root_by_path(seal.hash, index=proof.index, size=checkpoint.size, path=proof.path) != checkpoint.root
    ):
        what = f"seal {seal.number} as it is here" if seal is not None else "a seal that the file shows"
        yield Finding(fault=Fault.SEAL_NOT_IN_LOG, detail=f"the log of the checkpoint does not hold {what}")
    if before is not None:
        yield from _wrong_with_growth(proof, checkpoint, before)


def _wrong_with_growth(proof: Proof, checkpoint: Checkpoint, before: Checkpoint) -> Iterator[Finding]:
    if checkpoint.origin != before.origin:
        detail = f"the checkpoint is of the log {checkpoint.origin}, the one that you kept of {before.origin}"
        yield Finding(fault=Fault.LOG_REWRITTEN, detail=detail)
    elif checkpoint.size < before.size:
        detail = f"the checkpoint has {checkpoint.size} seals, and the one that you kept {before.size}"
        yield Finding(fault=Fault.LOG_ROLLED_BACK, detail=detail)
    elif checkpoint.size == before.size:
        if checkpoint.root != before.root:
            detail = f"there are two logs of {checkpoint.size} seals"
            yield Finding(fault=Fault.LOG_REWRITTEN, detail=detail)
    elif proof.growth is None or proof.growth.size != before.size:
        detail = f"the file does not show how the log grew from the {before.size} seals that you know"
        yield Finding(fault=Fault.GROWTH_MISSING, detail=detail)
    elif not extends(
        old=before.size,
        old_root=before.root,
        size=checkpoint.size,
        new_root=checkpoint.root,
        path=proof.growth.path,
    ):
        detail = f"the log did not grow out of the one of {before.size} seals that you know"
        yield Finding(fault=Fault.LOG_REWRITTEN, detail=detail)
