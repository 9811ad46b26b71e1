"""Show one event of the trail to whoever may read it, with its place under a seal and in the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.domain.trail.seal import Seal
from shared.domain.workspace.decider import Member
from shared.services.read_trail import check_may_read_trail
from shared.services.trail.archived_rows import ArchivedRows
from shared.services.trail.find_event import event_not_found, find_in_table, find_under_seal, time_of
from shared.services.trail.sources import TrailSources
from shared.storage.contracts.audit import AuditEntry
from shared.storage.contracts.seals import SealLost


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """Where an event lies under a seal, and the seal in the log."""

    seal: Seal
    row: int
    """Its place among the rows of the seal, counted from 1."""
    log_entry: int
    """The place of the seal in the log, counted from 1."""
    signed_size: int | None
    """How many entries the newest signed checkpoint covers; None: nothing is signed yet."""

    @property
    def can_be_proved(self) -> bool:
        """Tell whether a signed checkpoint covers the seal."""
        return self.signed_size is not None and self.log_entry <= self.signed_size


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenEvent:
    """An event, and how it is sealed."""

    entry: AuditEntry
    sealing: Sealing | None
    """None: it lies under no seal yet, or nobody knows."""
    is_seal_lost: bool = False
    """A seal that there must be is gone, so nobody knows whether it was that of this event."""


def look_at_event(workspace_id: str, event_id: str, *, member: Member, now: datetime, trail: TrailSources) -> SeenEvent:
    """Find an event of the workspace.

    Raises:
        NotPermitted: see `check_may_read_trail`.
        NotFound: the workspace has no such event (`event_not_found`).
        SealLost: it is not in the table any more, and a seal that may have it is lost.
        StoreUnavailable: a store cannot be read now.

    """
    check_may_read_trail(member)
    at = time_of(event_id)
    if at is None:
        raise event_not_found()
    entry = find_in_table(workspace_id, event_id, at, now=now, trail=trail)
    try:
        found = find_under_seal(workspace_id, event_id, at, trail=trail)
    except SealLost:
        if entry is None:
            raise
        return SeenEvent(entry=entry, sealing=None, is_seal_lost=True)
    if found is None:
        if entry is None:
            raise event_not_found()
        return SeenEvent(entry=entry, sealing=None)
    signed = trail.seals.note()
    return SeenEvent(
        entry=entry or ArchivedRows(workspace_id, trail).of_seal(found.kept.seal.number)[found.index],
        sealing=Sealing(
            seal=found.kept.seal,
            row=found.index + 1,
            log_entry=found.kept.index + 1,
            signed_size=signed[0] if signed is not None else None,
        ),
    )
