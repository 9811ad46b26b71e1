"""Limits that count on a member or a whole workspace: one row each, with the window of `ring`.

    core   W#{ws}#LIMIT   {subject}   and `last_token_id`: whose request was the last to be let in; of a grant also
                                      `last_generation`, else 0

Such a request writes no token row. When a token was last used is carried over by the stream: see `use_in`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.storage.attributes import from_typed
from shared.storage.contracts.tokens import Admitted, Arrival, NotAdmitted
from shared.storage.engine import Engine, Key
from shared.storage.rows.ring import Ring
from shared.storage.rows.values import text, time, whole_number

LIMIT = "#LIMIT"
LAST = LAST_TOKEN, LAST_GENERATION = "last_token_id", "last_generation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """That a token was used."""

    token_id: str
    at: datetime
    generation: int = 0
    """Of a grant: which of its access tokens was shown."""


def use_in(pk: str, image: Mapping[str, Any]) -> Use | None:
    """Read off a change of `core`, as a stream shows it, which token was used; None: it is not of that kind."""
    if not pk.endswith(LIMIT) or LAST_TOKEN not in image:
        return None
    item = {name: from_typed(image[name]) for name in (*LAST, "last_used_at") if name in image}
    generation = whole_number(item, LAST_GENERATION)
    return Use(token_id=text(item, LAST_TOKEN), at=time(item, "last_used_at"), generation=generation)


class StoredSubjects:
    """Keeps the contract of `SubjectStore` over a row engine."""

    def __init__(self, engine: Engine) -> None:
        self._ring = Ring(engine)

    def admit(self, workspace_id: str, subject: str, arrival: Arrival, *, limit: int) -> Admitted | NotAdmitted:
        count = self._ring.count(
            Key(f"W#{workspace_id}{LIMIT}", subject),
            arrival,
            limit=limit,
            noting={LAST_TOKEN: arrival.token_id, LAST_GENERATION: arrival.generation},
        )
        if count.counted and (slot := count.window.last_slot) is not None:
            return Admitted(row=None, number=count.number(arrival), used=count.window.ending[slot], slot=slot)
        return NotAdmitted(row=None, window=count.window)
