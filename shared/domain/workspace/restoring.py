"""What becomes of what comes back from a backup, once all that is known of the time since has happened to it again.

What was revoked, narrowed or renewed since is so again by then. What is decided here is about those of
which not enough is known to let them in.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from shared.domain.token.commands import RevokeToken, SuspendToken
from shared.domain.token.state import Token
from shared.domain.workspace.decider import Workspace
from shared.domain.workspace.holding import bar_of, lost_owner

RESTORE = "system:restore"


class Flaw(StrEnum):
    """Why a token cannot simply go on; the value is the reason that its trail tells."""

    MADE_SINCE = "a backup was brought back that is older than this token, so its secret is gone: generate another"
    RENEWED_SINCE = "a backup was brought back that is older than what its app holds: connect the app again"
    DAMAGED = "the backup that was brought back has its row not as we wrote it: generate another"
    UNCERTAIN = "not all that happened to it since the backup is known: read its trail before it is let in again"


ENDED = frozenset({Flaw.MADE_SINCE, Flaw.RENEWED_SINCE, Flaw.DAMAGED})
"""Nobody holds a secret that could be checked any more."""
UNCERTAIN_WORKSPACE = (
    "not all that happened to the workspace since the backup is known: see who is a member, and its trail"
)


def on_return(
    token: Token, workspace: Workspace, *, flaw: Flaw | None, at: datetime
) -> RevokeToken | SuspendToken | None:
    """Say what is to be done about a token as it comes back; None: it goes on as it is.

    A change of the workspace that the loss has interrupted is carried out as well.
    """
    if not token.lives_at(at):
        return None
    if flaw is not None and flaw in ENDED:
        return RevokeToken(revoked_by=RESTORE, reason=flaw.value, at=at)
    if (lost := lost_owner(workspace, token)) is not None:
        return RevokeToken(revoked_by=RESTORE, reason=lost, at=at)
    if flaw is not None:
        return SuspendToken(suspended_by=RESTORE, reason=flaw.value, at=at)
    if (bar := bar_of(workspace, token)) is not None:
        return SuspendToken(suspended_by=bar.by, reason=bar.why, at=at)
    return None
