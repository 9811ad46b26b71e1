"""/v1/members: who belongs to the workspace, and in which role."""

from __future__ import annotations

from typing import Self

from fastapi import APIRouter
from pydantic import BaseModel, Field

from shared.domain.workspace.decider import SIGN_IN_LENGTH, Member
from shared.domain.workspace.events import Role
from shared.services.credentials.token_format import new_id
from shared.services.manage_members import add_member, change_role, remove_member
from shared.transports.http.bodies import Body
from shared.transports.http.collaborators import Caller, Now, Parts
from shared.transports.http.openapi import BODY, CALLER, refused_with

router = APIRouter(prefix="/members", tags=["workspace"])


class AddMemberBody(Body):
    """A person to be let in."""

    subject: str = Field(
        max_length=SIGN_IN_LENGTH, description="The `sub` of their sign-in with this deployment's issuer."
    )
    role: Role = Field(strict=False, description="owner, admin or analyst.")


class ChangeRoleBody(Body):
    """Another role."""

    role: Role = Field(strict=False, description="owner, admin or analyst.")


class MemberView(BaseModel):
    """A member; no name and no address is kept here."""

    id: str
    issuer: str
    subject: str
    role: Role

    @classmethod
    def of(cls, member: Member) -> Self:
        """Show a member."""
        return cls(id=member.member_id, issuer=member.issuer, subject=member.subject, role=member.role)


class MemberList(BaseModel):
    """Everybody."""

    data: list[MemberView]


@router.get("", responses=refused_with(*CALLER))
def list_(caller: Caller) -> MemberList:
    """List the members of the workspace, for each of them."""
    return MemberList(data=[MemberView.of(member) for member in caller.workspace.members.values()])


@router.post("", status_code=201, responses=refused_with(*CALLER, *BODY))
def add(body: AddMemberBody, caller: Caller, now: Now, parts: Parts) -> MemberView:
    """Let a person in: an owner in any role, an admin as an analyst."""
    added = add_member(
        workspace_id=caller.workspace_id,
        actor_id=caller.member.member_id,
        member_id=f"mem_{new_id()}",
        issuer=caller.member.issuer,
        subject=body.subject,
        role=body.role,
        origin=caller.origin,
        now=now,
        keys=parts.keys,
        tokens=parts.tokens,
        workspaces=parts.workspaces,
    )
    return MemberView.of(added)


@router.patch("/{member_id}", responses=refused_with(*CALLER, *BODY))
def change(member_id: str, body: ChangeRoleBody, caller: Caller, now: Now, parts: Parts) -> MemberView:
    """Give a member another role. Whoever becomes an analyst loses their tokens before this is answered."""
    changed = change_role(
        member_id,
        role=body.role,
        workspace_id=caller.workspace_id,
        actor_id=caller.member.member_id,
        origin=caller.origin,
        now=now,
        keys=parts.keys,
        tokens=parts.tokens,
        workspaces=parts.workspaces,
    )
    return MemberView.of(changed)


@router.delete("/{member_id}", status_code=204, responses=refused_with(*CALLER, 409))
def remove(member_id: str, caller: Caller, now: Now, parts: Parts) -> None:
    """End a membership; the member's tokens end before this is answered. A repeat changes nothing."""
    remove_member(
        member_id,
        workspace_id=caller.workspace_id,
        actor_id=caller.member.member_id,
        origin=caller.origin,
        now=now,
        keys=parts.keys,
        tokens=parts.tokens,
        workspaces=parts.workspaces,
    )
