"""Where members are reached with notices: noted and taken away by themselves, or by whoever manages them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.domain.errors import NotFound
from shared.domain.workspace.contact import checked_address
from shared.domain.workspace.decider import Member
from shared.domain.workspace.events import MemberContactChanged
from shared.domain.workspace.permissions import check_may_reach, may_reach
from shared.services.attempts import ATTEMPTS
from shared.services.manage_members import acting_member, known_member
from shared.storage.contracts.contacts import ContactStore
from shared.storage.contracts.streams import Origin, StreamMoved
from shared.storage.contracts.workspaces import Contact, WorkspaceStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whether a member is told by e-mail, and where, as far as the asker may know."""

    told: bool
    email: str | None


def reach_of(member: Member, *, seen_by: Member, addresses: Mapping[str, str]) -> Reach:
    """Say what one member may know of how another is reached."""
    address = addresses.get(member.member_id)
    return Reach(told=address is not None, email=address if may_reach(seen_by, member) else None)


def set_contact(
    member_id: str,
    email: str | None,
    *,
    workspace_id: str,
    actor_id: str | None,
    origin: Origin,
    now: datetime,
    workspaces: WorkspaceStore,
    contacts: ContactStore,
) -> None:
    """Note where a member is reached, or with None that they are not; what is so already changes nothing.

    `actor_id` is None for whoever runs the system.

    Raises:
        Invalid: it is no address.
        NotFound: there is no such member.
        NotPermitted: it is not for the actor's role to do.
        StreamMoved: others kept changing the workspace; try again.

    """
    address = checked_address(email) if email is not None else None
    for _ in range(ATTEMPTS):
        row = workspaces.get(workspace_id)
        if row is None:
            raise NotFound(
                "workspace_not_found", "There is no such workspace.", hint="Use the id of a workspace that there is."
            )
        member = known_member(row.workspace, member_id)
        if actor_id is not None:
            check_may_reach(acting_member(row.workspace, actor_id), member)
        if contacts.of_workspace(workspace_id).get(member_id) == address:
            return
        changed = MemberContactChanged(member_id=member_id, has_contact=address is not None, at=now)
        contact = Contact(member_id=member_id, address=address)
        try:
            # Members and roles are written under the same version: this stands only while they are as they were judged.
            workspaces.append([changed], row.workspace, expected_version=row.version, origin=origin, contact=contact)
        except StreamMoved:
            continue
        return
    raise StreamMoved(workspace_id)
