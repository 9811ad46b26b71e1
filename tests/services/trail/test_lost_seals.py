"""A seal that is gone, or whose rows are gone or are others: it is said, and stops nobody whom it does not concern."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest

from shared.services.trail import read_seals
from shared.services.trail.archive import archive_key, read_all_archived, read_archived
from shared.services.trail.export_trail import Limits, Wanted, find_export
from shared.storage.contracts.seals import SealLost
from shared.storage.engine import Delete, Key, Table
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.examples import NOON
from tests.services.trail.sealing import A_MINUTE, Sealing, calls
from tests.services.trail.test_export_trail import exported
from tests.services.trail.test_prove_event import ids, proved

SEALS = 5


@pytest.fixture
def engine() -> SqliteEngine:
    return SqliteEngine()


@pytest.fixture
def sealing(engine: SqliteEngine) -> Sealing:
    """Five minutes of two workspaces, three rows and one under each seal; nothing is folded."""
    sealing = Sealing.over(engine)
    for minute in range(SEALS):
        at = NOON + minute * A_MINUTE
        sealing.record(*calls(3, first=10 * minute + 1, at=at), now=at)
        sealing.record(*calls(1, first=minute + 1, at=at), workspace_id="ws2", now=at)
        sealing.run(at + A_MINUTE)
    return sealing


def lose(engine: SqliteEngine, number: int) -> None:
    engine.write(Delete(table=Table.AUDIT, key=Key("W#ws1#SEALS", f"{number:010d}")))


# --- seals ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at_once", [1, 2, 100])
@pytest.mark.parametrize("number", range(1, SEALS + 1))
def test_a_seal_that_is_gone_ends_folding_and_exports_and_is_named(
    engine: SqliteEngine, sealing: Sealing, number: int, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_seals, "SEALS_A_READ", at_once)
    lose(engine, number)

    with pytest.raises(SealLost, match=f"Seal {number} "):
        sealing.fold()
    with pytest.raises(SealLost, match=f"Seal {number} "):
        exported(sealing)
    assert sealing.fold("ws2") == SEALS


def test_what_is_before_a_seal_that_is_gone_or_behind_it_can_be_exported(
    engine: SqliteEngine, sealing: Sealing
) -> None:
    whole = exported(sealing)
    lose(engine, 3)

    assert exported(sealing, Wanted(last=2))[1:-1] == whole[1:11]
    assert exported(sealing, Wanted(first=4))[1:-1] == whole[16:-1]


def test_how_much_an_export_would_hold_is_not_guessed_where_a_seal_is_gone(
    engine: SqliteEngine, sealing: Sealing
) -> None:
    lose(engine, 2)

    with pytest.raises(SealLost, match="Seal 2 "):
        find_export("ws1", Wanted(first=2), seals=sealing.seals, limits=Limits(seals=2, rows=6))


def test_an_event_is_not_looked_for_past_a_seal_that_is_gone(engine: SqliteEngine, sealing: Sealing) -> None:
    *_, last = ids(sealing)
    lose(engine, SEALS)

    with pytest.raises(SealLost, match=f"Seal {SEALS} "):
        proved(sealing, last)


# --- rows -------------------------------------------------------------------------------------------------------------


def repacked(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[bytes], bytes]:
    def altered(packed: bytes) -> bytes:
        lines = gzip.decompress(packed).splitlines()
        return gzip.compress(b"".join(line + b"\n" for line in change(lines)))

    return altered


ALTERATIONS: dict[str, Callable[[bytes], bytes]] = {
    "it is empty": lambda _: b"",
    "it was never packed": gzip.decompress,
    "its end is cut off": lambda packed: packed[:-9],
    "it has only its head": lambda packed: packed[:10],
    "its middle is garbled": lambda packed: packed[:40] + bytes(len(packed) - 48) + packed[-8:],
    "its sum is wrong": lambda packed: packed[:-8] + bytes(4) + packed[-4:],
    "it is no text": lambda _: gzip.compress(b"\xff\xfe"),
    "it has no lines": lambda _: gzip.compress(b""),
    "it says another seal": repacked(lambda lines: [lines[0].replace(b'"number":2', b'"number":3'), *lines[1:]]),
    "it has another hash": repacked(lambda lines: [lines[0], lines[1].replace(b'["', b'["0', 1), *lines[2:]]),
    "a row is altered": repacked(lambda lines: [*lines[:-1], lines[-1].replace(b'"get_pnl"', b'"get_pnt"')]),
    "a row is left out": repacked(lambda lines: lines[:-1]),
    "a row is there twice": repacked(lambda lines: [*lines, lines[-1]]),
    "rows are in another order": repacked(lambda lines: [*lines[:2], *reversed(lines[2:])]),
    "it has no rows": repacked(lambda lines: lines[:2]),
}


@pytest.mark.parametrize("alteration", ALTERATIONS)
def test_an_object_that_is_not_what_was_sealed_answers_nothing(sealing: Sealing, alteration: str) -> None:
    seal = sealing.kept()[1].seal
    contents = sealing.archive.contents
    contents[archive_key(seal)] = ALTERATIONS[alteration](contents[archive_key(seal)])

    with pytest.raises(SealLost, match="Seal 2 "):
        read_archived(seal, archive=sealing.archive)
    with pytest.raises(SealLost, match="Seal 2 "):
        exported(sealing)


def test_an_object_of_another_seal_in_its_place_answers_nothing(sealing: Sealing) -> None:
    _, second, third, *_ = (kept.seal for kept in sealing.kept())
    contents = sealing.archive.contents
    contents[archive_key(second)] = contents[archive_key(third)]

    with pytest.raises(SealLost, match="Seal 2 "):
        read_archived(second, archive=sealing.archive)
    assert [read.seal for read in read_all_archived([third], archive=sealing.archive)] == [third]
