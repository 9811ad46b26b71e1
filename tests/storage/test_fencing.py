"""What every engine promises about workspaces whose tokens are to be fenced: named until it is done, and no longer."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from shared.domain.scopes import Scope
from shared.domain.token.policy import ANYTHING, TokenPolicy
from shared.domain.workspace.decider import replay
from shared.domain.workspace.events import AccessSuspended, MemberAdded, Role, TokenPolicySet, WorkspaceEvent
from shared.storage.contracts.streams import StreamMoved
from shared.storage.contracts.workspaces import WorkspaceRow
from shared.storage.engine import Engine, Table, Update
from shared.storage.rows.workspaces import workspace_key
from tests.data.examples import NOON, ORIGIN, store_workspace
from tests.data.faults import RepeatsWrites
from tests.data.stores import Stores
from tests.storage.places import Place

SOON, LATER = NOON + timedelta(minutes=2), NOON + timedelta(minutes=5)
A_MOMENT = timedelta(microseconds=1)
SUSPENDED = AccessSuspended(reason="invoice overdue", at=NOON)
ANN = MemberAdded(member_id="mem_ann", issuer="https://id.example", subject="ann", role=Role.ADMIN, at=NOON)


def again(stores: Stores, workspace_id: str = "ws1") -> WorkspaceRow:
    row = stores.workspaces.get(workspace_id)
    assert row is not None
    return row


def append(
    stores: Stores, event: WorkspaceEvent, *, fence_by: datetime | None = None, workspace_id: str = "ws1"
) -> WorkspaceRow:
    row = again(stores, workspace_id)
    state = replay([event], row.workspace)
    assert state is not None
    stores.workspaces.append([event], state, expected_version=row.version, origin=ORIGIN, fence_by=fence_by)
    return again(stores, workspace_id)


@pytest.fixture(autouse=True)
def workspace(stores: Stores) -> None:
    store_workspace(stores)


def test_a_workspace_is_named_from_the_moment_on_by_which_it_should_be_fenced(stores: Stores) -> None:
    append(stores, SUSPENDED, fence_by=SOON)

    assert stores.workspaces.unfenced(SOON - A_MOMENT, limit=9) == ()
    assert stores.workspaces.unfenced(SOON, limit=9) == ("ws1",)
    assert stores.workspaces.unfenced(SOON + timedelta(days=1000), limit=9) == ("ws1",)


def test_a_workspace_that_is_fenced_is_named_no_more(stores: Stores) -> None:
    row = append(stores, SUSPENDED, fence_by=SOON)

    stores.workspaces.fenced("ws1", version=row.version)
    stores.workspaces.fenced("ws1", version=row.version)

    assert stores.workspaces.unfenced(LATER, limit=9) == ()
    assert again(stores) == row


def test_who_fenced_an_older_version_leaves_the_newer_one_to_others(stores: Stores) -> None:
    older = append(stores, SUSPENDED, fence_by=SOON)
    newer = append(stores, TokenPolicySet(policy=TokenPolicy(longest_days=90), set_by="m", at=NOON), fence_by=LATER)

    stores.workspaces.fenced("ws1", version=older.version)

    assert stores.workspaces.unfenced(SOON, limit=9) == ()
    assert stores.workspaces.unfenced(LATER, limit=9) == ("ws1",)
    stores.workspaces.fenced("ws1", version=newer.version)
    assert stores.workspaces.unfenced(LATER, limit=9) == ()


def test_a_change_that_concerns_no_token_neither_begins_nor_ends_a_fencing(stores: Stores) -> None:
    append(stores, ANN)
    assert stores.workspaces.unfenced(LATER, limit=9) == ()

    begun = append(stores, SUSPENDED, fence_by=SOON)
    append(stores, MemberAdded(member_id="mem_bob", issuer="i", subject="bob", role=Role.ANALYST, at=NOON))
    stores.workspaces.fenced("ws1", version=begun.version)

    assert stores.workspaces.unfenced(SOON, limit=9) == ("ws1",)


def test_a_change_that_came_too_late_begins_no_fencing(stores: Stores) -> None:
    row = again(stores)

    with pytest.raises(StreamMoved):
        stores.workspaces.append([SUSPENDED], row.workspace, expected_version=1, origin=ORIGIN, fence_by=SOON)

    assert stores.workspaces.unfenced(LATER, limit=9) == ()


def test_a_workspace_that_is_unknown_is_not_made_by_fencing_it(stores: Stores) -> None:
    stores.workspaces.fenced("none", version=1)
    stores.workspaces.fenced("none", version=0)

    assert stores.workspaces.get("none") is None


def test_the_longest_waiting_comes_first_and_no_token_is_among_them(stores: Stores) -> None:
    for n in range(2, 6):
        store_workspace(stores, f"ws{n}")
        append(stores, SUSPENDED, fence_by=NOON + timedelta(minutes=10 - n), workspace_id=f"ws{n}")

    assert stores.workspaces.unfenced(NOON + timedelta(hours=1), limit=3) == ("ws5", "ws4", "ws3")
    assert stores.workspaces.unfenced(NOON + timedelta(minutes=6), limit=3) == ("ws5", "ws4")


def test_a_fencing_whose_answers_were_lost_is_done_once(place: Place, stores: Stores) -> None:
    twice = Stores.over(RepeatsWrites(place.engine()))

    row = append(twice, SUSPENDED, fence_by=SOON)
    assert stores.workspaces.unfenced(SOON, limit=9) == ("ws1",)
    twice.workspaces.fenced("ws1", version=row.version)

    assert stores.workspaces.unfenced(SOON, limit=9) == ()
    assert stores.workspaces.history("ws1")[-1] == SUSPENDED


@pytest.mark.parametrize(
    "policy",
    [
        ANYTHING,
        TokenPolicy(longest_days=90),
        TokenPolicy(scopes=frozenset({Scope.PNL, Scope.ADS})),
        TokenPolicy(name_pattern="ci-* [é]"),
        TokenPolicy(networks=("2001:db8::/48", "203.0.113.0/24"), suspend_abandoned=True),
    ],
)
def test_a_token_policy_is_read_back_whole(stores: Stores, policy: TokenPolicy) -> None:
    event = TokenPolicySet(policy=policy, set_by="mem_olga", at=NOON)

    row = append(stores, event, fence_by=SOON)

    assert row.workspace.token_policy == policy
    assert stores.workspaces.history("ws1")[-1] == event


def test_a_workspace_from_before_there_were_policies_allows_what_its_plan_does(engine: Engine, stores: Stores) -> None:
    engine.write(Update(table=Table.CORE, key=workspace_key("ws1"), remove=["token_policy"]))

    assert again(stores).workspace.token_policy == ANYTHING
