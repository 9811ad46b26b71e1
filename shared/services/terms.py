"""What a workspace grants its tokens, as it is copied onto each token row."""

from __future__ import annotations

from shared.domain.workspace.decider import standing_of
from shared.storage.contracts.tokens import Terms
from shared.storage.contracts.workspaces import WorkspaceRow


def terms_of(row: WorkspaceRow) -> Terms:
    """Give the terms of a workspace as it is now."""
    return Terms(
        plan=row.workspace.plan,
        standing=standing_of(row.workspace),
        version=row.version,
        networks=row.workspace.token_policy.networks,
    )
