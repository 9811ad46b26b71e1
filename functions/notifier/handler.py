"""The stream of core: the events that people are told of."""

from typing import Any

from functions.notifier.changes import told_by
from functions.wiring import wiring
from shared.transports.stream import take_changes

_here = wiring()
_take = told_by(_here)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Take a batch of changes."""
    return _here.metrics.taken(take_changes(event, _take))
