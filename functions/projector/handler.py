"""The tables' streams: what follows from a change without anybody waiting for it."""

from typing import Any

from functions.wiring import wiring
from shared.services.folds.fold_workspace import Folder, fold_workspace
from shared.storage.rows.facts import marked_workspace
from shared.storage.rows.subjects import use_in
from shared.transports.stream import Change, take_changes

_here = wiring()
_tools = Folder(rollups=_here.rollups, figures=_here.figures, objects=_here.objects)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Take a batch of changes."""
    return take_changes(event, _take)


def _take(change: Change) -> None:
    if change.kind != "REMOVE" and (workspace_id := marked_workspace(change.pk)):
        fold_workspace(workspace_id, tools=_tools)
    elif use := use_in(change.pk, change.image):
        _here.tokens.note_use(use.token_id, use.at)
