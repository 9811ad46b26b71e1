"""One event of the trail: all that it says, where it lies under the seals, and the file that proves it."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from starlette.responses import Response

from shared.domain.trail.archival import names_person
from shared.services.read_trail import check_may_read_trail
from shared.services.trail.look_at_event import look_at_event
from shared.services.trail.prove_event import prove_event
from shared.transports.web.pages.event_words import Fact, badge_of, facts_of, title_of
from shared.transports.web.pages.frame import ROOMS, page
from shared.transports.web.pages.people import named
from shared.transports.web.pages.trail_export import NDJSON, as_file
from shared.transports.web.parts import Now, Parts
from shared.transports.web.visitors import Visiting, Visitor

HERE = ROOMS["Activity"]

router = APIRouter(prefix=HERE)


@router.get("/{event_id}")
def one_event(event_id: str, visitor: Visiting, parts: Parts, now: Now) -> Response:
    """Show an event."""
    seen = look_at_event(visitor.workspace_id, event_id, member=visitor.member, now=now, trail=parts.trail)
    entry = seen.entry
    token_id = entry.stream.removeprefix("token:") if entry.stream.startswith("token:") else None
    row = parts.tokens.get(token_id) if token_id is not None else None
    is_theirs = row is not None and row.token.workspace_id == visitor.workspace_id
    people = {name.replace("_", " ").capitalize() for name in entry.data if names_person(name)}
    return page(
        visitor,
        "Activity",
        "one_event.html",
        here=HERE,
        now=now,
        entry=entry,
        title=title_of(entry),
        badge=badge_of(entry),
        who=named(entry.origin.actor, visitor),
        facts=[_with_name(fact, visitor=visitor) if fact.term in people else fact for fact in facts_of(entry)],
        token=row.token if row is not None and is_theirs else None,
        sealing=seen.sealing,
        sealed_at=datetime.fromisoformat(seen.sealing.seal.at) if seen.sealing is not None else None,
        is_seal_lost=seen.is_seal_lost,
        workspace_id=visitor.workspace_id,
        docs=f"{parts.docs_url}/audit",
    )


@router.get("/{event_id}/proof")
def proof(event_id: str, visitor: Visiting, parts: Parts, now: Now) -> Response:
    """Hand out the event and what proves it."""
    check_may_read_trail(visitor.member)
    lines = prove_event(visitor.workspace_id, event_id, now=now, trail=parts.trail)
    return as_file(lines, name=f"event-{event_id}.ndjson", media_type=NDJSON)


def _with_name(fact: Fact, *, visitor: Visitor) -> Fact:
    return fact._replace(value=named(fact.value, visitor))
