"""Running sums, on every engine: what is stored is what is read, and a run that dies leaves nothing half true."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date

import pytest

from shared.domain.facts.running import Running, RunningSums
from shared.storage.contracts.streams import StreamMoved
from shared.storage.engine import Engine, Item, Key, Put, StoreUnavailable, Table, Write
from shared.storage.rows.facts import whole_partition
from shared.storage.rows.rollups import StoredRollups
from tests.data.faults import Passing
from tests.storage.places import Place

WORKSPACE = "wks_1"
OCTOBER = "2026-10"


LONG_NAMES = [hashlib.blake2b(str(number).encode()).hexdigest() for number in range(4_000)]
"""Of several parts, in few keys: nothing about them can be packed."""
LARGEST_ITEM = 400_000
"""Bytes. What DynamoDB takes."""


class Killed(BaseException):
    """The process ended here."""


class Mortal(Passing):
    """Dies instead of its transaction of this number, counted from 0."""

    def __init__(self, engine: Engine, *, last: int) -> None:
        super().__init__(engine)
        self.left = last
        self.transactions = 0

    def transact(self, writes: Sequence[Write], *, request_token: str) -> None:
        if self.left == self.transactions:
            raise Killed
        self.transactions += 1
        super().transact(writes, request_token=request_token)


def sums(day: int, units: Mapping[str, int], *, month: str = OCTOBER, of: Running = Running.VARIANT) -> RunningSums:
    keys = sorted(units)
    return RunningSums(
        of=of, day=date.fromisoformat(f"{month}-{day:02}"), keys=keys, columns={"units": [units[key] for key in keys]}
    )


def claimed(place: Place, run: str = "run") -> StoredRollups:
    figures = StoredRollups(place.engine())
    figures.claim(WORKSPACE, run)
    return figures


def store(figures: StoredRollups, *of_days: RunningSums, digest: str, run: str = "run", month: str = OCTOBER) -> None:
    figures.store_running(WORKSPACE, Running.VARIANT, month, of_days, digest=digest, run=run)


def read(figures: StoredRollups, day: int, *, month: str = OCTOBER) -> dict[str, int]:
    (found,) = figures.running(WORKSPACE, Running.VARIANT, [date.fromisoformat(f"{month}-{day:02}")])
    return dict(zip(found.keys, found.columns.get("units", ()), strict=True)) if found.columns else {}


def shown(figures: StoredRollups) -> list[dict[str, int]]:
    """Give what there is to read of October, day by day."""
    return [read(figures, day) for day in range(1, 32)]


def digests(figures: StoredRollups) -> Mapping[str, str]:
    return figures.running_digests(WORKSPACE, Running.VARIANT)


def rows(place: Place) -> list[Item]:
    """Give the rows of October that there are, whether anybody reads them or not."""
    return list(whole_partition(place.engine(), f"T#{WORKSPACE}#R#VARIANT#{OCTOBER}"))


def test_a_day_reads_as_the_last_one_up_to_it_on_which_something_changed(place: Place) -> None:
    figures = claimed(place)
    store(figures, sums(3, {"A": 1}), sums(7, {"A": 1, "B": 5}), digest="d")

    assert [read(figures, day) for day in (1, 2, 3, 6, 7, 31)] == [
        {},
        {},
        {"A": 1},
        {"A": 1},
        {"A": 1, "B": 5},
        {"A": 1, "B": 5},
    ]
    assert digests(figures) == {OCTOBER: "d"}


def test_a_month_a_kind_and_a_workspace_have_their_own(place: Place) -> None:
    figures = claimed(place)
    store(figures, sums(3, {"A": 1}), digest="d")
    store(figures, sums(2, {"A": 9}, month="2026-11"), digest="e", month="2026-11")

    assert (read(figures, 30), read(figures, 1, month="2026-11")) == ({"A": 1}, {})
    assert read(figures, 2, month="2026-11") == {"A": 9}
    assert digests(figures) == {OCTOBER: "d", "2026-11": "e"}
    assert [sums.keys for sums in figures.running(WORKSPACE, Running.CAMPAIGN, [date(2026, 10, 31)])] == [[]]
    assert [sums.keys for sums in figures.running("wks_2", Running.VARIANT, [date(2026, 10, 31)])] == [[]]
    assert figures.running_digests(WORKSPACE, Running.CAMPAIGN) == {}


def test_more_things_than_one_row_holds_are_read_together(place: Place) -> None:
    figures = claimed(place)
    many = {name: number for number, name in enumerate(LONG_NAMES)}
    few = {"sku-00000": 4}
    store(figures, sums(1, few), sums(2, many), digest="d")

    assert (read(figures, 1), read(figures, 2)) == (few, many)
    of_day = [item for item in rows(place) if str(item["sk"]).startswith("02#")]
    assert len(of_day) > 1
    assert all(len(str(item["doc"]).encode()) < LARGEST_ITEM for item in of_day)

    store(figures, sums(1, few), sums(2, few), digest="e")
    assert [read(figures, day) for day in (1, 2, 31)] == [few, few, few], "no part of the larger day is left"


def test_a_month_that_shrinks_loses_the_days_that_are_no_more(place: Place) -> None:
    figures = claimed(place)
    store(figures, sums(3, {"A": 1}), sums(7, {"A": 2}), sums(9, {"A": 3}), digest="d")
    store(figures, sums(7, {"A": 1}), digest="e")

    assert [read(figures, day) for day in (6, 7, 31)] == [{}, {"A": 1}, {"A": 1}]

    store(figures, digest="")
    assert shown(figures) == [{}] * 31
    assert digests(figures).get(OCTOBER, "") == ""


def test_what_did_not_change_is_not_written_again(place: Place) -> None:
    figures = claimed(place)
    store(figures, sums(1, {"A": 1}), sums(2, {"A": 2}), digest="d")
    counted = Counting(place.engine())
    store(StoredRollups(counted), sums(1, {"A": 1}), sums(2, {"A": 3}), digest="e")

    assert [day[:6] for day in counted.days] == ["02#000"]
    assert read(figures, 2) == {"A": 3}


class Counting(Passing):
    """Notes which days are written."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.days: list[str] = []

    def transact(self, writes: Sequence[Write], *, request_token: str) -> None:
        self.days += [str(write.item["sk"]) for write in writes if isinstance(write, Put) and "doc" in write.item]
        super().transact(writes, request_token=request_token)


