"""A rotation: a successor of the same kind or narrower, and an end for the token that it replaces."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given as for_all

from shared.domain.errors import Conflict, DomainError, Invalid, NotPermitted
from shared.domain.plans import PLANS
from shared.domain.scopes import Scope
from shared.domain.token.commands import RotateToken
from shared.domain.token.events import TokenCreated, TokenEvent, TokenExpired, TokenKind, TokenRotated
from shared.domain.token.policy import TokenPolicy, breaks
from shared.domain.token.rotation import AlreadyRotated, Rotation, rotate
from shared.domain.token.state import Status, Token
from tests.data.examples import NOON, ONE_DAY, token_created, token_revoked
from tests.domain.lives import (
    A_MOMENT,
    ENDLESS,
    lives,
    living,
    on_day,
    rotated,
    rotation,
    rotations,
    suspended,
    token_after,
)

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Given:
    """A token with a history, about to be rotated."""

    token: Token

    def when(self, command: RotateToken) -> Rotation:
        return rotate(command, self.token)

    def refused(self, command: RotateToken, kind: type[DomainError], code: str, *, field: str | None = None) -> None:
        with pytest.raises(kind) as refused:
            rotate(command, self.token)
        assert (refused.value.code, refused.value.field) == (code, field)
        assert refused.value.message.endswith(".")


def given(*history: TokenEvent) -> Given:
    return Given(token_after(*history))


def test_a_rotation_makes_a_successor_and_gives_the_token_a_day() -> None:
    assert given(living(90)).when(rotation(at=on_day(10))) == Rotation(
        rotated=TokenRotated(
            successor_id="tok2", rotated_by="mem_ann", overlap_seconds=DAY, ends_at=on_day(11), at=on_day(10)
        ),
        created=token_created(
            token_id="tok2",
            prefix="mfp_1hijklmn",
            expires_at=on_day(100),
            predecessor_id="tok1",
            at=on_day(10),
        ),
    )


def test_both_are_let_in_until_the_overlap_is_over() -> None:
    happened = given(living(90)).when(rotation(at=on_day(10)))
    old, new = token_after(living(90), happened.rotated), token_after(happened.created)

    assert (old.status, old.successor_id, new.predecessor_id) == (Status.ACTIVE, "tok2", "tok1")
    assert old.lives_at(on_day(11) - A_MOMENT)
    assert not old.lives_at(on_day(11))
    assert new.lives_at(on_day(10))
    assert new.lives_at(on_day(100) - A_MOMENT)


def test_without_an_overlap_the_token_ends_at_once() -> None:
    happened = given(living(90)).when(rotation(overlap_seconds=0, at=on_day(10)))

    old = token_after(living(90), happened.rotated)
    assert (old.status, old.ended_at, old.expires_at) == (Status.ROTATED, on_day(10), on_day(10))


@pytest.mark.parametrize(
    ("history", "seconds", "ends_at"),
    [
        ([living(90)], 1, on_day(28) + timedelta(seconds=1)),
        ([living(90)], 7 * DAY, on_day(35)),
        ([living(30)], 7 * DAY, on_day(30)),
        ([ENDLESS], 7 * DAY, on_day(35)),
        ([living(90), rotated(27, overlap=3 * ONE_DAY)], 7 * DAY, on_day(30)),
    ],
    ids=["short", "longest", "own expiry first", "endless", "in an overlap already"],
)
def test_a_token_ends_with_its_overlap_or_with_its_own_life(
    history: list[TokenEvent], seconds: int, ends_at: datetime
) -> None:
    happened = given(*history).when(rotation(overlap_seconds=seconds, plan=PLANS["alpha"], at=on_day(28)))

    assert happened.rotated.ends_at == ends_at
    assert token_after(*history, happened.rotated).expires_at == ends_at


@pytest.mark.parametrize("seconds", [-1, 604_801, 10**9])
def test_an_overlap_lasts_a_week_at_most(seconds: int) -> None:
    given(living(90)).refused(rotation(overlap_seconds=seconds), Invalid, "overlap_invalid", field="overlap_seconds")


# --- which tokens -----------------------------------------------------------------------------------------------------


def test_a_token_has_one_successor_that_lives() -> None:
    with pytest.raises(AlreadyRotated) as refused:
        rotate(rotation(living_successor_id="tok3", at=on_day(10)), token_after(living(90), rotated(9)))

    assert refused.value.code == "already_rotated"
    assert refused.value.successor_id == "tok3"
    assert "tok3" in refused.value.message
    assert "if it is suspended, it has to be resumed" in refused.value.hint


@pytest.mark.parametrize(
    "end",
    [token_revoked(), TokenExpired(at=NOON), rotated(0, overlap=timedelta())],
    ids=lambda event: event.type,
)
def test_a_repeat_is_told_of_the_successor_even_where_the_token_has_ended(end: TokenEvent) -> None:
    given(living(90), end).refused(rotation(living_successor_id="tok2"), AlreadyRotated, "already_rotated")
    given(living(90), end).refused(rotation(), Conflict, "token_ended")


def test_a_token_whose_successor_is_dead_can_be_rotated_again_in_its_overlap() -> None:
    happened = given(living(90), rotated(9)).when(rotation(successor_id="tok3", at=on_day(9.5)))

    assert happened.created.predecessor_id == "tok1"
    assert token_after(living(90), rotated(9), happened.rotated).successor_id == "tok3"


def test_a_token_whose_time_is_over_is_not_rotated_though_nobody_has_recorded_it() -> None:
    given(living(90)).refused(rotation(at=on_day(90)), Conflict, "token_ended")
    given(living(90), rotated(9)).refused(rotation(at=on_day(10)), Conflict, "token_ended")
    assert given(living(90)).when(rotation(at=on_day(90) - A_MOMENT)).rotated.ends_at == on_day(90)


def test_a_suspended_token_is_not_rotated() -> None:
    given(living(90), suspended(1)).refused(rotation(at=on_day(2)), Conflict, "token_suspended")


def test_a_hint_to_resume_promises_nothing_that_the_policy_may_refuse() -> None:
    with pytest.raises(Conflict) as refused:
        rotate(rotation(at=on_day(2)), token_after(living(90), suspended(1)))

    assert refused.value.hint == "Resume it first, if the token policy allows it, or generate a new one."


# --- what the successor is --------------------------------------------------------------------------------------------


def test_a_successor_can_have_fewer_scopes_and_none_that_its_token_lacks() -> None:
    narrower = frozenset({Scope.PNL})

    assert given(living(90)).when(rotation(scopes=narrower)).created.scopes == narrower
    given(living(90)).refused(
        rotation(scopes=frozenset({Scope.PNL, Scope.CUSTOMERS})), Invalid, "scope_wider", field="scopes"
    )
    given(living(90)).refused(rotation(scopes=frozenset()), Invalid, "scope_required", field="scopes")


def test_a_successor_is_of_the_same_owner_kind_and_name_whatever_names_are_wanted_now() -> None:
    event = replace(ENDLESS, owner_id="mem_bob", name="Nightly")
    command = rotation(plan=PLANS["alpha"], policy=TokenPolicy(name_pattern="ci-*"))

    created = given(event).when(command).created

    assert (created.kind, created.owner_id, created.name) == (TokenKind.ORGANIZATION, "mem_bob", "Nightly")
    assert (created.workspace_id, created.expires_at) == ("ws1", None)


@pytest.mark.parametrize(
    ("event", "plan", "days"),
    [
        (living(90), "plus", 90),
        (living(365), "alpha", 365),
        (living(100), "plus", 90),
        (ENDLESS, "alpha", None),
    ],
)
def test_a_successor_lives_as_long_as_its_token_was_to_live_or_the_longest_below_that_the_plan_offers(
    event: TokenCreated, plan: str, days: int | None
) -> None:
    command = rotation(plan=PLANS[plan], at=on_day(10))

    expires_at = given(event).when(command).created.expires_at

    assert expires_at == (on_day(10 + days) if days is not None else None)


def test_where_no_life_is_offered_there_is_no_successor() -> None:
    given(living(90)).refused(rotation(plan=PLANS["starter"]), Invalid, "lifetime_not_allowed", field="expires_in_days")


@pytest.mark.parametrize("event", [ENDLESS, replace(ENDLESS, expires_at=on_day(90))], ids=["endless", "90 days"])
def test_an_organization_token_has_no_successor_where_the_plan_has_no_such_tokens(event: TokenCreated) -> None:
    given(event).refused(rotation(plan=PLANS["plus"]), NotPermitted, "kind_not_allowed")


@pytest.mark.parametrize(
    ("policy", "scopes"),
    [
        (TokenPolicy(scopes=frozenset({Scope.ADS})), None),
        (TokenPolicy(scopes=frozenset({Scope.ADS})), frozenset({Scope.ADS})),
        (TokenPolicy(longest_days=89), None),
    ],
    ids=["scopes", "though it asks for fewer", "life"],
)
def test_a_token_that_breaks_the_policy_gets_no_successor_that_keeps_to_it(
    policy: TokenPolicy, scopes: frozenset[Scope] | None
) -> None:
    given(living(90)).refused(rotation(policy=policy, scopes=scopes), Conflict, "policy_broken")


# --- what always holds ------------------------------------------------------------------------------------------------

far = datetime.max.replace(tzinfo=NOON.tzinfo)


@for_all(history=lives(), command=rotations)
def test_a_rotation_never_widens_never_lengthens_and_keeps_to_the_rules(
    history: list[TokenEvent], command: RotateToken
) -> None:
    token = token_after(*history)
    command = replace(command, at=max(command.at, history[-1].at))
    with suppress(DomainError):
        happened = rotate(command, token)
        old, new = token_after(*history, happened.rotated), token_after(happened.created)

        assert new.scopes <= token.scopes
        assert new.scopes
        assert (new.lifetime_days or 10**6) <= (token.lifetime_days or 10**6)
        assert new.lifetime_days in {None, *command.plan.lifetimes_days}
        assert new.lifetime_days is not None or command.plan.organization_tokens
        assert breaks(command.policy, new) is None
        assert (old.expires_at or far) <= (token.expires_at or far)
        assert command.at <= happened.rotated.ends_at <= command.at + 7 * ONE_DAY
        assert old.lives_at(command.at) == (command.overlap_seconds > 0)
        assert (new.workspace_id, new.owner_id, new.kind, new.name) == (
            token.workspace_id,
            token.owner_id,
            token.kind,
            token.name,
        )
