"""The sliding-window limit: exact in any 60 seconds, in one counter read.

Time is cut into slots of 6 s. A window is counted where it *ends*: `ending[j]` is the number of requests that the
eleven slots up to and including slot j hold. A request in slot n therefore adds one to `ending[n] … ending[n+10]`, and
is let through while `ending[n]` is below the limit. Eleven slots always cover the last 60 s and never more than the
last 66 s, so

- in no 60 s are more than `limit` requests let through (less the spread of the clocks that choose the slots);
- a request is refused only when `limit` were let through in the last 66 s (and that spread).

Only one number has to be compared, which a store can do in the same conditional write that counts the request
(a sum over slots it could not). The live counters sit in a ring of `RING` places, so that a row never grows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

WINDOW = timedelta(seconds=60)
SLOT_MS = 6_000
REACH = 10
"""How many slots after its own a request still counts in: 10 slots of 6 s are the 60 s of the window."""
RING = 32
"""Places for counters in a row: more than the `REACH + 1` live ones plus the slots that may pass before a reset."""
RESET_AFTER = RING - REACH - 1
"""After so many slots without a request every counter is stale and the row starts afresh."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The counters of one subject: the latest slot that let a request through, and the live counters."""

    last_slot: int | None = None
    ending: Mapping[int, int] = field(default_factory=dict[int, int])
    """slot -> requests in the eleven slots that end with it; only slots `last_slot … last_slot + REACH`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Full:
    """The limit is reached; `opens_slot` is the first slot that has room again."""

    opens_slot: int


def slot_of(now: datetime) -> int:
    """Number the slot that a moment falls into (6 s each, since the epoch)."""
    return int(now.timestamp() * 1000) // SLOT_MS


def effective_slot(window: Window, slot: int) -> int:
    """Choose the slot to count in: a clock that lags behind the row's latest slot follows the row.

    A row that is ahead by more than the window was written by a clock that is wrong; it is not followed.
    """
    if window.last_slot is None or window.last_slot - slot > REACH:
        return slot
    return max(slot, window.last_slot)


def is_fresh(window: Window, slot: int) -> bool:
    """Tell whether the counters say nothing about this slot, so that counting starts anew."""
    return window.last_slot is None or not -REACH <= slot - window.last_slot < RESET_AFTER


def used(window: Window, slot: int) -> int:
    """Count the requests in the window that ends with this slot."""
    return 0 if is_fresh(window, slot) else window.ending.get(slot, 0)


def let_through(window: Window, slot: int, limit: int) -> Window | Full:
    """Count one request in `slot`, or say when there is room again."""
    slot = effective_slot(window, slot)
    if used(window, slot) >= limit:
        return Full(opens_slot=opens(window, slot, limit))
    if is_fresh(window, slot):
        window = Window()
    reach = range(slot, slot + REACH + 1)
    return Window(last_slot=slot, ending={j: window.ending.get(j, 0) + 1 for j in reach})


def opens(window: Window, slot: int, limit: int) -> int:
    """Find the first slot from `slot` on whose window has room."""
    return next(j for j in range(slot, slot + REACH + 2) if window.ending.get(j, 0) < limit)


def start_of(slot: int) -> datetime:
    """Give the moment at which a slot begins."""
    return datetime.fromtimestamp(slot * SLOT_MS / 1000, UTC)


def seconds_until(moment: datetime, now: datetime) -> int:
    """Whole seconds, at least one, from `now` to a moment: what `Retry-After` says."""
    return max(1, math.ceil((moment - now).total_seconds()))
