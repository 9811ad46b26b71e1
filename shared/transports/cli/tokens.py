"""merchant-mcp token: generate, list, look at, rename and revoke tokens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

import typer

from shared.domain.errors import Invalid, NotFound
from shared.domain.plans import LIFETIMES_DAYS
from shared.domain.scopes import Scope, parse_scopes
from shared.domain.token.commands import RenameToken, RevokeToken
from shared.domain.workspace.decider import Workspace
from shared.domain.workspace.events import Role
from shared.services.change_token import change_token
from shared.services.create_token import create_token
from shared.services.credentials.token_format import is_id
from shared.services.token_summary import summary_of
from shared.storage.contracts.tokens import TokenRow
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

app = typer.Typer(help="Tokens: create, list, show, rename, revoke.", no_args_is_help=True)

PAGE = 100
EVERY_SCOPE = "all"
Id = Annotated[str, typer.Argument(metavar="TOKEN", help="The id of a token, not the token.", show_default=False)]


@app.command()
def create(
    context: typer.Context,
    *,
    workspace_id: InWorkspace,
    name: Annotated[str, typer.Option(help="Where it is used.", show_default=False)],
    scope: Annotated[list[str], typer.Option(help="What it may read; repeat it, or say all.", show_default=False)],
    days: Annotated[int, typer.Option(help="How long it lives, as the plan offers.")] = LIFETIMES_DAYS[1],
    owner: Annotated[str | None, typer.Option(help="The member it acts for; the owner, where there is one.")] = None,
    as_json: AsJson = False,
) -> None:
    """Generate a personal access token for a member. It is shown once, now."""
    session = session_of(context)
    now = session.now()
    new = create_token(
        workspace_id=workspace_id,
        member_id=owner or _sole_owner(session.workspace(workspace_id).workspace),
        name=name,
        scopes=frozenset(Scope) if scope == [EVERY_SCOPE] else parse_scopes(scope),
        expires_in_days=days,
        origin=session.origin,
        now=now,
        keys=session.on.credential_keys,
        tokens=session.on.tokens,
        workspaces=session.on.workspaces,
    )
    fields = asdict(summary_of(new.token, last_used_at=None, now=now))
    if as_json:
        show_json({**fields, "token": new.text})
        return
    show_fields(fields)
    say("")
    say(new.text)
    say("")
    say("This is the whole token. It is shown this once and kept nowhere: copy it now.")


@app.command("list")
def list_(context: typer.Context, *, workspace_id: InWorkspace, as_json: AsJson = False) -> None:
    """List the tokens of a workspace, newest first."""
    session = session_of(context)
    session.workspace(workspace_id)
    tokens = [_fields(row, session) for row in _all(workspace_id, session)]
    if as_json:
        show_json(tokens)
        return
    columns = ("id", "prefix", "name", "status", "owner", "expires_at", "last_used_at", "scopes")
    show_table(
        [column.removesuffix("_at").replace("_", " ").upper() for column in columns],
        ([token[column] for column in columns] for token in tokens),
        nothing="The workspace has no tokens: merchant-mcp token create makes one.",
    )


@app.command()
def show(context: typer.Context, *, token_id: Id, as_json: AsJson = False) -> None:
    """Show one token."""
    session = session_of(context)
    _show(_find(token_id, session), session, as_json=as_json)


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
    _find(token_id, session)
    command = RenameToken(name=name, renamed_by=session.actor, at=session.now())
    _show(_change(token_id, command, session), session, as_json=as_json)


@app.command()
def revoke(
    context: typer.Context,
    *,
    token_id: Id,
    reason: Annotated[str, typer.Option(help="Why, for the trail.", show_default=False)],
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Take a token out of use: no request that starts after this command is let in."""
    session = session_of(context)
    token = _find(token_id, session).token
    confirm(f"Revoke {token.prefix}… ({token.name}) for good?", yes=yes)
    command = RevokeToken(revoked_by=session.actor, reason=reason, at=session.now())
    _show(_change(token_id, command, session), session, as_json=as_json)


def _change(token_id: str, command: RenameToken | RevokeToken, session: Session) -> TokenRow:
    return change_token(
        token_id, command, origin=session.origin, keys=session.on.credential_keys, tokens=session.on.tokens
    )


def _find(token_id: str, session: Session) -> TokenRow:
    row = session.on.tokens.get(token_id) if is_id(token_id) else None
    if row is None:
        # A whole token pasted here by mistake must not be printed back.
        raise NotFound(
            "token_not_found",
            "There is no token with this id.",
            hint="merchant-mcp token list --workspace WORKSPACE shows the ids.",
        )
    return row


def _sole_owner(workspace: Workspace) -> str:
    owners = [member.member_id for member in workspace.members.values() if member.role is Role.OWNER]
    if len(owners) != 1:
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


def _fields(row: TokenRow, session: Session) -> dict[str, Any]:
    return asdict(summary_of(row.token, last_used_at=row.last_used_at, now=session.now()))


def _show(row: TokenRow, session: Session, *, as_json: bool) -> None:
    fields = _fields(row, session)
    if as_json:
        show_json(fields)
    else:
        show_fields(fields)
