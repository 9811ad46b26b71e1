"""The rules of a token's life: what is asked of it. What time does to it is in `test_attendance`."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from shared.domain.errors import Conflict, DomainError, Invalid, NotFound
from shared.domain.scopes import Scope
from shared.domain.token.commands import TokenCommand
from shared.domain.token.decider import decide, evolve, replay
from shared.domain.token.events import (
    LeakReported,
    OverlapEnded,
    TokenCreated,
    TokenEvent,
    TokenExpired,
    TokenRenamed,
    TokenResumed,
    TokenRevoked,
    TokenRotated,
    TokenSuspended,
)
from shared.domain.token.policy import TokenPolicy
from shared.domain.token.state import LIVE, Status, Token
from tests.data.examples import NOON, ONE_DAY, approve_grant, create_token, token_created, token_revoked
from tests.domain.deciding import Given
from tests.domain.lives import (
    A_MOMENT,
    Request,
    attend,
    commands,
    history_of,
    lives,
    on_day,
    refresh,
    rename,
    report_leak,
    requests,
    resume,
    revoke,
    rotation,
    suspend,
    token_after,
    use_on,
)

SUSPENDED = TokenSuspended(suspended_by="mem_ann", reason="laptop missing", at=NOON)
RESUMED = TokenResumed(resumed_by="mem_ann", reason="laptop found", at=NOON)
ROTATED = TokenRotated(
    successor_id="tok2", rotated_by="mem_ann", overlap_seconds=86_400, ends_at=NOON + ONE_DAY, at=NOON
)
ENDS: list[TokenEvent] = [
    token_revoked(),
    TokenExpired(at=NOON),
    OverlapEnded(successor_id="tok2", at=NOON),
    replace(ROTATED, overlap_seconds=0, ends_at=NOON),
]
LATER: list[TokenCommand] = [rename(), suspend(), resume(), revoke(), report_leak(), attend(NOON), refresh()]


def given(*history: TokenEvent) -> Given[TokenCommand, TokenEvent, Token]:
    return Given(decide, replay(history))


# --- suspension -------------------------------------------------------------------------------------------------------


def test_a_token_is_suspended_and_resumed_with_who_and_why() -> None:
    given(token_created()).when(suspend(" laptop\nmissing ")).then(SUSPENDED)
    given(token_created(), SUSPENDED).when(resume(" laptop\nfound ")).then(RESUMED)


def test_a_second_suspension_and_a_second_resumption_change_nothing() -> None:
    given(token_created(), SUSPENDED).when(suspend("again")).then()
    given(token_created()).when(resume("again")).then()
    given(token_created(), SUSPENDED, RESUMED).when(resume("again")).then()


def test_the_state_says_since_when_a_token_is_suspended_and_that_it_was_resumed() -> None:
    suspended, resumed = replace(SUSPENDED, at=on_day(1)), replace(RESUMED, at=on_day(2))

    assert token_after(token_created(), suspended).suspended_at == on_day(1)
    after = token_after(token_created(), suspended, resumed)
    assert (after.status, after.suspended_at, after.resumed_at) == (Status.ACTIVE, None, on_day(2))


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201])
def test_a_suspension_and_a_resumption_need_a_reason_of_a_line(reason: str) -> None:
    given(token_created()).when(suspend(reason)).refused(Invalid, "reason_invalid", field="reason")
    given(token_created(), SUSPENDED).when(resume(reason)).refused(Invalid, "reason_invalid", field="reason")


@pytest.mark.parametrize("end", ENDS, ids=lambda event: event.type)
def test_a_token_that_ended_is_neither_suspended_nor_resumed(end: TokenEvent) -> None:
    given(token_created(), end).when(suspend()).refused(Conflict, "token_ended")
    given(token_created(), SUSPENDED, end).when(resume()).refused(Conflict, "token_ended")


def test_a_token_whose_time_is_over_cannot_be_resumed_though_nobody_has_recorded_it() -> None:
    given(token_created(), SUSPENDED).when(resume(at=on_day(90) - A_MOMENT)).then(
        replace(RESUMED, at=on_day(90) - A_MOMENT)
    )
    given(token_created(), SUSPENDED).when(resume(at=on_day(90))).refused(Conflict, "token_ended")
    given(token_created(), ROTATED).when(suspend(at=NOON + ONE_DAY)).refused(Conflict, "token_ended")


@pytest.mark.parametrize(
    "policy", [TokenPolicy(longest_days=89), TokenPolicy(scopes=frozenset({Scope.PNL}))], ids=["life", "scopes"]
)
def test_a_token_that_breaks_the_policy_stays_out(policy: TokenPolicy) -> None:
    refused = given(token_created(), SUSPENDED).when(resume(policy=policy))

    refused.refused(Conflict, "policy_broken")
    given(token_created(), SUSPENDED).when(resume(policy=TokenPolicy(longest_days=90))).then(RESUMED)


# --- the end ----------------------------------------------------------------------------------------------------------


def test_a_token_is_revoked_with_who_and_why() -> None:
    given(token_created()).when(revoke(" laptop\nlost ")).then(
        TokenRevoked(revoked_by="mem_ann", reason="laptop lost", at=NOON)
    )


@pytest.mark.parametrize("history", [[SUSPENDED], [ROTATED], [SUSPENDED, ROTATED]], ids=str)
def test_a_token_that_is_suspended_or_in_its_overlap_can_be_revoked(history: list[TokenEvent]) -> None:
    given(token_created(), *history).when(revoke()).then(
        TokenRevoked(revoked_by="mem_ann", reason="laptop lost", at=NOON)
    )


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201])
def test_a_revocation_needs_a_reason_of_a_line(reason: str) -> None:
    given(token_created()).when(revoke(reason)).refused(Invalid, "reason_invalid", field="reason")
    given(token_created(), token_revoked()).when(revoke(reason)).refused(Invalid, "reason_invalid", field="reason")


@pytest.mark.parametrize("end", ENDS, ids=lambda event: event.type)
def test_a_token_that_ended_is_not_revoked_as_well(end: TokenEvent) -> None:
    given(token_created(), end).when(revoke("again")).then()


@pytest.mark.parametrize("history", [[], [SUSPENDED], [ROTATED]], ids=["expired", "suspended and expired", "rotated"])
def test_a_token_whose_time_is_over_is_not_revoked_as_well_though_nobody_has_recorded_it(
    history: list[TokenEvent],
) -> None:
    over = token_after(token_created(expires_at=on_day(1)), *history)

    assert decide(revoke(at=on_day(1)), over) == decide(report_leak(at=on_day(1)), over) == ()
    assert decide(revoke(at=on_day(1) - A_MOMENT), over) != ()


def test_a_token_that_was_reported_as_leaked_is_revoked_at_once() -> None:
    reported = LeakReported(source="github", at=NOON)
    revoked = TokenRevoked(revoked_by="system:leak_report", reason="the token was reported as leaked", at=NOON)

    given(token_created()).when(report_leak("github")).then(reported, revoked)
    given(token_created(), SUSPENDED).when(report_leak("github")).then(reported, revoked)
    given(token_created(), reported, revoked).when(report_leak("anonymous")).then()


@pytest.mark.parametrize("end", ENDS, ids=lambda event: event.type)
def test_a_leak_of_a_token_that_ended_changes_nothing(end: TokenEvent) -> None:
    given(token_created(), end).when(report_leak()).then()


def test_a_token_that_ended_is_neither_suspended_nor_flagged_any_more() -> None:
    day_14 = attend(on_day(14), suspends=True)
    abandoned = token_after(*history_of([create_token(), day_14]))
    assert (abandoned.status, abandoned.suspended_at, abandoned.flagged_at) == (
        Status.SUSPENDED,
        on_day(14),
        on_day(14),
    )

    ended = token_after(*history_of([create_token(), day_14, revoke(at=on_day(15))]))

    assert (ended.status, ended.suspended_at, ended.flagged_at, ended.ended_at) == (
        Status.REVOKED,
        None,
        None,
        on_day(15),
    )


@pytest.mark.parametrize("command", LATER, ids=lambda command: type(command).__name__)
def test_nothing_can_be_asked_of_a_token_that_is_not_there(command: TokenCommand) -> None:
    given().when(command).refused(NotFound, "token_not_found")


# --- where a token stands ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("history", [[], [SUSPENDED]], ids=["active", "suspended"])
def test_a_token_is_shown_as_expired_from_its_hour_on_though_nobody_has_recorded_it(
    history: list[TokenEvent],
) -> None:
    token = token_after(token_created(expires_at=NOON + ONE_DAY), *history)

    assert token.status_at(NOON + ONE_DAY - A_MOMENT) is token.status
    assert token.lives_at(NOON + ONE_DAY - A_MOMENT)
    assert token.status_at(NOON + ONE_DAY) is Status.EXPIRED
    assert not token.lives_at(NOON + ONE_DAY)


def test_a_token_is_shown_as_rotated_from_the_end_of_its_overlap_on() -> None:
    token = token_after(token_created(), ROTATED)

    assert token.status_at(NOON + ONE_DAY - A_MOMENT) is Status.ACTIVE
    assert token.status_at(NOON + ONE_DAY) is Status.ROTATED
    assert not token.lives_at(NOON + ONE_DAY)


@pytest.mark.parametrize("end", ENDS, ids=lambda event: event.type)
def test_how_a_token_ended_is_not_forgotten_when_its_time_comes(end: TokenEvent) -> None:
    token = token_after(token_created(), end)

    assert token.status_at(NOON) is token.status_at(on_day(1_000)) is token.status


def test_a_token_without_an_end_lives_on() -> None:
    assert token_after(token_created(expires_at=None)).lives_at(on_day(100_000))


# --- what always holds ------------------------------------------------------------------------------------------------


@for_all(end=st.sampled_from(ENDS), asked=st.lists(requests, max_size=8))
def test_nothing_brings_a_token_back(end: TokenEvent, asked: list[Request]) -> None:
    history = history_of(asked, token_created(), end)

    assert all(isinstance(event, TokenRenamed) for event in history[2:])
    assert replace(token_after(*history), name="") == replace(token_after(*history[:2]), name="")


@for_all(history=lives(), command=requests)
def test_a_token_whose_time_is_over_never_lives_again(history: list[TokenEvent], command: Request) -> None:
    """Even where nobody has recorded that it ended."""
    token = token_after(*history)
    at = max(command.at, history[-1].at)
    if not token.lives_at(at):
        after = token_after(*history_of([replace(command, at=at)], *history))

        assert not after.lives_at(at)


@for_all(history=lives())
def test_the_state_is_what_the_history_says(history: list[TokenEvent]) -> None:
    token = token_after(*history)

    names = [event.name for event in history if isinstance(event, TokenCreated | TokenRenamed)]
    ends = [event for event in history if isinstance(event, TokenRevoked | TokenExpired | OverlapEnded)]
    ends += [event for event in history if isinstance(event, TokenRotated) and event.ends_at == event.at]
    assert token.name == names[-1]
    assert len(ends) <= 1
    assert (token.status in LIVE) == (not ends)
    assert token.ended_at == (ends[0].at if ends else None)
    for split in range(len(history) + 1):
        assert replay(history[split:], replay(history[:split])) == token


@for_all(history=lives())
def test_every_state_is_legal(history: list[TokenEvent]) -> None:
    token = token_after(*history)

    assert (token.status is Status.SUSPENDED) == (token.suspended_at is not None)
    assert (token.status in LIVE) == (token.ended_at is None)
    assert token.flagged_at is None or token.status in LIVE
    if token.status is Status.ROTATED:
        assert token.successor_id is not None
    if token.status in {Status.ROTATED, Status.EXPIRED}:
        assert token.ended_at is not None
        assert token.is_due(token.ended_at)
    if token.status is Status.EXPIRED:
        assert token.successor_id is None
    if token.adopted_at is not None:
        assert token.predecessor_id is not None


@for_all(history=lives())
def test_nobody_is_let_in_longer_or_to_more_than_was_chosen_at_birth(history: list[TokenEvent]) -> None:
    born = history[0]
    assert isinstance(born, TokenCreated)
    states = [token_after(*history[: n + 1]) for n in range(len(history))]

    for earlier, later in pairwise(states):
        assert _end(later) <= _end(earlier)
    for state in states:
        assert (state.token_id, state.kind, state.workspace_id, state.owner_id, state.prefix, state.scopes) == (
            born.token_id,
            born.kind,
            born.workspace_id,
            born.owner_id,
            born.prefix,
            born.scopes,
        )
        assert (state.created_at, state.predecessor_id) == (born.at, born.predecessor_id)
        assert state.lifetime_days == ((born.expires_at - born.at).days if born.expires_at is not None else None)


def _end(token: Token) -> datetime:
    return token.expires_at or datetime.max.replace(tzinfo=NOON.tzinfo)


@for_all(history=lives(), command=commands)
def test_the_same_command_again_changes_nothing_more(history: list[TokenEvent], command: TokenCommand) -> None:
    token = token_after(*history)
    with suppress(DomainError):
        after = replay(decide(command, token), token)

        assert decide(command, after) == ()


def test_every_command_and_every_event_is_tried_here() -> None:
    """A new one does not slip past the properties: it has to be added to them."""
    used = attend(on_day(20), use_on(19))
    stories: list[list[Request]] = [
        [create_token(), *LATER],
        [create_token(), attend(on_day(14)), used, attend(on_day(60), use_on(59)), attend(on_day(90))],
        [create_token(), rotation(), attend(on_day(1))],
        [create_token(), report_leak()],
        [approve_grant(), refresh()],
    ]
    happened = {type(event) for story in stories for event in history_of(story)}
    happened |= {type(event) for event in history_of([used], token_created(predecessor_id="tok0"))}

    assert {type(command) for command in (create_token(), approve_grant(), *LATER)} == set(get_args(TokenCommand))
    assert happened == set(get_args(TokenEvent))


def test_an_event_before_its_token_makes_nothing() -> None:
    assert evolve(None, token_revoked()) is None
