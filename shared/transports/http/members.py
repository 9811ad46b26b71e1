"""/v1/members: who belongs to the workspace, and in which role."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Self

from fastapi import APIRouter
from pydantic import BaseModel, Field

from shared.domain.workspace.contact import checked_address
from shared.domain.workspace.decider import SIGN_IN_LENGTH, Member
from shared.domain.workspace.events import Role
from shared.services.credentials.token_format import new_id
from shared.services.forget_member import forget_member
from shared.services.manage_contacts import reach_of, set_contact
from shared.services.manage_members import add_member, change_role, remove_member
from shared.transports.http.bodies import Body
from shared.transports.http.collaborators import Caller, Collaborators, Now, Parts, SignedInMember
from shared.transports.http.openapi import BODY, CALLER, refused_with

router = APIRouter(prefix="/members", tags=["workspace"])


class AddMemberBody(Body):
    """A person to be let in."""

    subject: str = Field(
        max_length=SIGN_IN_LENGTH, description="The `sub` of their sign-in with this deployment's issuer."
    )
    role: Role = Field(strict=False, description="owner, admin or analyst.")
    email: str | None = Field(default=None, description="Where notices of their tokens are sent, if they want them.")


class ChangeRoleBody(Body):
    """Another role."""

    role: Role = Field(strict=False, description="owner, admin or analyst.")


class ContactBody(Body):
    """Where a member is reached."""

    email: str = Field(description="An e-mail address, plainly written, in ASCII.")


class MemberView(BaseModel):
    """A member; no name is kept here."""

    id: str
    issuer: str
    subject: str
    role: Role
    has_contact: bool = Field(description="Whether there is an address that notices are sent to.")
    email: str | None = Field(description="That address, for the member and for whoever may change the member's role.")

    @classmethod
    def of(cls, member: Member, *, caller: SignedInMember, addresses: Mapping[str, str]) -> Self:
        """Show a member, as far as it is for the caller to see."""
        reach = reach_of(member, seen_by=caller.member, addresses=addresses)
        return cls(
            id=member.member_id,
            issuer=member.issuer,
            subject=member.subject,
            role=member.role,
            has_contact=reach.told,
            email=reach.email,
        )


class MemberList(BaseModel):
    """Everybody."""

    data: list[MemberView]


@router.get("", responses=refused_with(*CALLER))
def list_(caller: Caller, parts: Parts) -> MemberList:
    """List the members of the workspace, for each of them."""
    addresses = parts.contacts.of_workspace(caller.workspace_id)
    members = caller.workspace.members.values()
    return MemberList(data=[MemberView.of(member, caller=caller, addresses=addresses) for member in members])


@router.post("", status_code=201, responses=refused_with(*CALLER, *BODY))
def add(body: AddMemberBody, caller: Caller, now: Now, parts: Parts) -> MemberView:
    """Let a person in: an owner in any role, an admin as an analyst."""
    if body.email is not None:
        checked_address(body.email)  # before anything is done
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
    if body.email is not None:
        _set_contact(added.member_id, body.email, caller, now, parts)
    return _shown(added, caller, parts)


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
    return _shown(changed, caller, parts)


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


@router.put("/{member_id}/contact", status_code=204, responses=refused_with(*CALLER, *BODY))
def keep_contact(member_id: str, body: ContactBody, caller: Caller, now: Now, parts: Parts) -> None:
    """Say where a member's notices are sent: members for themselves, and for those whose role they may change."""
    _set_contact(member_id, body.email, caller, now, parts)


@router.delete("/{member_id}/contact", status_code=204, responses=refused_with(*CALLER))
def forget_contact(member_id: str, caller: Caller, now: Now, parts: Parts) -> None:
    """Forget where a member's notices are sent, so that none are. A repeat changes nothing."""
    _set_contact(member_id, None, caller, now, parts)


@router.delete("/{member_id}/identity", status_code=204, responses=refused_with(*CALLER, 409))
def forget(member_id: str, caller: Caller, now: Now, parts: Parts) -> None:
    """Forget who a former member was: nobody can tell any more whose their rows of the sealed trail are.

    For owners, and for good. A repeat changes nothing.
    """
    forget_member(
        member_id,
        workspace_id=caller.workspace_id,
        actor_id=caller.member.member_id,
        origin=caller.origin,
        now=now,
        workspaces=parts.workspaces,
        people=parts.trail.people,
        audit=parts.trail.audit,
    )


def _set_contact(
    member_id: str, email: str | None, caller: SignedInMember, now: datetime, parts: Collaborators
) -> None:
    set_contact(
        member_id,
        email,
        workspace_id=caller.workspace_id,
        actor_id=caller.member.member_id,
        origin=caller.origin,
        now=now,
        workspaces=parts.workspaces,
        contacts=parts.contacts,
    )


def _shown(member: Member, caller: SignedInMember, parts: Collaborators) -> MemberView:
    return MemberView.of(member, caller=caller, addresses=parts.contacts.of_workspace(caller.workspace_id))
