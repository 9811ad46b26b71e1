"""What a token can see, and what day it is for the shop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.domain.errors import NotFound
from shared.services.figures.frame import Frame, read_frame
from shared.storage.contracts.facts import Figures
from shared.storage.contracts.workspaces import WorkspaceStore


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceContext:
    """The workspace behind a credential."""

    name: str
    frame: Frame


def get_workspace_context(
    *, workspace_id: str, now: datetime, workspaces: WorkspaceStore, figures: Figures
) -> WorkspaceContext:
    """Read the workspace's name and the frame of its figures.

    Raises:
        NotFound: `not_found`: the workspace is gone while its token still lives.

    """
    row = workspaces.get(workspace_id)
    if row is None:
        raise NotFound("not_found", "There is no such workspace.")
    return WorkspaceContext(name=row.workspace.name, frame=read_frame(workspace_id, now=now, figures=figures))
