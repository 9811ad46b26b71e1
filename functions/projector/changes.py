"""Which change of a row leads to what."""

from dataclasses import dataclass

from shared.services.folds.fold_workspace import Folder, fold_workspace
from shared.services.follow_use import UseFollower
from shared.storage.rows.facts import marked_workspace
from shared.storage.rows.uses import use_seen
from shared.transports.stream import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """What takes the changes of all three tables."""

    folder: Folder
    uses: UseFollower

    def take(self, change: Change) -> None:
        """Do what follows from one change; it may have been done before."""
        if change.kind != "REMOVE" and (workspace_id := marked_workspace(change.pk)):
            fold_workspace(workspace_id, tools=self.folder)
        elif use := use_seen(change.pk, change.sk, before=change.before, after=change.image):
            self.uses.follow(use)
