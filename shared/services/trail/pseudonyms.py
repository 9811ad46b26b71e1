"""What people are called in the sealed trail: names made with a key of each person's own."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

from shared.storage.contracts.people import PeopleKeys

LENGTH = 24
BEGIN = "psn_"
FORGOTTEN = f"{BEGIN}forgotten"
"""Whoever acts in a row that is sealed after they were forgotten."""


@dataclass
class Pseudonyms:
    """The names of one workspace, each key read once."""

    workspace_id: str
    people: PeopleKeys
    _known: dict[str, str] = field(default_factory=dict[str, str], repr=False)

    def __call__(self, who: str) -> str:
        """Give the name of a person."""
        if who not in self._known:
            key = self.people.key_of(self.workspace_id, who)
            self._known[who] = pseudonym_of(key) if key is not None else FORGOTTEN
        return self._known[who]


def pseudonym_of(key: bytes) -> str:
    """Give the name that a key makes; it tells nothing of the person, and nothing of the key."""
    return f"{BEGIN}{hmac.new(key, b'trail', hashlib.sha256).hexdigest()[:LENGTH]}"
