"""Keys of people: what a person is called in the sealed trail, and how they are forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class PeopleKeys(Protocol):
    """One key for each person of a workspace. Every method may raise `StoreUnavailable`."""

    def key_of(self, workspace_id: str, who: str) -> bytes | None:
        """Give the key of a person, made when it is first asked for; None: the person was forgotten."""
        ...

    def known(self, workspace_id: str) -> Mapping[str, bytes]:
        """Give the keys that there are, by person; whoever was forgotten has none."""
        ...

    def forget(self, workspace_id: str, who: str) -> None:
        """Delete the key of a person for good: no other will be made for them."""
        ...
