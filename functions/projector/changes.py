"""Which change of a row leads to what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.domain.trail.events import Tampering
from shared.services.folds.fold_workspace import Folder, fold_workspace
from shared.services.follow_use import UseFollower
from shared.services.trail.fold_seals import fold_seals
from shared.services.trail.mark_trail import mark_calls, mark_rows
from shared.services.trail.report_tampering import report_lost, report_tampering
from shared.services.trail.sources import TrailSources
from shared.storage.contracts.calls import CountedCalls
from shared.storage.contracts.seals import SealLost
from shared.storage.rows.calls import call_counted
from shared.storage.rows.facts import marked_workspace
from shared.storage.rows.trail_changes import row_added, row_touched, sealed_workspace
from shared.storage.rows.uses import use_seen
from shared.transports.stream import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """What takes the changes of all three tables."""

    folder: Folder
    uses: UseFollower
    trail: TrailSources
    calls: CountedCalls
    now: Callable[[], datetime]
    meter: Callable[[Tampering], None]
    """Counts what was altered in the trail."""

    def take(self, change: Change) -> None:
        """Do what follows from one change; it may have been done before."""
        kind, pk, sk = change.kind, change.pk, change.sk
        if kind != "REMOVE" and (workspace_id := marked_workspace(pk)):
            fold_workspace(workspace_id, tools=self.folder)
        elif touched := row_touched(kind, pk, sk, by_time_to_live=change.by_time_to_live):
            report_tampering(touched, at=change.at, sequence=change.sequence, audit=self.trail.audit, meter=self.meter)
        elif workspace_id := sealed_workspace(kind, pk):
            self._fold(workspace_id)
        elif use := use_seen(pk, sk, before=change.before, after=change.image):
            self.uses.follow(use)

    def _fold(self, workspace_id: str) -> None:
        """Fold what is sealed. A seal that is lost is no reason to try again: others' changes wait behind this one."""
        try:
            fold_seals(workspace_id, seals=self.trail.seals, index=self.trail.index, archive=self.trail.open_archive())
        except SealLost as lost:
            report_lost(lost, workspace_id=workspace_id, meter=self.meter)

    def finish(self, taken: Sequence[Change]) -> None:
        """Do what follows from a batch of changes as a whole."""
        name, now = taken[0].sequence, self.now()
        rows = [row for each in taken if (row := row_added(each.kind, each.pk, each.sk))]
        counted = [call for each in taken if (call := call_counted(each.pk, before=each.before, after=each.image))]
        mark_rows(rows, now=now, seals=self.trail.seals)
        mark_calls(counted, name=name, now=now, calls=self.calls)
