"""The tables' streams: what follows from a change without anybody waiting for it."""

from typing import Any

from functions.projector.changes import Following
from functions.wiring import now, wiring
from shared.services.folds.fold_workspace import Folder
from shared.services.follow_use import UseFollower
from shared.transports.stream import take_changes

_here = wiring()
_following = Following(
    folder=Folder(rollups=_here.rollups, figures=_here.figures, objects=_here.objects),
    uses=UseFollower(tokens=_here.tokens, evidence=_here.evidence),
    trail=_here.trail,
    calls=_here.counted_calls,
    now=now,
    meter=_here.metrics.tampering,
)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Take a batch of changes."""
    return _here.metrics.taken(take_changes(event, _following.take, _following.finish))
