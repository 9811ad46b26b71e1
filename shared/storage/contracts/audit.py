"""The trail: append-only, ordered by time within a workspace."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from shared.domain.activity import CallEvent
from shared.domain.errors import Invalid
from shared.domain.trail.events import TrailEvent
from shared.storage.contracts.calls import CountedCall
from shared.storage.contracts.streams import Origin, Page
from shared.storage.engine import Value

FIRST_YEAR, LAST_YEAR = 1970, 9998


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One row of the trail: an event in its envelope."""

    place: str
    """Its key within the trail of its workspace, in the order of time: see `shared.domain.trail.places`."""
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
        """Refuse moments at the ends of the calendar, where no other time zone has a name for them, and no time at all.

        Raises:
            Invalid: `since` or `until` is one, or `since` is later than `until` (`moment_invalid`).

        """
        for name, at in (("since", self.since), ("until", self.until)):
            if at is not None and not FIRST_YEAR <= at.year <= LAST_YEAR:
                raise Invalid(
                    "moment_invalid",
                    f"A moment lies in the years {FIRST_YEAR} to {LAST_YEAR}.",
                    hint="Ask from or up to a moment in these years.",
                    field=name,
                )
        if self.since is not None and self.until is not None and self.since > self.until:
            raise Invalid(
                "moment_invalid",
                "Nothing lies between since and until: since is the later one.",
                hint="Exchange them, or leave one of them out.",
                field="since",
            )

    def matches(self, entry: AuditEntry) -> bool:
        """Tell whether a row is wanted."""
        return (
            (self.token_id is None or entry.stream == f"token:{self.token_id}")
            and (self.actor is None or entry.origin.actor == self.actor)
            and (not self.types or entry.type in self.types)
            and (self.tool is None or entry.data.get("tool") == self.tool)
            and (self.outcome is None or entry.data.get("outcome") == self.outcome)
            and (self.since is None or entry.at >= self.since)
            and (self.until is None or entry.at < self.until)
        )


class TrailConflict(Exception):
    """Another row lies where this one belongs: two calls took the same number at the same time. Nothing was written."""


class AuditLog(Protocol):
    """The trail of every workspace. Lifecycle events enter it in the transaction that records them."""

    @property
    def kept(self) -> timedelta:
        """How long a row stays in the table."""
        ...

    def record(self, event: CallEvent | TrailEvent, *, workspace_id: str, origin: Origin) -> None:
        """Write down what has no history of its own, under a key that a repeat of the same write meets again.

        The first `TamperFound` of a workspace in an hour becomes a notice, too.

        Raises:
            StoreUnavailable: it is not known to be written; whoever depends on it must not answer.
            TrailConflict: it is not written, and will not be.

        """
        ...

    def rows(self, workspace_id: str, *, since: str, below: str, limit: int) -> Page[AuditEntry]:
        """Read rows of a day newest first, from the place `since` on, which names the day, and before `below`.

        `next` is the place before which the next page goes on.
        """
        ...

    def calls(self, workspace_id: str, counted: Collection[CountedCall]) -> Mapping[str, AuditEntry]:
        """Read the rows of counted calls, one for each token at most, by the token's id; those not there are left out.

        For lists: what was written a moment ago may be missing.
        """
        ...

    def archived(self, line: str) -> AuditEntry:
        """Read a row as the archive has it, with people under their pseudonyms."""
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
