"""What every engine promises about addresses: they are kept while the membership lasts, and not a write longer."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from shared.domain.workspace.commands import ChangeMemberRole, RemoveMember
from shared.domain.workspace.events import MemberContactChanged, Role
from shared.storage.contracts.audit import AuditFilter
from shared.storage.contracts.streams import StreamMoved
from shared.storage.contracts.workspaces import Contact, WorkspaceRow
from shared.storage.engine import Engine
from tests.data.faults import RepeatsWrites
from tests.data.stores import Stores
from tests.data.tenants import NOON, PEOPLE, order, origin, workspace
from tests.storage.places import Place


@pytest.fixture
def stores(engine: Engine) -> Stores:
    stores = Stores.over(engine)
    workspace(stores)
    return stores


def row_of(stores: Stores) -> WorkspaceRow:
    row = stores.workspaces.get("wks_1")
    assert row is not None
    return row


def change(stores: Stores, name: str, address: str | None, *, based_on: WorkspaceRow | None = None) -> None:
    row = based_on or row_of(stores)
    event = MemberContactChanged(member_id=f"mem_{name}", has_contact=address is not None, at=NOON)
    stores.workspaces.append(
        [event],
        row.workspace,
        expected_version=row.version,
        origin=origin("mem_olivia"),
        contact=Contact(member_id=f"mem_{name}", address=address),
    )


def keep(stores: Stores, people: Sequence[str] = ("olivia",)) -> None:
    for name in people:
        change(stores, name, f"{name}@shop.example")


def test_nobody_has_an_address_at_first(stores: Stores) -> None:
    assert stores.contacts.of_workspace("wks_1") == {}


def test_an_address_is_kept_replaced_and_forgotten(stores: Stores) -> None:
    keep(stores, ("olivia", "ana"))
    change(stores, "olivia", "new@shop.example")
    assert stores.contacts.of_workspace("wks_1") == {"mem_olivia": "new@shop.example", "mem_ana": "ana@shop.example"}

    for _ in range(2):
        change(stores, "olivia", None)
    assert stores.contacts.of_workspace("wks_1") == {"mem_ana": "ana@shop.example"}


def test_a_membership_that_ends_takes_its_address_with_it(stores: Stores) -> None:
    keep(stores, tuple(PEOPLE))

    order(RemoveMember(member_id="mem_ana", at=NOON), stores=stores)

    assert stores.contacts.of_workspace("wks_1").keys() == {"mem_olivia", "mem_adam"}


def test_no_address_is_written_for_whoever_has_left_meanwhile(stores: Stores) -> None:
    before = row_of(stores)
    order(RemoveMember(member_id="mem_ana", at=NOON), stores=stores)

    with pytest.raises(StreamMoved):
        change(stores, "ana", "ana@shop.example", based_on=before)

    assert stores.contacts.of_workspace("wks_1") == {}


def test_an_address_is_changed_only_while_roles_are_as_they_were_judged(stores: Stores) -> None:
    keep(stores)
    before = row_of(stores)
    order(ChangeMemberRole(member_id="mem_adam", role=Role.ANALYST, at=NOON), stores=stores)

    with pytest.raises(StreamMoved):
        change(stores, "olivia", None, based_on=before)

    assert stores.contacts.of_workspace("wks_1") == {"mem_olivia": "olivia@shop.example"}


def test_workspaces_keep_apart(stores: Stores) -> None:
    workspace(stores, "wks_2", people={"oscar": Role.OWNER})
    keep(stores)

    assert stores.contacts.of_workspace("wks_2") == {}


def test_a_write_whose_answer_was_lost_does_no_harm(place: Place, stores: Stores) -> None:
    twice = Stores.over(RepeatsWrites(place.engine()))

    keep(twice)
    change(twice, "olivia", None)
    keep(twice, ("ana",))

    assert stores.contacts.of_workspace("wks_1") == {"mem_ana": "ana@shop.example"}


def test_the_trail_tells_of_a_change_and_not_of_the_address(stores: Stores) -> None:
    keep(stores)

    (entry,) = stores.audit.entries(
        "wks_1", matching=AuditFilter(types=frozenset({"workspace.member_contact_changed"})), limit=10, now=NOON
    ).items
    assert (entry.origin.actor, dict(entry.data)) == ("mem_olivia", {"member_id": "mem_olivia", "has_contact": True})
