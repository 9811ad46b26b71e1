from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.token.events import TokenRevoked
from shared.domain.token.policy import TokenPolicy
from shared.domain.token.state import Status
from shared.domain.workspace.commands import ChangePlan, GrantAccess, SetTokenPolicy
from shared.services.credentials.token_format import refresh_token
from shared.services.gate import Pass
from shared.services.grants.tokens import Tokens
from shared.services.refusals import Reason
from tests.data.engines import MeddledEngine
from tests.data.stores import Stores
from tests.data.tenants import A_DAY, KEYS, NOON, order
from tests.services.grants.connecting import (
    APP,
    ELSEWHERE,
    connect,
    gate_over,
    newest_entry,
    refresh,
    refused_with,
    row_of,
    suspend,
    texts_of,
    use,
)
from tests.services.place import let_in, refused, send

A_SECOND = timedelta(seconds=1)
A_MOMENT = timedelta(microseconds=1)
AN_HOUR = timedelta(hours=1)
JUST_AFTER = timedelta(seconds=30)
"""How long several processes of one app may come with the same refresh token."""
REUSE = "a refresh token was used twice: somebody else may hold it"


# --- the same answer once more ----------------------------------------------------------------------------------------


def test_within_half_a_minute_the_same_token_gives_the_same_answer_though_it_is_in_use(stores: Stores) -> None:
    first = connect(stores)
    second = refresh(stores, first.refresh, at=NOON + AN_HOUR)
    let_in(use(stores, second, at=NOON + AN_HOUR))
    before = row_of(stores, first).version

    again = refresh(stores, first.refresh, at=NOON + AN_HOUR + JUST_AFTER)

    assert (again.access, again.refresh, again.scopes) == (second.access, second.refresh, second.scopes)
    assert again.expires_in == second.expires_in - 30
    assert row_of(stores, first).version == before


@pytest.mark.parametrize("later", [timedelta(minutes=1), AN_HOUR - A_SECOND])
def test_as_long_as_nothing_of_an_answer_was_used_it_may_have_been_lost(stores: Stores, later: timedelta) -> None:
    first = connect(stores)
    let_in(use(stores, first))
    second = refresh(stores, first.refresh)

    again = refresh(stores, first.refresh, at=NOON + later)

    assert (again.access, again.refresh) == (second.access, second.refresh)
    third = refresh(stores, again.refresh, at=NOON + later + A_SECOND)
    let_in(use(stores, third, at=NOON + later + A_SECOND))


def test_two_processes_of_which_one_has_not_heard_the_answer_go_on_side_by_side(stores: Stores) -> None:
    first = connect(stores)
    refresh(stores, first.refresh)
    other = refresh(stores, first.refresh, at=NOON + timedelta(seconds=20))
    one = refresh(stores, first.refresh, at=NOON + timedelta(seconds=40))

    for each in (one, other):
        let_in(use(stores, each, at=NOON + AN_HOUR - A_SECOND))
    assert refresh(stores, other.refresh, at=NOON + AN_HOUR).refresh is not None


@pytest.mark.parametrize(
    ("later", "ip"),
    [
        (AN_HOUR, APP.ip),
        (timedelta(days=29), APP.ip),
        (timedelta(), ELSEWHERE),
        (A_SECOND, ELSEWHERE),
        (timedelta(minutes=59), ELSEWHERE),
        (timedelta(days=29), ELSEWHERE),
        (A_SECOND, None),
        (A_SECOND, "2001:db8::1"),
    ],
)
def test_whoever_asks_again_when_it_has_ended_or_from_elsewhere_gets_another(
    stores: Stores, later: timedelta, ip: str | None
) -> None:
    first = connect(stores)
    let_in(use(stores, first))
    lost = refresh(stores, first.refresh)

    again = refresh(stores, first.refresh, at=NOON + later, ip=ip)

    assert not {again.access, again.refresh} & {lost.access, lost.refresh}
    assert again.expires_in == 3600
    let_in(use(stores, again, at=NOON + later))
    third = refresh(stores, again.refresh, at=NOON + later + AN_HOUR)
    let_in(use(stores, third, at=NOON + later + AN_HOUR))


def test_the_access_token_of_an_answer_that_was_given_up_is_let_in_nowhere(stores: Stores) -> None:
    first = connect(stores)
    lost = refresh(stores, first.refresh)
    gate = gate_over(stores)
    let_in(send(gate, lost.access, method="tools/list"))  # which no plan counts, so it is no use
    again = refresh(stores, first.refresh, at=NOON + 2 * JUST_AFTER, ip=ELSEWHERE)

    for container in (gate, gate_over(stores)):
        for method in ("tools/list", "tools/call"):
            assert not isinstance(send(container, lost.access, method=method, at=NOON + 2 * JUST_AFTER), Pass)
    assert row_of(stores, first).generations_used == set()
    for given in (first, again):
        let_in(use(stores, given, at=NOON + 2 * JUST_AFTER))


