"""merchant-mcp member: who belongs to a workspace, and in which role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from shared.domain.workspace.commands import AddMember, ChangeMemberRole, RemoveMember
from shared.domain.workspace.contact import checked_address
from shared.domain.workspace.decider import Member, Workspace
from shared.domain.workspace.events import Role
from shared.services.credentials.token_format import new_id
from shared.services.forget_member import forget_member
from shared.services.manage_contacts import set_contact
from shared.transports.cli.output import (
    AsJson,
    InWorkspace,
    Yes,
    confirm,
    say,
    show_fields,
    show_json,
    show_table,
)
from shared.transports.cli.place import Session, session_of
from shared.transports.cli.workspaces import carry_out

app = typer.Typer(help="Members of a workspace: add, list, role, contact, remove, forget.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="MEMBER", help="The id of a member.", show_default=False)]


@app.command()
def add(
    context: typer.Context,
    *,
    workspace_id: InWorkspace,
    subject: Annotated[str, typer.Option(help="The `sub` of their sign-in.", show_default=False)],
    role: Annotated[Role, typer.Option(help="What they may do.", show_default=False)],
    issuer: Annotated[str | None, typer.Option(help="Who they sign in with, if not the deployment's issuer.")] = None,
    member_id: Annotated[str | None, typer.Option("--id", help="Their id here, if it must be a certain one.")] = None,
    email: Annotated[str | None, typer.Option(help="Where notices of their tokens are sent.")] = None,
    as_json: AsJson = False,
) -> None:
    """Let a person in."""
    if email is not None:
        checked_address(email)  # before anything is done
    session = session_of(context)
    chosen = member_id or f"mem_{new_id()}"
    command = AddMember(
        member_id=chosen,
        issuer=issuer or session.on.oidc_issuer,
        subject=subject,
        role=role,
        at=session.now(),
    )
    made = carry_out(session, workspace_id, command)
    if email is not None:
        _keep(session, workspace_id, chosen, email)
    _show(session, made, chosen, as_json=as_json)


@app.command("list")
def list_(context: typer.Context, *, workspace_id: InWorkspace, as_json: AsJson = False) -> None:
    """List the members of a workspace."""
    session = session_of(context)
    members = session.workspace(workspace_id).workspace.members.values()
    addresses = session.on.contacts.of_workspace(workspace_id)
    if as_json:
        show_json([_fields(member, addresses) for member in members])
        return
    show_table(
        ("ID", "ROLE", "SUBJECT", "ISSUER", "EMAIL"),
        (tuple(_fields(member, addresses).values()) for member in members),
        nothing="The workspace has no members: merchant-mcp member add lets the first owner in.",
    )


@app.command()
def role(
    context: typer.Context,
    *,
    workspace_id: InWorkspace,
    member_id: Id,
    new: Annotated[Role, typer.Argument(metavar="ROLE", help="owner, admin or analyst.", show_default=False)],
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Give a member another role. An analyst holds no tokens: theirs are revoked before the command returns."""
    session = session_of(context)
    if new is Role.ANALYST:
        confirm(f"Make {member_id} an analyst and revoke their tokens?", yes=yes)
    command = ChangeMemberRole(member_id=member_id, role=new, at=session.now())
    _show(session, carry_out(session, workspace_id, command), member_id, as_json=as_json)


@app.command()
def contact(
    context: typer.Context,
    *,
    workspace_id: InWorkspace,
    member_id: Id,
    email: Annotated[str | None, typer.Argument(help="Where their notices are sent.", show_default=False)] = None,
    none: Annotated[bool, typer.Option("--none", help="Forget the address.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say where a member is told of what happens to their tokens."""
    session = session_of(context)
    if none is (email is not None):
        raise typer.BadParameter("say an address, or --none")
    _keep(session, workspace_id, member_id, email)
    _show(session, session.workspace(workspace_id).workspace, member_id, as_json=as_json)


@app.command()
def remove(
    context: typer.Context, *, workspace_id: InWorkspace, member_id: Id, yes: Yes = False, as_json: AsJson = False
) -> None:
    """End a membership; the member's tokens are revoked before the command returns."""
    session = session_of(context)
    confirm(f"Remove {member_id} and revoke their tokens?", yes=yes)
    carry_out(session, workspace_id, RemoveMember(member_id=member_id, at=session.now()))
    if as_json:
        show_json({"id": member_id, "removed": True})
    else:
        say(f"{member_id} is no longer a member, and their tokens are revoked.")


@app.command()
def forget(
    context: typer.Context, *, workspace_id: InWorkspace, member_id: Id, yes: Yes = False, as_json: AsJson = False
) -> None:
    """Forget who a former member was: nobody can tell any more whose their rows of the sealed trail are."""
    session = session_of(context)
    confirm(f"Forget {member_id} for good?", yes=yes)
    forget_member(
        member_id,
        workspace_id=workspace_id,
        actor_id=None,
        origin=session.origin,
        now=session.now(),
        workspaces=session.on.workspaces,
        people=session.on.trail.people,
        audit=session.on.trail.audit,
    )
    if as_json:
        show_json({"id": member_id, "forgotten": True})
    else:
        say(f"{member_id} is forgotten.")


def _keep(session: Session, workspace_id: str, member_id: str, email: str | None) -> None:
    set_contact(
        member_id,
        email,
        workspace_id=workspace_id,
        actor_id=None,
        origin=session.origin,
        now=session.now(),
        workspaces=session.on.workspaces,
        contacts=session.on.contacts,
    )


def _fields(member: Member, addresses: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": member.member_id,
        "role": member.role,
        "subject": member.subject,
        "issuer": member.issuer,
        "email": addresses.get(member.member_id),
    }


def _show(session: Session, workspace: Workspace, member_id: str, *, as_json: bool) -> None:
    fields = _fields(workspace.members[member_id], session.on.contacts.of_workspace(workspace.workspace_id))
    if as_json:
        show_json(fields)
    else:
        show_fields(fields)
