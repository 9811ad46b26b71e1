"""A token that nobody uses any more is found by its own habit: flagged, perhaps suspended, and cleared by any use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from shared.domain.token.attendance import LONGEST_SILENCE_DAYS, SHORTEST_SILENCE_DAYS, allowed_silence
from shared.domain.token.commands import AttendToken
from shared.domain.token.decider import decide, replay
from shared.domain.token.events import AbandonmentCleared, AbandonmentFlagged, TokenEvent, TokenSuspended
from shared.domain.token.state import Token
from tests.data.examples import NOON, ONE_DAY, token_created
from tests.domain.deciding import Given
from tests.domain.lives import (
    A_MOMENT,
    ENDLESS,
    attend,
    flagged,
    happened,
    living,
    on_day,
    resumed,
    rotated,
    suspended,
    token_after,
    use_on,
)


def given(*history: TokenEvent) -> Given[AttendToken, TokenEvent, Token]:
    return Given(decide, replay(history))


def flags(events: Sequence[TokenEvent]) -> list[TokenEvent]:
    return [event for event in events if isinstance(event, AbandonmentFlagged | AbandonmentCleared)]


def test_a_token_that_nobody_ever_used_is_flagged_after_two_weeks() -> None:
    given(living(90)).when(attend(on_day(14) - A_MOMENT)).then()
    given(living(90)).when(attend(on_day(14))).then(flagged(14))


def test_a_token_that_was_used_once_may_be_silent_for_a_month() -> None:
    assert flags(happened(living(90), 2, until=31.9)) == []
    assert flags(happened(living(90), 2, until=32)) == [flagged(32, idle_since=2, after_days=30)]


def test_a_daily_job_that_is_silent_for_thirty_one_days_is_flagged() -> None:
    everyday = range(100)

    assert flags(happened(living(365), *everyday, until=128.9)) == []
    assert flags(happened(living(365), *everyday, until=130)) == [flagged(129, idle_since=99, after_days=30)]


def test_a_quarterly_job_is_not_dead() -> None:
    every_quarter = [0.1, 91, 183, 274, 360]

    assert flags(happened(token_created(expires_at=on_day(365)), *every_quarter, until=365)) == [
        # Nobody knows of a habit before the second use.
        flagged(30.1, idle_since=0.1, after_days=30),
        AbandonmentCleared(used_at=on_day(91), at=on_day(91)),
    ]


def test_a_job_of_every_ten_days_is_missed_after_thirty_and_one_of_every_twenty_after_sixty() -> None:
    assert flags(happened(ENDLESS, 0, 10, 20, until=400)) == [flagged(50, idle_since=20, after_days=30)]
    assert flags(happened(ENDLESS, 0, 20, 40, until=400)) == [flagged(100, idle_since=40, after_days=60)]
    assert flags(happened(ENDLESS, 0, 20, 21, until=400)) == [flagged(81, idle_since=21, after_days=60)]


def test_a_habit_is_forgotten_after_half_a_year() -> None:
    """The gap of 60 days began 179 days ago: it still counts. A day later it does not."""
    lately = [60 + 10 * n for n in range(12)]

    assert flags(happened(ENDLESS, 0, *lately, 179, until=400))[-1] == flagged(299, idle_since=179, after_days=120)
    assert flags(happened(ENDLESS, 0, *lately, 180, until=400))[-1] == flagged(210, idle_since=180, after_days=30)


def test_any_use_clears_the_flag() -> None:
    cleared = AbandonmentCleared(used_at=on_day(20), at=on_day(21))

    given(living(90), flagged(14)).when(attend(on_day(21), use_on(20))).then(cleared)
    given(living(90), flagged(14), cleared).when(attend(on_day(22), use_on(20))).then()
    given(living(90), flagged(14)).when(attend(on_day(21))).then()


def test_a_use_just_before_the_flag_that_became_known_after_it_clears_it_too() -> None:
    """Uses under a shared limit are noted some seconds late."""
    just_before = 14 - 1 / 86_400

    given(living(90), flagged(14)).when(attend(on_day(15), use_on(just_before))).then(
        AbandonmentCleared(used_at=on_day(just_before), at=on_day(15))
    )


def test_a_use_that_was_noticed_late_does_not_hide_the_silence_that_followed() -> None:
    given(ENDLESS, flagged(14)).when(attend(on_day(100), use_on(20))).then(
        AbandonmentCleared(used_at=on_day(20), at=on_day(100)), flagged(100, idle_since=20, after_days=30)
    )


def test_a_token_is_flagged_once_however_long_it_is_silent() -> None:
    assert flags(happened(ENDLESS, until=5_000)) == [flagged(14)]


def test_a_token_that_is_kept_out_is_not_to_blame_for_its_silence() -> None:
    given(ENDLESS, suspended(1)).when(attend(on_day(500), suspends=True)).then()


def test_a_silence_begins_anew_when_a_token_is_resumed() -> None:
    given(ENDLESS, suspended(1), resumed(100)).when(attend(on_day(114) - A_MOMENT)).then()
    given(ENDLESS, suspended(1), resumed(100)).when(attend(on_day(114))).then(flagged(114, idle_since=100))
    given(ENDLESS, suspended(1), resumed(100)).when(attend(on_day(114), use_on(0.5))).then()
    assert token_after(ENDLESS, flagged(14), suspended(15), resumed(16)).flagged_at is None


def test_a_token_that_is_replaced_is_not_missed() -> None:
    given(living(90), rotated(12, overlap=7 * ONE_DAY)).when(attend(on_day(16), suspends=True)).then()


SUSPENDED_FOR_SILENCE = TokenSuspended(
    suspended_by="system:sweeper",
    reason="not used since 2026-11-21, and the workspace suspends abandoned tokens",
    at=on_day(14),
)


def test_a_workspace_may_have_abandoned_tokens_suspended() -> None:
    given(living(90)).when(attend(on_day(14), suspends=True)).then(flagged(14), SUSPENDED_FOR_SILENCE)
    given(living(90), flagged(14), SUSPENDED_FOR_SILENCE).when(attend(on_day(15), suspends=True)).then()


def test_a_token_that_was_flagged_before_the_workspace_had_them_suspended_is_suspended_at_its_next_look() -> None:
    given(living(90), flagged(13)).when(attend(on_day(14), suspends=True)).then(SUSPENDED_FOR_SILENCE)
    given(living(90), flagged(13)).when(attend(on_day(14), use_on(13.5), suspends=True)).then(
        AbandonmentCleared(used_at=on_day(13.5), at=on_day(14))
    )


@pytest.mark.parametrize(
    ("gap", "days"),
    [(1, 30), (10, 30), (11, 33), (39, 117), (40, 120), (41, 120), (179, 120), (180, 30), (400, 30)],
)
def test_a_habit_explains_three_times_its_longest_gap_within_bounds(gap: int, days: int) -> None:
    today = date(2026, 11, 21)

    assert allowed_silence([today - timedelta(days=gap), today], until=today) == days


def test_without_a_habit_a_month_is_allowed() -> None:
    today = date(2026, 11, 21)

    assert allowed_silence([], until=today) == allowed_silence([today], until=today) == SHORTEST_SILENCE_DAYS == 30


days_used = st.lists(st.integers(0, 400).map(lambda day: NOON.date() - timedelta(days=day)), min_size=3, unique=True)


@for_all(days=days_used, data=st.data())
def test_one_more_day_of_use_in_between_never_allows_a_longer_silence(days: list[date], data: st.DataObject) -> None:
    inner = data.draw(st.sampled_from(sorted(days)[1:-1]))

    known = allowed_silence(days, until=max(days))
    assert SHORTEST_SILENCE_DAYS <= known <= LONGEST_SILENCE_DAYS == 120
    assert known == allowed_silence([*reversed(days), *days], until=max(days))
    lately = [day for day in days if day > max(days) - timedelta(days=180)]
    if inner in lately[1:-1] and inner != min(lately):
        assert known <= allowed_silence([day for day in days if day != inner], until=max(days))
