"""The sliding window: never more than the limit in any 60 seconds, and nearly all of it at saturation.

Thirty-two containers, each with a clock of its own that is off by up to some seconds, count on one subject. The true
time is the simulation's; no test waits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from random import Random
from typing import Protocol

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from shared.domain import limits
from shared.domain.limits import REACH, RESET_AFTER, RING, SLOT_MS, Full, Window, let_through, slot_of, used
from shared.storage.contracts.tokens import Admitted
from shared.storage.rows.tokens import StoredTokens
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.examples import NOON, arrival, store_token, store_workspace
from tests.data.stores import memory_stores

CONTAINERS = 32
WINDOW_MS = 60_000
LONGEST_MS = WINDOW_MS + SLOT_MS
"""A refusal looks back this far at most."""


class Counter(Protocol):
    """Counts a request that a container sees at a moment of its own clock."""

    def __call__(self, container: int, clock_ms: int, limit: int) -> bool: ...


def pure_counter() -> Counter:
    window = Window()

    def count(container: int, clock_ms: int, limit: int) -> bool:
        nonlocal window
        del container
        answer = let_through(window, slot_of(NOON + timedelta(milliseconds=clock_ms)), limit)
        if isinstance(answer, Full):
            return False
        window = answer
        return True

    return count


def stored_counter() -> Counter:
    engine = SqliteEngine()
    stores = memory_stores(engine)
    store_workspace(stores)
    store_token(stores)
    containers = [StoredTokens(engine) for _ in range(CONTAINERS)]
    number = 0

    def count(container: int, clock_ms: int, limit: int) -> bool:
        nonlocal number
        number += 1
        now = NOON + timedelta(milliseconds=clock_ms)
        answer = containers[container].admit("tok1", arrival(request_id=str(number), now=now), limit=limit)
        return isinstance(answer, Admitted)

    return count


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a simulation saw, in milliseconds of true time."""

    let_in: Sequence[int]
    refused: Sequence[int]
    clock_spread: int

    def largest_window(self) -> int:
        """Count the most requests let in within any window, shortened by how far the clocks are apart."""
        length = WINDOW_MS - self.clock_spread
        return max((sum(start <= at < start + length for at in self.let_in) for start in self.let_in), default=0)


