"""A token that nobody uses any more is found by its own habit: flagged, perhaps suspended, and cleared by any use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from shared.domain.token.attendance import (
    LONGEST_SILENCE_DAYS,
    SHORTEST_SILENCE_DAYS,
    USED_AFTER_ALL,
    Rules,
    Use,
    allowed_silence,
    look_again_at,
    next_look,
)
from shared.domain.token.commands import AttendToken
from shared.domain.token.decider import decide, replay
from shared.domain.token.events import (
    AbandonmentCleared,
    AbandonmentFlagged,
    TokenCreated,
    TokenEvent,
    TokenResumed,
    TokenSuspended,
)
from shared.domain.token.state import Token
from tests.data.examples import NOON, ONE_DAY, token_created
from tests.domain.deciding import Given
from tests.domain.lives import (
    A_MOMENT,
    ENDLESS,
    SPAN_DAYS,
    attend,
    attended,
    births,
    flagged,
    happened,
    living,
    on_day,
    resumed,
    rotated,
    suspended,
    token_after,
    use_on,
    uses,
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


def test_a_token_that_was_flagged_before_the_workspace_had_them_suspended_is_left_alone_until_its_next_flag() -> None:
    given(living(90), flagged(13)).when(attend(on_day(14), suspends=True)).then()
    given(living(90), flagged(13)).when(attend(on_day(50), use_on(20), suspends=True)).then(
        AbandonmentCleared(used_at=on_day(20), at=on_day(50)),
        flagged(50, idle_since=20, after_days=30),
        replace(SUSPENDED_FOR_SILENCE, reason=SUSPENDED_FOR_SILENCE.reason.replace("11-21", "12-11"), at=on_day(50)),
    )


def test_a_token_that_was_suspended_for_a_silence_that_was_none_is_let_in_again() -> None:
    """A use from just before the look became known after it."""
    history = (living(90), flagged(14), SUSPENDED_FOR_SILENCE)
    known = use_on(13.9)

    assert next_look(token_after(*history), known) == on_day(13.9)
    given(*history).when(attend(on_day(15), known, suspends=True)).then(
        AbandonmentCleared(used_at=on_day(13.9), at=on_day(15)),
        TokenResumed(resumed_by="system:sweeper", reason=USED_AFTER_ALL, at=on_day(15)),
    )


def test_a_token_that_somebody_suspended_is_not_let_in_by_a_use_that_became_known_later() -> None:
    given(living(90), flagged(14), suspended(14.5)).when(attend(on_day(15), use_on(13.9), suspends=True)).then(
        AbandonmentCleared(used_at=on_day(13.9), at=on_day(15))
    )


def test_a_token_that_the_workspace_keeps_out_is_not_let_in_by_a_use_that_became_known_later() -> None:
    strict = Rules(suspends_abandoned=True, bars_token=True)

    given(living(90), flagged(14), SUSPENDED_FOR_SILENCE).when(
        AttendToken(use=use_on(13.9), rules=strict, at=on_day(15))
    ).then(AbandonmentCleared(used_at=on_day(13.9), at=on_day(15)))


def test_a_token_of_a_workspace_that_is_shut_out_is_not_to_blame_for_its_silence() -> None:
    shut = Rules(is_open=False, open_since=on_day(0))

    given(ENDLESS).when(AttendToken(use=use_on(10), rules=shut, at=on_day(500))).then()
    assert look_again_at(token_after(ENDLESS), use_on(10), shut, after=on_day(500)) == on_day(514)


def test_a_silence_begins_anew_when_a_workspace_is_let_in_again() -> None:
    let_in = Rules(open_since=on_day(60))

    given(ENDLESS).when(AttendToken(use=use_on(10), rules=let_in, at=on_day(90) - A_MOMENT)).then()
    given(ENDLESS).when(AttendToken(use=use_on(10), rules=let_in, at=on_day(90))).then(
        flagged(90, idle_since=60, after_days=30)
    )
    given(ENDLESS).when(AttendToken(use=Use(), rules=let_in, at=on_day(74))).then(flagged(74, idle_since=60))


def test_a_habit_that_grew_shorter_since_the_last_look_is_missed_in_time() -> None:
    """The gap of 40 days leaves the half year while the token is used; nobody asks for a look then."""
    used = [1, 41, *range(43, 186, 2)]

    assert flags(happened(ENDLESS, *used, until=400))[-1] == flagged(215, idle_since=185, after_days=30)


@for_all(event=births(), used=uses)
def test_every_silence_that_a_habit_does_not_explain_is_flagged_at_its_moment(
    event: TokenCreated, used: list[datetime]
) -> None:
    """By the rule as it is told, over every moment at which a look could have been needed."""
    born = token_after(event)
    end = event.expires_at or on_day(SPAN_DAYS)
    used = sorted({moment for moment in used if moment < end})
    expected: list[datetime] = []
    for since, following in pairwise([event.at, *used, None]):
        assert since is not None
        days = [moment.date() for moment in used if moment <= since]
        due = since + timedelta(days=allowed_silence(days, until=since.date()) if days else 14)
        if due < min(following or end, end):
            expected.append(due)

    looks = attended(born, used, until=on_day(SPAN_DAYS))
    told = [each.at for look in looks for each in look.events if isinstance(each, AbandonmentFlagged)]
    assert told == expected


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
