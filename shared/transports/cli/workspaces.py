"""merchant-mcp workspace: tenants, their plans and their access."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import typer

from shared.domain.facts.settings import Settings
from shared.domain.plans import PLANS
from shared.domain.workspace.commands import ChangePlan, GrantAccess, RegisterWorkspace, SuspendAccess, WorkspaceCommand
from shared.domain.workspace.decider import Workspace, standing_of
from shared.services.change_settings import change_settings, check_settings
from shared.services.change_workspace import change_workspace
from shared.services.credentials.token_format import new_id
from shared.storage.contracts.workspaces import WorkspaceRow
from shared.transports.cli import policy, settings
from shared.transports.cli.output import AsJson, Yes, confirm, say, show_fields, show_json, show_table
from shared.transports.cli.place import Session, session_of

app = typer.Typer(
    help="Workspaces: create, list, show, plan, grant, suspend, token-policy, settings.", no_args_is_help=True
)
app.add_typer(policy.app)
app.add_typer(settings.app)

PAGE = 100
UNSAID = Settings()
"""How a workspace begins, unless it is said otherwise."""
Id = Annotated[str, typer.Argument(metavar="WORKSPACE", help="The id of a workspace.", show_default=False)]
PLAN_HELP = f"One of {', '.join(PLANS)}."


@app.command()
def create(
    context: typer.Context,
    *,
    name: Annotated[str, typer.Argument(help="What people call it.", show_default=False)],
    plan: Annotated[str, typer.Option(help=PLAN_HELP)] = "plus",
    workspace_id: Annotated[str | None, typer.Option("--id", help="Its id, if it must be a certain one.")] = None,
    timezone: Annotated[
        str, typer.Option(help="In which its days begin: an IANA name. The first import fixes it.")
    ] = UNSAID.timezone,
    currency: Annotated[str, typer.Option(help="Currency of reports, ISO 4217.")] = UNSAID.currency,
    as_json: AsJson = False,
) -> None:
    """Begin a workspace. It has no members yet: `merchant-mcp member add` lets the first owner in."""
    session = session_of(context)
    chosen = workspace_id or f"wks_{new_id()}"
    settled = replace(UNSAID, timezone=timezone, currency=currency)
    check_settings(settled)
    command = RegisterWorkspace(workspace_id=chosen, name=name, plan=plan, at=session.now())
    made = carry_out(session, chosen, command)
    if settled != UNSAID:
        on, now = session.on, session.now()
        change_settings(chosen, settled, now=now, origin=session.origin, imports=on.imports, figures=on.figures)
    _show(made, as_json=as_json)
    if not as_json:
        say(
            f"Its days begin in {timezone}, and its reports are in {currency}. The first import fixes the time zone: "
            "merchant-mcp workspace settings changes it until then."
        )


@app.command("list")
def list_(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List all workspaces."""
    workspaces = [row.workspace for row in every_workspace(session_of(context))]
    if as_json:
        show_json([_fields(workspace) for workspace in workspaces])
        return
    show_table(
        ("ID", "NAME", "PLAN", "ACCESS", "MCP", "MEMBERS"),
        ((w.workspace_id, w.name, w.plan, w.access, standing_of(w), len(w.members)) for w in workspaces),
        nothing="There is no workspace yet: merchant-mcp workspace create NAME makes one.",
    )


@app.command()
def show(context: typer.Context, *, workspace_id: Id, as_json: AsJson = False) -> None:
    """Show one workspace."""
    _show(session_of(context).workspace(workspace_id).workspace, as_json=as_json)


@app.command()
def plan(
    context: typer.Context,
    *,
    workspace_id: Id,
    key: Annotated[str, typer.Argument(metavar="PLAN", help=PLAN_HELP, show_default=False)],
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Move a workspace to another plan; its tokens obey it when the command returns."""
    session = session_of(context)
    before = session.workspace(workspace_id).workspace
    confirm(f"Move {before.name} from {before.plan} to {key}?", yes=yes)
    _show(carry_out(session, workspace_id, ChangePlan(plan=key, at=session.now())), as_json=as_json)


@app.command()
def grant(context: typer.Context, *, workspace_id: Id, as_json: AsJson = False) -> None:
    """Put a workspace on the MCP access list, or let it in again."""
    session = session_of(context)
    _show(carry_out(session, workspace_id, GrantAccess(at=session.now())), as_json=as_json)


@app.command()
def suspend(
    context: typer.Context,
    *,
    workspace_id: Id,
    reason: Annotated[str, typer.Option(help="Why, for the trail.", show_default=False)],
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Shut a workspace out of MCP; its tokens stay and are refused until access is granted again."""
    session = session_of(context)
    confirm(f"Refuse every token of {session.workspace(workspace_id).workspace.name}?", yes=yes)
    _show(carry_out(session, workspace_id, SuspendAccess(reason=reason, at=session.now())), as_json=as_json)


def carry_out(session: Session, workspace_id: str, command: WorkspaceCommand) -> Workspace:
    """Carry out a command on a workspace, as the operator."""
    return change_workspace(
        workspace_id,
        command,
        origin=session.origin,
        now=session.now(),
        keys=session.on.credential_keys,
        workspaces=session.on.workspaces,
        tokens=session.on.tokens,
    )


def every_workspace(session: Session) -> list[WorkspaceRow]:
    """Read all workspaces."""
    rows: list[WorkspaceRow] = []
    after: str | None = None
    while True:
        page = session.on.workspaces.all(limit=PAGE, after=after)
        rows += page.items
        after = page.next
        if after is None:
            return rows


def _fields(workspace: Workspace) -> dict[str, Any]:
    return {
        "id": workspace.workspace_id,
        "name": workspace.name,
        "plan": workspace.plan,
        "access": workspace.access,
        "mcp": standing_of(workspace),
        "members": len(workspace.members),
    }


def _show(workspace: Workspace, *, as_json: bool) -> None:
    if as_json:
        show_json(_fields(workspace))
        return
    show_fields(_fields(workspace))
    if not workspace.members:
        say("It has no members yet: merchant-mcp member add lets the first owner in.")
