"""What every engine promises about workspaces, through the store."""

from __future__ import annotations

import pytest

from shared.domain.workspace.decider import replay
from shared.domain.workspace.events import (
    MemberAdded,
    MemberRemoved,
    MemberRoleChanged,
    PlanChanged,
    Role,
    WorkspaceEvent,
)
from shared.storage.contracts.audit import AuditFilter
from shared.storage.contracts.streams import StreamMoved
from shared.storage.contracts.workspaces import Membership, WorkspaceRow
from tests.data.examples import NOON, ORIGIN, store_workspace, workspace_events, workspace_of
from tests.data.stores import Stores

ISSUER = "https://id.example"


def added(member_id: str, subject: str) -> MemberAdded:
    return MemberAdded(member_id=member_id, issuer=ISSUER, subject=subject, role=Role.ANALYST, at=NOON)


def append(stores: Stores, *events: WorkspaceEvent, workspace_id: str = "ws1", version: int | None = None) -> None:
    row = stores.workspaces.get(workspace_id)
    assert row is not None
    state = replay(events, row.workspace)
    assert state is not None
    stores.workspaces.append(events, state, expected_version=version or row.version, origin=ORIGIN)


def test_a_new_workspace_is_read_back_whole(stores: Stores) -> None:
    store_workspace(stores)

    assert stores.workspaces.get("ws1") == WorkspaceRow(workspace=workspace_of(workspace_events()), version=2)
    assert stores.workspaces.history("ws1") == workspace_events()
    assert stores.workspaces.get("ws2") is None
    assert stores.workspaces.history("ws2") == ()


def test_several_workspaces_are_read_at_once_without_those_that_are_not_there(stores: Stores) -> None:
    for name in ("ws1", "ws2", "ws3"):
        store_workspace(stores, name)

    found = stores.workspaces.several(["ws3", "ws1", "ws4"])

    assert found == {name: stores.workspaces.get(name) for name in ("ws1", "ws3")}
    assert stores.workspaces.several([]) == {}


def test_a_workspace_is_made_once(stores: Stores) -> None:
    store_workspace(stores)

    with pytest.raises(StreamMoved):
        store_workspace(stores)

    assert stores.workspaces.history("ws1") == workspace_events()


def test_a_change_is_in_the_state_the_history_and_the_trail(stores: Stores) -> None:
    store_workspace(stores)

    append(stores, PlanChanged(plan="alpha", at=NOON))

    row = stores.workspaces.get("ws1")
    assert row is not None
    assert (row.workspace.plan, row.version) == ("alpha", 3)
    assert replay(stores.workspaces.history("ws1")) == row.workspace
    trail = stores.audit.entries("ws1", matching=AuditFilter(), limit=10, now=NOON).items
    assert [(entry.type, entry.stream, entry.origin) for entry in reversed(trail)] == [
        ("workspace.registered", "workspace:ws1", ORIGIN),
        ("workspace.member_added", "workspace:ws1", ORIGIN),
        ("workspace.plan_changed", "workspace:ws1", ORIGIN),
    ]


@pytest.mark.parametrize("version", [1, 3])
def test_a_change_decided_on_another_version_is_refused_whole(stores: Stores, version: int) -> None:
    store_workspace(stores)

    with pytest.raises(StreamMoved):
        append(stores, added("mem_ann", "ann"), version=version)

    assert stores.workspaces.history("ws1") == workspace_events()
    assert stores.workspaces.memberships(ISSUER, "ann") == ()


def test_a_person_is_found_in_every_workspace_they_belong_to(stores: Stores) -> None:
    store_workspace(stores, "ws1")
    store_workspace(stores, "ws2")

    append(stores, added("mem_ann", "ann"), workspace_id="ws2")

    assert stores.workspaces.memberships(ISSUER, "olga") == (
        Membership(workspace_id="ws1", member_id="mem_olga"),
        Membership(workspace_id="ws2", member_id="mem_olga"),
    )
    assert stores.workspaces.memberships(ISSUER, "ann") == (Membership(workspace_id="ws2", member_id="mem_ann"),)


def test_people_of_two_issuers_are_never_mixed_up(stores: Stores) -> None:
    store_workspace(stores)

    assert stores.workspaces.memberships("https://id.exampleo", "lga") == ()
    assert stores.workspaces.memberships("https://other.example", "olga") == ()


def test_a_membership_ends_with_the_member(stores: Stores) -> None:
    store_workspace(stores)
    append(stores, added("mem_ann", "ann"))

    append(stores, MemberRoleChanged(member_id="mem_ann", role=Role.ADMIN, at=NOON))
    assert stores.workspaces.memberships(ISSUER, "ann") != ()
    append(stores, MemberRemoved(member_id="mem_ann", at=NOON))

    assert stores.workspaces.memberships(ISSUER, "ann") == ()


def test_whoever_comes_back_comes_back_as_a_new_member(stores: Stores) -> None:
    store_workspace(stores)
    append(stores, added("mem_ann", "ann"))

    append(stores, MemberRemoved(member_id="mem_ann", at=NOON), added("mem_ann2", "ann"))

    assert stores.workspaces.memberships(ISSUER, "ann") == (Membership(workspace_id="ws1", member_id="mem_ann2"),)


def test_all_workspaces_come_in_pages_by_id(stores: Stores) -> None:
    for name in ("ws3", "ws1", "ws2"):
        store_workspace(stores, name)

    first = stores.workspaces.all(limit=2)
    second = stores.workspaces.all(limit=2, after=first.next)

    assert [row.workspace.workspace_id for row in (*first.items, *second.items)] == ["ws1", "ws2", "ws3"]
    assert second.next is None
