"""A run that dies anywhere leaves what was before it or what comes after it, and the next run leads to the same end.

Every write of an import and of a fold, to the store and to the bucket, is one place to die at: once just before it and
once just after it, which is what a lost answer looks like. None is left out: the runs go on until one lives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import TypeVar

import pytest

from shared.domain.facts.imports import ImportStatus
from shared.domain.facts.running import Running
from shared.services.imports.import_upload import PART_BYTES
from shared.storage.engine import Delete, Item, Put, Update, Write
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.memory_objects import MemoryObjects
from tests.data.memory_queue import MemoryQueue
from tests.data.merchants import WORKSPACE, Merchant, as_file, header, order, refund, shown, summed

T = TypeVar("T")

CHANGED_SUMS = (Running.VARIANT, Running.CHANNELS_7, Running.CHANNELS_30, Running.CHANNELS_90)
"""What orders and refunds without a path are summed up in."""


class Died(Exception):
    """The machine is gone."""


@dataclass
class Fate:
    """Lets so many writes pass and then dies, before or after the next one; None: lives for ever."""

    writes_left: int | None = None
    after_it: bool = False

    def carry_out(self, write: Callable[[], T]) -> T:
        dies_now = self.writes_left == 0
        if dies_now and not self.after_it:
            raise Died
        done = write()
        if dies_now:
            raise Died
        if self.writes_left is not None:
            self.writes_left -= 1
        return done


class MortalEngine(SqliteEngine):
    """A store whose writer may die."""

    def __init__(self, path: Path, fate: Fate) -> None:
        super().__init__(path)
        self._fate = fate

    def write(self, write: Put | Update | Delete) -> Item | None:
        return self._fate.carry_out(lambda: super(MortalEngine, self).write(write))

    def transact(self, writes: Sequence[Write], *, request_token: str) -> None:
        self._fate.carry_out(lambda: super(MortalEngine, self).transact(writes, request_token=request_token))


class MortalObjects(MemoryObjects):
    """A bucket whose writer may die."""

    def __init__(self, contents: Mapping[str, bytes], fate: Fate) -> None:
        super().__init__()
        self.contents |= contents
        self._fate = fate

    def put_file(self, key: str, source: Path) -> None:
        self._fate.carry_out(lambda: super(MortalObjects, self).put_file(key, source))

    def put(self, key: str, content: bytes) -> None:
        self._fate.carry_out(lambda: super(MortalObjects, self).put(key, content))

    def delete(self, key: str) -> None:
        self._fate.carry_out(lambda: super(MortalObjects, self).delete(key))


class MortalQueue(MemoryQueue):
    """A queue whose sender may die."""

    def __init__(self, fate: Fate) -> None:
        super().__init__()
        self._fate = fate

    def send(self, message: str) -> None:
        self._fate.carry_out(lambda: super(MortalQueue, self).send(message))


FIRST = as_file([header("2026-11-10T00:00:00Z"), order(1, customer="a"), order(2, "2026-09-05", customer="b")])
SECOND = as_file([header("2026-11-11T00:00:00Z"), order(1, customer="a", shipping="5.00"), refund()])
MANY = as_file([header(), *(order(number) for number in range(5))])


@dataclass(frozen=True, kw_only=True)
class Deaths:
    """Lets a run die at each of its writes in turn, always from the same state."""

    folder: Path
    after_it: bool

    def count(
        self,
        *,
        prepare: Callable[[Merchant], object] = lambda _: None,
        run: Callable[[Merchant], object],
        look: Callable[[Merchant], None],
        part_bytes: int = PART_BYTES,
    ) -> int:
        """Look at what each death leaves, and count the writes."""
        prepared, bucket = self.folder / "prepared", MemoryObjects()
        prepared.touch()  # an empty file is an empty store, and a store makes its file with its first write only
        with closing(SqliteEngine(prepared)) as engine:
            prepare(Merchant(engine=engine, objects=bucket))
        for write in range(100):
            fate = Fate(after_it=self.after_it)
            store = copyfile(prepared, self.folder / str(write))
            with closing(MortalEngine(store, fate)) as engine:
                merchant = Merchant(
                    engine=engine,
                    objects=MortalObjects(bucket.contents, fate),
                    queue=MortalQueue(fate),
                    part_bytes=part_bytes,
                )
                fate.writes_left = write
                try:
                    run(merchant)
                except Died:
                    fate.writes_left = None
                    look(merchant)
                else:
                    return write
        pytest.fail("it never lived")


@pytest.fixture(params=[False, True], ids=["before it", "after it"])
def deaths(request: pytest.FixtureRequest, tmp_path: Path) -> Deaths:
    return Deaths(folder=tmp_path, after_it=request.param)


def test_an_import_that_dies_at_any_write_is_seen_whole_or_not_at_all(deaths: Deaths) -> None:
    whole = Merchant()
    nothing = shown(whole)
    whole.import_bytes(SECOND)
    whole.fold()

    def look(merchant: Merchant) -> None:
        merchant.fold()
        assert shown(merchant) in (nothing, shown(whole))
        assert merchant.import_bytes(SECOND).status is ImportStatus.FINISHED
        merchant.fold()
        assert shown(merchant) == shown(whole)
        assert [entry.generation for entry in merchant.figures.ledger(WORKSPACE)] == [1]

    writes = deaths.count(run=lambda merchant: merchant.import_bytes(SECOND), look=look)
    assert writes == len(["announced", "sent", "started", "orders", "refunds", "finished"])


def test_an_import_of_many_parts_that_dies_at_any_write_goes_on_when_it_is_delivered_again(deaths: Deaths) -> None:
    """The next delivery is of the message that led to the run that died: the file is not sent again."""
    whole = Merchant()
    at_once = whole.import_bytes(MANY)
    facts = whole.facts()
    led_on: set[int] = set()

    def prepare(merchant: Merchant) -> None:
        merchant.send(MANY)

    def run(merchant: Merchant) -> None:
        merchant.take_up(at_once)

    def look(merchant: Merchant) -> None:
        assert merchant.figures.ledger(WORKSPACE) in ([], whole.figures.ledger(WORKSPACE))
        led_on.add(len(merchant.queue.messages))
        assert merchant.take_up(at_once) == at_once
        assert merchant.figures.ledger(WORKSPACE) == whole.figures.ledger(WORKSPACE)
        assert merchant.facts() == facts

    a_part = ["its facts kept", "its checkpoint kept", "moved on", "handed on"]
    taken_away = ["facts", "checkpoint"]
    writes = deaths.count(prepare=prepare, run=run, look=look, part_bytes=1)
    assert writes == len(["started", *a_part * 4, "facts put", "finished", *taken_away * 4])
    assert led_on == ({0, 1} if deaths.after_it else {0})


def test_a_fold_that_dies_at_any_write_is_seen_whole_or_not_at_all(deaths: Deaths) -> None:
    whole = Merchant()
    whole.import_bytes(FIRST)
    whole.fold()
    before = shown(whole)
    whole.import_bytes(SECOND)
    whole.fold()
    after, sums_after = shown(whole), summed(whole)

    def prepare(merchant: Merchant) -> None:
        merchant.import_bytes(FIRST)
        merchant.fold()
        merchant.import_bytes(SECOND)

    def look(merchant: Merchant) -> None:
        assert shown(merchant) in (before, after)
        merchant.fold()
        assert (shown(merchant), summed(merchant)) == (after, sums_after)
        assert merchant.figures.marks(WORKSPACE) == []

    writes = deaths.count(prepare=prepare, run=Merchant.fold, look=look)
    sums = ["announced", "written", "turned to", "old ones taken away", "nothing loose"]
    assert writes == len(["claimed", *sums * len(CHANGED_SUMS), "stored", "mark taken away"])
