"""Ask the trail of a workspace a question, however far back its answer lies."""

from __future__ import annotations

from datetime import datetime

from shared.services.trail.sources import TrailSources
from shared.storage.contracts.audit import AuditEntry, AuditFilter
from shared.storage.contracts.streams import Page


def query_trail(
    workspace_id: str, *, matching: AuditFilter, limit: int, now: datetime, after: str | None, trail: TrailSources
) -> Page[AuditEntry]:
    """Read a workspace's trail from `now` backwards, newest first.

    A page costs bounded work, so a rare match may lie behind several pages with nothing in them.

    Raises:
        PositionInvalid: `after` was not given by a page.

    """
    return trail.audit.entries(workspace_id, matching=matching, limit=limit, now=now, after=after)
