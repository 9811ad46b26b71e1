"""What follows from the use of a token without the call waiting for it.

All of it can be repeated: streams deliver at least once, and a batch that fails half way comes again.
"""

from __future__ import annotations

from shared.storage.contracts.evidence import EvidenceStore
from shared.storage.contracts.tokens import TokenStore
from shared.storage.contracts.uses import Awaited, Called, CountedElsewhere, SeenUse

MOST_REMEMBERED = 10_000
"""Beyond this many the memory begins anew; what it has forgotten costs one read each."""


class UseFollower:
    """Keeps what uses say; remembers the evidence that it has noted, so that a busy token costs no read per call."""

    def __init__(self, *, tokens: TokenStore, evidence: EvidenceStore) -> None:
        self._tokens = tokens
        self._evidence = evidence
        self._noted: set[Called] = set()

    def follow(self, seen: SeenUse) -> None:
        """Keep one use.

        Raises:
            StoreUnavailable: nothing is remembered of it; take it again.

        """
        match seen:
            case CountedElsewhere():
                self._tokens.note_use(seen.token_id, seen.at, generation=seen.generation)
            case Awaited():
                self._tokens.wake(seen.token_id, used_at=seen.at)
            case Called():
                self._note(seen)

    def _note(self, call: Called) -> None:
        if call in self._noted:
            return
        self._evidence.note(call.token_id, call.day, scope=call.scope)
        if len(self._noted) >= MOST_REMEMBERED:
            self._noted.clear()
        self._noted.add(call)  # after the write: whatever ended before it is tried again
