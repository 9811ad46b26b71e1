"""Limits that count on a member or a whole workspace: one row each, with the window of `ring`.

core   W#{ws}#LIMIT   {subject}
"""

from __future__ import annotations

from shared.storage.contracts.tokens import Admitted, Arrival, NotAdmitted
from shared.storage.engine import Engine, Key
from shared.storage.rows.ring import Ring


class StoredSubjects:
    """Keeps the contract of `SubjectStore` over a row engine."""

    def __init__(self, engine: Engine) -> None:
        self._ring = Ring(engine)

    def admit(self, workspace_id: str, subject: str, arrival: Arrival, *, limit: int) -> Admitted | NotAdmitted:
        count = self._ring.count(Key(f"W#{workspace_id}#LIMIT", subject), arrival, limit=limit)
        if count.counted and (slot := count.window.last_slot) is not None:
            return Admitted(row=None, number=count.number(arrival), used=count.window.ending[slot], slot=slot)
        return NotAdmitted(row=None, window=count.window)
