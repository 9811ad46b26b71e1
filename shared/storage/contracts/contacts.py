"""Where members are reached. An address stands here and nowhere else: in no event, no log and no trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from shared.storage.contracts.workspaces import WorkspaceRow


class ContactStore(Protocol):
    """The addresses of all members. Every method may raise `StoreUnavailable`.

    A membership that ends takes its address with it, in the same write: see `WorkspaceStore.append`.
    """

    def of_workspace(self, workspace_id: str) -> Mapping[str, str]:
        """Read the addresses of a workspace by member id, consistently; members without one are not there."""
        ...

    def keep(self, member_id: str, address: str, *, based_on: WorkspaceRow) -> None:
        """Note an address of a member, in place of any other.

        Raises:
            StreamMoved: the workspace is no longer as it was read; the member may have left.

        """
        ...

    def forget(self, member_id: str, *, based_on: WorkspaceRow) -> None:
        """Take the address of a member away, if there is one.

        Raises:
            StreamMoved: the workspace is no longer as it was read.

        """
        ...
