"""Note what has to be looked at because the trail or a counter moved: one mark for a workspace and a batch of changes.

A batch that comes again makes the same marks, or some of another minute; both lead to looks that find nothing to do.
Marks of rows are one for each minute, those of calls one for each batch: these say which calls.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from shared.storage.contracts.calls import CountedCall, CountedCalls
from shared.storage.contracts.seals import SealStore
from shared.storage.contracts.trail_changes import RowAdded


def mark_rows(rows: Iterable[RowAdded], *, now: datetime, seals: SealStore) -> None:
    """Have new rows sealed.

    Raises:
        StoreUnavailable, StreamMoved: some are not marked; do it again.

    """
    times: dict[str, list[datetime]] = defaultdict(list)
    for row in rows:
        times[row.workspace_id].append(row.at)
    for workspace_id, of_workspace in times.items():
        seals.mark(workspace_id, since=min(of_workspace), until=max(of_workspace), now=now)


def mark_calls(counted: Iterable[tuple[str, CountedCall]], *, name: str, now: datetime, calls: CountedCalls) -> None:
    """Have the rows of calls that were counted looked for; each stands beside the workspace that it was counted in.

    Raises:
        StoreUnavailable: some are not marked; do it again.

    """
    by_workspace: dict[str, list[CountedCall]] = defaultdict(list)
    for workspace_id, call in counted:
        by_workspace[workspace_id].append(call)
    for workspace_id, of_workspace in by_workspace.items():
        calls.mark(workspace_id, of_workspace, now=now, name=name)
