"""What time alone makes due for a token, and when somebody is to look at it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from shared.domain.token.attendance import (
    AT_NO_TIME,
    REMINDER_DAYS,
    Use,
    next_look,
    reminders_for,
)
from shared.domain.token.commands import AttendToken
from shared.domain.token.decider import decide, replay
from shared.domain.token.events import (
    AbandonmentCleared,
    AbandonmentFlagged,
    ExpiryReminded,
    OverlapEnded,
    RotationAdopted,
    TokenCreated,
    TokenEvent,
    TokenExpired,
)
from shared.domain.token.state import LIVE, Token
from tests.data.examples import ONE_DAY, token_created, token_revoked
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
    lives,
    living,
    moments,
    on_day,
    rotated,
    suspended,
    token_after,
    use_of,
    use_on,
    uses,
)


def given(*history: TokenEvent) -> Given[AttendToken, TokenEvent, Token]:
    return Given(decide, replay(history))


def reminded(days_left: int, *, of: int, at: datetime) -> ExpiryReminded:
    return ExpiryReminded(days_left=days_left, expires_at=on_day(of), at=at)


# --- the end ----------------------------------------------------------------------------------------------------------


def test_a_token_expires_at_its_hour_and_not_before() -> None:
    active = use_on(29)

    given(living(30), reminded(1, of=30, at=on_day(29))).when(attend(on_day(30) - A_MOMENT, active)).then()
    given(living(30)).when(attend(on_day(30), active)).then(TokenExpired(at=on_day(30)))


def test_a_token_that_is_over_is_not_reminded_of_it_and_not_flagged() -> None:
    given(living(30)).when(attend(on_day(300), suspends=True)).then(TokenExpired(at=on_day(300)))


def test_a_suspended_token_expires_all_the_same() -> None:
    given(living(30), suspended(1)).when(attend(on_day(30))).then(TokenExpired(at=on_day(30)))


def test_a_rotated_token_ends_with_its_overlap() -> None:
    over = OverlapEnded(successor_id="tok2", at=on_day(6))

    given(living(90), rotated(5)).when(attend(on_day(6) - A_MOMENT)).then()
    given(living(90), rotated(5)).when(attend(on_day(6))).then(over)
    given(living(90), rotated(5), suspended(5)).when(attend(on_day(6))).then(over)


def test_a_token_without_an_end_never_expires() -> None:
    used = use_on(9_999.5)

    given(ENDLESS).when(attend(on_day(10_000), used)).then()


def test_nothing_is_due_for_a_token_that_ended() -> None:
    given(living(90), token_revoked()).when(attend(on_day(1_000), suspends=True)).then()
    assert next_look(token_after(living(90), token_revoked()), Use()) is None
    given(living(90), token_revoked()).when(attend(on_day(1_000), use_on(1))).then()
    assert next_look(token_after(living(90), token_revoked()), use_on(1)) is None


# --- adoption ---------------------------------------------------------------------------------------------------------

SUCCESSOR = token_created(predecessor_id="tok0")


def test_the_first_use_of_a_successor_is_recorded_once() -> None:
    adopted = RotationAdopted(predecessor_id="tok0", first_used_at=on_day(1), at=on_day(2))

    given(SUCCESSOR).when(attend(on_day(2))).then()
    given(SUCCESSOR).when(attend(on_day(2), use_on(1, 1.5))).then(adopted)
    given(SUCCESSOR, adopted).when(attend(on_day(3), use_on(1, 1.5))).then()
    assert token_after(SUCCESSOR, adopted).adopted_at == on_day(1)


def test_a_token_that_takes_nobodys_place_is_not_adopted() -> None:
    given(living(90)).when(attend(on_day(2), use_on(1))).then()


@pytest.mark.parametrize(
    "end", [token_revoked(at=on_day(2)), rotated(2, overlap=0 * ONE_DAY), TokenExpired(at=on_day(90))]
)
def test_a_successor_that_ended_before_anybody_looked_is_adopted_all_the_same(end: TokenEvent) -> None:
    adopted = RotationAdopted(predecessor_id="tok0", first_used_at=on_day(1), at=on_day(100))
    ended = token_after(SUCCESSOR, end)

    assert next_look(ended, use_on(1, 1.5)) == on_day(1)
    given(SUCCESSOR, end).when(attend(on_day(100), use_on(1, 1.5))).then(adopted)
    given(SUCCESSOR, end, adopted).when(attend(on_day(101), use_on(1, 1.5))).then()
    assert next_look(ended, Use()) is None
    assert token_after(SUCCESSOR, end, adopted) == replace(ended, adopted_at=on_day(1))


def test_an_adoption_that_nobody_noticed_is_recorded_before_the_end() -> None:
    given(SUCCESSOR).when(attend(on_day(90), use_on(1))).then(
        RotationAdopted(predecessor_id="tok0", first_used_at=on_day(1), at=on_day(90)), TokenExpired(at=on_day(90))
    )


# --- reminders --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lifetime", "offsets"),
    [
        (30, (14, 7, 3, 1)),
        (90, (30, 14, 7, 3, 1)),
        (180, (60, 30, 14, 7, 3, 1)),
        (365, (60, 30, 14, 7, 3, 1)),
        (120, (60, 30, 14, 7, 3, 1)),
        (119, (30, 14, 7, 3, 1)),
        (2, (1,)),
        (1, ()),
    ],
)
def test_a_token_is_told_of_its_end_so_long_before_it_but_not_more_than_half_its_life(
    lifetime: int, offsets: tuple[int, ...]
) -> None:
    token = living(lifetime)
    everyday = [day + 0.5 for day in range(lifetime)]

    events = happened(token, *everyday, until=lifetime)

    assert reminders_for(token_after(token)) == offsets
    assert events == [
        *(reminded(days, of=lifetime, at=on_day(lifetime - days)) for days in offsets),
        TokenExpired(at=on_day(lifetime)),
    ]


def test_reminders_that_were_slept_through_are_not_made_up_for() -> None:
    used = use_on(86)

    given(living(90)).when(attend(on_day(86), used)).then(reminded(7, of=90, at=on_day(86)))
    given(living(90), reminded(7, of=90, at=on_day(86))).when(attend(on_day(86.9), used)).then()
    given(living(90), reminded(7, of=90, at=on_day(86))).when(attend(on_day(87), used)).then(
        reminded(3, of=90, at=on_day(87))
    )


def test_a_token_in_its_overlap_and_one_without_an_end_are_told_of_nothing() -> None:
    assert reminders_for(token_after(living(30), rotated(20, overlap=7 * ONE_DAY))) == ()
    assert reminders_for(token_after(ENDLESS)) == ()


@for_all(event=births(), used=uses)
def test_a_reminder_is_never_repeated_and_never_comes_in_the_first_half_of_a_life(
    event: TokenCreated, used: list[datetime]
) -> None:
    looks = attended(token_after(event), used, until=on_day(SPAN_DAYS))

    told = [each for look in looks for each in look.events if isinstance(each, ExpiryReminded)]
    for reminder in told:
        assert event.expires_at == reminder.expires_at
        assert reminder.at == reminder.expires_at - reminder.days_left * ONE_DAY
        assert reminder.at - event.at >= reminder.expires_at - reminder.at
    assert [reminder.days_left for reminder in told] == sorted({reminder.days_left for reminder in told}, reverse=True)
    assert {reminder.days_left for reminder in told} <= set(REMINDER_DAYS)


@for_all(history=lives(), look=st.integers(0, SPAN_DAYS), used=uses)
def test_one_look_reminds_at_most_once(history: list[TokenEvent], look: int, used: list[datetime]) -> None:
    at = max(history[-1].at, on_day(look))
    events = decide(attend(at, use_of(used, until=at)), token_after(*history))

    reminders = [event.days_left for event in events if isinstance(event, ExpiryReminded)]
    before = [event.days_left for event in history if isinstance(event, ExpiryReminded)]
    assert len(reminders) <= 1
    assert all(new < old for new in reminders for old in before)


# --- when to look -----------------------------------------------------------------------------------------------------


def test_a_new_token_is_looked_at_when_it_could_be_abandoned_or_reminded_of_its_end() -> None:
    assert next_look(token_after(living(90)), Use()) == on_day(14)
    assert next_look(token_after(living(90)), use_on(50)) == on_day(60)
    assert next_look(token_after(living(90), reminded(30, of=90, at=on_day(60))), use_on(50)) == on_day(76)
    assert next_look(token_after(living(90), reminded(1, of=90, at=on_day(89))), use_on(88)) == on_day(90)


@pytest.mark.parametrize("event", [suspended(1), flagged(14)], ids=lambda event: event.type)
def test_a_live_token_about_which_nothing_will_be_due_keeps_a_place_for_a_use_to_bring_forward(
    event: TokenEvent,
) -> None:
    assert next_look(token_after(ENDLESS, event), Use()) == AT_NO_TIME > on_day(1_000_000)


def test_a_use_that_is_not_recorded_yet_is_due_at_once() -> None:
    """Whatever else happens to the token in the meantime: a change of its name asks anew when to look at it."""
    assert next_look(token_after(SUCCESSOR), use_on(1, 2)) == on_day(1)
    assert next_look(token_after(ENDLESS, flagged(14)), use_on(1, 20)) == on_day(20)
    assert next_look(token_after(living(90)), use_on(1, 2)) == on_day(32)


@for_all(history=lives(), at=moments, used=uses)
def test_a_look_finds_something_exactly_from_the_moment_that_was_said(
    history: list[TokenEvent], at: datetime, used: list[datetime]
) -> None:
    at = max(at, history[-1].at)
    use, token = use_of(used, until=at), token_after(*history)
    due = next_look(token, use)

    assert (decide(attend(at, use), token) != ()) == (due is not None and due <= at)


@for_all(history=lives(), at=moments, used=uses, suspends=st.booleans())
def test_after_a_look_nothing_is_left_and_the_next_one_lies_ahead(
    history: list[TokenEvent], at: datetime, used: list[datetime], *, suspends: bool
) -> None:
    at = max(at, history[-1].at)
    use, before = use_of(used, until=at), token_after(*history)
    after = replay(decide(attend(at, use, suspends=suspends), before), before)
    assert after is not None
    due = next_look(after, use)

    assert decide(attend(at, use, suspends=suspends), after) == ()
    assert (due is None) == (after.status not in LIVE)
    if due is not None:
        assert due > at
        assert decide(attend(due - A_MOMENT, use, suspends=suspends), after) == ()
        assert due == AT_NO_TIME or decide(attend(due, use, suspends=suspends), after) != ()


def final(token: Token) -> tuple[object, ...]:
    """What a look leaves behind, whenever it was made."""
    return (
        token.status,
        token.expires_at,
        token.adopted_at,
        token.flagged_at is not None,
        token.reminded_days if token.status in LIVE else None,
    )


@for_all(event=births(), used=uses, at=moments)
def test_a_look_that_is_late_leads_to_the_same_state_and_only_skips_what_was_over(
    event: TokenCreated, used: list[datetime], at: datetime
) -> None:
    born = token_after(event)
    used = [moment for moment in used if born.lives_at(moment)]  # the gate refuses the others
    looks = attended(born, used, until=at)

    on_time = [each for look in looks for each in look.events]
    late = decide(attend(at, use_of(used, until=at)), born)

    assert final(token_after(event, *late)) == final(token_after(event, *on_time))
    skipped = {type(each) for each in on_time} - {type(each) for each in late}
    assert skipped <= {ExpiryReminded, AbandonmentFlagged, AbandonmentCleared}
    assert all(earlier.at < later.at for earlier, later in pairwise(looks))
