from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.scopes import Scope
from shared.domain.token.events import GrantRefreshed
from shared.domain.token.policy import ANYTHING, TokenPolicy
from shared.domain.token.state import Status
from shared.domain.workspace.commands import ChangePlan, GrantAccess, SetTokenPolicy, WorkspaceCommand
from shared.services.credentials.seal import is_sealed
from shared.services.gate import Pass
from shared.services.refusals import Reason
from shared.storage.engine import Key, Table, Update, Value
from tests.data.engines import MeddledEngine
from tests.data.stores import Stores
from tests.data.tenants import A_DAY, KEYS, NOON, order, token
from tests.services.grants.connecting import (
    APP,
    CLIENT,
    LEFT,
    OTHER_CLIENT,
    RESOURCE,
    SHUT_OUT,
    approve,
    connect,
    named,
    newest_entry,
    redeem,
    refresh,
    refused_with,
    resume,
    revoke,
    row_of,
    secrets_of,
    suspend,
    texts_of,
    use,
)
from tests.services.place import let_in, refused

A_SECOND = timedelta(seconds=1)
A_MOMENT = timedelta(microseconds=1)
AN_HOUR = timedelta(hours=1)


# --- the next pair ----------------------------------------------------------------------------------------------------


def test_a_refresh_gives_the_next_pair_and_all_that_was_granted(stores: Stores) -> None:
    first = connect(stores)

    second = refresh(stores, first.refresh, at=NOON + AN_HOUR)

    access, renewing = texts_of(second)
    row = row_of(stores, first)
    assert (second.grant_id, second.scopes, second.expires_in) == (first.grant_id, first.scopes, 3600)
    assert (access.generation, renewing.generation) == (2, 2)
    assert access.expires_at == NOON + 2 * AN_HOUR
    assert row.token.expires_at == NOON + AN_HOUR + 30 * A_DAY
    assert is_sealed(row, KEYS)
    assert len({*secrets_of(first), *secrets_of(second)}) == 12


def test_the_access_token_before_is_good_until_its_own_end_and_the_one_before_that_is_not(stores: Stores) -> None:
    first = connect(stores)
    second = refresh(stores, first.refresh, at=NOON + A_SECOND)
    let_in(use(stores, first, at=NOON + 2 * A_SECOND))
    let_in(use(stores, second, at=NOON + 2 * A_SECOND))
    assert refused(use(stores, first, at=NOON + AN_HOUR)) is Reason.TOKEN_EXPIRED

    refresh(stores, second.refresh, at=NOON + 3 * A_SECOND)

    assert isinstance(use(stores, second, at=NOON + 4 * A_SECOND), Pass)
    assert not isinstance(use(stores, first, at=NOON + 4 * A_SECOND), Pass)


def test_the_trail_tells_that_the_app_itself_refreshed(stores: Stores) -> None:
    first = connect(stores)
    refresh(stores, first.refresh, at=NOON + A_SECOND)

    _, event = stores.tokens.history(first.grant_id)
    entry = newest_entry(stores)
    assert event == GrantRefreshed(
        generation=2,
        follows=1,
        access_expires_at=NOON + A_SECOND + AN_HOUR,
        expires_at=NOON + A_SECOND + 30 * A_DAY,
        at=NOON + A_SECOND,
    )
    assert (entry.type, entry.origin) == ("grant.refreshed", replace(APP, actor=f"token:{first.grant_id}"))


def test_an_app_that_stays_in_use_is_asked_again_after_a_year(stores: Stores) -> None:
    latest, at = connect(stores), NOON
    end = NOON + 365 * A_DAY
    for _ in range(13):
        at += 28 * A_DAY
        latest = refresh(stores, latest.refresh, at=at)

    assert row_of(stores, latest).token.expires_at == end
    last = refresh(stores, latest.refresh, at=end - 60 * A_SECOND)
    assert last.expires_in == 60
    assert refused_with(lambda: refresh(stores, last.refresh, at=end)).code == "invalid_grant"


