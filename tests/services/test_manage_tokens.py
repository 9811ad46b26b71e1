from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import pytest

from shared.domain.errors import Invalid, NotFound, NotPermitted
from shared.domain.token.commands import RenameToken, RevokeToken
from shared.domain.token.events import TokenRevoked
from shared.domain.token.policy import ANYTHING, TokenPolicy
from shared.domain.token.state import Status
from shared.domain.workspace.commands import SetTokenPolicy, SuspendAccess
from shared.domain.workspace.decider import Member
from shared.domain.workspace.events import Role
from shared.services.change_token import change_token
from shared.services.credentials.keys import CredentialKeys
from shared.services.credentials.seal import is_sealed
from shared.services.manage_tokens import find_token, list_tokens, rename_token, revoke_token
from shared.storage.contracts.streams import Origin, StreamMoved
from shared.storage.contracts.tokens import Arrival, TokenRow, TokenStore
from tests.data.engines import MeddledEngine
from tests.data.stores import Stores, memory_stores
from tests.data.tenants import KEYS, NOON, member, order, origin, rotation, token, workspace

WHO = {"olivia": Role.OWNER, "adam": Role.ADMIN, "ana": Role.ANALYST, "bo": Role.OWNER}


@pytest.fixture
def engine() -> MeddledEngine:
    return MeddledEngine()


@pytest.fixture
def stores(engine: MeddledEngine) -> Stores:
    stores = memory_stores(engine)
    workspace(stores, people=WHO)
    return stores


class Change(Protocol):
    """`rename_token` and `revoke_token`, but for what is new."""

    def __call__(
        self,
        token_id: str,
        *,
        workspace_id: str,
        member: Member,
        origin: Origin,
        now: datetime,
        keys: CredentialKeys,
        tokens: TokenStore,
    ) -> TokenRow: ...


def carry_out(change: Change, token_id: str, stores: Stores, *, by: str = "olivia") -> TokenRow:
    return change(
        token_id,
        workspace_id="wks_1",
        member=member(stores, by),
        origin=origin(f"mem_{by}"),
        now=NOON,
        keys=KEYS,
        tokens=stores.tokens,
    )


def stored(stores: Stores, token_id: str) -> TokenRow:
    row = stores.tokens.get(token_id)
    assert row is not None
    return row


@pytest.mark.parametrize(("by", "found"), [("olivia", True), ("adam", True), ("bo", True), ("ana", False)])
def test_owners_and_admins_see_every_token_and_others_their_own(stores: Stores, by: str, found: bool) -> None:  # noqa: FBT001 - a column of the table
    made = token(stores, owner="olivia").token

    if found:
        row = find_token(made.token_id, workspace_id="wks_1", member=member(stores, by), tokens=stores.tokens)
        assert row.token == made
    else:
        with pytest.raises(NotFound):
            find_token(made.token_id, workspace_id="wks_1", member=member(stores, by), tokens=stores.tokens)


def test_a_token_of_another_workspace_is_not_found_though_the_member_is_an_owner_of_both(stores: Stores) -> None:
    workspace(stores, "wks_2", people={"olivia": Role.OWNER})
    made = token(stores, workspace_id="wks_2").token

    with pytest.raises(NotFound):
        find_token(made.token_id, workspace_id="wks_1", member=member(stores), tokens=stores.tokens)


def test_an_analyst_lists_nothing(stores: Stores) -> None:
    with pytest.raises(NotPermitted):
        list_tokens(workspace_id="wks_1", member=member(stores, "ana"), limit=10, after=None, tokens=stores.tokens)


def test_a_change_gives_the_row_as_it_is_stored(stores: Stores) -> None:
    made = token(stores).token

    renamed = carry_out(partial(rename_token, name="Nightly", workspaces=stores.workspaces), made.token_id, stores)
    assert renamed == stored(stores, made.token_id)
    assert renamed.token.name == "Nightly"
    revoked = carry_out(partial(revoke_token, reason="over"), made.token_id, stores)
    assert revoked == stored(stores, made.token_id)
    assert (revoked.token.status, revoked.token.ended_at) == (Status.REVOKED, NOON)
    assert is_sealed(revoked, KEYS)


def test_of_many_revocations_at_once_one_is_recorded_and_its_reason_stays(stores: Stores) -> None:
    made = token(stores).token

    with ThreadPoolExecutor(8) as containers:
        asked = [
            containers.submit(carry_out, partial(revoke_token, reason=f"reason {n}"), made.token_id, stores)
            for n in range(16)
        ]
        rows = [one.result() for one in asked]
    carry_out(partial(revoke_token, reason="one more"), made.token_id, stores, by="adam")

    (revoked,) = (event for event in stores.tokens.history(made.token_id) if isinstance(event, TokenRevoked))
    assert revoked.reason.startswith("reason ")
    assert {row.token.status for row in rows} == {Status.REVOKED}


def test_a_token_in_its_overlap_is_revoked_without_its_successor(stores: Stores) -> None:
    old = token(stores).token
    new = rotation(stores, old.token_id).token

    carry_out(partial(revoke_token, reason="over"), old.token_id, stores)

    assert stored(stores, old.token_id).token.status is Status.REVOKED
    assert stored(stores, new.token_id).token == new


