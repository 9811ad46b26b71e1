"""Changes of the trail's table as its stream shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.domain.trail.events import Tampering


@dataclass(frozen=True, slots=True, kw_only=True)
class RowAdded:
    """The trail of a workspace has another row."""

    workspace_id: str
    at: datetime
    """Its place in time, to the millisecond."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowTouched:
    """A row was changed or deleted that nobody may touch."""

    workspace_id: str | None
    """None: it is the log's, in which all workspaces have their seals."""
    row: str
    """Its keys."""
    tampering: Tampering
