"""What a member allows an app: how it begins, is renewed, and ends. All other rules are those of every token."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from shared.domain.errors import Conflict, Invalid, NotPermitted
from shared.domain.plans import PLANS
from shared.domain.scopes import Scope
from shared.domain.token.attendance import Use, next_look
from shared.domain.token.commands import TokenCommand
from shared.domain.token.decider import decide, replay
from shared.domain.token.events import GrantRefreshed, TokenEvent, TokenExpired, TokenKind, TokenRenamed, TokenSuspended
from shared.domain.token.grants import RefreshedTooOften
from shared.domain.token.policy import TokenPolicy, breaks
from shared.domain.token.rotation import rotate
from shared.domain.token.state import LIVE, Status, Token
from shared.domain.workspace.decider import Workspace
from shared.domain.workspace.decider import replay as replay_workspace
from shared.domain.workspace.events import (
    MemberAdded,
    MemberRemoved,
    MemberRoleChanged,
    PlanChanged,
    Role,
    WorkspaceEvent,
    WorkspaceRegistered,
)
from shared.domain.workspace.holding import check_may_return, lost_owner, plan_for_new_grant
from tests.data.examples import (
    NOON,
    approve_grant,
    create_token,
    grant_approved,
    token_after,
    token_created,
    token_revoked,
)
from tests.domain.deciding import Given
from tests.domain.lives import (
    attend,
    attended,
    commands,
    history_of,
    moments,
    on_day,
    refresh,
    refreshed,
    rename,
    rotation,
    suspend,
)

ONE_HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
OF_A_YEAR = grant_approved(access_expires_at=on_day(365), expires_at=on_day(365))
"""As alpha gives it: one access token and no refresh token."""


def given(*history: TokenEvent) -> Given[TokenCommand, TokenEvent, Token]:
    return Given(decide, replay(history))


# --- how it begins ----------------------------------------------------------------------------------------------------


def test_a_grant_is_approved_for_an_hour_of_access_a_month_of_rest_and_a_year_at_most() -> None:
    given().when(approve_grant()).then(grant_approved())


def test_where_the_plan_has_no_refresh_token_the_one_access_token_lasts_to_the_end() -> None:
    given().when(approve_grant(plan=PLANS["alpha"])).then(OF_A_YEAR)


def test_the_policy_shortens_a_grant_as_it_does_every_life() -> None:
    ten_days = replace(grant_approved(), expires_at=on_day(10), ends_at=on_day(10))

    given().when(approve_grant(policy=TokenPolicy(longest_days=10))).then(ten_days)
    given().when(approve_grant(policy=TokenPolicy(longest_days=10), plan=PLANS["alpha"])).then(
        replace(ten_days, access_expires_at=on_day(10))
    )
    given().when(approve_grant(policy=TokenPolicy(longest_days=400))).then(grant_approved())


def test_a_grant_has_a_scope_and_none_that_the_policy_does_not_allow() -> None:
    only_pnl = TokenPolicy(scopes=frozenset({Scope.PNL}))

    given().when(approve_grant(scopes=frozenset())).refused(Invalid, "scope_required", field="scopes")
    given().when(approve_grant(policy=only_pnl)).refused(Invalid, "scope_not_allowed", field="scopes")
    given().when(approve_grant(policy=only_pnl, scopes=frozenset({Scope.PNL}))).then(
        grant_approved(scopes=frozenset({Scope.PNL}))
    )


def test_the_name_pattern_of_the_policy_is_for_names_that_people_choose() -> None:
    policy = TokenPolicy(name_pattern="ci-*")

    given().when(approve_grant(policy=policy)).then(grant_approved())
    given(grant_approved()).when(rename("My laptop", policy=policy)).then(
        TokenRenamed(name="My laptop", renamed_by="mem_ann", at=NOON)
    )


@pytest.mark.parametrize("name", ["", "x" * 101, "mfp_1" + "a" * 70])
def test_the_name_of_an_app_is_kept_as_every_name_or_not_at_all(name: str) -> None:
    given().when(approve_grant(client_name=name)).refused(Invalid, "name_invalid", field="name")


def test_an_id_is_given_once() -> None:
    given(token_created()).when(approve_grant()).refused(Conflict, "token_exists")
    given(grant_approved(), token_revoked()).when(create_token()).refused(Conflict, "token_exists")


def test_nobody_generates_a_token_of_the_kind_grant() -> None:
    given().when(create_token(kind=TokenKind.GRANT)).refused(NotPermitted, "kind_not_allowed")


def test_an_access_token_ends_at_a_whole_second_and_never_after_its_grant() -> None:
    odd = NOON + timedelta(microseconds=999_999)
    (event,) = decide(approve_grant(at=odd), None)
    grant = token_after(event)

    assert grant.app is not None
    assert grant.app.access_expires_at == NOON + ONE_HOUR
    (last,) = decide(refresh(at=on_day(29.99)), token_after(grant_approved(ends_at=on_day(30))))
    assert isinstance(last, GrantRefreshed)
    assert (last.access_expires_at, last.expires_at) == (on_day(30), on_day(30))


# --- how it goes on ---------------------------------------------------------------------------------------------------


def test_a_refresh_makes_the_next_pair_and_a_new_month() -> None:
    given(grant_approved()).when(refresh(at=on_day(3))).then(refreshed(2, at=on_day(3)))
    given(grant_approved(), refreshed(2, at=on_day(3))).when(refresh(2, at=on_day(4))).then(refreshed(3, at=on_day(4)))


def test_a_grant_that_is_refreshed_lives_on_and_remembers_its_newest_pair() -> None:
    grant = token_after(grant_approved(), refreshed(2, at=on_day(3)))

    assert grant.app is not None
    assert (grant.app.generation, grant.app.refreshed_at) == (2, on_day(3))
    assert (grant.expires_at, grant.lifetime_days) == (on_day(33), 365)


def test_only_the_newest_pair_and_the_one_that_it_followed_have_a_next_one() -> None:
    for other in (0, 1, 4):
        given(grant_approved(), refreshed(2), refreshed(3)).when(refresh(other)).refused(Conflict, "grant_moved")


def test_the_pair_that_the_newest_followed_may_have_another_one_in_its_place() -> None:
    history = (grant_approved(), refreshed(2), refreshed(3))

    given(*history).when(refresh(2, at=NOON + SECOND)).then(refreshed(4, follows=2, at=NOON + SECOND))
    given(*history).when(refresh(1, at=NOON + ONE_HOUR)).refused(Conflict, "grant_moved")


def test_a_pair_that_was_discarded_has_no_next_one_and_what_took_its_place_has() -> None:
    at = NOON + ONE_HOUR
    history = (grant_approved(), refreshed(2), refreshed(3), refreshed(4, follows=2, at=at))

    given(*history).when(refresh(3, at=at + ONE_HOUR)).refused(Conflict, "grant_moved")
    given(*history).when(refresh(4, at=at + SECOND)).then(refreshed(5, at=at + SECOND))
    given(*history).when(refresh(2, at=at + ONE_HOUR)).then(refreshed(5, follows=2, at=at + ONE_HOUR))


def test_ten_refreshes_are_let_in_at_once_and_then_one_a_minute() -> None:
    history = [grant_approved(), *(refreshed(2 + number) for number in range(10))]

    for after in (timedelta(), timedelta(seconds=59)):
        given(*history).when(refresh(11, at=NOON + after)).refused(RefreshedTooOften, "refreshed_too_often")
    minute = NOON + timedelta(seconds=60)
    given(*history).when(refresh(11, at=minute)).then(refreshed(12, at=minute))
    given(*history, refreshed(12, at=minute)).when(refresh(12, at=minute + 59 * SECOND)).refused(
        RefreshedTooOften, "refreshed_too_often"
    )


@for_all(gaps=st.lists(st.timedeltas(timedelta(minutes=1), timedelta(hours=1)), max_size=40))
def test_who_rests_a_minute_after_each_refresh_never_waits(gaps: list[timedelta]) -> None:
    grant, at = token_after(grant_approved()), NOON
    for gap in gaps:
        at += gap
        assert grant.app is not None
        after = replay(decide(refresh(grant.app.generation, at=at), grant), grant)
        assert after is not None
        grant = after

    assert grant.app is not None
    assert grant.app.generation == 1 + len(gaps)


def test_what_is_no_grant_is_not_refreshed_and_a_grant_not_rotated() -> None:
    given(token_created()).when(refresh()).refused(Conflict, "grant_required")
    with pytest.raises(Conflict, match="renews its tokens itself") as refused:
        rotate(rotation(), token_after(grant_approved()))
    assert refused.value.code == "grant_not_rotated"


@pytest.mark.parametrize(
    ("since", "code"),
    [
        (token_revoked(at=NOON), "token_ended"),
        (TokenExpired(at=NOON), "token_ended"),
        (TokenSuspended(suspended_by="mem_ann", reason="odd", at=NOON), "token_suspended"),
    ],
    ids=lambda value: str(getattr(value, "type", value)),
)
def test_a_grant_that_is_out_of_use_is_not_refreshed(since: TokenEvent, code: str) -> None:
    given(grant_approved(), since).when(refresh()).refused(Conflict, code)


def test_a_grant_whose_time_is_over_is_not_refreshed_though_nobody_has_recorded_it() -> None:
    given(grant_approved()).when(refresh(at=on_day(30))).refused(Conflict, "token_ended")
    assert given(grant_approved()).when(refresh(at=on_day(30) - SECOND)).refusal is None


@pytest.mark.parametrize("policy", [TokenPolicy(longest_days=364), TokenPolicy(scopes=frozenset({Scope.PNL}))])
def test_a_grant_that_breaks_the_policy_is_not_refreshed(policy: TokenPolicy) -> None:
    given(grant_approved()).when(refresh(policy=policy)).refused(Conflict, "policy_broken")


@for_all(asked=st.lists(commands, max_size=8), born=st.sampled_from([grant_approved(), OF_A_YEAR]))
def test_no_grant_outlives_its_year_and_no_access_token_its_grant(asked: list[TokenCommand], born: TokenEvent) -> None:
    history = history_of(sorted(asked, key=lambda command: command.at), born)
    generations = [1, *(event.generation for event in history if isinstance(event, GrantRefreshed))]
    state = token_after(*history)

    assert generations == list(range(1, len(generations) + 1))
    assert state.app is not None
    assert state.expires_at is not None
    assert state.app.access_expires_at <= state.expires_at <= on_day(365)
    assert (state.kind, state.scopes, state.app.role) == (TokenKind.GRANT, {Scope.PNL, Scope.ADS}, Role.OWNER)
    assert state.flagged_at is None
    assert state.reminded_days is None


# --- how it ends ------------------------------------------------------------------------------------------------------


def test_a_grant_that_nobody_refreshes_ends_by_itself_and_nobody_is_reminded_of_it() -> None:
    (look,) = attended(token_after(grant_approved()), [], until=on_day(400))

    assert look.at == on_day(30)
    assert look.events == (TokenExpired(at=on_day(30)),)


def test_the_sweep_looks_at_a_grant_at_its_end_and_a_refresh_puts_that_off() -> None:
    assert next_look(token_after(grant_approved()), Use()) == on_day(30)
    assert next_look(token_after(grant_approved(), refreshed(2, at=on_day(9))), Use()) == on_day(39)


@for_all(at=moments)
def test_no_silence_of_a_grant_is_abandonment(at: datetime) -> None:
    happened = decide(attend(at, Use(), suspends=True), token_after(grant_approved()))

    assert happened == (() if at < on_day(30) else (TokenExpired(at=at),))


def test_a_suspended_grant_is_one_like_every_suspended_token() -> None:
    (event,) = decide(suspend(), token_after(grant_approved()))

    assert token_after(grant_approved(), event).status is Status.SUSPENDED
    assert Status.SUSPENDED in LIVE


def test_a_policy_that_came_later_is_broken_by_the_life_and_the_scopes_of_a_grant() -> None:
    grant = token_after(grant_approved())

    assert breaks(TokenPolicy(longest_days=364), grant) is not None
    assert breaks(TokenPolicy(scopes=frozenset({Scope.PNL})), grant) is not None
    assert breaks(TokenPolicy(longest_days=365, name_pattern="ci-*"), grant) is None


# --- whose it is ------------------------------------------------------------------------------------------------------


def workspace(*since: WorkspaceEvent, role: Role = Role.ADMIN) -> Workspace:
    found = replay_workspace(
        [
            WorkspaceRegistered(workspace_id="ws1", name="Tea", plan="plus", at=NOON),
            MemberAdded(member_id="mem_olga", issuer="https://id.test", subject="olga", role=role, at=NOON),
            *since,
        ]
    )
    assert found is not None
    return found


@pytest.mark.parametrize("role", Role)
def test_every_member_may_connect_an_app_whatever_their_role(role: Role) -> None:
    plan, member = plan_for_new_grant(workspace(role=role), "mem_olga")

    assert (plan.key, member.role) == ("plus", role)


def test_nobody_else_may_and_nobody_where_the_plan_has_no_mcp() -> None:
    with pytest.raises(NotPermitted, match="Only a member"):
        plan_for_new_grant(workspace(), "mem_ann")
    with pytest.raises(NotPermitted, match="no MCP access"):
        plan_for_new_grant(workspace(PlanChanged(plan="starter", at=NOON)), "mem_olga")


@pytest.mark.parametrize("then", Role)
@pytest.mark.parametrize("now", Role)
def test_a_grant_ends_when_its_owner_is_less_than_when_they_approved_it(then: Role, now: Role) -> None:
    ranks = [Role.ANALYST, Role.ADMIN, Role.OWNER]
    grant = token_after(grant_approved(role=then))
    lost = lost_owner(workspace(role=now), grant)

    assert (lost is None) == (ranks.index(now) >= ranks.index(then))
    if lost is not None:
        with pytest.raises(NotPermitted, match="role is less"):
            check_may_return(workspace(role=now), grant)


def test_a_grant_ends_when_its_owner_leaves() -> None:
    left = workspace(MemberRemoved(member_id="mem_olga", at=NOON))

    assert lost_owner(left, token_after(grant_approved(role=Role.ANALYST))) == "the owner left the workspace"


def test_whoever_becomes_more_keeps_what_they_granted() -> None:
    promoted = workspace(MemberRoleChanged(member_id="mem_olga", role=Role.OWNER, at=NOON), role=Role.ANALYST)

    assert lost_owner(promoted, token_after(grant_approved(role=Role.ANALYST))) is None
