"""merchant-mcp token: generate, list, look at and rename tokens; the rest is in `rotation`, `usage` and `standing`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import typer

from shared.domain.errors import Invalid
from shared.domain.plans import LIFETIMES_DAYS
from shared.domain.scopes import Scope, parse_scopes
from shared.domain.token.commands import RenameToken
from shared.domain.token.events import TokenKind
from shared.domain.workspace.decider import Workspace
from shared.domain.workspace.events import Role
from shared.services.change_token import change_within_policy
from shared.services.create_token import create_token
from shared.storage.contracts.tokens import TokenRow
from shared.transports.cli import rotation, standing, usage
from shared.transports.cli.one_token import Id, fields_of, find, show_new, show_row
from shared.transports.cli.output import AsJson, InWorkspace, show_json, show_table
from shared.transports.cli.place import Session, session_of

app = typer.Typer(
    help="Tokens: create, list, show, rename, rotate, evidence, usage, suspend, resume, revoke.", no_args_is_help=True
)
app.add_typer(rotation.app)
app.add_typer(usage.app)
app.add_typer(standing.app)

PAGE = 100
EVERY_SCOPE = "all"


@app.command()
def create(
    context: typer.Context,
    *,
    workspace_id: InWorkspace,
    name: Annotated[str, typer.Option(help="Where it is used.", show_default=False)],
    scope: Annotated[
        list[str] | None,
        typer.Option(help="What it may read; repeat it, or say all, as an organization token does that names none."),
    ] = None,
    kind: Annotated[
        Literal["personal", "organization"], typer.Option(help="Whose it is: a member's, or the workspace's.")
    ] = "personal",
    days: Annotated[
        int | None,
        typer.Option(
            help=f"How long it lives, as the plan offers; {LIFETIMES_DAYS[1]} unless said, "
            "and without end if it is the organization's."
        ),
    ] = None,
    owner: Annotated[str | None, typer.Option(help="The member it acts for; the owner, where there is one.")] = None,
    as_json: AsJson = False,
) -> None:
    """Generate a token for a member or for the workspace. It is shown once, now."""
    session = session_of(context)
    now = session.now()
    new = create_token(
        workspace_id=workspace_id,
        member_id=owner or _sole_owner(session.workspace(workspace_id).workspace),
        kind=TokenKind(kind),
        name=name,
        scopes=_scopes(scope),
        expires_in_days=LIFETIMES_DAYS[1] if days is None and kind == "personal" else days,
        origin=session.origin,
        now=now,
        keys=session.on.credential_keys,
        tokens=session.on.tokens,
        workspaces=session.on.workspaces,
    )
    show_new(new, now=now, as_json=as_json)


@app.command("list")
def list_(context: typer.Context, *, workspace_id: InWorkspace, as_json: AsJson = False) -> None:
    """List the tokens of a workspace, newest first."""
    session = session_of(context)
    session.workspace(workspace_id)
    tokens = [fields_of(row, session) for row in _all(workspace_id, session)]
    if as_json:
        show_json(tokens)
        return
    columns = ("id", "kind", "prefix", "name", "status", "owner", "expires_at", "last_used_at", "scopes")
    show_table(
        [column.removesuffix("_at").replace("_", " ").upper() for column in columns],
        ([token[column] for column in columns] for token in map(_marked, tokens)),
        nothing="The workspace has no tokens: merchant-mcp token create makes one.",
    )


@app.command()
def show(context: typer.Context, *, token_id: Id, as_json: AsJson = False) -> None:
    """Show one token."""
    session = session_of(context)
    show_row(find(token_id, session), session, as_json=as_json)


@app.command()
def rename(
    context: typer.Context,
    *,
    token_id: Id,
    name: Annotated[str, typer.Argument(help="The new name.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Give a token another name."""
    session = session_of(context)
    find(token_id, session)
    now = session.now()
    row = change_within_policy(
        token_id,
        lambda workspace, _: RenameToken(name=name, renamed_by=session.actor, policy=workspace.token_policy, at=now),
        origin=session.origin,
        keys=session.on.credential_keys,
        tokens=session.on.tokens,
        workspaces=session.on.workspaces,
    )
    show_row(row, session, as_json=as_json)


def _marked(token: dict[str, Any]) -> dict[str, Any]:
    """Say beside the status of a token that nobody seems to use it any more."""
    return token if token["flagged_at"] is None else {**token, "status": f"{token['status']}, abandoned"}


def _scopes(named: list[str] | None) -> frozenset[Scope] | None:
    if not named:
        return None
    return frozenset(Scope) if named == [EVERY_SCOPE] else parse_scopes(named)


def _sole_owner(workspace: Workspace) -> str:
    owners = [member.member_id for member in workspace.members.values() if member.role is Role.OWNER]
    if not owners:
        raise Invalid(
            "owner_required",
            "The workspace has no owner yet.",
            hint="Let one in first: "
            f"merchant-mcp member add -w {workspace.workspace_id} --subject SUBJECT --role owner.",
            field="owner",
        )
    if len(owners) > 1:
        raise Invalid(
            "owner_required",
            f"The workspace has {len(owners)} owners.",
            hint="Say for whom the token is: --owner MEMBER (merchant-mcp member list shows them).",
            field="owner",
        )
    return owners[0]


def _all(workspace_id: str, session: Session) -> Iterator[TokenRow]:
    after: str | None = None
    while True:
        page = session.on.tokens.of_workspace(workspace_id, limit=PAGE, after=after)
        yield from page.items
        after = page.next
        if after is None:
            return