def test_a_container_that_has_refused_the_access_token_before_takes_the_next(stores: Stores) -> None:
    first = connect(stores)
    second = refresh(stores, first.refresh)
    gate = gate_over(stores)
    assert refused(send(gate, second.access, at=NOON + AN_HOUR)) is Reason.TOKEN_EXPIRED

    again = refresh(stores, first.refresh, at=NOON + AN_HOUR)

    let_in(send(gate, again.access, at=NOON + AN_HOUR))
    assert refused(send(gate, second.access, at=NOON + AN_HOUR)) is Reason.TOKEN_EXPIRED


def test_whoever_loses_that_answer_too_may_come_again(stores: Stores) -> None:
    first = connect(stores)
    refresh(stores, first.refresh)

    answers = [refresh(stores, first.refresh, at=NOON + hours * AN_HOUR) for hours in (1, 1, 2, 3)]

    assert (answers[0].access, answers[0].refresh) == (answers[1].access, answers[1].refresh)
    assert len({answer.refresh for answer in answers}) == 3
    assert len({answer.access[31:64] for answer in answers}) == 3  # nothing of one access token tells the next
    let_in(use(stores, answers[-1], at=NOON + 3 * AN_HOUR))


def test_an_access_token_that_lasted_longer_than_its_successor_is_good_to_its_end(stores: Stores) -> None:
    first = connect(stores)
    order(GrantAccess(at=NOON), stores=stores)
    order(ChangePlan(plan="alpha", at=NOON), stores=stores)
    of_a_year = refresh(stores, first.refresh, at=NOON + A_SECOND)
    order(ChangePlan(plan="plus", at=NOON), stores=stores)
    refresh(stores, of_a_year.refresh, at=NOON + A_DAY)

    again = refresh(stores, of_a_year.refresh, at=NOON + 2 * A_DAY)

    for given in (of_a_year, again):
        let_in(use(stores, given, at=NOON + 2 * A_DAY))


def test_the_last_second_of_an_answer_is_told_as_one(stores: Stores) -> None:
    order(SetTokenPolicy(policy=TokenPolicy(longest_days=1), set_by="mem_olivia", at=NOON), stores=stores)
    first = connect(stores)
    end = NOON + A_DAY
    assert refresh(stores, first.refresh, at=end - JUST_AFTER).expires_in == 30

    assert refresh(stores, first.refresh, at=end - A_MOMENT).expires_in == 1  # not 0: "without end" to some


def test_a_plan_that_changes_in_between_does_not_change_the_answer(stores: Stores) -> None:
    first = connect(stores)
    second = refresh(stores, first.refresh, at=NOON + A_SECOND)
    for command in (GrantAccess(at=NOON), ChangePlan(plan="alpha", at=NOON)):
        order(command, stores=stores)

    again = refresh(stores, first.refresh, at=NOON + 2 * A_SECOND)

    assert (again.access, again.refresh) == (second.access, second.refresh)
    assert isinstance(use(stores, again, at=NOON + 3 * A_SECOND), Pass)


def test_two_who_come_at_once_get_the_same_answer(engine: MeddledEngine, stores: Stores) -> None:
    first = connect(stores)
    answers: list[Tokens] = []

    def overtake(number: int) -> None:
        if number == 0:
            answers.append(refresh(stores, first.refresh, at=NOON + AN_HOUR))

    engine.meddle = overtake
    answers.append(refresh(stores, first.refresh, at=NOON + AN_HOUR + A_SECOND))

    one, other = answers
    assert (one.access, one.refresh) == (other.access, other.refresh)
    assert row_of(stores, first).version == 2
    assert isinstance(use(stores, other, at=NOON + AN_HOUR + A_SECOND), Pass)


# --- reuse ------------------------------------------------------------------------------------------------------------


def test_a_replaced_token_that_comes_back_ends_the_grant(stores: Stores) -> None:
    first = connect(stores)
    second = refresh(stores, first.refresh, at=NOON + A_SECOND)
    let_in(use(stores, second, at=NOON + A_SECOND))
    late = NOON + A_SECOND + JUST_AFTER + A_MOMENT

    refusal = refused_with(lambda: refresh(stores, first.refresh, at=late))

    *_, last = stores.tokens.history(first.grant_id)
    assert refusal.code == "invalid_grant"
    assert last == TokenRevoked(revoked_by="system:oauth", reason=REUSE, at=late)
    assert newest_entry(stores).origin == replace(APP, actor="system:oauth")
    for given in (first, second):
        assert refused(use(stores, given, at=late)) is Reason.TOKEN_REVOKED
        assert refused_with(lambda given=given: refresh(stores, given.refresh, at=late)).code == "invalid_grant"


