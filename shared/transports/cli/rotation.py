"""merchant-mcp token rotate and evidence: give a token a successor, and see which scopes it would need."""

from __future__ import annotations

from typing import Annotated

import typer

from shared.domain.scopes import parse_scopes
from shared.domain.token.rotation import LONGEST_OVERLAP, USUAL_OVERLAP
from shared.services.credentials.token_format import new_id
from shared.services.rotate_token import WantedRotation, rotate_token
from shared.services.scope_evidence import LOOKED_BACK, scope_evidence
from shared.transports.cli.one_token import Id, find, show_new
from shared.transports.cli.output import AsJson, Yes, confirm, say, show_json, show_table
from shared.transports.cli.place import session_of

app = typer.Typer()


@app.command()
def rotate(
    context: typer.Context,
    *,
    token_id: Id,
    overlap: Annotated[
        int,
        typer.Option(
            metavar="SECONDS",
            help=f"How long the old token is let in beside its successor, {LONGEST_OVERLAP.days} days at most.",
        ),
    ] = int(USUAL_OVERLAP.total_seconds()),
    scope: Annotated[
        list[str] | None, typer.Option(help="What the successor may read, if less than its token; repeat it.")
    ] = None,
    narrow: Annotated[bool, typer.Option("--narrow", help="Give it the scopes that the token has used.")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Give a token a successor, shown once, now. The old one ends when the overlap is over."""
    session = session_of(context)
    wanted = WantedRotation(
        overlap_seconds=overlap, scopes=parse_scopes(scope) if scope else None, narrow_to_used=narrow
    )
    token = find(token_id, session).token
    confirm(f"Rotate {token.prefix}… ({token.name})? It ends {overlap} seconds from now.", yes=yes)
    now = session.now()
    new = rotate_token(
        token_id,
        wanted,
        member_id=None,
        successor_id=new_id(),
        origin=session.origin,
        now=now,
        keys=session.on.credential_keys,
        tokens=session.on.tokens,
        workspaces=session.on.workspaces,
        evidence=session.on.evidence,
        audit=session.on.audit,
    )
    show_new(new, now=now, as_json=as_json)


@app.command()
def evidence(context: typer.Context, *, token_id: Id, as_json: AsJson = False) -> None:
    """Set the scopes that a token was granted against those that it has used."""
    session = session_of(context)
    token = find(token_id, session).token
    found = scope_evidence(
        token,
        now=session.now(),
        tokens=session.on.tokens,
        evidence=session.on.evidence,
        audit=session.on.audit,
    )
    if as_json:
        used = {scope: day.isoformat() for scope, day in sorted(found.used.items())}
        show_json(
            {
                "granted": sorted(found.granted),
                "used": used,
                "unused": sorted(found.unused),
                "since": found.since.isoformat(),
            }
        )
        return
    show_table(
        ("SCOPE", "LAST USED"),
        ((scope, found.used.get(scope)) for scope in sorted(found.granted)),
        nothing="The token has no scopes.",
    )
    say(f"{len(found.used)} of {len(found.granted)} scopes used in the last {LOOKED_BACK.days} days.")
    if found.used and found.unused:
        say(f"merchant-mcp token rotate {token_id} --narrow makes a successor without the others.")
