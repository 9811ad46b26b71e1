from __future__ import annotations

from datetime import timedelta

import pytest

from shared.domain.scopes import Scope
from shared.domain.token.events import GrantRefreshed
from shared.domain.token.policy import TokenPolicy
from shared.domain.token.state import Status
from shared.domain.workspace.commands import SetTokenPolicy, WorkspaceCommand
from shared.services.gate import Pass
from shared.storage.contracts.streams import StoreUnavailable
from shared.storage.sqlite.engine import SqliteEngine
from tests.data.engines import Killed, MeddledEngine, die_before
from tests.data.faults import LosesAnswers
from tests.data.stores import Stores
from tests.data.tenants import NOON, order, workspace
from tests.services.grants.connecting import (
    LEFT,
    SHUT_OUT,
    away,
    connect,
    everything_in,
    named,
    refresh,
    refused_with,
    revoke,
    row_of,
    secrets_of,
    use,
)
from tests.services.place import let_in


@pytest.mark.parametrize("command", [*SHUT_OUT, *LEFT], ids=named)
def test_a_change_that_comes_at_the_same_moment_is_kept(
    engine: MeddledEngine, stores: Stores, command: WorkspaceCommand
) -> None:
    first = connect(stores, member_id="mem_adam")

    def change(number: int) -> None:
        if number == 0:
            order(command, stores=stores)

    engine.meddle = change

    assert refused_with(lambda: refresh(stores, first.refresh)).code == "invalid_grant"
    history = stores.tokens.history(first.grant_id)
    assert not any(isinstance(event, GrantRefreshed) for event in history)


NARROW = SetTokenPolicy(policy=TokenPolicy(scopes=frozenset({Scope.ADS})), set_by="mem_olivia", at=NOON)


@pytest.mark.parametrize("command", [*SHUT_OUT, *LEFT, NARROW], ids=named)
@pytest.mark.parametrize("is_repeat", [False, True])
def test_a_change_that_is_recorded_holds_before_it_is_written_onto_the_grant(
    engine: MeddledEngine, stores: Stores, command: WorkspaceCommand, *, is_repeat: bool
) -> None:
    """The process that changed the workspace has died before it came to the rows of its tokens."""
    first = connect(stores, member_id="mem_adam")
    if is_repeat:
        refresh(stores, first.refresh)
    before = row_of(stores, first)
    engine.meddle = die_before(1)
    with pytest.raises(Killed):
        order(command, stores=stores)
    engine.meddle = None

    refusal = refused_with(lambda: refresh(stores, first.refresh))

    assert refusal.code == "invalid_grant"
    assert refusal.hint
    assert row_of(stores, first) == before


def test_a_revocation_at_the_same_moment_is_kept(engine: MeddledEngine, stores: Stores) -> None:
    first = connect(stores)

    def end(number: int) -> None:
        if number == 0:
            revoke(stores, first)

    engine.meddle = end

    assert refused_with(lambda: refresh(stores, first.refresh)).code == "invalid_grant"
    assert row_of(stores, first).token.status is Status.REVOKED


def test_a_call_at_the_same_moment_is_no_hindrance(engine: MeddledEngine, stores: Stores) -> None:
    first = connect(stores)

    def call(number: int) -> None:
        if number == 0:
            let_in(use(stores, first))

    engine.meddle = call

    assert refresh(stores, first.refresh).refresh is not None
    assert row_of(stores, first).calls == 1


def test_a_process_that_dies_has_refreshed_all_or_nothing(engine: MeddledEngine, stores: Stores) -> None:
    first = connect(stores)
    before = row_of(stores, first)
    engine.meddle = die_before(0)
    with pytest.raises(Killed):
        refresh(stores, first.refresh)
    engine.meddle = die_before(1)
    assert row_of(stores, first) == before

    assert refresh(stores, first.refresh).refresh is not None  # one write, and no place to die at after it


def test_an_app_that_does_not_hear_the_answer_asks_again_and_gets_it() -> None:
    network = LosesAnswers(SqliteEngine())
    stores = Stores.over(network)
    workspace(stores)
    first = connect(stores)
    network.answers_to_lose = 1
    with pytest.raises(StoreUnavailable):
        refresh(stores, first.refresh)

    again = refresh(stores, first.refresh, at=NOON + timedelta(seconds=5))

    assert row_of(stores, first).version == 2
    assert isinstance(use(stores, again, at=NOON + timedelta(seconds=5)), Pass)


def test_a_store_that_is_away_is_said_to_be_and_nothing_is_half_done(engine: MeddledEngine, stores: Stores) -> None:
    first = connect(stores)
    second = refresh(stores, first.refresh, at=NOON)
    third = refresh(stores, second.refresh, at=NOON)
    before = row_of(stores, first)

    engine.meddle = away
    for text in (third.refresh, first.refresh):  # a refresh, and a reuse that could not be recorded
        with pytest.raises(StoreUnavailable):
            refresh(stores, text)
    engine.meddle = None

    assert row_of(stores, first) == before


def test_nothing_secret_is_kept_of_any_pair(engine: MeddledEngine, stores: Stores) -> None:
    first = connect(stores)
    second = refresh(stores, first.refresh)
    third = refresh(stores, second.refresh)
    refused_with(lambda: refresh(stores, first.refresh))

    stored = everything_in(engine)
    assert first.grant_id in stored
    for given in (first, second, third):
        for secret in secrets_of(given):
            assert secret not in stored
