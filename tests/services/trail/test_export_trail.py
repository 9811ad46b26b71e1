"""What is handed out of the trail: it proves itself to whoever has the log's key."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.domain.errors import DomainError, Invalid, NotFound
from shared.domain.trail.export import Proof
from shared.domain.trail.faults import Fault
from shared.domain.trail.note import Checkpoint, NamedKey, Note, Signature, key_id_of, read_checkpoint, read_note
from shared.domain.trail.reading import read_proof
from shared.domain.trail.verify import Verdict, verify_export
from shared.services.trail.check_signature import TrustedKeys
from shared.services.trail.export_trail import Limits, Wanted, export_trail, find_export
from shared.services.trail.seal_trail import SealingIncomplete
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.examples import NOON, tool_called
from tests.services.trail.sealing import A_MINUTE, LOG_NAME, KeyInMemory, Sealing, calls


def trusting(*keys: KeyInMemory) -> TrustedKeys:
    return TrustedKeys.of_lines(str(NamedKey(name=LOG_NAME, public=key.public_key)) for key in keys)


def exported(sealing: Sealing, wanted: Wanted | None = None) -> list[str]:
    return list(export_trail("ws1", wanted or Wanted(), seals=sealing.seals, archive=sealing.archive))


def verdict(lines: list[str], keys: TrustedKeys, earlier: Proof | None = None) -> Verdict:
    return verify_export(lines, check_signature=keys.check, earlier=earlier)


def faults(lines: list[str], keys: TrustedKeys, earlier: Proof | None = None) -> list[Fault]:
    return [finding.fault for finding in verdict(lines, keys, earlier).findings]


def checkpoint_in(proof: Proof) -> Checkpoint:
    return read_checkpoint(read_note(proof.note).text)


@pytest.fixture
def sealing() -> Sealing:
    """Five minutes of two workspaces."""
    sealing = Sealing.in_memory()
    for minute in range(5):
        at = NOON + minute * A_MINUTE
        sealing.record(*calls(minute + 1, first=10 * minute + 1, at=at), now=at)
        sealing.record(*calls(1, first=minute + 1, at=at), workspace_id="ws2", now=at)
        sealing.run(at + A_MINUTE)
    return sealing


def test_the_whole_trail_proves_itself(sealing: Sealing) -> None:
    found = verdict(exported(sealing), trusting(sealing.signer))

    assert found.holds, found.findings
    assert (found.workspace_id, found.rows) == ("ws1", 15)


def test_a_part_of_the_trail_proves_itself(sealing: Sealing) -> None:
    found = verdict(exported(sealing, Wanted(first=2, last=4)), trusting(sealing.signer))

    assert found.holds, found.findings
    assert found.first is not None
    assert (found.first.number, found.first.total - found.first.count, found.rows) == (2, 1, 9)


def test_a_later_export_shows_that_the_log_grew_out_of_an_earlier_checkpoint(sealing: Sealing) -> None:
    earlier = read_proof(exported(sealing)[-1])
    size = checkpoint_in(earlier).size
    sealing.record(tool_called(number=99, at=NOON + 9 * A_MINUTE), now=NOON + 9 * A_MINUTE)
    sealing.run(NOON + 10 * A_MINUTE)

    later = exported(sealing, Wanted(first=6, earlier_size=size))

    assert verdict(later, trusting(sealing.signer), earlier).holds
    assert checkpoint_in(read_proof(later[-1])).size == size + 1


def test_a_seal_that_no_checkpoint_covers_yet_is_not_handed_out(sealing: Sealing) -> None:
    sealing.record(tool_called(number=99, at=NOON + 9 * A_MINUTE), now=NOON + 9 * A_MINUTE)
    with pytest.raises(SealingIncomplete):
        replace(sealing, signer=DeadKey()).run(NOON + 10 * A_MINUTE)

    assert verdict(exported(sealing), trusting(sealing.signer)).rows == 15


def unsigned(sealing: Sealing, minutes: range) -> None:
    """Add a seal each minute while nobody signs the log."""
    for minute in minutes:
        at = NOON + minute * A_MINUTE
        sealing.record(tool_called(number=1000 + minute, at=at), now=at)
        with pytest.raises(SealingIncomplete):
            replace(sealing, signer=DeadKey()).run(at + A_MINUTE)


def test_the_last_signed_seal_is_found_however_many_there_are_behind_it(sealing: Sealing) -> None:
    for minute in range(10, 19):
        unsigned(sealing, range(minute, minute + 1))
        assert find_export("ws1", Wanted(), seals=sealing.seals).head.last_seal == 5
    assert find_export("ws1", Wanted(last=8), seals=sealing.seals).head.last_seal == 5


def test_seals_that_are_not_signed_are_not_read_one_after_the_other() -> None:
    engine = SqliteEngine()
    sealing = Sealing.over(engine)
    sealing.record(tool_called(number=1))
    sealing.run()
    cost: list[int] = []
    for minutes in (range(10, 18), range(18, 74)):
        unsigned(sealing, minutes)
        engine.operations.clear()
        assert find_export("ws1", Wanted(), seals=sealing.seals).head.last_seal == 1
        cost.append(engine.operations["query"])

    assert cost[1] - cost[0] <= 3  # eight times as many: three halvings more


def test_a_workspace_that_was_never_signed_has_nothing_to_export(sealing: Sealing) -> None:
    sealing.record(tool_called(number=1), workspace_id="ws3", now=NOON + 9 * A_MINUTE)
    with pytest.raises(SealingIncomplete):
        replace(sealing, signer=DeadKey()).run(NOON + 10 * A_MINUTE)

    with pytest.raises(NotFound) as refused:
        find_export("ws3", Wanted(), seals=sealing.seals)
    assert refused.value.code == "nothing_sealed"


class DeadKey(KeyInMemory):
    def sign(self, message: bytes) -> bytes:
        raise PermissionError(f"the key signs nothing any more, and no {len(message)} bytes")


def test_an_export_under_the_next_key_is_believed_by_whoever_has_both(sealing: Sealing) -> None:
    rotated = replace(sealing, signer=KeyInMemory())
    rotated.record(tool_called(number=99, at=NOON + 9 * A_MINUTE), now=NOON + 9 * A_MINUTE)
    rotated.run(NOON + 10 * A_MINUTE)
    lines = exported(rotated)

    assert faults(lines, trusting(sealing.signer)) == [Fault.KEY_UNKNOWN]
    assert faults(lines, trusting(sealing.signer, rotated.signer)) == []


def test_a_forged_signature_is_named(sealing: Sealing) -> None:
    lines = exported(sealing)
    proof = json.loads(lines[-1])
    note = read_note(proof["note"])
    forged = Signature(
        name=note.signatures[0].name,
        key_id=key_id_of(sealing.signer.public_key),
        signature=KeyInMemory().sign(note.text.encode()),
    )
    proof["note"] = str(Note(text=note.text, signatures=(forged,)))
    lines[-1] = json.dumps(proof, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    assert faults(lines, trusting(sealing.signer)) == [Fault.SIGNATURE_WRONG]


def test_nobody_stands_in_it_by_name_or_address(sealing: Sealing) -> None:
    text = "\n".join(exported(sealing))

    assert "mem_olga" not in text
    assert "203.0.113.7" not in text
    assert '"ip":"203.0.113.0/24"' in text


def test_a_member_is_one_name_in_all_rows_until_the_key_is_deleted_and_every_proof_holds_after_it(
    sealing: Sealing,
) -> None:
    before = exported(sealing)
    sealing.people.forget("ws1", "mem_olga")
    sealing.record(tool_called(number=99, at=NOON + 9 * A_MINUTE), now=NOON + 9 * A_MINUTE)
    sealing.run(NOON + 10 * A_MINUTE)
    after = exported(sealing)

    names = [json.loads(line)["actor"] for line in after if '"kind":"event"' in line]
    assert len(set(names[:-1])) == 1
    assert names[-1] == "psn_forgotten" != names[0]
    assert after[: len(before) - 1][1:] == before[:-1][1:]
    assert verdict(after, trusting(sealing.signer)).holds


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (Wanted(first=6), "nothing_sealed"),
        (Wanted(first=6, last=5), "seal_invalid"),
        (Wanted(first=7), "seal_invalid"),
        (Wanted(first=0), "seal_invalid"),
        (Wanted(last=6), "seal_invalid"),
        (Wanted(first=3, last=2), "seal_invalid"),
        (Wanted(earlier_size=11), "checkpoint_invalid"),
        (Wanted(earlier_size=0), "checkpoint_invalid"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(sealing: Sealing, wanted: Wanted, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        exported(sealing, wanted)

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("limits", "first", "last"),
    [
        (Limits(seals=2, rows=99), 1, 2),
        (Limits(seals=9, rows=6), 1, 3),
        (Limits(seals=9, rows=9), 2, 4),
        (Limits(seals=9, rows=5), 1, 2),
        (Limits(seals=9, rows=1), 2, 2),
    ],
)
def test_what_is_too_much_at_once_is_refused_with_what_is_not(
    sealing: Sealing, limits: Limits, first: int, last: int
) -> None:
    """The seals of the fixture cover 1, 2, 3, 4 and 5 rows."""
    with pytest.raises(Invalid) as refused:
        find_export("ws1", Wanted(first=first), seals=sealing.seals, limits=limits)

    assert (refused.value.code, refused.value.field) == ("export_too_large", "last")
    assert refused.value.hint == f"Ask for last={last}, then go on with first={last + 1}."
    assert find_export("ws1", Wanted(first=first, last=last), seals=sealing.seals, limits=limits)


def test_what_just_fits_is_handed_out(sealing: Sealing) -> None:
    assert find_export("ws1", Wanted(), seals=sealing.seals, limits=Limits(seals=5, rows=15)).head.last_seal == 5


def test_a_workspace_of_which_nothing_is_sealed_is_told_so(sealing: Sealing) -> None:
    with pytest.raises(DomainError) as refused:
        export_trail("ws3", Wanted(), seals=sealing.seals, archive=sealing.archive)
    assert refused.value.code == "nothing_sealed"


A_KEY = str(NamedKey(name=LOG_NAME, public=KeyInMemory().public_key))
OF_ANOTHER_CURVE = generate_private_key(SECP384R1()).public_key()


@pytest.mark.parametrize(
    "line",
    [
        "",
        "no key",
        A_KEY.replace("+", " "),
        A_KEY[:-4],
        A_KEY.replace(f"{LOG_NAME}+", f"{LOG_NAME}+0"),
        str(
            NamedKey(
                name=LOG_NAME,
                public=OF_ANOTHER_CURVE.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
            )
        ),
        str(NamedKey(name=LOG_NAME, public=b"no key at all")),
    ],
)
def test_what_is_no_key_of_a_log_is_refused(line: str) -> None:
    with pytest.raises(DomainError) as refused:
        TrustedKeys.of_lines([line])
    assert refused.value.code == "key_invalid"


def test_a_key_is_for_the_log_that_it_names(sealing: Sealing) -> None:
    other = NamedKey(name="staging.example.com/trail", public=sealing.signer.public_key)

    assert faults(exported(sealing), TrustedKeys.of_lines([str(other)])) == [Fault.KEY_UNKNOWN]
