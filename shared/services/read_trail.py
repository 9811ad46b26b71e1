"""What a member may read of the trail of their workspace."""

from __future__ import annotations

from datetime import datetime

from shared.domain.errors import NotPermitted
from shared.domain.workspace.decider import MANAGERS, Member
from shared.services.trail.query_trail import query_trail
from shared.services.trail.sources import TrailSources
from shared.storage.contracts.audit import AuditEntry, AuditFilter
from shared.storage.contracts.streams import Page


def read_trail(
    *,
    workspace_id: str,
    member: Member,
    matching: AuditFilter,
    limit: int,
    now: datetime,
    after: str | None,
    trail: TrailSources,
) -> Page[AuditEntry]:
    """Read the workspace's trail, newest first.

    Raises:
        NotPermitted: see `check_may_read_trail`.

    """
    check_may_read_trail(member)
    return query_trail(workspace_id, matching=matching, limit=limit, now=now, after=after, trail=trail)


def check_may_read_trail(member: Member) -> None:
    """Refuse the trail, and whatever proves it, to whoever does not manage the workspace.

    Raises:
        NotPermitted: the member is neither owner nor admin (`role_required`).

    """
    if member.role not in MANAGERS:
        raise NotPermitted(
            "role_required", "Only an owner or an admin may read the trail.", hint="Ask an owner of the workspace."
        )
