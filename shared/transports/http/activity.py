"""/v1/activity: what happened in the workspace, for each of its members."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, WithJsonSchema

from shared.domain.ids import PLAIN_ID
from shared.domain.trail.activity_feed import Activity, Kind
from shared.services.cursors import open_cursor, seal_cursor
from shared.services.tool_catalogue import TOOL_BY_NAME
from shared.services.trail.list_activity import kinds_for, list_activity
from shared.transports.activity_filters import NOBODY, ActivityFilters, Member, Tool
from shared.transports.http.bodies import ListQuery, Moment
from shared.transports.http.collaborators import Caller, Now, Parts
from shared.transports.http.openapi import CALLER, refused_with

router = APIRouter(prefix="/activity", tags=["workspace"])

ROWS_A_PAGE = 200


NamedTool = Annotated[Tool, WithJsonSchema({"type": "string", "enum": [*TOOL_BY_NAME]})]
"""Agents know the names anyway, and their list of tools is to be short."""
NamedMember = Annotated[
    Member,
    WithJsonSchema({"type": "string", "pattern": f"^{PLAIN_ID.pattern}$", "not": {"enum": [*sorted(NOBODY)]}}),
]


class ActivityQuery(ActivityFilters, ListQuery):
    """Which activity is wanted."""

    limit: int = Field(default=50, ge=1, le=ROWS_A_PAGE)
    tool: NamedTool | None = Field(default=None, description="Only calls of this tool.")
    member: NamedMember | None = Field(
        default=None, description="Only what this member did, calls of their tokens included: the id, as in actor."
    )
    kind: list[Kind] = Field(
        default_factory=list, max_length=len(Kind), description="Repeated, for any of several. Left out: all of them."
    )
    since: Moment | None = Field(default=None, description="Not before this moment, like 2026-11-21T14:30:00Z.")
    until: Moment | None = Field(default=None, description="Before this moment, like 2026-11-21T14:30:00Z.")


class ActivityView(BaseModel):
    """Something that happened, in a sentence without anything that somebody typed."""

    at: datetime
    kind: Kind
    actor: str = Field(
        description="A member's id (of one who was forgotten, a pseudonym), `token:…`, `operator` or `system`."
    )
    summary: str
    ref: str = Field(description="What it happened to: `token:…`, `workspace:…` or `import:…`.")

    @classmethod
    def of(cls, activity: Activity) -> ActivityView:
        """Show an activity."""
        return cls(at=activity.at, kind=activity.kind, actor=activity.actor, summary=activity.summary, ref=activity.ref)


class ActivityPage(BaseModel):
    """Some of it, newest first. A page may be empty and still not be the last."""

    data: list[ActivityView]
    next_cursor: str | None


@router.get("", responses=refused_with(*CALLER))
def list_(query: Annotated[ActivityQuery, Query()], caller: Caller, now: Now, parts: Parts) -> ActivityPage:
    """Read what happened, newest first; what happened to tokens and by their calls, owners and admins only."""
    filters = query.model_dump(mode="json", exclude={"cursor", "limit"}, exclude_none=True)
    matching = query.matching(since=query.since, until=query.until)
    of = (caller.workspace_id, "activity", urlencode(filters, doseq=True))
    page = list_activity(
        caller.workspace_id,
        kinds=kinds_for(caller.member, query.kind, matching),
        matching=matching,
        limit=query.limit,
        now=now,
        after=open_cursor(query.cursor, of=of, now=now, keys=parts.keys) if query.cursor is not None else None,
        trail=parts.trail,
    )
    return ActivityPage(
        data=[ActivityView.of(activity) for activity in page.items],
        next_cursor=seal_cursor(page.next, of=of, now=now, keys=parts.keys) if page.next is not None else None,
    )
