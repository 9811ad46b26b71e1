"""Checking an export: what was sealed holds, and each way of tampering is found and named."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.trail.archival import line_of
from shared.domain.trail.export import Proof
from shared.domain.trail.faults import Fault
from shared.domain.trail.merkle import leaf_hash
from shared.domain.trail.reading import FileUnreadable, read_proof
from shared.domain.trail.verify import verify_export
from tests.domain.trail.files import KEY, checked_with, history, resealed, row, signed_by

PAST = history([3, 1, 4, 2])
SEAL_2, SEAL_3 = 6, 9
"""Where the lines of seals stand in the export of `PAST`: each is followed by its hashes and its rows."""

Lines = list[str]


def faults(lines: Lines, *, key: bytes = KEY) -> list[Fault]:
    return [finding.fault for finding in verify_export(lines, check_signature=checked_with(key)).findings]


def reworded(line: str, **fields: object) -> str:
    return line_of({**json.loads(line), **fields})


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.data())
def test_what_was_sealed_holds_whichever_seals_are_taken(counts: list[int], data: st.DataObject) -> None:
    past = history(counts)
    first = data.draw(st.integers(1, len(counts)))
    last = data.draw(st.integers(first, len(counts)))
    seen = data.draw(st.integers(max(1, first - 1), last))
    size = data.draw(st.integers(past.log.index(past.seals[seen - 1].hash) + 1, len(past.log)))

    verdict = verify_export(
        past.export(first=first, last=last, earlier=size),
        check_signature=checked_with(KEY),
        earlier=past.proof(seen, size),
    )

    assert verdict.holds, verdict.findings
    assert verdict.rows == sum(counts[first - 1 : last])
    assert verdict.checkpoint == past.checkpoint()


def test_lines_may_end_as_lines_of_a_file_do() -> None:
    lines = [f"{line}\n" for line in PAST.export()]

    assert verify_export(lines, check_signature=checked_with(KEY)).holds


ROWS: dict[str, tuple[Callable[[Lines], Lines], list[Fault]]] = {
    "a row is modified": (
        lambda lines: [*lines[:11], lines[11].replace("event-2000", "event-9000"), *lines[12:]],
        [Fault.ROW_MODIFIED],
    ),
    "a row is deleted": (lambda lines: [*lines[:12], *lines[13:]], [Fault.ROW_DELETED]),
    "a row is inserted": (lambda lines: [*lines[:12], row(99), *lines[12:]], [Fault.ROW_INSERTED]),
    "a row stands there twice": (lambda lines: [*lines[:12], lines[11], *lines[12:]], [Fault.ROW_INSERTED]),
    "rows are reordered": (
        lambda lines: [*lines[:11], lines[12], lines[11], *lines[13:]],
        [Fault.ROWS_REORDERED],
    ),
    "a row moves to another seal": (
        lambda lines: [*lines[:8], lines[11], *lines[8:11], *lines[12:]],
        [Fault.ROW_INSERTED, Fault.ROW_DELETED],
    ),
}


@pytest.mark.parametrize(("altered", "found"), ROWS.values(), ids=ROWS.keys())
def test_rows_that_are_not_as_they_were_sealed_are_named(altered: Callable[[Lines], Lines], found: list[Fault]) -> None:
    assert faults(altered(PAST.export())) == found


def test_a_row_that_is_modified_together_with_its_hash_is_a_leaf_that_was_swapped() -> None:
    lines = PAST.export()
    lines[11] = lines[11].replace("event-2000", "event-9000")
    hashes = json.loads(lines[10])["hashes"]
    lines[10] = reworded(lines[10], hashes=[leaf_hash(lines[11].encode()).hex(), *hashes[1:]])

    assert faults(lines) == [Fault.LEAF_SWAPPED]


def test_a_seal_that_is_made_anew_over_other_rows_breaks_the_chain_behind_it() -> None:
    forged = resealed(PAST, 3, PAST.rows[2][:-1]).export()
    lines = [*forged[:SEAL_3], *forged[SEAL_3 : SEAL_3 + 5], *PAST.export()[SEAL_3 + 6 :]]

    assert Fault.SEAL_FORKED in faults(lines)
    assert Fault.COUNT_WRONG in faults(lines)


def test_a_history_that_is_made_anew_whole_is_not_in_the_log_that_was_signed() -> None:
    forged = resealed(PAST, 2, (row(99),)).export()

    assert faults([*forged[:-1], PAST.export()[-1]]) == [Fault.SEAL_NOT_IN_LOG]


KEPT = PAST.proof(2, 9)
"""What a reader has from before: seals 1 and 2, under a log of nine leaves."""


def faults_after(lines: Lines, earlier: Proof = KEPT) -> list[Fault]:
    verdict = verify_export(lines, check_signature=checked_with(KEY), earlier=earlier)
    return [finding.fault for finding in verdict.findings]


def test_a_history_and_a_log_that_are_made_anew_are_neither_the_seal_nor_the_log_that_was_kept() -> None:
    forged = resealed(PAST, 2, (row(99),))

    assert faults_after(forged.export(earlier=9)) == [Fault.SEAL_FORKED, Fault.LOG_REWRITTEN]
    assert faults_after(forged.export(first=3, earlier=9)) == [Fault.SEAL_FORKED, Fault.LOG_REWRITTEN]


def test_a_second_chain_in_the_same_log_is_not_the_one_that_was_kept() -> None:
    other = resealed(PAST, 1, (row(99), row(98), row(97)))
    forged = replace(other, log=(*PAST.log, *(seal.hash for seal in other.seals)))

    assert faults_after(forged.export(earlier=9)) == [Fault.SEAL_FORKED]
    assert faults_after(forged.export(first=3, earlier=9)) == [Fault.SEAL_FORKED]


def test_a_log_whose_growth_is_not_shown_is_told_apart_from_one_that_was_rewritten() -> None:
    assert faults_after(PAST.export()) == [Fault.GROWTH_MISSING]
    assert faults_after(PAST.export(earlier=8)) == [Fault.GROWTH_MISSING]


def test_a_log_of_the_same_size_needs_no_growth_but_the_same_root() -> None:
    forged = resealed(PAST, 4, (row(99), row(98)))

    assert faults_after(PAST.export(), PAST.proof(4, 16)) == []
    assert faults_after(forged.export(), PAST.proof(3, 16)) == [Fault.LOG_REWRITTEN]


def test_a_file_that_ends_before_what_was_seen_is_a_trail_that_was_rolled_back() -> None:
    assert faults_after(PAST.export(last=1, earlier=9)) == [Fault.TRAIL_ROLLED_BACK]


def test_a_checkpoint_that_is_older_than_the_one_that_was_kept_is_a_log_that_was_rolled_back() -> None:
    assert faults_after(history([3, 1]).export(), PAST.proof(2, 16)) == [Fault.LOG_ROLLED_BACK]


def test_seals_between_what_was_seen_and_the_file_are_missing() -> None:
    assert faults_after(PAST.export(first=4, earlier=9)) == [Fault.SEAL_MISSING]


def test_a_proof_of_another_workspace_does_not_belong_to_the_file() -> None:
    assert faults_after(PAST.export(earlier=9), replace(KEPT, workspace_id="wks_2")) == [Fault.SEAL_OUT_OF_PLACE]


def test_the_line_of_a_proof_is_what_a_reader_keeps() -> None:
    assert read_proof(PAST.export(earlier=9)[-1]).seal == 4
    assert read_proof(f"{KEPT.line}\n") == KEPT
    with pytest.raises(FileUnreadable):
        read_proof(PAST.export()[0])


def test_a_seal_that_is_dropped_is_missed() -> None:
    lines = PAST.export()

    assert faults([*lines[:SEAL_2], *lines[SEAL_3:]]) == [Fault.SEAL_MISSING]


def test_seals_that_are_dropped_at_the_end_are_missed() -> None:
    lines = PAST.export()

    assert faults([*lines[:SEAL_3], lines[-1]]) == [Fault.SEAL_MISSING, Fault.SEAL_NOT_IN_LOG]


def test_a_seal_that_is_repeated_is_out_of_place() -> None:
    lines = PAST.export()

    assert faults([*lines[:SEAL_3], *lines[SEAL_2:]])[0] == Fault.SEAL_OUT_OF_PLACE


@pytest.mark.parametrize("field", ["count", "total"])
def test_a_seal_that_counts_wrong_is_told_apart(field: str) -> None:
    lines = PAST.export()
    lines[SEAL_3] = reworded(lines[SEAL_3], **{field: 99})

    assert Fault.COUNT_WRONG in faults(lines)


def test_a_checkpoint_of_another_key_is_not_believed() -> None:
    lines = PAST.export()
    lines[-1] = reworded(lines[-1], note=signed_by(b"key2")(PAST.checkpoint()))

    assert faults(lines) == [Fault.KEY_UNKNOWN]


def test_a_checkpoint_of_another_log_under_the_same_key_is_not_believed() -> None:
    lines = PAST.export()
    checkpoint = replace(PAST.checkpoint(), origin="staging.example.com/trail")
    lines[-1] = reworded(lines[-1], note=signed_by(KEY)(checkpoint))

    assert faults(lines) == [Fault.KEY_UNKNOWN]


def test_a_signature_of_another_checkpoint_is_wrong() -> None:
    lines = PAST.export()
    text = str(PAST.checkpoint())
    signed = signed_by(KEY)(PAST.checkpoint(9)).partition("\n\n")[2]
    lines[-1] = reworded(lines[-1], note=f"{text}\n{signed}")

    assert faults(lines) == [Fault.SIGNATURE_WRONG]


@given(st.data())
def test_no_change_of_any_character_goes_unseen(data: st.DataObject) -> None:
    lines = PAST.export()
    number = data.draw(st.integers(0, len(lines) - 1))
    place = data.draw(st.integers(0, len(lines[number]) - 1))
    other = data.draw(st.characters(exclude_characters=lines[number][place]))
    lines[number] = lines[number][:place] + other + lines[number][place + 1 :]

    assert faults(lines)


@given(st.data())
def test_no_line_can_be_taken_out_or_put_in_twice_unseen(data: st.DataObject) -> None:
    lines = PAST.export()
    number = data.draw(st.integers(0, len(lines) - 1))

    assert faults([*lines[:number], *lines[number + 1 :]])
    assert faults([*lines[: number + 1], *lines[number:]])


@given(st.lists(st.text(max_size=40) | st.sampled_from(PAST.export()), max_size=12))
def test_whatever_a_file_holds_there_is_an_answer(lines: Lines) -> None:
    assert verify_export(lines, check_signature=checked_with(KEY)).findings


@pytest.mark.parametrize("number", [0, -1, True, 2**53, 1.0])
@pytest.mark.parametrize("field", ["number", "count", "total"])
def test_a_number_that_counts_nothing_is_unreadable(field: str, number: float) -> None:
    lines = PAST.export()
    lines[1] = reworded(lines[1], **{field: number})

    assert faults(lines) == [Fault.FILE_UNREADABLE]


@pytest.mark.parametrize("index", [-1, True, 2**53, 1.0, "1", None])
def test_an_index_that_is_none_is_unreadable(index: object) -> None:
    lines = PAST.export()
    lines[-1] = reworded(lines[-1], index=index)

    assert faults(lines) == [Fault.FILE_UNREADABLE]


def test_the_largest_index_is_only_wrong() -> None:
    lines = PAST.export()
    lines[-1] = reworded(lines[-1], index=2**53 - 1)

    assert faults(lines) == [Fault.SEAL_NOT_IN_LOG]


@pytest.mark.parametrize("more", [{"first": 0}, {"more": 1}, {"format": "merchant-mcp-trail/2"}])
def test_a_head_that_says_anything_else_is_unreadable(more: dict[str, object]) -> None:
    lines = PAST.export()
    lines[0] = reworded(lines[0], **more)

    assert faults(lines) == [Fault.FILE_UNREADABLE]


def test_a_hash_that_is_listed_twice_misses_one_row() -> None:
    lines = PAST.export()
    hashes = json.loads(lines[10])["hashes"]
    lines[10] = reworded(lines[10], hashes=[*hashes, hashes[0]])

    assert faults(lines) == [Fault.COUNT_WRONG, Fault.LEAF_SWAPPED, Fault.ROW_DELETED]


@pytest.mark.parametrize("line", ["[" * 100_000, '{"kind":' * 20_000, "9" * 10_000, '{"kind":"seal","number":true}'])
def test_lines_that_are_made_to_break_a_reader_are_unreadable(line: str) -> None:
    lines = PAST.export()

    assert faults([lines[0], line]) == [Fault.FILE_UNREADABLE]
