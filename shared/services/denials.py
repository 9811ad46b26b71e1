"""What a container remembers of refusals, so that a flood of a dead or exhausted token costs next to nothing.

Only what cannot become permissive again is remembered: a token that is revoked, rotated away or expired, and a full
window until the moment at which it has room. Access tokens of one grant end one by one, so each is remembered for
itself. It also counts refusals, for the trail's ten-then-doublings rule.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from shared.domain.limits import WINDOW
from shared.services.refusals import Reason, Refusal

K = TypeVar("K")
V = TypeVar("V")

CAPACITY = 10_000
FINAL = frozenset({Reason.TOKEN_REVOKED, Reason.TOKEN_EXPIRED, Reason.TOKEN_ROTATED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """A refusal of a known token, and the workspace whose trail it belongs to (None: the row is gone or forged)."""

    refusal: Refusal
    workspace_id: str | None
    owner_id: str
    opens_at: datetime | None = None
    """For a full window: when it has room again."""


@dataclass
class Denials:
    """Bounded memories, oldest first out."""

    capacity: int = CAPACITY
    _final: OrderedDict[str, Denied] = field(default_factory=OrderedDict[str, Denied])
    _full: OrderedDict[str, Denied] = field(default_factory=OrderedDict[str, Denied])
    _counts: OrderedDict[tuple[str, Reason], tuple[datetime, int]] = field(
        default_factory=OrderedDict[tuple[str, Reason], tuple[datetime, int]]
    )

    def recall(self, known_as: str, *, now: datetime, counted: bool) -> Denied | None:
        """Give the refusal that still holds; a full window concerns counted requests only."""
        final = self._final.get(known_as)
        if final is not None or not counted:
            return final
        full = self._full.get(known_as)
        if full is None or full.opens_at is None or now >= full.opens_at:
            return None
        return full

    def remember(self, known_as: str, denied: Denied) -> None:
        """Keep a refusal that time or the rules will not undo before it says so."""
        if denied.refusal.reason in FINAL:
            _keep(self._final, known_as, denied, self.capacity)
        elif denied.opens_at is not None:
            _keep(self._full, known_as, denied, self.capacity)

    def count(self, token_id: str, reason: Reason, *, now: datetime) -> int:
        """Count one more refusal of a token for a reason, and give how many there were in this minute."""
        began, seen = self._counts.get((token_id, reason), (now, 0))
        if not began <= now < began + WINDOW:
            began, seen = now, 0
        _keep(self._counts, (token_id, reason), (began, seen + 1), self.capacity)
        return seen + 1


def _keep(memory: OrderedDict[K, V], key: K, value: V, capacity: int) -> None:
    memory[key] = value
    memory.move_to_end(key)
    if len(memory) > capacity:
        memory.popitem(last=False)