def test_a_successor_is_revoked_and_the_overlap_of_its_token_stays_as_it_was(stores: Stores) -> None:
    old = token(stores).token
    new = rotation(stores, old.token_id, overlap=3600).token
    in_overlap = stored(stores, old.token_id).token
    assert in_overlap.expires_at == NOON + timedelta(hours=1)

    carry_out(partial(revoke_token, reason="over"), new.token_id, stores)

    assert stored(stores, old.token_id).token == in_overlap
    assert stored(stores, new.token_id).token.status is Status.REVOKED


def test_a_change_that_changes_nothing_writes_nothing(engine: MeddledEngine, stores: Stores) -> None:
    made = token(stores, name="Nightly").token
    carry_out(partial(revoke_token, reason="over"), made.token_id, stores)
    before = engine.changes().last()

    carry_out(partial(rename_token, name=" Nightly ", workspaces=stores.workspaces), made.token_id, stores)
    carry_out(partial(revoke_token, reason="once more"), made.token_id, stores)

    assert engine.changes().last() == before


def test_a_rename_keeps_what_calls_count_on_the_same_row(stores: Stores) -> None:
    made = token(stores).token
    for number in range(3):
        stores.tokens.admit(made.token_id, Arrival(request_id=f"r{number}", now=NOON, is_call=True), limit=60)
    before = stored(stores, made.token_id)

    after = carry_out(partial(rename_token, name="Nightly", workspaces=stores.workspaces), made.token_id, stores)

    assert (after.calls, after.window, after.last_used_at) == (3, before.window, NOON)
    assert after == stored(stores, made.token_id)


def test_no_rename_evades_the_name_pattern(stores: Stores) -> None:
    made = token(stores).token
    policy = TokenPolicy(name_pattern="ci-*")
    order(SetTokenPolicy(policy=policy, set_by="mem_olivia", at=NOON), stores=stores)

    with pytest.raises(Invalid) as refused:
        carry_out(partial(rename_token, name="Nightly", workspaces=stores.workspaces), made.token_id, stores)

    assert refused.value.code == "name_not_allowed"
    assert (
        carry_out(
            partial(rename_token, name="ci-nightly", workspaces=stores.workspaces), made.token_id, stores
        ).token.name
        == "ci-nightly"
    )


def test_a_rename_that_a_policy_overtakes_is_judged_by_it(engine: MeddledEngine, stores: Stores) -> None:
    made = token(stores).token
    policy = SetTokenPolicy(policy=TokenPolicy(name_pattern="ci-*"), set_by="mem_olivia", at=NOON)

    def set_first(number: int) -> None:
        if number == 0:
            order(policy, stores=stores)

    engine.meddle = set_first
    with pytest.raises(Invalid) as refused:
        carry_out(partial(rename_token, name="Nightly", workspaces=stores.workspaces), made.token_id, stores)

    assert refused.value.code == "name_not_allowed"
    assert stored(stores, made.token_id).token.name == made.name


def test_a_rename_that_meets_another_change_is_decided_anew(engine: MeddledEngine, stores: Stores) -> None:
    made = token(stores).token

    def revoke_first(number: int) -> None:
        if number == 0:
            carry_out(partial(revoke_token, reason="leaked"), made.token_id, stores, by="adam")

    engine.meddle = revoke_first
    carry_out(partial(rename_token, name="Nightly", workspaces=stores.workspaces), made.token_id, stores)

    row = stored(stores, made.token_id)
    assert (row.token.status, row.token.name) == (Status.REVOKED, "Nightly")
    assert is_sealed(row, KEYS)


def test_of_two_revocations_at_once_one_is_recorded(engine: MeddledEngine, stores: Stores) -> None:
    made = token(stores).token

    def revoke_first(number: int) -> None:
        if number == 0:
            carry_out(partial(revoke_token, reason="leaked"), made.token_id, stores, by="adam")

    engine.meddle = revoke_first
    carry_out(partial(revoke_token, reason="over"), made.token_id, stores)

    ends = [event for event in stores.tokens.history(made.token_id) if event.type == "token.revoked"]
    assert [event.revoked_by for event in ends] == ["mem_adam"]


def test_a_rename_beside_a_suspension_leaves_the_row_under_a_right_seal(engine: MeddledEngine, stores: Stores) -> None:
    made = token(stores).token

    def suspend_first(number: int) -> None:
        if number == 0:
            order(SuspendAccess(reason="unpaid", at=NOON), stores=stores)

    engine.meddle = suspend_first
    row = carry_out(partial(rename_token, name="Nightly", workspaces=stores.workspaces), made.token_id, stores)

    assert row == stored(stores, made.token_id)
    assert row.terms.standing == "organization_not_authorized"
    assert is_sealed(row, KEYS)


def test_a_token_that_never_stands_still_is_given_up(engine: MeddledEngine, stores: Stores) -> None:
    made = token(stores).token

    def rename_first(number: int) -> None:
        carry_out(partial(rename_token, name=f"name {number}", workspaces=stores.workspaces), made.token_id, stores)

    engine.meddle = rename_first

    with pytest.raises(StreamMoved):
        carry_out(partial(revoke_token, reason="over"), made.token_id, stores)


@pytest.mark.parametrize(
    "command",
    [
        RenameToken(name="x", renamed_by="mem_a", policy=ANYTHING, at=NOON),
        RevokeToken(revoked_by="mem_a", reason="x", at=NOON),
    ],
)
def test_what_is_not_there_cannot_be_changed(stores: Stores, command: RenameToken | RevokeToken) -> None:
    with pytest.raises(NotFound):
        change_token("0" * 16, command, origin=origin(), keys=KEYS, tokens=stores.tokens)
