"""/v1/audit/events: the trail of the workspace, as JSON or as NDJSON."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Header, Query
from fastapi.responses import JSONResponse, Response

from shared.services.cursors import open_cursor, seal_cursor
from shared.services.read_trail import read_trail
from shared.storage.contracts.audit import AuditFilter
from shared.transports.http.bodies import EventPage, EventsQuery, EventView
from shared.transports.http.collaborators import Caller, Now, Parts
from shared.transports.http.openapi import CALLER, refused_with

router = APIRouter(prefix="/audit", tags=["audit"])

NDJSON = "application/x-ndjson"

ONE_A_LINE = {"type": "string", "description": "One event per line, each as in `data` of the JSON form."}


@router.get(
    "/events",
    response_model=EventPage,
    responses={
        200: {
            "content": {NDJSON: {"schema": ONE_A_LINE}},
            "headers": {
                "Link": {
                    "description": 'With rel="next": where the next page is. Absent on the last one.',
                    "schema": {"type": "string"},
                }
            },
        },
        **refused_with(*CALLER),
    },
)
def list_events(
    query: Annotated[EventsQuery, Query()],
    caller: Caller,
    now: Now,
    parts: Parts,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """Read the trail, newest first, for owners and admins: every change, call and recorded refusal."""
    matching = AuditFilter(
        token_id=query.token,
        actor=query.actor,
        types=frozenset(query.type),
        tool=query.tool,
        outcome=query.outcome,
        since=query.since,
        until=query.until,
    )
    filters = query.model_dump(mode="json", exclude={"cursor", "limit"}, exclude_none=True)
    of = (caller.workspace_id, "audit", urlencode(filters, doseq=True))
    page = read_trail(
        workspace_id=caller.workspace_id,
        member=caller.member,
        matching=matching,
        limit=query.limit,
        now=now,
        after=open_cursor(query.cursor, of=of, now=now, keys=parts.keys) if query.cursor is not None else None,
        trail=parts.trail,
    )
    cursor = seal_cursor(page.next, of=of, now=now, keys=parts.keys) if page.next is not None else None
    events = [EventView.of(entry) for entry in page.items]
    headers: dict[str, str] = {}
    if cursor is not None:
        following = urlencode({**filters, "limit": query.limit, "cursor": cursor}, doseq=True)
        headers["Link"] = f'<{parts.public_url}/v1/audit/events?{following}>; rel="next"'
    if NDJSON in accept:
        lines = "".join(f"{event.model_dump_json()}\n" for event in events)
        return Response(lines, media_type=NDJSON, headers=headers)
    return JSONResponse(EventPage(data=events, next_cursor=cursor).model_dump(mode="json"), headers=headers)