def test_a_run_that_lost_the_claim_writes_nothing(place: Place) -> None:
    figures = claimed(place, "first")
    store(figures, sums(3, {"A": 1}), digest="d", run="first")
    figures.claim(WORKSPACE, "second")

    with pytest.raises(StreamMoved):
        store(figures, sums(3, {"A": 2}), sums(4, {"A": 2}), digest="e", run="first")

    assert (shown(figures)[2:4], digests(figures)) == ([{"A": 1}, {"A": 1}], {OCTOBER: "d"})
    store(figures, sums(3, {"A": 5}), digest="f", run="second")
    assert (read(figures, 31), digests(figures)) == ({"A": 5}, {OCTOBER: "f"})


BEFORE = (sums(1, {"A": 1}), sums(4, {"A": 2}), sums(9, dict.fromkeys(LONG_NAMES, 1)))
DIES = (sums(1, {"A": 1}), sums(5, {"A": 7}), sums(6, {"A": 8}))
AFTER = (sums(2, {"B": 3}), sums(6, {"B": 4}))
TURNED = 2
"""The transaction by which the month changes, counted from 0."""


def test_whoever_takes_over_from_a_run_that_died_leaves_the_month_as_if_it_had_never_been(place: Place) -> None:
    """The run dies before each of its transactions in turn, and all the while the month is one or the other."""
    figures = claimed(place)
    store(figures, *DIES, digest="dies")
    dying = shown(figures)
    store(figures, *AFTER, digest="after")
    expected, after, number, died = shown(figures), rows(place), 0, True
    while died:
        figures.claim(WORKSPACE, "run")
        store(figures, *BEFORE, digest="before")
        before = shown(figures)
        died = False
        try:
            store(StoredRollups(Mortal(place.engine(), last=number)), *DIES, digest="dies")
        except Killed:
            died = True
            assert shown(figures) == (before if number <= TURNED else dying), f"killed before write {number}"
            of_october = digests(figures).get(OCTOBER)
            assert of_october == ("before" if number == 0 else None), "a month with rows left behind is made anew"

        figures.claim(WORKSPACE, "next")
        store(figures, *AFTER, digest="after", run="next")
        assert (shown(figures), digests(figures)) == (expected, {OCTOBER: "after"}), f"killed before write {number}"
        assert rows(place) == after, "nothing is left behind"
        number += 1
    assert number == 1 + 5, "what is coming, the rows, the pointer, what is deleted, that it is deleted"


