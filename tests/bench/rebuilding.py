"""How long it takes to make the index of a trail anew while calls go on, and whether it is the same to the byte."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from time import perf_counter

from shared.services.trail.archive import read_all_archived
from shared.services.trail.fold_seals import fold_seal
from shared.services.trail.rebuild_index import rebuild_index
from shared.storage.engine import Delete, Engine, Item, Key, Table
from shared.storage.rows.trail_index import StoredTrailIndex
from shared.storage.sqlite.engine import SqliteEngine
from shared.storage.sqlite.scratch import scratch_engine
from tests.bench.table import say_table
from tests.data.examples import NOON, tool_called
from tests.services.trail.sealing import Sealing

SEALS, ROWS_A_SEAL, TOKENS = 2_000, 50, 20
MEANWHILE = 20
"""Seals that are made and folded while the index is made anew, one each time that it tells how far it has come."""
A_MINUTE = timedelta(minutes=1)
INDEX = "W#ws1#TRAIL"


def say_rebuilding() -> None:
    """Print it for an index of which every document is lost, and for one of which nothing is."""
    with closing(SqliteEngine()) as engine:
        sealing = Sealing.over(engine)
        for minute in range(SEALS):
            _go_on(sealing, minute)
        for item in [*_index(engine)]:
            engine.write(Delete(table=Table.CORE, key=Key(INDEX, str(item["sk"]))))
        lost = _rebuild(sealing, engine, first=SEALS)
        whole = _rebuild(sealing, engine, first=SEALS + MEANWHILE)
    say_table(
        f"{SEALS * ROWS_A_SEAL:,} rows under {SEALS:,} seals, {MEANWHILE} more made and folded meanwhile",
        ("the index", "documents", "written", "seconds", "rows a second", "the same"),
        (("all lost", *lost), ("nothing lost", *whole)),
    )


def _go_on(sealing: Sealing, minute: int) -> None:
    """Have another minute of calls sealed and folded."""
    begins = NOON + minute * A_MINUTE
    some = [
        tool_called(
            token_id=f"tok{number % TOKENS}",
            number=minute * ROWS_A_SEAL + number,
            at=begins + number * A_MINUTE / ROWS_A_SEAL,
        )
        for number in range(ROWS_A_SEAL)
    ]
    sealing.record(*some, now=begins)
    sealing.run(begins + A_MINUTE)
    sealing.fold()


def _rebuild(sealing: Sealing, engine: Engine, *, first: int) -> tuple[str, ...]:
    made = iter(range(first, first + MEANWHILE))
    elsewhere = 0.0

    def meanwhile(*_: int) -> None:
        nonlocal elsewhere
        began = perf_counter()
        if (minute := next(made, None)) is not None:
            _go_on(sealing, minute)
        elsewhere += perf_counter() - began

    with scratch_engine() as scratch:
        began = perf_counter()
        done = rebuild_index(
            "ws1",
            seals=sealing.seals,
            index=sealing.index,
            archive=sealing.archive,
            scratch=StoredTrailIndex(scratch),
            progress=meanwhile,
        )
        seconds = perf_counter() - began - elsewhere
    rows = done.seals * ROWS_A_SEAL
    same = "yes" if _is_that_of_an_undisturbed(sealing, engine) else "no"
    return f"{done.documents:,}", f"{done.written:,}", f"{seconds:.1f}", f"{rows / seconds:,.0f}", same


def _is_that_of_an_undisturbed(sealing: Sealing, engine: Engine) -> bool:
    """Fold every seal once more into an empty index, and compare the rows."""
    with closing(SqliteEngine()) as another:
        undisturbed = StoredTrailIndex(another)
        kept = sealing.seals.seals("ws1", first=1, limit=SEALS + 2 * MEANWHILE)
        for archived in read_all_archived((each.seal for each in kept), archive=sealing.archive):
            fold_seal(archived, index=undisturbed)
        return [*_index(another)] == [*_index(engine)]


def _index(engine: Engine) -> Iterator[Item]:
    page = engine.query(Table.CORE, INDEX)
    yield from page.items
    while page.next is not None:
        page = engine.query(Table.CORE, INDEX, after=page.next)
        yield from page.items
