"""The trail: append-only, ordered by time within a workspace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.domain.activity import CallEvent
from shared.domain.errors import Invalid
from shared.domain.trail.events import TrailEvent
from shared.storage.contracts.streams import Origin, Page
from shared.storage.engine import Value

FIRST_YEAR, LAST_YEAR = 1970, 9998


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One row of the trail: an event in its envelope."""

    event_id: str
    type: str
    at: datetime
    workspace_id: str
    stream: str
    """Whose history it belongs to: `token:…` (its calls, too), `workspace:…`, `import:…`."""
    origin: Origin
    data: Mapping[str, Value]
    """The event's own fields in stored form, in the newest shape: strings, whole numbers, lists and maps of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which rows are wanted, `since <= at < until`; None, and of types the empty set, asks for all."""

    token_id: str | None = None
    actor: str | None = None
    types: frozenset[str] = frozenset()
    """Those of any of these types."""
    tool: str | None = None
    outcome: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse moments at the ends of the calendar, where no other time zone has a name for them.

        Raises:
            Invalid: `since` or `until` is one (`moment_invalid`).

        """
        for name, at in (("since", self.since), ("until", self.until)):
            if at is not None and not FIRST_YEAR <= at.year <= LAST_YEAR:
                raise Invalid("moment_invalid", f"A moment lies in the years {FIRST_YEAR} to {LAST_YEAR}.", field=name)


class TrailConflict(Exception):
    """Another row lies where this one belongs: two calls took the same number at the same time. Nothing was written."""


class AuditLog(Protocol):
    """The trail of every workspace. Lifecycle events enter it in the transaction that records them."""

    def record(self, event: CallEvent | TrailEvent, *, workspace_id: str, origin: Origin) -> None:
        """Write down what has no history of its own, under a key that a repeat of the same write meets again.

        Raises:
            StoreUnavailable: it is not known to be written; whoever depends on it must not answer.
            TrailConflict: it is not written, and will not be.

        """
        ...

    def entries(
        self, workspace_id: str, *, matching: AuditFilter, limit: int, now: datetime, after: str | None = None
    ) -> Page[AuditEntry]:
        """Read the trail of a workspace from `now` backwards, newest first, as far as it is kept in the table.

        A page costs bounded work, so a rare match may lie behind several pages with nothing in them.

        Raises:
            PositionInvalid: `after` was not given by a page.

        """
        ...
