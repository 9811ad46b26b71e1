"""merchant-mcp workspace token-policy: see and set what a workspace allows of its tokens."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from shared.domain.scopes import parse_scopes
from shared.domain.token.policy import ANYTHING, MOST_NETWORKS, TokenPolicy, checked_policy
from shared.domain.workspace.commands import SetTokenPolicy
from shared.domain.workspace.decider import Workspace
from shared.services.change_token_policy import Effect, check_victims, digest_of, victims_of
from shared.services.change_workspace import change_workspace
from shared.transports.cli.output import AsJson, Yes, confirm, note, show_fields, show_json
from shared.transports.cli.place import Session, session_of

app = typer.Typer()

SHOWN = 20
"""Tokens that are named before a policy suspends or shuts them out; all are counted."""

_EFFECTS = {Effect.SUSPENDED: "to be suspended", Effect.SHUT_OUT: "to be shut out"}


@app.command("token-policy")
def token_policy(
    context: typer.Context,
    *,
    workspace_id: Annotated[
        str, typer.Argument(metavar="WORKSPACE", help="The id of a workspace.", show_default=False)
    ],
    longest_days: Annotated[int | None, typer.Option(help="The longest life of a token.")] = None,
    scope: Annotated[list[str] | None, typer.Option(help="What tokens may be granted; repeat it.")] = None,
    name_pattern: Annotated[str | None, typer.Option(help="What new names look like: * and ? as in a shell.")] = None,
    network: Annotated[
        list[str] | None, typer.Option(help=f"Where calls may come from, as CIDR; repeat it, {MOST_NETWORKS} at most.")
    ] = None,
    suspend_abandoned: Annotated[
        bool, typer.Option("--suspend-abandoned", help="Suspend a token when it is flagged as abandoned.")
    ] = False,
    anything: Annotated[bool, typer.Option("--anything", help="Allow whatever the plan does.")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Show the token policy, or set it as a whole: what is not said is not restricted any more."""
    session = session_of(context)
    workspace = session.workspace(workspace_id).workspace
    known = workspace.token_policy
    said = TokenPolicy(
        longest_days=longest_days,
        scopes=parse_scopes(scope) if scope else None,
        name_pattern=name_pattern,
        networks=tuple(network or ()),
        suspend_abandoned=suspend_abandoned,
    )
    if anything and said != ANYTHING:
        raise typer.BadParameter("--anything stands alone")
    if anything or said != ANYTHING:
        known = _set(workspace, checked_policy(said), session, yes=yes)
    if as_json:
        show_json(_fields(known))
    else:
        show_fields(_fields(known))


def _set(workspace: Workspace, policy: TokenPolicy, session: Session, *, yes: bool) -> TokenPolicy:
    now = session.now()
    victims = victims_of(policy, workspace=workspace, now=now, tokens=session.on.tokens, audit=session.on.audit)
    for victim in victims[:SHOWN]:
        token = victim.row.token
        note(f"{token.token_id} {token.prefix}… ({token.name}), {_EFFECTS[victim.effect]}: {victim.why}")
    suspended = sum(victim.effect is Effect.SUSPENDED for victim in victims)
    shut_out = f" Tokens that it shuts out: {len(victims) - suspended}." if len(victims) > suspended else ""
    confirm(f"Set this policy? Tokens that it suspends: {suspended}.{shut_out}", yes=yes)
    return change_workspace(
        workspace.workspace_id,
        SetTokenPolicy(policy=policy, set_by=session.actor, at=now),
        origin=session.origin,
        now=now,
        keys=session.on.credential_keys,
        workspaces=session.on.workspaces,
        tokens=session.on.tokens,
        # They may have changed while the question was on the screen.
        check=lambda found: check_victims(
            policy, found, seen=digest_of(victims), now=now, tokens=session.on.tokens, audit=session.on.audit
        ),
    ).token_policy


def _fields(policy: TokenPolicy) -> dict[str, Any]:
    scopes = sorted(policy.scopes) if policy.scopes is not None else None
    return {**asdict(policy), "scopes": scopes, "networks": list(policy.networks)}
