"""A refresh token that comes back: when it is the same app, and when somebody else holds it too."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from shared.domain.token.grants import REPEAT_WITHIN, Shown, shown
from tests.data.examples import NOON, ONE_DAY, grant_approved, token_after
from tests.domain.lives import refreshed

ONE_HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def came(generation: int, *, in_use: Iterable[int], after: timedelta, is_neighbour: bool = True) -> Shown:
    """Say what it means that a refresh token comes back after the fourth pair followed the second at noon."""
    grant = token_after(
        grant_approved(at=NOON - ONE_DAY),
        refreshed(2, at=NOON - 2 * ONE_HOUR),
        refreshed(3, at=NOON - ONE_HOUR),
        refreshed(4, follows=2, at=NOON),
    )
    assert grant.app is not None
    return shown(grant.app, generation=generation, in_use=frozenset(in_use), is_neighbour=is_neighbour, at=NOON + after)


def test_the_newest_is_the_one_to_refresh_with_whatever_was_used_and_wherever() -> None:
    assert {
        came(4, in_use=used, after=after, is_neighbour=is_neighbour)
        for used in ([], [2], [4])
        for after in (SECOND, ONE_DAY)
        for is_neighbour in (True, False)
    } == {Shown.NEWEST}


def test_several_processes_of_an_app_may_come_with_the_same_one_within_half_a_minute() -> None:
    assert came(2, in_use=[4], after=REPEAT_WITHIN) is Shown.REPEAT
    assert came(2, in_use=[4], after=REPEAT_WITHIN + SECOND) is Shown.REUSE


@pytest.mark.parametrize("in_use", [[], [1], [1, 2], [2, 3]])
def test_whoever_asks_again_for_an_answer_of_which_nothing_was_used_gets_it_as_long_as_it_is_good(
    in_use: list[int],
) -> None:
    for after in (REPEAT_WITHIN + SECOND, ONE_HOUR - SECOND):
        assert came(2, in_use=in_use, after=after) is Shown.REPEAT
        assert came(2, in_use=[*in_use, 4], after=after) is Shown.REUSE
    assert came(2, in_use=in_use, after=ONE_HOUR) is Shown.LOST
    assert came(2, in_use=[*in_use, 4], after=ONE_HOUR) is Shown.REUSE


@pytest.mark.parametrize("after", [timedelta(), REPEAT_WITHIN, REPEAT_WITHIN + SECOND, ONE_HOUR, 10 * ONE_DAY])
def test_nobody_elsewhere_gets_what_the_other_has_got(after: timedelta) -> None:
    assert came(2, in_use=[], after=after, is_neighbour=False) is Shown.LOST


def test_whoever_is_elsewhere_when_the_pair_is_in_use_is_somebody_else() -> None:
    for after in (timedelta(), REPEAT_WITHIN, REPEAT_WITHIN + SECOND):
        assert came(2, in_use=[4], after=after, is_neighbour=False) is Shown.REUSE


@for_all(
    generation=st.sampled_from([0, 1, 3]),
    in_use=st.frozensets(st.integers(1, 4)),
    after=st.timedeltas(timedelta(), timedelta(days=300)),
    is_neighbour=st.booleans(),
)
def test_any_other_is_a_reuse_always(
    *, generation: int, in_use: frozenset[int], after: timedelta, is_neighbour: bool
) -> None:
    assert came(generation, in_use=in_use, after=after, is_neighbour=is_neighbour) is Shown.REUSE
