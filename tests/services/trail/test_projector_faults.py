"""Whatever streams, stores and processes do: each row is under one seal, and each call is accounted for once.

`make bench PARTS=projector` prints the table of all places.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.services.trail.disturbed import Asked, Left, history, live
from tests.services.trail.going_wrong import OF_STORES, OF_STREAMS, Faults, unavailable_often

CALLS = 14
STEPS = 350
"""More calls to stores than a history of so many calls takes, were there no faults."""


@cache
def asked(seed: int) -> tuple[Asked, ...]:
    return tuple(history(Random(seed), calls=CALLS))


@cache
def undisturbed(seed: int) -> Left:
    return live(asked(seed), Faults())


def assert_nothing_is_seen_of(faults: Faults, *, seed: int) -> None:
    left = live(asked(seed), faults, seed=seed)

    assert (left.lost, left.twice) == (0, 0)
    assert left.unaccounted == left.planted
    assert left.rows == undisturbed(seed).rows
    assert left.is_as(undisturbed(seed))


def test_without_faults_all_that_is_asked_is_there() -> None:
    left = undisturbed(7)

    ends = [each.end for each in asked(7)]
    assert set(ends) == {"answered", "refused", "unheard"}
    assert left.planted.total() == ends.count("unheard")
    assert (
        left.sealed.total() == 11 + CALLS
    )  # of workspaces and their owners six, of tokens five, and one for each call
    assert (left.lost, left.twice) == (0, 0)
    assert left.steps < STEPS


@pytest.mark.parametrize("name", OF_STREAMS)
def test_nothing_is_lost_or_counted_twice_however_a_stream_delivers(name: str) -> None:
    for seed in range(2):
        assert_nothing_is_seen_of(OF_STREAMS[name], seed=seed)


@settings(max_examples=12)
@given(st.sampled_from([*OF_STORES]), st.sampled_from([*OF_STREAMS]), st.integers(0, STEPS), st.integers(0, 5))
def test_nothing_is_lost_or_counted_twice_wherever_a_process_ends_or_a_store_fails(
    store: str, stream: str, step: int, seed: int
) -> None:
    once = OF_STORES[store](step)

    assert_nothing_is_seen_of(replace(OF_STREAMS[stream], before=once.before, after=once.after), seed=seed)


def test_nothing_is_lost_or_counted_twice_while_a_store_is_throttled_again_and_again() -> None:
    for seed in range(3):
        often = Faults(late=True, before=unavailable_often(Random(seed)), after=unavailable_often(Random(-seed)))

        assert_nothing_is_seen_of(often, seed=seed)
