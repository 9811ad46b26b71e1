"""Who is a signed-in person here: the workspace they act in, and the member that they are there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from shared.domain.errors import DomainError, NotFound, NotPermitted
from shared.domain.workspace.decider import Member, Workspace
from shared.storage.contracts.workspaces import WorkspaceStore


@dataclass(frozen=True, slots=True, kw_only=True)
class ActingMember:
    """A person in one of their workspaces."""

    workspace: Workspace
    member: Member


class NotAMember(NotPermitted):
    """The person is a member of no workspace."""

    def __init__(self) -> None:
        super().__init__(
            "not_a_member",
            "You are signed in, but you are not a member of a workspace.",
            hint="Ask an owner of the workspace to let you in.",
        )


class WorkspaceUnnamed(DomainError):
    """The person belongs to several workspaces and did not say which one is meant."""

    def __init__(self, workspace_ids: tuple[str, ...]) -> None:
        super().__init__(
            "workspace_required",
            "You belong to several workspaces.",
            hint="Send the header Merchant-Workspace with one of the ids in `workspaces`.",
            field="Merchant-Workspace",
        )
        self.workspace_ids = workspace_ids


def find_membership(*, issuer: str, subject: str, workspace_id: str | None, workspaces: WorkspaceStore) -> ActingMember:
    """Find the workspace that the person acts in: the one they name, or the only one they have.

    Raises:
        NotAMember: the person is a member of none.
        NotFound: the workspace named is not one of theirs; whether it exists is not said.
        WorkspaceUnnamed: they have several and named none.

    """
    theirs = {membership.workspace_id for membership in workspaces.memberships(issuer, subject)}
    meant = _meant(workspace_id, theirs)
    row = workspaces.get(meant) if meant is not None else None
    # The list of memberships may be older than the workspace: who was removed a moment ago is no member.
    member = row.workspace.member_of(issuer, subject) if row is not None else None
    if row is None or member is None:
        raise NotAMember
    return ActingMember(workspace=row.workspace, member=member)


def find_memberships(*, issuer: str, subject: str, workspaces: WorkspaceStore) -> Sequence[ActingMember]:
    """Give every workspace in which the person is a member now, by its name."""
    ids = [membership.workspace_id for membership in workspaces.memberships(issuer, subject)]
    found = (
        ActingMember(workspace=row.workspace, member=member)
        for row in workspaces.several(ids).values()
        if (member := row.workspace.member_of(issuer, subject)) is not None
    )
    return sorted(found, key=lambda each: (each.workspace.name.casefold(), each.workspace.workspace_id))


def choose_membership(theirs: Sequence[ActingMember], workspace_id: str | None) -> ActingMember:
    """Choose the workspace that the person acts in out of all that are theirs: as `find_membership`.

    Raises:
        NotAMember, NotFound, WorkspaceUnnamed: as `find_membership`.

    """
    by_id = {each.workspace.workspace_id: each for each in theirs}
    meant = _meant(workspace_id, by_id)
    if meant is None:
        raise NotAMember
    return by_id[meant]


def _meant(workspace_id: str | None, theirs: Collection[str]) -> str | None:
    if workspace_id is None:
        if len(theirs) > 1:
            raise WorkspaceUnnamed(tuple(sorted(theirs)))
        return next(iter(theirs), None)
    if workspace_id not in theirs:
        raise NotFound(
            "workspace_not_found",
            "There is no such workspace.",
            hint="Name one of your own.",
            field="Merchant-Workspace",
        )
    return workspace_id