def test_a_grant_that_nobody_refreshes_for_thirty_days_has_ended(stores: Stores) -> None:
    first = connect(stores)

    assert refused_with(lambda: refresh(stores, first.refresh, at=NOON + 30 * A_DAY)).code == "invalid_grant"
    assert refresh(stores, first.refresh, at=NOON + 30 * A_DAY - A_MOMENT).refresh is not None


@pytest.mark.parametrize(
    "scopes",
    [None, frozenset({Scope.PNL}), frozenset({Scope.PNL, Scope.ADS}), frozenset[Scope]()],
    ids=["not said", "fewer", "all", "none"],
)
def test_whoever_asks_for_no_more_than_was_granted_is_told_what_was(
    stores: Stores, scopes: frozenset[Scope] | None
) -> None:
    assert refresh(stores, connect(stores).refresh, scopes=scopes).scopes == {Scope.PNL, Scope.ADS}


def test_an_app_need_not_name_the_resource(stores: Stores) -> None:
    assert refresh(stores, connect(stores).refresh, resource=None).refresh is not None


def test_a_client_whose_id_is_too_long_to_be_told_is_known_again(stores: Stores) -> None:
    long_id = "mfc_" + 1_000 * "a"
    first = redeem(stores, approve(stores, client_id=long_id), client_id=long_id)

    assert refresh(stores, first.refresh, client_id=long_id).refresh is not None

    for other in (f"{long_id}a", long_id[:200], CLIENT):
        refusal = refused_with(lambda other=other: refresh(stores, first.refresh, client_id=other))
        assert (refusal.code, refusal.field) == ("invalid_grant", "client_id")
    app = row_of(stores, first).token.app
    assert app is not None
    assert app.client_id.startswith("sha256:")


def test_a_grant_keeps_its_refresh_tokens_when_its_workspace_moves_to_a_plan_that_begins_none(stores: Stores) -> None:
    """A client that is given none goes on with its old one (RFC 6749, section 6), and would look like a thief."""
    first = connect(stores)
    for command in (GrantAccess(at=NOON), ChangePlan(plan="alpha", at=NOON)):
        order(command, stores=stores)

    second = refresh(stores, first.refresh, at=NOON + A_DAY)

    assert second.refresh is not None
    assert second.expires_in == 364 * 24 * 3600  # the access token of that plan, to the end of this grant
    assert refresh(stores, second.refresh, at=NOON + 2 * A_DAY).refresh is not None


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "error", "field"),
    [
        ({"client_id": OTHER_CLIENT}, "invalid_grant", "client_id"),
        ({"client_id": ""}, "invalid_grant", "client_id"),
        ({"resource": "https://other.test/mcp"}, "invalid_target", "resource"),
        ({"resource": f"{RESOURCE}/"}, "invalid_target", "resource"),
        ({"scopes": frozenset({Scope.CUSTOMERS})}, "invalid_scope", "scope"),
    ],
    ids=str,
)
@pytest.mark.parametrize("is_repeat", [False, True])
def test_what_was_not_granted_is_refused_and_nothing_changes(
    stores: Stores, asked: dict[str, str], error: str, field: str, *, is_repeat: bool
) -> None:
    first = connect(stores)
    if is_repeat:
        refresh(stores, first.refresh, at=NOON)
    before = row_of(stores, first)

    refusal = refused_with(lambda: refresh(stores, first.refresh, **asked))  # pyright: ignore[reportArgumentType]  # of each the right type

    assert (refusal.code, refusal.field) == (error, field)
    assert refusal.hint
    assert row_of(stores, first) == before
    assert refresh(stores, first.refresh).refresh is not None


def test_another_client_that_shows_a_replaced_token_ends_nothing(stores: Stores) -> None:
    first = connect(stores)
    second = refresh(stores, first.refresh)
    refresh(stores, second.refresh)

    refused_with(lambda: refresh(stores, first.refresh, client_id=OTHER_CLIENT))

    assert row_of(stores, first).token.status is Status.ACTIVE


def test_only_a_refresh_token_refreshes(stores: Stores) -> None:
    first = connect(stores)
    personal = token(stores)

    for text in (first.access, personal.text, "", "mfr_", f"{first.refresh}x", (first.refresh or "").swapcase()):
        refusal = refused_with(lambda text=text: refresh(stores, text))
        assert (refusal.code, refusal.field) == ("invalid_grant", "refresh_token")
        assert not text or text not in f"{refusal.message} {refusal.hint}"


