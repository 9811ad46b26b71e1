"""Every store over one row engine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from shared.storage.engine import Engine
from shared.storage.rows.audit import StoredAudit
from shared.storage.rows.envelope import KEPT_IN_TABLE
from shared.storage.rows.replies import StoredReplies
from shared.storage.rows.subjects import StoredSubjects
from shared.storage.rows.tokens import StoredTokens
from shared.storage.rows.workspaces import StoredWorkspaces


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """The stores, each under the name by which services ask for it."""

    tokens: StoredTokens
    subjects: StoredSubjects
    workspaces: StoredWorkspaces
    audit: StoredAudit
    replies: StoredReplies

    @classmethod
    def over(cls, engine: Engine, *, trail_kept: timedelta = KEPT_IN_TABLE) -> Self:
        """Make them all; `trail_kept` is how long the trail stays in its table."""
        return cls(
            tokens=StoredTokens(engine, trail_kept=trail_kept),
            subjects=StoredSubjects(engine),
            workspaces=StoredWorkspaces(engine, trail_kept=trail_kept),
            audit=StoredAudit(engine, trail_kept=trail_kept),
            replies=StoredReplies(engine),
        )
