"""merchant-mcp token suspend, resume and revoke: keep a token out for a while, and end one or many for good."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from shared.domain.scopes import parse_scopes
from shared.domain.token.commands import RevokeToken, SuspendToken
from shared.domain.token.wording import clean_reason
from shared.services.change_token import change_token, change_within_policy
from shared.services.manage_tokens import resumption
from shared.services.revoke_tokens import Selection, fix_selection, selected
from shared.storage.contracts.tokens import TokenRow
from shared.transports.cli.one_token import Id, fields_of, find, show_row
from shared.transports.cli.output import AsJson, Yes, confirm, note, say, show_json, show_table
from shared.transports.cli.place import Session, session_of
from shared.transports.cli.trail import moment

app = typer.Typer()

Reason = Annotated[str, typer.Option(help="Why, for the trail.", show_default=False)]
COLUMNS = ("id", "prefix", "name", "status", "owner", "created_at", "scopes")


@app.command()
def suspend(context: typer.Context, *, token_id: Id, reason: Reason, yes: Yes = False, as_json: AsJson = False) -> None:
    """Keep a token out until it is resumed: no request that starts after this command is let in."""
    session = session_of(context)
    token = find(token_id, session).token
    confirm(f"Suspend {token.prefix}… ({token.name})?", yes=yes)
    command = SuspendToken(suspended_by=session.actor, reason=reason, at=session.now())
    show_row(_carry_out(token_id, command, session), session, as_json=as_json)


@app.command()
def resume(context: typer.Context, *, token_id: Id, reason: Reason, as_json: AsJson = False) -> None:
    """Let a suspended token in again, unless it breaks the token policy of its workspace."""
    session = session_of(context)
    find(token_id, session)
    now = session.now()
    row = change_within_policy(
        token_id,
        resumption(reason=reason, by=session.actor, now=now),
        origin=session.origin,
        keys=session.on.credential_keys,
        tokens=session.on.tokens,
        workspaces=session.on.workspaces,
    )
    show_row(row, session, as_json=as_json)


@app.command()
def revoke(
    context: typer.Context,
    *,
    token_id: Annotated[
        str | None, typer.Argument(metavar="TOKEN", help="The id of a token, not the token.", show_default=False)
    ] = None,
    reason: Reason,
    workspace_id: Annotated[
        str | None, typer.Option("--workspace", "-w", help="Whose tokens, where many are meant.")
    ] = None,
    owner: Annotated[str | None, typer.Option(help="Those of this member.")] = None,
    scope: Annotated[str | None, typer.Option(help="Those that have this scope.")] = None,
    issued_before: Annotated[
        datetime | None, typer.Option(parser=moment, metavar="TIME", help="Those made before this.")
    ] = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Take a token out of use for good, or many: those that meet every criterion, listed before you are asked."""
    session = session_of(context)
    selection = Selection(
        owner_id=owner,
        scope=next(iter(parse_scopes([scope], field="scope"))) if scope is not None else None,
        issued_before=issued_before,
    )
    if token_id is not None and workspace_id is None and selection == Selection():
        _revoke_one(token_id, reason, session, yes=yes, as_json=as_json)
    elif token_id is None and workspace_id is not None:
        _revoke_many(workspace_id, selection, reason, session, yes=yes, as_json=as_json)
    else:
        raise typer.BadParameter("name one token by its id, or many by --workspace and a criterion")


def _revoke_one(token_id: str, reason: str, session: Session, *, yes: bool, as_json: bool) -> None:
    token = find(token_id, session).token
    confirm(f"Revoke {token.prefix}… ({token.name}) for good?", yes=yes)
    command = RevokeToken(revoked_by=session.actor, reason=reason, at=session.now())
    show_row(_carry_out(token_id, command, session), session, as_json=as_json)


def _revoke_many(
    workspace_id: str, selection: Selection, reason: str, session: Session, *, yes: bool, as_json: bool
) -> None:
    session.workspace(workspace_id)
    now = session.now()
    meant = fix_selection(selection, now=now)
    reason = clean_reason(reason)  # refused before anybody is asked
    found = [*selected(meant, workspace_id=workspace_id, now=now, tokens=session.on.tokens)]
    if not as_json:
        tokens = [fields_of(row, session) for row in found]
        show_table(
            [column.removesuffix("_at").upper() for column in COLUMNS],
            ([token[column] for column in COLUMNS] for token in tokens),
            nothing="No token in use meets that.",
        )
    if found:
        confirm(f"Revoke what is listed for good (tokens: {len(found)})?", yes=yes)
    for number, row in enumerate(found, start=1):
        command = RevokeToken(revoked_by=session.actor, reason=reason, at=session.now())
        _carry_out(row.token.token_id, command, session)
        if number % 100 == 0:
            note(f"{number} of {len(found)} revoked.")
    if as_json:
        show_json({"revoked": [row.token.token_id for row in found]})
    elif found:
        say(f"{len(found)} revoked.")


def _carry_out(token_id: str, command: SuspendToken | RevokeToken, session: Session) -> TokenRow:
    return change_token(
        token_id, command, origin=session.origin, keys=session.on.credential_keys, tokens=session.on.tokens
    )
