"""What a member does to members, where the table of roles is asked at the moment of the record."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.domain.errors import Conflict, NotFound, NotPermitted
from shared.domain.token.events import TokenKind
from shared.domain.workspace.commands import ChangeMemberRole, RemoveMember
from shared.domain.workspace.events import Role
from shared.services.gate import Gate
from shared.services.manage_members import add_member, change_role, remove_member
from shared.services.refusals import Reason
from tests.data.engines import Killed, die_before
from tests.data.tenants import ISSUER, KEYS, NOON, order, origin, token, workspace
from tests.services.place import Place, let_in, refused, send


def add(place: Place, role: Role = Role.ANALYST, *, by: str = "olivia", subject: str = "nina") -> None:
    add_member(
        workspace_id="wks_1",
        actor_id=f"mem_{by}",
        member_id=f"mem_{subject}",
        issuer=ISSUER,
        subject=subject,
        role=role,
        origin=origin(f"mem_{by}"),
        now=NOON,
        keys=KEYS,
        tokens=place.stores.tokens,
        workspaces=place.stores.workspaces,
    )


def change(place: Place, who: str, role: Role, *, by: str = "olivia") -> None:
    change_role(
        f"mem_{who}",
        role=role,
        workspace_id="wks_1",
        actor_id=f"mem_{by}",
        origin=origin(f"mem_{by}"),
        now=NOON,
        keys=KEYS,
        tokens=place.stores.tokens,
        workspaces=place.stores.workspaces,
    )


def remove(place: Place, who: str, *, by: str = "olivia") -> None:
    remove_member(
        f"mem_{who}",
        workspace_id="wks_1",
        actor_id=f"mem_{by}",
        origin=origin(f"mem_{by}"),
        now=NOON,
        keys=KEYS,
        tokens=place.stores.tokens,
        workspaces=place.stores.workspaces,
    )


def roles(place: Place) -> dict[str, Role]:
    row = place.stores.workspaces.get("wks_1")
    assert row is not None
    return {member_id.removeprefix("mem_"): member.role for member_id, member in row.workspace.members.items()}


TAKES_AWAY: dict[str, Callable[[Place], None]] = {
    "removed": lambda place: remove(place, "adam"),
    "demoted": lambda place: change(place, "adam", Role.ANALYST),
}


@pytest.mark.parametrize("how", TAKES_AWAY)
def test_whose_right_is_taken_away_has_no_token_when_it_is_answered(place: Place, gate: Gate, how: str) -> None:
    theirs, other = token(place.stores, owner="adam"), token(place.stores)
    let_in(send(gate, theirs.text))

    TAKES_AWAY[how](place)

    assert refused(send(gate, theirs.text)) is Reason.TOKEN_REVOKED
    let_in(send(gate, other.text))
    (entry,) = place.trail("token.revoked")
    assert entry.origin.actor == "mem_olivia"


def test_a_removal_that_died_is_finished_by_its_repeat(place: Place, gate: Gate) -> None:
    theirs = token(place.stores, owner="adam")
    place.engine.meddle = die_before(write=1)
    with pytest.raises(Killed):
        remove(place, "adam")
    place.engine.meddle = None
    let_in(send(gate, theirs.text))  # recorded, not fenced: nobody was answered yet

    remove(place, "adam")
    remove(place, "adam")

    assert refused(send(gate, theirs.text)) is Reason.TOKEN_REVOKED
    assert len(place.trail("workspace.member_removed")) == 1


def test_who_never_was_a_member_is_not_found(place: Place, gate: Gate) -> None:
    del gate
    for tried in (lambda: remove(place, "nobody"), lambda: change(place, "nobody", Role.ADMIN)):
        with pytest.raises(NotFound) as refusal:
            tried()
        assert refusal.value.code == "member_not_found"


def test_the_last_owner_stays_an_owner(place: Place, gate: Gate) -> None:
    del gate
    for tried in (lambda: remove(place, "olivia"), lambda: change(place, "olivia", Role.ADMIN)):
        with pytest.raises(Conflict) as refusal:
            tried()
        assert refusal.value.code == "last_owner"
    assert roles(place)["olivia"] is Role.OWNER


def test_of_two_owners_who_remove_each_other_at_once_one_stays(place: Place, gate: Gate) -> None:
    del gate
    order(ChangeMemberRole(member_id="mem_adam", role=Role.OWNER, at=NOON), stores=place.stores)

    def other_way_round(number: int) -> None:
        if number == 0:
            remove(place, "olivia", by="adam")

    place.engine.meddle = other_way_round
    with pytest.raises(NotPermitted):
        remove(place, "adam")

    assert [who for who, role in roles(place).items() if role is Role.OWNER] == ["adam"]


MANAGES: dict[str, Callable[[Place], None]] = {
    "add": lambda place: add(place, Role.OWNER),
    "change": lambda place: change(place, "ana", Role.OWNER),
    "remove": lambda place: remove(place, "adam"),
}


@pytest.mark.parametrize("tried", MANAGES)
def test_who_is_demoted_at_that_moment_manages_nobody(place: Place, gate: Gate, tried: str) -> None:
    del gate
    order(ChangeMemberRole(member_id="mem_adam", role=Role.OWNER, at=NOON), stores=place.stores)

    def demote_first(number: int) -> None:
        if number == 0:
            order(ChangeMemberRole(member_id="mem_olivia", role=Role.ANALYST, at=NOON), stores=place.stores)

    place.engine.meddle = demote_first
    with pytest.raises(NotPermitted) as refusal:
        MANAGES[tried](place)

    assert refusal.value.code == "role_required"
    assert roles(place) == {"olivia": Role.ANALYST, "adam": Role.OWNER, "ana": Role.ANALYST}


def test_an_admin_does_not_remove_an_analyst_who_is_made_an_owner_at_that_moment(place: Place, gate: Gate) -> None:
    del gate

    def promote_first(number: int) -> None:
        if number == 0:
            order(ChangeMemberRole(member_id="mem_ana", role=Role.OWNER, at=NOON), stores=place.stores)

    place.engine.meddle = promote_first
    with pytest.raises(NotPermitted):
        remove(place, "ana", by="adam")

    assert roles(place)["ana"] is Role.OWNER


def test_who_has_left_at_that_moment_manages_nobody(place: Place, gate: Gate) -> None:
    del gate

    def leave_first(number: int) -> None:
        if number == 0:
            order(RemoveMember(member_id="mem_adam", at=NOON), stores=place.stores)

    place.engine.meddle = leave_first
    with pytest.raises(NotPermitted) as refusal:
        add(place, by="adam")

    assert refusal.value.code == "not_a_member"
    assert "nina" not in roles(place)


def test_a_token_of_the_organization_outlives_the_membership_of_whoever_generated_it(place: Place) -> None:
    workspace(place.stores, plan="alpha")
    made = token(place.stores, owner="adam", kind=TokenKind.ORGANIZATION, days=None)

    remove(place, "adam")

    let_in(send(place.container(), made.text))