class Interrupted(Passing):
    """Lets somebody read after each of its transactions."""

    def __init__(self, engine: Engine, ask: Callable[[], None]) -> None:
        super().__init__(engine)
        self.ask = ask

    def transact(self, writes: Sequence[Write], *, request_token: str) -> None:
        super().transact(writes, request_token=request_token)
        self.ask()


def test_two_days_of_a_month_are_never_of_two_runs_however_far_the_later_run_is(place: Place) -> None:
    figures, seen = claimed(place), list[int]()

    def difference() -> None:
        """Sum up 11 to 20 October, as tools do."""
        until, less = (read_of["A"] for read_of in together(figures, 20, 10))
        seen.append(until - less)

    store(figures, *(sums(day, dict.fromkeys(LONG_NAMES, day) | {"A": day}) for day in (10, 20)), digest="d")
    later = StoredRollups(Interrupted(place.engine(), difference))
    store(later, *(sums(day, dict.fromkeys(LONG_NAMES, 7 * day) | {"A": 7 * day}) for day in (10, 20)), digest="e")

    assert sorted(set(seen)) == [10, 70]
    assert seen == sorted(seen)


class Overtaken(Passing):
    """A run stores another month between the reading of the pointer and that of its rows, a number of times."""

    def __init__(self, engine: Engine, figures: StoredRollups, *, times: int) -> None:
        super().__init__(engine)
        self.figures = figures
        self.times = times

    def get_many(self, table: Table, keys: Sequence[Key], *, consistently: bool = True) -> dict[Key, Item]:
        if self.times:
            self.times -= 1
            store(self.figures, *(sums(day, {"A": (100 - self.times) * day}) for day in (10, 20)), digest="e")
        return super().get_many(table, keys, consistently=consistently)


def test_whoever_reads_while_a_month_is_replaced_reads_it_again_and_gives_up_in_the_end(place: Place) -> None:
    figures = claimed(place)
    store(figures, *(sums(day, {"A": day}) for day in (10, 20)), digest="d")

    overtaken = StoredRollups(Overtaken(place.engine(), figures, times=2))
    assert together(overtaken, 20, 10) == [{"A": 2_000}, {"A": 1_000}]
    with pytest.raises(StoreUnavailable):
        together(StoredRollups(Overtaken(place.engine(), figures, times=50)), 20, 10)


class Lagging(Passing):
    """Shows what was there a while ago, but to those who ask for what is there now."""

    def __init__(self, engine: Engine, *, misses: Sequence[str]) -> None:
        super().__init__(engine)
        self.misses = misses
        self.asked: list[bool] = []

    def get_many(self, table: Table, keys: Sequence[Key], *, consistently: bool = True) -> dict[Key, Item]:
        self.asked.append(consistently)
        found = super().get_many(table, keys, consistently=consistently)
        return {key: item for key, item in found.items() if consistently or key.sk[:2] not in self.misses}


def test_rows_are_read_at_half_the_price_and_those_that_a_lagging_read_misses_are_found(place: Place) -> None:
    figures = claimed(place)
    store(figures, *(sums(day, {"A": day}) for day in (10, 20)), digest="d")
    in_time, late = Lagging(place.engine(), misses=()), Lagging(place.engine(), misses=("20",))

    assert together(StoredRollups(in_time), 20, 10) == [{"A": 20}, {"A": 10}]
    assert together(StoredRollups(late), 20, 10) == [{"A": 20}, {"A": 10}]
    assert (in_time.asked, late.asked) == ([False], [False, True])


def together(figures: StoredRollups, *days: int) -> list[dict[str, int]]:
    found = figures.running(WORKSPACE, Running.VARIANT, [date(2026, 10, day) for day in days])
    return [dict(zip(each.keys, each.columns["units"], strict=True)) for each in found]
