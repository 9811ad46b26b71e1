"""Hand out one event and none of its neighbours, with what proves it: "One event alone" in docs/audit-format.md."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from shared.domain.errors import NotFound
from shared.domain.trail.export import Head, Place
from shared.domain.trail.merkle import inclusion_path, leaf_hash, nodes_of
from shared.services.trail.export_trail import WITHIN_TWO_MINUTES, prove_seal
from shared.services.trail.find_event import event_not_found, find_in_table, find_under_seal, time_of
from shared.services.trail.sources import TrailSources


def prove_event(
    workspace_id: str, event_id: str, *, now: datetime, trail: TrailSources, earlier_size: int | None = None
) -> Sequence[str]:
    """Give the five lines of the file, without newlines; `earlier_size` as in `Wanted`.

    Raises:
        Invalid: there was no such checkpoint (`checkpoint_invalid`).
        NotFound: the workspace has no such event (`event_not_found`), or it has no signed seal yet (`not_sealed_yet`).
        SealLost: a seal that may have it is lost.
        StoreUnavailable: it cannot be read now.

    """
    at = time_of(event_id)
    if at is None:
        raise event_not_found()
    signed = trail.seals.note()
    found = find_under_seal(workspace_id, event_id, at, trail=trail)
    if found is None and find_in_table(workspace_id, event_id, at, now=now, trail=trail) is None:
        raise event_not_found()
    if found is None or signed is None or found.kept.index >= signed[0]:
        raise NotFound("not_sealed_yet", "The event has no signed seal yet.", hint=WITHIN_TWO_MINUTES)
    leaves = [leaf_hash(row.encode()) for row in found.rows]
    number = found.kept.seal.number
    return (
        Head(workspace_id=workspace_id, first_seal=number, last_seal=number).line,
        found.kept.seal.line,
        Place(index=found.index, path=inclusion_path(found.index, len(leaves), nodes_of(leaves))).line,
        found.rows[found.index],
        prove_seal(found.kept, signed=signed, earlier_size=earlier_size, seals=trail.seals).line,
    )
