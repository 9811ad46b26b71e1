"""Whether a call may be told of tokens: an app is told no more than the member whom it acts for."""

from __future__ import annotations

from shared.domain.token.state import Token
from shared.domain.workspace.permissions import may_see_tokens
from shared.storage.contracts.workspaces import WorkspaceStore


def sees_tokens(credential: Token, workspaces: WorkspaceStore) -> bool:
    """Tell it of a call with this token; of an app's the member's role is read, as it is now."""
    if credential.app is None:
        return True  # it acts for an owner or an admin, or for the workspace as a whole
    row = workspaces.get(credential.workspace_id)
    owner = row.workspace.members.get(credential.owner_id) if row is not None else None
    return owner is not None and may_see_tokens(owner)
