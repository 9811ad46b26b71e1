"""What happened in a workspace, newest first: the trail as it is told to members of every role, and to agents."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from shared.domain.errors import NotPermitted
from shared.domain.token.state import Token
from shared.domain.trail.activity_feed import OF_CREDENTIALS, Activity, Kind, activity_of, types_of
from shared.domain.workspace.decider import Member
from shared.domain.workspace.permissions import may_see_tokens
from shared.services.sees_tokens import sees_tokens
from shared.services.trail.query_trail import query_trail
from shared.services.trail.sources import TrailSources
from shared.storage.contracts.audit import AuditFilter
from shared.storage.contracts.streams import Page
from shared.storage.contracts.workspaces import WorkspaceStore


def kinds_for(member: Member, asked: Collection[Kind], matching: AuditFilter) -> frozenset[Kind]:
    """Give the kinds that a member sees of those asked for; all that they may see if none were named.

    Raises:
        NotPermitted: they asked for tokens or calls, be it by a filter, and may not know of them.

    """
    hidden = frozenset[Kind]() if may_see_tokens(member) else OF_CREDENTIALS
    if refused := sorted(hidden & frozenset(asked)):
        raise NotPermitted(
            "role_required",
            f"Only an owner or an admin may see activity of the kind {refused[0]}.",
            hint="Leave that kind out, or ask an owner of the workspace.",
        )
    by = {"token": matching.token_id, "tool": matching.tool, "outcome": matching.outcome}
    if hidden and (asked_by := [name for name, value in by.items() if value is not None]):
        raise NotPermitted(
            "role_required",
            f"Only an owner or an admin may see activity by {asked_by[0]}: it is of tokens and their calls.",
            hint="Leave that filter out, or ask an owner of the workspace.",
        )
    return frozenset(asked or Kind) - hidden


def kinds_shown(credential: Token, workspaces: WorkspaceStore) -> frozenset[Kind]:
    """Give the kinds that a call with this token may be told of."""
    hidden = frozenset[Kind]() if sees_tokens(credential, workspaces) else OF_CREDENTIALS
    return frozenset(Kind) - hidden


def list_activity(
    workspace_id: str,
    *,
    kinds: Collection[Kind],
    matching: AuditFilter,
    limit: int,
    now: datetime,
    after: str | None,
    trail: TrailSources,
) -> Page[Activity]:
    """Tell what happened of these kinds and matches, newest first; pages are those of `query_trail`.

    Raises:
        SealLost: the archive lacks rows that belong to the page.
        PositionInvalid: `after` was not given by a page.

    """
    types = types_of(kinds)
    if not types:  # the trail would take it for "all"
        return Page(items=(), next=None)
    matching = replace(matching, types=types)
    page = query_trail(workspace_id, matching=matching, limit=limit, now=now, after=after, trail=trail)
    told = (
        activity_of(type_=row.type, at=row.at, actor=row.origin.actor, stream=row.stream, data=row.data)
        for row in page.items
    )
    return Page(items=tuple(told), next=page.next)
