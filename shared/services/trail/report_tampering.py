"""Say that somebody has altered a row of the trail: in the trail, to whoever watches the metric, and in the log.

A change that the stream delivers again is the same row, and counts on the metric once more: an alarm asks whether
there was any.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from shared.domain.trail.events import TamperFound, Tampering
from shared.storage.contracts.audit import AuditLog
from shared.storage.contracts.seals import SealLost
from shared.storage.contracts.streams import Origin
from shared.storage.contracts.trail_changes import RowTouched

logger = logging.getLogger(__name__)

WATCHER = "system:projector"


def report_tampering(
    found: RowTouched, *, at: datetime, sequence: str, audit: AuditLog, meter: Callable[[Tampering], None]
) -> None:
    """Report what was found, under its place in the stream. What is no workspace's stands in no trail.

    Raises:
        StoreUnavailable: it is not known to be in the trail.

    """
    meter(found.tampering)
    logger.error("the trail was altered", extra={"tampering": found.tampering, "row": found.row, "sequence": sequence})
    if found.workspace_id is None:
        return
    event = TamperFound(tampering=found.tampering, row=found.row, sequence=sequence, at=at)
    audit.record(event, workspace_id=found.workspace_id, origin=Origin(actor=WATCHER, request_id=sequence))


def report_lost(lost: SealLost, *, workspace_id: str, meter: Callable[[Tampering], None]) -> None:
    """Report a seal that cannot be folded because it or rows under it are lost, once for each seal made behind it."""
    meter(Tampering.DELETED)
    logger.error("a seal is lost", extra={"workspace_id": workspace_id, "reason": lost.message})