def simulate(count: Counter, *, limit: int, spread: int, chance: Random, requests: Sequence[int]) -> Run:
    offsets = [chance.randint(-spread // 2, spread // 2) for _ in range(CONTAINERS)]
    let_in: list[int] = []
    refused: list[int] = []
    for at in requests:
        container = chance.randrange(CONTAINERS)
        (let_in if count(container, at + offsets[container], limit) else refused).append(at)
    return Run(let_in=let_in, refused=refused, clock_spread=max(offsets) - min(offsets))


def demand(chance: Random, *, limit: int, seconds: int) -> list[int]:
    """Draw when requests arrive: a mix of steady streams, bursts and pauses, well above the limit on the whole."""
    at, moments = 0, list[int]()
    while at < seconds * 1000:
        match chance.randrange(4):
            case 0:
                moments += [at] * chance.randint(1, limit * 2)
            case 1:
                at += chance.choice([1, SLOT_MS - 1, SLOT_MS, WINDOW_MS - 1, WINDOW_MS, LONGEST_MS, 150_000])
            case _:
                step = max(1, 60_000 // (limit * chance.randint(1, 6)))
                for _ in range(chance.randint(1, limit * 3)):
                    at += chance.randint(1, 2 * step)
                    moments.append(at)
    return moments


COUNTERS = pytest.mark.parametrize("counter", [pure_counter, stored_counter], ids=["pure", "stored"])
seeds = st.integers(0, 2**32).map(Random)


@COUNTERS
@settings(max_examples=30)
@for_all(chance=seeds, limit=st.sampled_from([1, 2, 7, 30, 60]), spread=st.sampled_from([0, 10, 1_500, 6_000, 20_000]))
def test_no_60_seconds_see_more_than_the_limit_and_nobody_is_refused_without_cause(
    counter: Callable[[], Counter], chance: Random, limit: int, spread: int
) -> None:
    requests = demand(chance, limit=limit, seconds=400)

    run = simulate(counter(), limit=limit, spread=spread, chance=chance, requests=requests)

    assert run.largest_window() <= limit
    for at in run.refused:
        assert sum(at - LONGEST_MS - run.clock_spread < earlier <= at for earlier in run.let_in) >= limit


@COUNTERS
@pytest.mark.parametrize("limit", [30, 60])
@pytest.mark.parametrize("spread", [0, 50, 2_000])
def test_at_saturation_the_limit_is_never_passed_and_nine_tenths_of_it_are_used(
    counter: Callable[[], Counter], limit: int, spread: int, report_line: Callable[[str], None]
) -> None:
    chance = Random(limit + spread)
    minutes = 11
    requests = sorted(chance.randrange(minutes * 60_000) for _ in range(limit * minutes * 5))

    run = simulate(counter(), limit=limit, spread=spread, chance=chance, requests=requests)

    used_up = len(run.let_in) / (limit * minutes)
    report_line(
        f"limit {limit}, {CONTAINERS} containers, clocks {run.clock_spread} ms apart, {counter.__name__}:"
        f" largest window {run.largest_window()}, {used_up:.0%} of the limit used at saturation"
    )
    assert run.largest_window() <= limit
    assert used_up >= 0.9


# --- the window itself ------------------------------------------------------------------------------------------------


def test_a_limit_of_one_lets_one_through_in_eleven_slots() -> None:
    window = let_through(Window(), 100, 1)
    assert isinstance(window, Window)

    answers = [isinstance(let_through(window, slot, 1), Full) for slot in range(100, 100 + REACH + 2)]

    assert answers == [True] * (REACH + 1) + [False]


@for_all(slots=st.lists(st.integers(0, 60), max_size=40), slot=st.integers(0, 80), limit=st.integers(1, 3))
def test_a_full_window_says_in_which_slot_there_is_room_again(slots: list[int], slot: int, limit: int) -> None:
    window = Window()
    for each in slots:
        answer = let_through(window, each, limit)
        window = window if isinstance(answer, Full) else answer

    answer = let_through(window, slot, limit)

    if isinstance(answer, Full):
        assert isinstance(let_through(window, answer.opens_slot, limit), Window)
        for earlier in range(limits.effective_slot(window, slot), answer.opens_slot):
            assert isinstance(let_through(window, earlier, limit), Full)


@for_all(steps=st.lists(st.tuples(st.integers(0, 30), st.integers(0, REACH)), max_size=60), limit=st.integers(1, 5))
def test_the_counters_are_what_a_list_of_all_requests_would_say(steps: list[tuple[int, int]], limit: int) -> None:
    """Against the obvious way to do it: remember every request and count."""
    window, counted, fastest = Window(), list[int](), 1_000
    for step, lag in steps:
        fastest += step
        place = max([fastest - lag, *counted[-1:]])
        before = sum(place - REACH <= each <= place for each in counted)

        answer = let_through(window, fastest - lag, limit)

        assert isinstance(answer, Full) == (before >= limit)
        if isinstance(answer, Window):
            window = answer
            counted.append(place)
            assert used(window, place) == before + 1


def test_a_row_that_a_wrong_clock_sent_far_ahead_is_not_followed() -> None:
    ahead = let_through(Window(), 1_000_000, 1)
    assert isinstance(ahead, Window)

    answer = let_through(ahead, 100, 1)

    assert isinstance(answer, Window)
    assert answer.last_slot == 100


@pytest.mark.parametrize("lag", range(REACH + 1))
def test_a_clock_that_lags_counts_where_the_row_is(lag: int) -> None:
    window = let_through(Window(), 100, 5)
    assert isinstance(window, Window)

    answer = let_through(window, 100 - lag, 5)

    assert isinstance(answer, Window)
    assert (answer.last_slot, used(answer, 100)) == (100, 2)


@for_all(slots=st.lists(st.integers(0, 200), min_size=1, max_size=30))
def test_the_live_counters_never_meet_in_the_ring(slots: list[int]) -> None:
    window = Window()
    for slot in sorted(slots):
        answer = let_through(window, slot, 1_000)
        assert isinstance(answer, Window)
        live = set(answer.ending) if limits.is_fresh(window, slot) else {*answer.ending, *window.ending}
        assert len({each % RING for each in live}) == len(live)
        window = answer


def test_a_row_is_fresh_when_all_its_counters_are_stale() -> None:
    window = let_through(Window(), 100, 1)
    assert isinstance(window, Window)

    assert RESET_AFTER > REACH
    assert not limits.is_fresh(window, 100 + RESET_AFTER - 1)
    assert limits.is_fresh(window, 100 + RESET_AFTER)


def test_slots_follow_each_other_without_gap() -> None:
    starts = [limits.start_of(slot_of(NOON) + n) for n in range(5)]

    assert all(later - earlier == timedelta(milliseconds=SLOT_MS) for earlier, later in pairwise(starts))
    assert [slot_of(start) for start in starts] == [slot_of(NOON) + n for n in range(5)]
    assert slot_of(starts[1] - timedelta(milliseconds=1)) == slot_of(starts[0])


@pytest.mark.parametrize(("ahead", "seconds"), [(0, 1), (0.001, 1), (1, 1), (1.001, 2), (59.5, 60), (-5, 1)])
def test_a_client_is_told_to_wait_whole_seconds_and_at_least_one(ahead: float, seconds: int) -> None:
    assert limits.seconds_until(NOON + timedelta(seconds=ahead), NOON) == seconds
