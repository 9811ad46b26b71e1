"""Sealing: every row once, in seals that stand on one another, under a log that is signed."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.trail.export import leaves_line
from shared.domain.trail.merkle import inclusion_path, leaf_hash, root_by_path
from shared.domain.trail.note import key_id_of, read_checkpoint, read_note
from shared.domain.trail.places import start_of
from shared.domain.trail.seal import Seal, seal_rows
from shared.services.trail.archive import read_archived
from shared.services.trail.seal_trail import SealingIncomplete
from shared.storage.engine import Delete, Key, Put, StoreUnavailable, Table
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.engines import Killed, MeddledEngine, die_before
from tests.data.examples import NOON, tool_called
from tests.data.memory_objects import MemoryObjects
from tests.services.trail.sealing import A_MINUTE, LOG_NAME, KeyInMemory, Sealing, calls

DAY = timedelta(days=1)


def assert_whole(sealing: Sealing, expected: dict[str, int]) -> None:
    """Every row is under one seal, every seal stands on the one before and in the log, and the log is signed."""
    note = sealing.seals.note()
    assert note is not None
    size, text = note
    checkpoint = read_checkpoint(read_note(text).text)
    assert (size, checkpoint.origin, checkpoint.size) == (sealing.seals.log_size(), LOG_NAME, size)
    in_log = 0
    for workspace_id, rows in expected.items():
        kept = sealing.kept(workspace_id)
        events: set[str] = set()
        previous: Seal | None = None
        for each in kept:
            head, hashes, *lines = read_archived(each.seal, archive=sealing.archive).lines
            leaves = [leaf_hash(line.encode()) for line in lines]
            assert (head, hashes) == (each.seal.line, leaves_line(leaves))
            assert each.seal == seal_rows(leaves, workspace_id=workspace_id, after=previous, at=each.seal.at)
            path = inclusion_path(each.index, size, sealing.seals.log_node)
            assert root_by_path(each.seal.hash, index=each.index, size=size, path=path) == checkpoint.root
            events.update(json.loads(line)["id"] for line in lines)
            previous = each.seal
        assert previous is not None
        assert (len(events), previous.total) == (rows, rows)
        in_log += len(kept)
    assert in_log == size


def test_what_is_new_is_sealed_once() -> None:
    sealing = Sealing.in_memory()
    sealing.record(*calls(3))

    first, second = sealing.run(), sealing.run(NOON + 2 * A_MINUTE)

    assert (first.workspaces, first.seals, first.rows) == (1, 1, 3)
    assert (second.workspaces, second.seals, second.rows) == (0, 0, 0)
    assert_whole(sealing, {"ws1": 3})


def test_a_row_of_this_minute_waits_for_the_next_run() -> None:
    sealing = Sealing.in_memory()
    sealing.record(*calls(1))

    assert sealing.run(NOON + timedelta(seconds=59)).rows == 0
    assert sealing.run(NOON + timedelta(seconds=60)).rows == 1


def test_a_run_tells_how_long_the_oldest_mark_had_waited_and_not_how_old_its_rows_are() -> None:
    lags: list[timedelta] = []
    sealing = Sealing.in_memory()
    sealing.run(meter=lags.append)
    sealing.record(*calls(1), now=NOON + timedelta(minutes=20))
    sealing.record(*calls(1), workspace_id="ws2", now=NOON + timedelta(minutes=24))
    sealing.run(NOON + timedelta(minutes=25), meter=lags.append)

    assert lags == [timedelta(), timedelta(minutes=5)]


def test_a_row_that_comes_late_is_under_the_next_seal() -> None:
    sealing = Sealing.in_memory()
    sealing.record(*calls(3, first=10, at=NOON))
    sealing.run()
    sealing.record(tool_called(number=5, at=NOON - DAY), now=NOON + A_MINUTE)

    sealing.run(NOON + 2 * A_MINUTE)

    assert [each.seal.count for each in sealing.kept()] == [3, 1]
    assert_whole(sealing, {"ws1": 4})


def test_a_mark_that_comes_again_seals_nothing_again() -> None:
    sealing = Sealing.in_memory()
    rows = calls(5)
    sealing.record(*rows)
    sealing.run()
    sealing.mark(*rows[1:3], now=NOON + A_MINUTE)

    assert sealing.run(NOON + 2 * A_MINUTE).seals == 0
    assert_whole(sealing, {"ws1": 5})


def test_the_seals_of_all_workspaces_are_in_one_log() -> None:
    sealing = Sealing.in_memory()
    counts = {f"ws{number}": 1 + number % 3 for number in range(90)}
    for workspace_id, count in counts.items():
        sealing.record(*calls(count), workspace_id=workspace_id)

    assert sealing.run().seals == 90
    assert_whole(sealing, counts)


def test_more_rows_than_a_seal_holds_are_under_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.services.trail.seal_trail.ROWS_A_SEAL", 4)
    monkeypatch.setattr("shared.services.trail.seal_trail.ROWS_AT_ONCE", 10)
    sealing = Sealing.in_memory()
    for workspace_id in ("ws1", "ws2", "ws3"):
        sealing.record(*calls(9), workspace_id=workspace_id)

    sealing.run()

    assert [each.seal.count for each in sealing.kept("ws2")] == [4, 4, 1]
    assert_whole(sealing, {"ws1": 9, "ws2": 9, "ws3": 9})


def test_a_checkpoint_is_signed_with_the_key_that_it_names() -> None:
    sealing = Sealing.in_memory()
    sealing.record(*calls(1))
    sealing.run()

    size_and_note = sealing.seals.note()
    assert size_and_note is not None
    note = read_note(size_and_note[1])
    public = load_der_public_key(sealing.signer.public_key)
    assert isinstance(public, EllipticCurvePublicKey)
    public.verify(note.signatures[0].signature, note.text.encode(), ECDSA(SHA256()))
    assert note.signatures[0].key_id == key_id_of(sealing.signer.public_key)


def test_there_is_one_statement_of_each_size_however_often_it_is_signed() -> None:
    sealing = Sealing.in_memory()
    sealing.record(*calls(1))
    sealing.run()
    before = sealing.seals.note()

    sealing.seals.keep_note(1, "another")
    sealing.run(NOON + 2 * A_MINUTE)

    assert sealing.seals.note() == before


@pytest.mark.parametrize("write", range(12))
def test_a_run_that_dies_is_finished_by_the_next(write: int) -> None:
    engine = MeddledEngine()
    sealing = Sealing.over(engine)
    for workspace_id in ("ws1", "ws2"):
        sealing.record(*calls(3), workspace_id=workspace_id)
    engine.meddle = die_before(write)
    with suppress(Killed):
        sealing.run()
    engine.meddle = None
    sealing.record(tool_called(number=9, at=NOON + A_MINUTE), now=NOON + A_MINUTE)

    sealing.run(NOON + 2 * A_MINUTE)

    assert_whole(sealing, {"ws1": 4, "ws2": 3})
    assert sealing.seals.marks(before=NOON + DAY, limit=10) == []


@pytest.mark.parametrize("write", range(12))
def test_two_runs_at_once_seal_every_row_once(write: int) -> None:
    engine = MeddledEngine()
    sealing = Sealing.over(engine)
    for workspace_id in ("ws1", "ws2"):
        sealing.record(*calls(3), workspace_id=workspace_id)

    def overtaken(number: int) -> None:
        if number == write:
            sealing.run()

    engine.meddle = overtaken
    sealing.run()

    assert_whole(sealing, {"ws1": 3, "ws2": 3})


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 4), st.integers(0, 3)), min_size=1, max_size=10))
def test_whatever_comes_in_whichever_order_is_sealed_once(batches: list[tuple[int, int, int]]) -> None:
    sealing = Sealing.in_memory()
    now, rows = NOON, 0
    for days_late, count, marked_again in batches:
        new = calls(count, first=rows + 1, at=now - days_late * DAY)
        sealing.record(*new, now=now)
        for _ in range(marked_again):
            sealing.mark(*new, now=now)
        now, rows = now + A_MINUTE, rows + count
        sealing.run(now)

    assert_whole(sealing, {"ws1": rows})


def test_a_signature_that_fails_leaves_the_log_to_be_signed_by_the_next_run() -> None:
    sealing = Sealing.in_memory()
    sealing.record(*calls(2))

    with pytest.raises(SealingIncomplete, match="the log"):
        replace(sealing, signer=NoSigner()).run()
    assert sealing.seals.note() is None
    assert sealing.seals.log_size() == 1

    sealing.run(NOON + 2 * A_MINUTE)
    assert_whole(sealing, {"ws1": 2})


def test_runs_that_all_end_early_leave_nothing_unsigned_for_longer_than_to_the_next() -> None:
    sealing = Sealing.in_memory()
    sealing.record(*calls(2))
    with suppress(SealingIncomplete):
        replace(sealing, signer=NoSigner()).run()
    sealing.record(tool_called(number=3, at=NOON + A_MINUTE), now=NOON + A_MINUTE)

    with suppress(Killed):
        replace(sealing, archive=DeadlyArchive()).run(NOON + 2 * A_MINUTE)

    newest = sealing.seals.note()
    assert newest is not None
    assert newest[0] == sealing.seals.log_size() == 1


@pytest.mark.parametrize("refused", [StoreUnavailable, PermissionError])
def test_a_key_that_refuses_keeps_no_row_from_being_sealed(refused: type[Exception]) -> None:
    sealing = Sealing.in_memory()
    for minute in range(3):
        sealing.record(tool_called(number=minute + 1, at=NOON + minute * A_MINUTE), now=NOON + minute * A_MINUTE)
        with pytest.raises(SealingIncomplete):
            replace(sealing, signer=NoSigner(refused=refused)).run(NOON + (minute + 1) * A_MINUTE)

    sealing.run(NOON + 4 * A_MINUTE)

    assert_whole(sealing, {"ws1": 3})
    assert len(sealing.kept()) == 3


def lose_head(engine: SqliteEngine) -> None:
    engine.write(Delete(table=Table.CORE, key=Key("SEAL#ws1", "HEAD")))


def put_a_row_of_another_kind(engine: SqliteEngine) -> None:
    pk, sk = "W#ws1#2026-11-21", f"{start_of(NOON)}#mischief"
    engine.write(Put(table=Table.AUDIT, item={"pk": pk, "sk": sk, "type": "none.of.ours"}))


@pytest.mark.parametrize("break_one", [lose_head, put_a_row_of_another_kind])
def test_a_workspace_that_cannot_be_sealed_keeps_no_other_waiting(break_one: Callable[[SqliteEngine], None]) -> None:
    engine = SqliteEngine()
    sealing = Sealing.over(engine)
    for workspace_id in ("ws1", "ws2"):
        sealing.record(*calls(2), workspace_id=workspace_id)
    sealing.run()
    break_one(engine)
    for workspace_id in ("ws1", "ws2"):
        later = tool_called(number=3, at=NOON + A_MINUTE)
        sealing.record(later, workspace_id=workspace_id, now=NOON + A_MINUTE)
        sealing.mark(*calls(1), workspace_id=workspace_id, now=NOON + A_MINUTE)

    with pytest.raises(SealingIncomplete, match=r"^ws1$"):
        sealing.run(NOON + 2 * A_MINUTE)

    assert [kept.seal.count for kept in sealing.kept("ws2")] == [2, 1]
    assert sealing.seals.note() is not None
    assert [mark.workspace_id for mark in sealing.seals.marks(before=NOON + DAY, limit=9)] == ["ws1"]


def test_more_marks_than_are_read_at_once_are_all_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.services.trail.seal_trail.MARKS", 2)
    sealing = Sealing.in_memory()
    expected = {f"ws{number}": 2 for number in range(5)}
    for minute in range(2):
        for workspace_id in expected:
            at = NOON + minute * A_MINUTE
            sealing.record(tool_called(number=minute + 1, at=at), workspace_id=workspace_id, now=at)

    sealing.run(NOON + 2 * A_MINUTE)

    assert_whole(sealing, expected)
    assert sealing.seals.marks(before=NOON + DAY, limit=10) == []


def test_rows_of_several_days_are_under_seals_of_a_day_each() -> None:
    sealing = Sealing.in_memory()
    for days in (0, 1, 3):
        sealing.record(*calls(2, first=1 + days, at=NOON - days * DAY))

    sealing.run()

    assert [kept.seal.count for kept in sealing.kept()] == [2, 2, 2]
    assert_whole(sealing, {"ws1": 6})


class DeadlyArchive(MemoryObjects):
    def put(self, key: str, content: bytes) -> None:
        raise Killed(f"{len(content)} bytes at {key}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoSigner(KeyInMemory):
    refused: type[Exception] = StoreUnavailable

    def sign(self, message: bytes) -> bytes:
        raise self.refused(f"no signature of {len(message)} bytes")