def test_a_revoked_grant_is_not_refreshed(stores: Stores) -> None:
    first = connect(stores)
    revoke(stores, first)

    refusal = refused_with(lambda: refresh(stores, first.refresh))

    assert refusal.code == "invalid_grant"
    assert "revoked" in refusal.message
    assert len(stores.tokens.history(first.grant_id)) == 2


@pytest.mark.parametrize("is_repeat", [False, True])
def test_a_suspended_grant_is_not_refreshed_and_goes_on_after(stores: Stores, *, is_repeat: bool) -> None:
    first = connect(stores)
    if is_repeat:
        refresh(stores, first.refresh)
    suspend(stores, first)
    before = row_of(stores, first)

    refusal = refused_with(lambda: refresh(stores, first.refresh, at=NOON + A_SECOND))

    assert refusal.code == "invalid_grant"
    assert "resume" in refusal.hint
    assert row_of(stores, first) == before
    resume(stores, first, at=NOON + A_DAY)
    again = refresh(stores, first.refresh, at=NOON + A_DAY)
    assert isinstance(use(stores, refresh(stores, again.refresh, at=NOON + A_DAY), at=NOON + A_DAY), Pass)


@pytest.mark.parametrize("command", SHUT_OUT, ids=named)
@pytest.mark.parametrize("is_repeat", [False, True])
def test_a_workspace_that_is_shut_out_for_a_while_loses_no_grant(
    stores: Stores, command: WorkspaceCommand, *, is_repeat: bool
) -> None:
    first = connect(stores)
    if is_repeat:
        refresh(stores, first.refresh)
    order(command, stores=stores)
    before = row_of(stores, first)

    refusal = refused_with(lambda: refresh(stores, first.refresh, at=NOON + A_SECOND))

    assert refusal.code == "invalid_grant"
    assert refusal.hint
    assert row_of(stores, first) == before
    for remedy in (ChangePlan(plan="plus", at=NOON), GrantAccess(at=NOON)):
        order(remedy, stores=stores)
    assert refresh(stores, first.refresh, at=NOON + 2 * A_SECOND).refresh is not None


@pytest.mark.parametrize("command", LEFT, ids=named)
def test_a_grant_ends_with_the_membership_or_the_role_that_it_was_given_in(
    stores: Stores, command: WorkspaceCommand
) -> None:
    first = connect(stores, member_id="mem_adam")
    order(command, stores=stores)

    assert refused_with(lambda: refresh(stores, first.refresh)).code == "invalid_grant"
    assert row_of(stores, first).token.status is Status.REVOKED


def test_a_grant_outside_the_token_policy_is_not_refreshed_until_it_is_inside_again(stores: Stores) -> None:
    first = connect(stores)
    narrow = TokenPolicy(scopes=frozenset({Scope.ADS}))
    order(SetTokenPolicy(policy=narrow, set_by="mem_olivia", at=NOON), stores=stores)

    assert refused_with(lambda: refresh(stores, first.refresh)).code == "invalid_grant"

    order(SetTokenPolicy(policy=ANYTHING, set_by="mem_olivia", at=NOON), stores=stores)
    resume(stores, first)
    assert refresh(stores, first.refresh).refresh is not None


@pytest.mark.parametrize("is_repeat", [False, True])
def test_a_row_that_somebody_else_wrote_refreshes_nothing(
    engine: MeddledEngine, stores: Stores, *, is_repeat: bool
) -> None:
    first = connect(stores)
    if is_repeat:
        refresh(stores, first.refresh)
    before = stores.tokens.history(first.grant_id)
    forged: dict[str, Value] = {"scopes": [scope.value for scope in Scope]}
    engine.write(Update(table=Table.CORE, key=Key(f"TOK#{first.grant_id}", "STATE"), set=forged))

    assert refused_with(lambda: refresh(stores, first.refresh)).field == "refresh_token"
    assert stores.tokens.history(first.grant_id) == before
