"""The Markov model against a walk through its chain, step by step, and against what others have published."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.analytics.attribution import DECAY, END, START, removal_effects, shared_out
from tests.data import mta_paths
from tests.data.walking import effects_by_walking, steps_of

channels = st.sampled_from("abcde")
some_paths = st.lists(
    st.tuples(st.lists(channels, min_size=1, max_size=5), st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=8
).filter(lambda paths: any(converted for _, converted, _ in paths) and all(sum(path[1:]) for path in paths))


@given(some_paths)
def test_removal_effects_are_what_a_walk_through_the_chain_finds(paths: list[tuple[list[str], int, int]]) -> None:
    walked = steps_of(paths)

    assert removal_effects(walked.steps, walked.lost) == pytest.approx(effects_by_walking(walked), abs=1e-9)


@given(some_paths)
def test_they_need_no_paths_that_led_to_nothing(paths: list[tuple[list[str], int, int]]) -> None:
    walked = steps_of((channels, converted, 0) for channels, converted, _ in paths if converted)

    assert removal_effects(walked.steps) == pytest.approx(effects_by_walking(walked), abs=1e-9)


@pytest.mark.parametrize(
    ("paths", "effects"),
    [
        # The example of "Marketing Multi-Channel Attribution model with R, part 1" on analyzecore.com, 2016
        (
            [(["C1", "C2", "C3"], 1, 0), (["C1"], 0, 1), (["C2", "C3"], 0, 1)],
            {"C1": 0.5, "C2": 1.0, "C3": 1.0},
        ),
        # The example of pychattr, whose simulated shares are 1.99 and 1.01 of three conversions
        (
            [("ABABBA", 1, 0), ("ABBAA", 1, 0), ("AA", 1, 0)],
            {"A": 1.0, "B": 0.5},
        ),
    ],
)
def test_published_examples_come_out_as_published(
    paths: list[tuple[Sequence[str], int, int]], effects: dict[str, float]
) -> None:
    walked = steps_of(paths)

    assert removal_effects(walked.steps, walked.lost) == pytest.approx(effects, abs=1e-12)


@pytest.mark.parametrize("with_nulls", [True, False])
def test_ten_thousand_real_paths_come_out_as_a_walk_finds_them(with_nulls: bool) -> None:  # noqa: FBT001 - a parameter
    walked = steps_of((path.channels, path.conversions, path.nulls * with_nulls) for path in mta_paths.paths())

    assert removal_effects(walked.steps, walked.lost) == pytest.approx(effects_by_walking(walked), rel=1e-9)


@given(some_paths)
def test_a_channel_on_no_path_changes_nothing(paths: list[tuple[list[str], int, int]]) -> None:
    walked = steps_of(paths)
    unused = {(START, "unused"): 0, ("unused", "a"): 0, ("unused", END): 0}

    assert removal_effects({**walked.steps, **unused}, walked.lost) == removal_effects(walked.steps, walked.lost)


def test_orders_without_a_path_are_nobody_s() -> None:
    assert removal_effects({(START, "a"): 3, ("a", END): 3, (START, END): 97}) == {"a": 1.0}
    assert removal_effects({(START, END): 97}) == {}


@given(st.integers(-(10**15), 10**15), st.dictionaries(st.text(), st.floats(0, 1)))
def test_what_is_shared_out_adds_up_to_the_last_unit(amount: int, effects: dict[str, float]) -> None:
    shares = shared_out(amount, effects)

    assert not shares or sum(shares.values()) == amount
    assert bool(shares) == any(effect > 2**-41 for effect in effects.values())


@pytest.mark.parametrize("age", range(91))
def test_a_touch_weighs_half_as_much_as_one_a_week_later(age: int) -> None:
    assert DECAY[age] / DECAY[0] == pytest.approx(2 ** (-age / 7), rel=1e-6)
    assert age < 7 or DECAY[age] * 2 == DECAY[age - 7]
