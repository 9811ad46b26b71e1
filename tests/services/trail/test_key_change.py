"""The log's key is changed: the log goes on, and what was seen of it before goes on to count."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from shared.domain.trail.export import Proof
from shared.domain.trail.faults import Fault
from shared.domain.trail.note import NamedKey, read_checkpoint, read_note
from shared.domain.trail.reading import read_proof
from shared.domain.trail.verify import verify_export
from shared.services.trail.check_signature import TrustedKeys
from shared.services.trail.export_trail import Wanted, export_trail
from tests.data.engines import Killed, MeddledEngine, die_before
from tests.data.examples import NOON
from tests.services.trail.sealing import A_MINUTE, LOG_NAME, KeyInMemory, Sealing, calls


def line_of_key(key: KeyInMemory) -> str:
    return str(NamedKey(name=LOG_NAME, public=key.public_key))


def grow(sealing: Sealing, *, minute: int) -> None:
    at = NOON + minute * A_MINUTE
    sealing.record(*calls(2, first=10 * minute + 1, at=at), now=at)
    sealing.run(at + A_MINUTE)


def exported(sealing: Sealing, wanted: Wanted) -> list[str]:
    return list(export_trail("ws1", wanted, seals=sealing.seals, archive=sealing.archive))


def faults(lines: list[str], *keys: str, earlier: Proof | None = None) -> list[Fault]:
    verdict = verify_export(lines, check_signature=TrustedKeys.of_lines(keys).check, earlier=earlier)
    return [finding.fault for finding in verdict.findings]


def test_an_export_after_the_change_shows_the_growth_from_before_it_to_whoever_trusts_the_new_key() -> None:
    sealing = Sealing.in_memory()
    grow(sealing, minute=0)
    grow(sealing, minute=1)
    before = exported(sealing, Wanted())
    proof = read_proof(before[-1])
    size = read_checkpoint(read_note(proof.note).text).size

    changed = replace(sealing, signer=KeyInMemory())
    grow(changed, minute=2)
    after = exported(changed, Wanted(earlier_size=size))

    old, new = line_of_key(sealing.signer), line_of_key(changed.signer)
    assert faults(after, old, new, earlier=proof) == []
    assert faults(after, new, earlier=proof) == []
    assert faults(after, old, earlier=proof) == [Fault.KEY_UNKNOWN]
    assert faults(before, old, new) == []
    assert faults(before, new) == [Fault.KEY_UNKNOWN]


def test_everybody_can_find_each_key_that_ever_signed() -> None:
    sealing = Sealing.in_memory()
    grow(sealing, minute=0)
    changed = replace(sealing, signer=KeyInMemory())
    assert sealing.seals.keys() == [line_of_key(sealing.signer)]
    grow(changed, minute=1)
    grow(changed, minute=2)

    assert sorted(sealing.seals.keys()) == sorted([line_of_key(sealing.signer), line_of_key(changed.signer)])


def test_no_note_is_signed_with_a_key_that_nobody_can_find() -> None:
    """Wherever a run dies, the key of each note that is kept is kept, too."""
    for write in range(9):
        engine = MeddledEngine()
        sealing = Sealing.over(engine)
        sealing.record(*calls(2), now=NOON)
        engine.meddle = die_before(write)
        with suppress(Killed):
            sealing.run(NOON + A_MINUTE)
        engine.meddle = None

        if sealing.seals.note() is not None:
            assert sealing.seals.keys() == [line_of_key(sealing.signer)]
