"""Real exports of the product, both verifiers over them, and whoever holds the key of the log."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from io import BytesIO, TextIOWrapper

from shared.domain.trail.reading import read_proof
from shared.domain.trail.verify import verify_export
from shared.services.trail.check_signature import TrustedKeys
from shared.services.trail.export_trail import Wanted, export_trail
from tests.data.examples import NOON
from tests.domain.trail.second.maker import Key, canonical
from tests.domain.trail.second.second_verifier import verify
from tests.services.trail.sealing import A_MINUTE, LOG_NAME, Sealing, calls
from tests.services.trail.test_prove_event import proved

COUNTS = (2, 3, 4, 1, 3)
"""Rows of the seals of `ws1`; those of `ws2` have two each."""
KEPT_SEAL, KEPT_SIZE = 3, 6
ONE = 2
"""Of which place under seal 3 the event alone is."""

Lines = list[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What two workspaces were handed. Each line ends with its newline."""

    key: Key
    whole: Lines
    """Seals 1 to 5 of `ws1`, as a first export."""
    grown: Lines
    """The same, for whoever has `kept`."""
    later: Lines
    """Seals 4 and 5, for whoever has `kept`."""
    old: Lines
    """Seals 1 to 3, when there were no others."""
    other: Lines
    """All seals of `ws2`."""
    one: Lines
    """One event of seal 3."""

    @property
    def kept(self) -> str:
        """The proof that was kept of the old export."""
        return self.old[-1].decode()


def ended(lines: list[str]) -> Lines:
    return [f"{line}\n".encode() for line in lines]


@cache
def scene() -> Scene:
    sealing = Sealing.in_memory()

    def exported(workspace_id: str = "ws1", wanted: Wanted | None = None) -> Lines:
        return ended([*export_trail(workspace_id, wanted or Wanted(), seals=sealing.seals, archive=sealing.archive)])

    old: Lines = []
    for minute, count in enumerate(COUNTS):
        at = NOON + minute * A_MINUTE
        sealing.record(*calls(count, first=10 * minute + 1, at=at), now=at)
        sealing.record(*calls(2, first=10 * minute + 1, at=at), workspace_id="ws2", now=at)
        sealing.run(at + A_MINUTE)
        if minute + 1 == KEPT_SEAL:
            old = exported()
    whole = exported()
    return Scene(
        key=Key(LOG_NAME, sealing.signer.private),
        whole=whole,
        grown=exported(wanted=Wanted(earlier_size=KEPT_SIZE)),
        later=exported(wanted=Wanted(first=KEPT_SEAL + 1, earlier_size=KEPT_SIZE)),
        old=old,
        other=exported("ws2"),
        one=ended(proved(sealing, json.loads(whole[seal_at(3) + 2 + ONE])["id"])),
    )


def seal_at(number: int) -> int:
    """Where the line of a seal stands in `whole`; its hashes and its rows are behind it."""
    return 1 + sum(2 + count for count in COUNTS[: number - 1])


def reworded(line: bytes, **fields: object) -> bytes:
    return canonical({**json.loads(line), **fields}) + b"\n"


def with_note(line: bytes, old: str, new: str) -> bytes:
    """Put something else in the note of a proof."""
    note = json.loads(line)["note"]
    assert old in note
    return reworded(line, note=note.replace(old, new))


def found_by_ours(file: bytes, keys: list[str], earlier: str | None = None) -> list[str]:
    """What the product finds."""
    lines = TextIOWrapper(BytesIO(file), encoding="utf-8", errors="surrogateescape", newline="\n")
    kept = read_proof(earlier) if earlier is not None else None
    verdict = verify_export(lines, check_signature=TrustedKeys.of_lines(keys).check, earlier=kept)
    return [finding.fault.value for finding in verdict.findings]


def found_by_second(file: bytes, keys: list[str], earlier: str | None = None) -> list[str]:
    return verify(BytesIO(file), keys=keys, earlier=earlier)
