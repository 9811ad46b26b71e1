"""Where members are reached. An address stands here and nowhere else: in no event, no log and no trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class ContactStore(Protocol):
    """The addresses of all members; `WorkspaceStore.append` writes them. Every method may raise `StoreUnavailable`."""

    def of_workspace(self, workspace_id: str) -> Mapping[str, str]:
        """Read the addresses of a workspace by member id, consistently; members without one are not there."""
        ...
