"""Where members are reached with notices: noted and taken away by themselves, or by whoever manages them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shared.domain.errors import NotFound
from shared.domain.workspace.contact import checked_address
from shared.domain.workspace.decider import Member
from shared.domain.workspace.permissions import check_may_reach, may_reach
from shared.services.attempts import ATTEMPTS
from shared.services.manage_members import acting_member, known_member
from shared.storage.contracts.contacts import ContactStore
from shared.storage.contracts.streams import StreamMoved
from shared.storage.contracts.workspaces import WorkspaceRow, WorkspaceStore


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
    email: str,
    *,
    workspace_id: str,
    actor_id: str | None,
    workspaces: WorkspaceStore,
    contacts: ContactStore,
) -> None:
    """Note where a member is reached. `actor_id` is None for whoever runs the system.

    Raises:
        Invalid: it is no address.
        NotFound: there is no such member.
        NotPermitted: it is not for the actor's role to do.
        StreamMoved: others kept changing the workspace; try again.

    """
    address = checked_address(email)
    _change(
        lambda row: contacts.keep(member_id, address, based_on=row),
        member_id=member_id,
        workspace_id=workspace_id,
        actor_id=actor_id,
        workspaces=workspaces,
    )


def remove_contact(
    member_id: str, *, workspace_id: str, actor_id: str | None, workspaces: WorkspaceStore, contacts: ContactStore
) -> None:
    """Forget where a member is reached; a repeat changes nothing.

    Raises:
        NotFound, NotPermitted, StreamMoved: as for `set_contact`.

    """
    _change(
        lambda row: contacts.forget(member_id, based_on=row),
        member_id=member_id,
        workspace_id=workspace_id,
        actor_id=actor_id,
        workspaces=workspaces,
    )


def _change(
    write: Callable[[WorkspaceRow], None],
    *,
    member_id: str,
    workspace_id: str,
    actor_id: str | None,
    workspaces: WorkspaceStore,
) -> None:
    """Write if it is allowed by the workspace as it is at that moment; judge anew if it has changed meanwhile."""
    for _ in range(ATTEMPTS):
        row = workspaces.get(workspace_id)
        if row is None:
            raise NotFound("workspace_not_found", "There is no such workspace.")
        actor = acting_member(row.workspace, actor_id) if actor_id is not None else None
        member = known_member(row.workspace, member_id)
        if actor is not None:
            check_may_reach(actor, member)
        try:
            write(row)
        except StreamMoved:
            continue
        return
    raise StreamMoved(workspace_id)
