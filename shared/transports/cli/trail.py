"""merchant-mcp audit: read the trail of a workspace."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Annotated, Any, cast

import typer

from shared.domain.activity import Outcome
from shared.domain.trail.activity_feed import EVENT_TYPES
from shared.services.trail.query_trail import query_trail
from shared.storage.contracts.audit import AuditEntry, AuditFilter
from shared.transports.cli import trail_files
from shared.transports.cli.output import AsJson, InWorkspace, plain, show_json, show_table
from shared.transports.cli.place import Session, session_of
from shared.transports.cli.trail_check import verify

app = typer.Typer(help="The trail of a workspace.", no_args_is_help=True)
app.add_typer(trail_files.app)
app.command()(verify)

PAGE = 200
LONGEST_LIST = 7
"""As many values as there are scopes."""


def moment(text: str) -> datetime:
    """Read a moment; one without a zone is UTC, as everything that is printed here."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("write it like 2026-11-21 or 2026-11-21T14:30:00Z") from None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def event_type(text: str) -> str:
    """Refuse a type that no event has."""
    if text not in EVENT_TYPES:
        raise typer.BadParameter(f"there is no such type of event; the types are {', '.join(sorted(EVENT_TYPES))}")
    return text


@app.command("list")
def list_(
    context: typer.Context,
    *,
    workspace_id: InWorkspace,
    token: Annotated[str | None, typer.Option(help="Only what concerns this token (its id).")] = None,
    actor: Annotated[str | None, typer.Option(help="Only what this member or operator did.")] = None,
    types: Annotated[
        list[str] | None,
        typer.Option(
            "--type",
            parser=event_type,
            metavar="TYPE",
            help="Only this type of event, like token.revoked; may be repeated.",
        ),
    ] = None,
    tool: Annotated[str | None, typer.Option(help="Only calls of this tool.")] = None,
    outcome: Annotated[Outcome | None, typer.Option(help="Only calls that ended so.")] = None,
    since: Annotated[datetime | None, typer.Option(parser=moment, metavar="TIME", help="Not before this.")] = None,
    until: Annotated[datetime | None, typer.Option(parser=moment, metavar="TIME", help="Before this.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many events.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List events, newest first: every change, call and recorded refusal."""
    session = session_of(context)
    session.workspace(workspace_id)
    matching = AuditFilter(
        token_id=token,
        actor=actor,
        types=frozenset(types or ()),
        tool=tool,
        outcome=outcome,
        since=since,
        until=until,
    )
    events = [_fields(entry) for entry in islice(_entries(workspace_id, matching, limit, session), limit)]
    if as_json:
        show_json(events)
        return
    show_table(
        ("AT (UTC)", "TYPE", "ACTOR", "WHOSE", "WHAT"),
        ((e["at"], e["type"], e["actor"], e["stream"], _what(e["data"])) for e in events),
        nothing="Nothing in the trail matches.",
    )


def _entries(workspace_id: str, matching: AuditFilter, limit: int, session: Session) -> Iterator[AuditEntry]:
    after: str | None = None
    while True:
        page = query_trail(
            workspace_id,
            matching=matching,
            limit=min(limit, PAGE),
            now=session.now(),
            after=after,
            trail=session.on.trail,
        )
        yield from page.items
        after = page.next
        if after is None:
            return


def _fields(entry: AuditEntry) -> dict[str, Any]:
    return {
        "id": entry.event_id,
        "type": entry.type,
        "at": entry.at,
        "stream": entry.stream,
        "actor": entry.origin.actor,
        "request_id": entry.origin.request_id,
        "ip": entry.origin.ip,
        "user_agent": entry.origin.user_agent,
        "data": dict(entry.data),
    }


def _what(data: dict[str, Any]) -> str:
    """Write an event's own fields in one line, without the hashes that nobody reads and with short lists only."""
    return " ".join(
        f"{name}={_short(value)}" for name, value in data.items() if value is not None and not name.endswith("_hash")
    )


def _short(value: object) -> str:
    if isinstance(value, list) and len(items := cast("list[object]", value)) > LONGEST_LIST:
        return f"({len(items)} of them)"
    return plain(cast("object", value))
