"""Forget a former member: the sealed trail keeps every row, and nobody can tell any more that they stand in it.

    names of the person here -> the key of each is deleted -> it is recorded

Whoever dies half way is finished by a repeat, and a repeat of all of it forgets nobody twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from shared.domain.errors import Conflict, NotFound
from shared.domain.trail.events import MemberForgotten
from shared.domain.workspace.decider import Workspace
from shared.domain.workspace.events import MemberAdded, WorkspaceEvent
from shared.domain.workspace.permissions import check_may_forget
from shared.services.manage_members import acting_member
from shared.storage.contracts.audit import AuditLog
from shared.storage.contracts.people import PeopleKeys
from shared.storage.contracts.streams import Origin
from shared.storage.contracts.workspaces import WorkspaceStore


def forget_member(
    member_id: str,
    *,
    workspace_id: str,
    actor_id: str | None,
    origin: Origin,
    now: datetime,
    workspaces: WorkspaceStore,
    people: PeopleKeys,
    audit: AuditLog,
) -> None:
    """Delete the keys of all names that a former member has in the trail. `actor_id` is None for the operator.

    Where they were reached went with their membership.

    Raises:
        NotFound: there never was such a member.
        NotPermitted: the actor is no owner.
        Conflict: they are a member, perhaps under another id.

    """
    row = workspaces.get(workspace_id)
    if row is None:
        raise NotFound(
            "workspace_not_found", "There is no such workspace.", hint="Use the id of a workspace that there is."
        )
    if actor_id is not None:
        check_may_forget(acting_member(row.workspace, actor_id))
    names = names_of(member_id, workspaces.history(workspace_id))
    _check_left(names, row.workspace)
    for name in names:
        people.forget(workspace_id, name)
    audit.record(MemberForgotten(member_id=member_id, at=now), workspace_id=workspace_id, origin=origin)


def names_of(member_id: str, history: Sequence[WorkspaceEvent]) -> Sequence[str]:
    """Give every id and every sign-in of a person: they may have come back under another id, or with another one.

    Raises:
        NotFound: there never was such a member.

    """
    added = [event for event in history if isinstance(event, MemberAdded)]
    ids, sign_ins = {member_id}, set[tuple[str, str]]()
    for _ in added:  # each round finds somebody, or nothing is left to be found
        sign_ins |= {(event.issuer, event.subject) for event in added if event.member_id in ids}
        ids |= {event.member_id for event in added if (event.issuer, event.subject) in sign_ins}
    if not sign_ins:
        raise NotFound("member_not_found", "There never was such a member in this workspace.", hint="List the members.")
    return [*sorted(ids), *sorted({subject for _, subject in sign_ins})]


def _check_left(names: Sequence[str], workspace: Workspace) -> None:
    members = workspace.members.values()
    if still_here := sorted(each.member_id for each in members if {each.member_id, each.subject} <= set(names)):
        raise Conflict(
            "member_not_removed",
            f"They are a member of the workspace: {still_here[0]}.",
            hint=f"Remove {still_here[0]} first.",
        )
