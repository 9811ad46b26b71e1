"""Each minute: look for the row of every call that was counted some minutes ago, and write down which have none.

Whoever admits a call gives it a number, in the same write that counts it on its limit; the stream shows that write
whatever becomes of the call. So of each number one row says how the call ended, or one says that nothing does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.trail.events import CallUnaccounted
from shared.storage.contracts.audit import AuditLog
from shared.storage.contracts.calls import CallsToAccountFor, CountedCall, CountedCalls
from shared.storage.contracts.streams import Origin

logger = logging.getLogger(__name__)

GRACE = timedelta(minutes=5)
"""After so long no function that has admitted a call is still at it."""
MARKS = 100
"""Read at once; each names the calls of a batch of the stream, up to 100."""
ACCOUNTANT = "system:sealer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounted:
    """What a run did."""

    calls: int
    """Those that it looked for."""
    unaccounted: int


def _unmetered(_: int) -> None:
    pass


def account_for_calls(
    *, now: datetime, calls: CountedCalls, audit: AuditLog, meter: Callable[[int], None] = _unmetered
) -> Accounted:
    """Record the calls without a row, of those that were marked before the time of grace.

    A run may die anywhere, and two may run at once: a mark goes last, and what is recorded is the same each time.
    `meter` is told how many there were of each mark before it goes: after a death perhaps twice, and never not.

    Raises:
        StoreUnavailable: the marks that are left are the next run's.

    """
    counted = unaccounted = 0
    while marks := calls.marks(before=now - GRACE, limit=MARKS):
        for mark in marks:
            lost = calls.without_row(mark)
            for call in lost:
                _record(call, mark, audit)
            meter(len(lost))
            unaccounted += len(lost)
            calls.unmark(mark)
            counted += len(mark.calls)
    done = Accounted(calls=counted, unaccounted=unaccounted)
    logger.info("accounted", extra={"calls": done.calls, "unaccounted": done.unaccounted})
    return done


def _record(call: CountedCall, mark: CallsToAccountFor, audit: AuditLog) -> None:
    # At a moment that the call itself makes, and not the run: another run writes the same row again.
    event = CallUnaccounted(token_id=call.token_id, number=call.number, counted_at=call.at, at=call.at + GRACE)
    origin = Origin(actor=ACCOUNTANT, request_id=f"{call.token_id}#{call.number}")
    audit.record(event, workspace_id=mark.workspace_id, origin=origin)
