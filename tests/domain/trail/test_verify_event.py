"""Checking a file of one event: it holds without its neighbours, and each way of tampering is found and named."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.trail.archival import line_of
from shared.domain.trail.faults import Fault
from shared.domain.trail.merkle import leaf_hash
from shared.domain.trail.verify import Verdict, verify_export
from tests.domain.trail.files import KEY, checked_with, history, resealed, row, signed_by

PAST = history([3, 1, 5, 2])
EVENT = PAST.event(3, 1)
HEAD, SEAL, PLACE, ROW, PROOF = range(5)
KEPT = PAST.proof(2, 9)

Lines = list[str]


def verdict(lines: Lines) -> Verdict:
    return verify_export(lines, check_signature=checked_with(KEY))


def faults(lines: Lines) -> list[Fault]:
    return [finding.fault for finding in verdict(lines).findings]


def reworded(line: str, **fields: object) -> str:
    return line_of({**json.loads(line), **fields})


def with_line(number: int, line: str) -> Lines:
    return [*EVENT[:number], line, *EVENT[number + 1 :]]


def saying(number: int, **fields: object) -> Lines:
    return with_line(number, reworded(EVENT[number], **fields))


@given(st.lists(st.integers(1, 9), min_size=1, max_size=4), st.data())
def test_any_event_proves_itself_without_its_neighbours(counts: list[int], data: st.DataObject) -> None:
    past = history(counts)
    number = data.draw(st.integers(1, len(counts)))
    index = data.draw(st.integers(0, counts[number - 1] - 1))

    found = verdict(past.event(number, index))

    assert found.holds, found.findings
    assert (found.rows, found.checkpoint) == (1, past.checkpoint())
    assert found.first == found.last == past.seals[number - 1]


def test_nothing_of_its_neighbours_is_shown_but_hashes() -> None:
    others = [each for each in PAST.rows[2] if each != EVENT[ROW]]

    assert len(others) == 4
    assert not any(json.loads(other)["id"] in "".join(EVENT) for other in others)


def test_a_proof_that_was_kept_is_held_against_it() -> None:
    other = resealed(PAST, 1, (row(99), row(98), row(97)))
    forged = replace(other, log=(*PAST.log, *(seal.hash for seal in other.seals)))
    check = checked_with(KEY)

    assert verify_export(PAST.event(3, 1, earlier=9), check_signature=check, earlier=KEPT).holds
    found = verify_export(forged.event(3, 1, earlier=9), check_signature=check, earlier=KEPT).findings
    assert [finding.fault for finding in found] == [Fault.SEAL_FORKED]


def moved(path: list[str]) -> list[str]:
    return [*path[1:], path[0]]


PATH: list[str] = json.loads(EVENT[PLACE])["path"]

NOT_UNDER_THE_SEAL = {
    "the event is modified": with_line(ROW, EVENT[ROW].replace("event-2001", "event-9000")),
    "another event of the seal": with_line(ROW, PAST.rows[2][0]),
    "an event of another seal": with_line(ROW, PAST.rows[0][1]),
    "another place": saying(PLACE, index=0),
    "a place behind the last": saying(PLACE, index=5),
    "a place far behind the last": saying(PLACE, index=2**53 - 1),
    "a path of too few hashes": saying(PLACE, path=PATH[:-1]),
    "a path of too many": saying(PLACE, path=[*PATH, PATH[0]]),
    "no path": saying(PLACE, path=[]),
    "a path in another order": saying(PLACE, path=moved(PATH)),
    "a path to another hash": saying(PLACE, path=[leaf_hash(b"").hex(), *PATH[1:]]),
}


@pytest.mark.parametrize("lines", NOT_UNDER_THE_SEAL.values(), ids=NOT_UNDER_THE_SEAL.keys())
def test_an_event_that_is_not_what_was_sealed_at_its_place_is_named(lines: Lines) -> None:
    assert faults(lines) == [Fault.ROW_NOT_IN_SEAL]


def test_an_inner_node_does_not_pass_for_an_event() -> None:
    """A path may begin further up, and the hash of an inner node stand in it; its children are no line of a file."""
    assert faults([*EVENT[:PLACE], reworded(EVENT[PLACE], index=0, path=PATH[1:]), *EVENT[ROW:]]) == [
        Fault.ROW_NOT_IN_SEAL
    ]


def sealed_anew(**fields: int) -> Lines:
    return with_line(SEAL, reworded(EVENT[SEAL], **fields))


OTHERS: dict[str, tuple[Lines, list[Fault]]] = {
    "the seal counts more rows": (
        sealed_anew(count=9, total=13),
        [Fault.ROW_NOT_IN_SEAL, Fault.SEAL_NOT_IN_LOG],
    ),
    "the seal counts fewer rows in all": (sealed_anew(total=5), [Fault.COUNT_WRONG, Fault.SEAL_NOT_IN_LOG]),
    "the seal of another workspace": (
        saying(SEAL, workspace="wks_2"),
        [Fault.SEAL_OUT_OF_PLACE, Fault.SEAL_NOT_IN_LOG],
    ),
    "another seal": (
        with_line(SEAL, PAST.seals[1].line),
        [Fault.SEAL_OUT_OF_PLACE, Fault.ROW_NOT_IN_SEAL, Fault.SEAL_MISSING, Fault.SEAL_NOT_IN_LOG],
    ),
    "a head of the seal before": (saying(HEAD, first=2, last=2), [Fault.SEAL_OUT_OF_PLACE]),
    "a head of the seal behind": (saying(HEAD, first=4, last=4), [Fault.SEAL_OUT_OF_PLACE, Fault.SEAL_MISSING]),
    "the proof of another seal": (with_line(PROOF, PAST.export(last=4)[-1]), [Fault.SEAL_NOT_IN_LOG]),
    "a checkpoint of another key": (
        saying(PROOF, note=signed_by(b"key2")(PAST.checkpoint())),
        [Fault.KEY_UNKNOWN],
    ),
    "a signature of another checkpoint": (
        saying(PROOF, note=f"{PAST.checkpoint()}\n{signed_by(KEY)(PAST.checkpoint(9)).partition(chr(10) * 2)[2]}"),
        [Fault.SIGNATURE_WRONG],
    ),
}


@pytest.mark.parametrize(("lines", "found"), OTHERS.values(), ids=OTHERS.keys())
def test_whatever_else_is_altered_is_named_as_in_a_file_of_many(lines: Lines, found: list[Fault]) -> None:
    assert faults(lines) == found


def test_a_history_that_is_made_anew_is_not_in_the_log_that_was_signed() -> None:
    forged = resealed(PAST, 3, tuple(row(number) for number in range(90, 95))).event(3, 1)

    assert faults([*forged[:PROOF], EVENT[PROOF]]) == [Fault.SEAL_NOT_IN_LOG]


def test_the_first_seal_counts_from_nothing() -> None:
    lines = PAST.event(1, 0)
    lines[SEAL] = reworded(lines[SEAL], total=4)

    assert faults(lines) == [Fault.COUNT_WRONG, Fault.SEAL_NOT_IN_LOG]


UNREADABLE: dict[str, Lines] = {
    "no event": [*EVENT[:ROW], EVENT[PROOF]],
    "two events": [*EVENT[: ROW + 1], PAST.rows[2][2], EVENT[PROOF]],
    "hashes, too": [*EVENT[: PLACE + 1], PAST.export(first=3, last=3)[2], *EVENT[ROW:]],
    "hashes in front": [*EVENT[:PLACE], PAST.export(first=3, last=3)[2], *EVENT[PLACE:]],
    "two places": [*EVENT[: PLACE + 1], *EVENT[PLACE:]],
    "a place in front of the seal": [EVENT[HEAD], EVENT[PLACE], EVENT[SEAL], *EVENT[ROW:]],
    "no place": [*EVENT[:PLACE], *EVENT[ROW:]],
    "a second seal": [*EVENT[:PROOF], *PAST.export(first=4, last=4)[1:]],
    "a second event of another seal": [*EVENT[:PROOF], *PAST.event(4, 0)[1:]],
    "a place under the second of two seals": [*PAST.export(first=3, last=3)[:-1], *EVENT[SEAL:]],
    "a head of two seals": saying(HEAD, first=2, last=3),
    "an index below zero": saying(PLACE, index=-1),
    "a truth value for an index": saying(PLACE, index=True),
    "an index that is too large": saying(PLACE, index=2**53),
    "an index with a fraction": saying(PLACE, index=1.0),
    "an index in words": saying(PLACE, index="1"),
    "no index": with_line(PLACE, line_of({"kind": "place", "path": PATH})),
    "no list of hashes": with_line(PLACE, line_of({"kind": "place", "index": 1})),
    "a hash that is none": saying(PLACE, path=[PATH[0].upper(), *PATH[1:]]),
    "one field more": saying(PLACE, more=1),
    "another order of the fields": with_line(PLACE, json.dumps(json.loads(EVENT[PLACE]))),
    "nothing behind the event": EVENT[:PROOF],
    "a line behind the proof": [*EVENT, EVENT[PROOF]],
}


@pytest.mark.parametrize("lines", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_file_that_has_not_the_form_is_unreadable(lines: Lines) -> None:
    assert faults(lines)[-1] == Fault.FILE_UNREADABLE


@given(st.data())
def test_no_change_of_any_character_goes_unseen(data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(EVENT) - 1))
    line = EVENT[number]
    place = data.draw(st.integers(0, len(line) - 1))
    other = data.draw(st.characters(exclude_characters=line[place]))

    assert faults(with_line(number, line[:place] + other + line[place + 1 :]))
