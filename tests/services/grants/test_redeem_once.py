from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.scopes import Scope
from shared.domain.token.events import TokenRevoked
from shared.domain.token.policy import TokenPolicy
from shared.domain.token.state import Status
from shared.domain.workspace.commands import ChangeMemberRole, SetTokenPolicy, WorkspaceCommand
from shared.domain.workspace.events import Role
from shared.services.grants.refusals import GrantRefused
from shared.storage.contracts.streams import StoreUnavailable
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.engines import Killed, MeddledEngine, die_before
from tests.data.faults import LosesAnswers
from tests.data.stores import Stores
from tests.data.tenants import A_DAY, NOON, order, workspace
from tests.services.grants.connecting import (
    APP,
    LEFT,
    OTHER_CLIENT,
    OTHER_VERIFIER,
    SHUT_OUT,
    approve,
    away,
    code_row,
    grants_in,
    named,
    newest_entry,
    redeem,
    row_of,
)

# --- once -------------------------------------------------------------------------------------------------------------


def test_a_code_that_comes_again_with_the_right_proof_ends_the_grant(stores: Stores) -> None:
    code = approve(stores)
    given = redeem(stores, code)
    later = NOON + timedelta(hours=3)  # long after the code itself is good for nothing

    with pytest.raises(GrantRefused) as refused:
        redeem(stores, code, at=later)

    *_, last = stores.tokens.history(given.grant_id)
    assert refused.value.code == "invalid_grant"
    assert last == TokenRevoked(
        revoked_by="system:oauth",
        reason="its authorization code was used twice: somebody else may hold it",
        at=later,
    )
    assert len(grants_in(stores)) == 1
    assert newest_entry(stores).origin == replace(APP, actor="system:oauth")


@pytest.mark.parametrize(
    "asked", [{"client_id": OTHER_CLIENT}, {"redirect_uri": "https://evil.test"}, {"resource": "https://other.test"}]
)
def test_whoever_has_code_and_proof_ends_the_grant_whatever_else_they_say(
    stores: Stores, asked: dict[str, str]
) -> None:
    code = approve(stores)
    given = redeem(stores, code)

    with pytest.raises(GrantRefused):
        redeem(stores, code, **asked)  # pyright: ignore[reportArgumentType]  # none of them is `at`

    assert row_of(stores, given).token.status is Status.REVOKED


def test_a_used_code_without_the_proof_ends_nothing(stores: Stores) -> None:
    code = approve(stores)
    given = redeem(stores, code)

    with pytest.raises(GrantRefused) as refused:
        redeem(stores, code, verifier=OTHER_VERIFIER)

    assert refused.value.code == "invalid_grant"
    assert row_of(stores, given).token.status is Status.ACTIVE


def test_after_a_day_a_used_code_is_as_unknown_as_any_and_ends_nothing(stores: Stores) -> None:
    code = approve(stores)
    given = redeem(stores, code)

    with pytest.raises(GrantRefused):
        redeem(stores, code, at=NOON + A_DAY)

    assert row_of(stores, given).token.status is Status.ACTIVE


def test_a_third_use_changes_nothing_more(stores: Stores) -> None:
    code = approve(stores)
    given = redeem(stores, code)

    for minute in (1, 2):
        with pytest.raises(GrantRefused):
            redeem(stores, code, at=NOON + timedelta(minutes=minute))

    assert len(stores.tokens.history(given.grant_id)) == 2


def test_of_two_who_come_at_once_one_is_served_and_the_grant_ends(engine: MeddledEngine, stores: Stores) -> None:
    """Nobody can tell which of the two is the client: neither keeps what was taken with a stolen code and proof."""
    code = approve(stores)

    def overtake(number: int) -> None:
        if number == 0:
            redeem(stores, code)

    engine.meddle = overtake
    with pytest.raises(GrantRefused) as refused:
        redeem(stores, code)

    (row,) = grants_in(stores)
    assert refused.value.code == "invalid_grant"
    assert row.token.status is Status.REVOKED