@pytest.mark.parametrize("generations", [2, 3, 7])
def test_a_token_of_any_age_that_comes_back_ends_the_grant(stores: Stores, generations: int) -> None:
    first = connect(stores)
    latest = first
    for number in range(1, generations + 1):
        latest = refresh(stores, latest.refresh, at=NOON + number * A_SECOND)

    refusal = refused_with(lambda: refresh(stores, first.refresh, at=NOON + 10 * A_SECOND))

    assert refusal.code == "invalid_grant"
    assert row_of(stores, first).token.status is Status.REVOKED
    assert refused(use(stores, latest, at=NOON + 10 * A_SECOND)) is Reason.TOKEN_REVOKED


def test_a_container_that_knows_the_access_token_refuses_it_too(stores: Stores) -> None:
    first = connect(stores)
    second = refresh(stores, first.refresh, at=NOON + A_SECOND)
    third = refresh(stores, second.refresh, at=NOON + 2 * A_SECOND)
    let_in(use(stores, third, at=NOON + 2 * A_SECOND))

    refused_with(lambda: refresh(stores, first.refresh, at=NOON + 3 * A_SECOND))

    assert refused(use(stores, third, at=NOON + 3 * A_SECOND)) is Reason.TOKEN_REVOKED


def test_a_generation_that_is_not_there_yet_ends_nothing(stores: Stores) -> None:
    """It was given before a backup was restored."""
    first = connect(stores)
    _, real = texts_of(first)
    second = refresh(stores, first.refresh, at=NOON + A_SECOND)
    third = refresh(stores, second.refresh, at=NOON + 2 * A_SECOND)

    for generation in (4, 62**4 - 1):
        unknown = refresh_token(
            real.token_id, generation=generation, random_part=33 * "a", version=real.key_version, keys=KEYS
        )
        refusal = refused_with(lambda unknown=unknown: refresh(stores, unknown.text, at=NOON + A_DAY))
        assert (refusal.code, refusal.field) == ("invalid_grant", "refresh_token")

    assert refresh(stores, third.refresh, at=NOON + A_DAY).refresh is not None


@pytest.mark.parametrize("rounds", [1, 2, 3])
def test_a_token_of_an_answer_that_was_given_up_ends_the_grant(stores: Stores, rounds: int) -> None:
    """An app that has lost an answer does not know what stood in it; a thief who asked before it does."""
    first = connect(stores)
    taken = refresh(stores, first.refresh, at=NOON)
    minutes = [NOON + number * timedelta(minutes=1) for number in range(1, rounds + 1)]
    owner = [
        refresh(stores, first.refresh, at=at, ip=ip) for at, ip in zip(minutes, [ELSEWHERE, APP.ip] * 2, strict=False)
    ][-1]
    let_in(use(stores, owner, at=minutes[-1]))

    refusal = refused_with(lambda: refresh(stores, taken.refresh, at=minutes[-1]))

    assert refusal.code == "invalid_grant"
    assert row_of(stores, first).token.status is Status.REVOKED
    assert refused(use(stores, owner, at=minutes[-1])) is Reason.TOKEN_REVOKED


def test_a_token_of_an_answer_that_was_given_up_ends_the_grant_after_the_next_refresh_too(stores: Stores) -> None:
    first = connect(stores)
    taken = refresh(stores, first.refresh, at=NOON)
    owner = refresh(stores, first.refresh, at=NOON + A_SECOND, ip=ELSEWHERE)
    owner = refresh(stores, owner.refresh, at=NOON + 2 * AN_HOUR)

    refused_with(lambda: refresh(stores, taken.refresh, at=NOON + 2 * AN_HOUR))

    assert row_of(stores, first).token.status is Status.REVOKED


@pytest.mark.parametrize("seconds", [0, 1, 30])
def test_two_networks_of_which_one_uses_the_pair_when_the_other_comes_end_the_grant_at_once(
    stores: Stores, seconds: int
) -> None:
    first = connect(stores)
    second = refresh(stores, first.refresh)
    let_in(use(stores, second))

    refusal = refused_with(lambda: refresh(stores, first.refresh, at=NOON + timedelta(seconds=seconds), ip=ELSEWHERE))

    assert refusal.code == "invalid_grant"
    assert row_of(stores, first).token.status is Status.REVOKED


def test_a_suspended_grant_ends_by_reuse_all_the_same(stores: Stores) -> None:
    first = connect(stores)
    second = refresh(stores, first.refresh, at=NOON + A_SECOND)
    refresh(stores, second.refresh, at=NOON + 2 * A_SECOND)
    suspend(stores, first, at=NOON + 3 * A_SECOND)

    refused_with(lambda: refresh(stores, first.refresh, at=NOON + 4 * A_SECOND))

    assert row_of(stores, first).token.status is Status.REVOKED
