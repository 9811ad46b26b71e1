"""/v1/tokens/{id}/usage: how much a token is used."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from shared.services.manage_tokens import find_token
from shared.services.trail.token_usage import LONGEST_DAYS, USUAL_DAYS, token_usage
from shared.transports.http.collaborators import Caller, Now, Parts
from shared.transports.http.openapi import CALLER, refused_with
from shared.transports.http.token_ids import TOKEN_ID

router = APIRouter(prefix="/tokens", tags=["tokens"])


class UsageQuery(BaseModel):
    """Which days are wanted."""

    model_config = ConfigDict(extra="forbid")

    days: int = Field(default=USUAL_DAYS, ge=1, le=LONGEST_DAYS, description="So many days (UTC), today included.")


class UsedToolView(BaseModel):
    """What the token did with one tool on one day."""

    day: date
    tool: str
    calls: int
    errors: int = Field(description="Those of the calls that ended as `error` or `denied_scope`.")
    milliseconds: int = Field(description="Of all these calls together.")
    result_bytes: int = Field(description="Of all these calls together.")


class UsageView(BaseModel):
    """What the token did, as far as it is counted."""

    since: date
    until: date = Field(description="The last day, included: today.")
    counted_to: datetime | None = Field(
        description="The latest minute of the workspace's trail of which anything is counted; null: nothing is yet. "
        "A call is counted some two minutes after it: later ones are missing here, and some just before may be."
    )
    data: list[UsedToolView] = Field(description="Latest day first; without tools and days that had no calls.")


@router.get(f"/{TOKEN_ID}/usage", responses=refused_with(*CALLER))
def usage(token_id: str, query: Annotated[UsageQuery, Query()], caller: Caller, now: Now, parts: Parts) -> UsageView:
    """Tell how much a token is used, by day and tool, to whoever may look at it."""
    row = find_token(token_id, workspace_id=caller.workspace_id, member=caller.member, tokens=parts.tokens)
    found = token_usage(row.token, days=query.days, now=now, index=parts.trail.index)
    return UsageView(
        since=found.since,
        until=found.until,
        counted_to=found.counted_to,
        data=[UsedToolView(**asdict(tool)) for tool in found.tools],
    )