def test_a_thief_without_the_proof_who_comes_at_the_same_moment_changes_nothing(
    engine: MeddledEngine, stores: Stores
) -> None:
    code = approve(stores)

    def try_it(number: int) -> None:
        if number == 0:
            with pytest.raises(GrantRefused):
                redeem(stores, code, verifier=OTHER_VERIFIER)

    engine.meddle = try_it
    given = redeem(stores, code)

    assert row_of(stores, given).token.status is Status.ACTIVE


# --- what happens in between ------------------------------------------------------------------------------------------


def test_a_process_that_dies_before_it_writes_has_used_nothing_up(engine: MeddledEngine, stores: Stores) -> None:
    code = approve(stores)
    engine.meddle = die_before(0)
    with pytest.raises(Killed):
        redeem(stores, code)
    engine.meddle = None

    assert grants_in(stores) == []
    assert redeem(stores, code).grant_id


def test_a_redemption_is_one_write(engine: MeddledEngine, stores: Stores) -> None:
    code = approve(stores)
    engine.meddle = die_before(1)

    redeem(stores, code)  # and so there is no place to die at between two

    assert code_row(stores, code).used_by == grants_in(stores)[0].token.token_id


def test_of_an_answer_that_was_lost_all_is_recorded_and_a_repeat_ends_the_grant() -> None:
    network = LosesAnswers(SqliteEngine())
    stores = Stores.over(network)
    workspace(stores)
    code = approve(stores)
    network.answers_to_lose = 1

    with pytest.raises(StoreUnavailable):
        redeem(stores, code)

    (row,) = grants_in(stores)
    assert code_row(stores, code).used_by == row.token.token_id
    with pytest.raises(GrantRefused):
        redeem(stores, code)
    assert grants_in(stores)[0].token.status is Status.REVOKED


def test_a_store_that_is_away_leaves_the_code_as_it_was(engine: MeddledEngine, stores: Stores) -> None:
    code = approve(stores)
    engine.meddle = away
    with pytest.raises(StoreUnavailable):
        redeem(stores, code)
    engine.meddle = None

    assert code_row(stores, code).used_by is None
    assert redeem(stores, code).grant_id


@pytest.mark.parametrize("command", [*SHUT_OUT, LEFT[0]], ids=named)
@pytest.mark.parametrize("moment", ["before", "meanwhile"])
def test_a_workspace_that_changed_since_the_consent_gives_nothing(
    engine: MeddledEngine, stores: Stores, command: WorkspaceCommand, moment: str
) -> None:
    code = approve(stores, member_id="mem_adam")

    def change(number: int) -> None:
        if number == 0:
            order(command, stores=stores)

    if moment == "before":
        order(command, stores=stores)
    else:
        engine.meddle = change
    with pytest.raises(GrantRefused) as refused:
        redeem(stores, code)

    assert refused.value.code == "invalid_grant"
    assert refused.value.hint
    assert grants_in(stores) == []
    assert code_row(stores, code).used_by is None


def test_a_change_in_between_that_concerns_nothing_is_no_hindrance(engine: MeddledEngine, stores: Stores) -> None:
    code = approve(stores)

    def change(number: int) -> None:
        if number == 0:
            order(ChangeMemberRole(member_id="mem_adam", role=Role.ANALYST, at=NOON), stores=stores)

    engine.meddle = change

    assert row_of(stores, redeem(stores, code)).token.status is Status.ACTIVE


def test_a_policy_that_came_after_the_consent_is_kept(stores: Stores) -> None:
    code = approve(stores)
    narrow = TokenPolicy(scopes=frozenset({Scope.ADS}))
    order(SetTokenPolicy(policy=narrow, set_by="mem_olivia", at=NOON), stores=stores)

    with pytest.raises(GrantRefused) as refused:
        redeem(stores, code)

    assert refused.value.code == "invalid_grant"
    assert "mcp:pnl:read" in refused.value.message
    assert grants_in(stores) == []
