"""The one road of every change to a workspace: record it first, then fence the tokens that it concerns, then answer.

From the moment of the record no new token can be made under the old terms. Each step can be repeated: a run that died
half way is finished by the sweep, or by the same command again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from shared.domain.errors import Conflict
from shared.domain.token.commands import RevokeToken, SuspendToken
from shared.domain.token.events import TokenKind
from shared.domain.token.policy import breaks
from shared.domain.token.state import LIVE, Status
from shared.domain.workspace.commands import (
    AddMember,
    ChangeMemberRole,
    RegisterWorkspace,
    RemoveMember,
    WorkspaceCommand,
)
from shared.domain.workspace.decider import MANAGERS, Workspace, decide, replay
from shared.domain.workspace.events import WorkspaceEvent
from shared.services.attempts import ATTEMPTS
from shared.services.change_token import change_token
from shared.services.credentials.keys import CredentialKeys
from shared.services.credentials.seal import is_sealed, seal_of
from shared.services.terms import terms_of
from shared.storage.contracts.streams import Origin, StreamMoved
from shared.storage.contracts.tokens import TokenRow, TokenStore
from shared.storage.contracts.workspaces import WorkspaceRow, WorkspaceStore

logger = logging.getLogger(__name__)

PAGE = 100
PATIENCE = timedelta(minutes=2)
"""After so long the sweep takes up a fencing: whoever began it has ended, one way or the other."""
POLICY = "system:token_policy"


def change_workspace(
    workspace_id: str,
    command: WorkspaceCommand,
    *,
    origin: Origin,
    now: datetime,
    keys: CredentialKeys,
    workspaces: WorkspaceStore,
    tokens: TokenStore,
) -> Workspace:
    """Carry out a command; when this returns, every token of the workspace obeys the new terms.

    Raises:
        NotFound: there is no such workspace or member.
        Conflict: the workspace exists already, the last owner would go, the person is a member already.
        Invalid: the plan is unknown, a text is empty or the token policy cannot be kept.
        StreamMoved: others kept changing the workspace; try again.

    """
    fences = not isinstance(command, RegisterWorkspace | AddMember)  # no token is concerned by these
    row = _record(
        workspace_id, command, fence_by=now + PATIENCE if fences else None, origin=origin, workspaces=workspaces
    )
    if fences:
        about_members = isinstance(command, ChangeMemberRole | RemoveMember)
        for token in live_tokens(workspace_id, tokens):
            if not about_members:
                _apply_terms(token, row, keys=keys, tokens=tokens)
            _end_what_may_not_be(token, row.workspace, origin=origin, now=now, keys=keys, tokens=tokens)
        workspaces.fenced(workspace_id, version=row.version)
    return row.workspace


def finish_fencing(
    workspace_id: str,
    *,
    origin: Origin,
    now: datetime,
    keys: CredentialKeys,
    workspaces: WorkspaceStore,
    tokens: TokenStore,
) -> None:
    """Bring every token of a workspace in line with what was recorded last, whatever that was.

    Raises:
        StreamMoved: others keep changing a token; the next sweep goes on.

    """
    row = workspaces.get(workspace_id)
    if row is None:
        return
    for token in live_tokens(workspace_id, tokens):
        _apply_terms(token, row, keys=keys, tokens=tokens)
        _end_what_may_not_be(token, row.workspace, origin=origin, now=now, keys=keys, tokens=tokens)
    workspaces.fenced(workspace_id, version=row.version)


def live_tokens(workspace_id: str, tokens: TokenStore) -> Iterator[TokenRow]:
    """Go through the tokens of a workspace that are in use or can be resumed."""
    after: str | None = None
    while True:
        page = tokens.of_workspace(workspace_id, limit=PAGE, after=after)
        yield from (row for row in page.items if row.token.status in LIVE)
        after = page.next
        if after is None:
            return


def _end_what_may_not_be(
    row: TokenRow, workspace: Workspace, *, origin: Origin, now: datetime, keys: CredentialKeys, tokens: TokenStore
) -> None:
    """Revoke a token whose owner may have none any more, and suspend one that breaks the token policy."""
    token = row.token
    owner = workspace.members.get(token.owner_id)
    if token.kind is TokenKind.PERSONAL and (owner is None or owner.role not in MANAGERS):
        reason = "the owner's role no longer allows tokens" if owner else "the owner left the workspace"
        revoke = RevokeToken(revoked_by=origin.actor, reason=reason, at=now)
        change_token(token.token_id, revoke, origin=origin, keys=keys, tokens=tokens)
    elif token.status is Status.ACTIVE and not token.is_due(now) and (broken := breaks(workspace.token_policy, token)):
        suspend = SuspendToken(suspended_by=POLICY, reason=broken, at=now)
        try:
            change_token(token.token_id, suspend, origin=origin, keys=keys, tokens=tokens)
        except Conflict as refused:  # it has ended since, or somebody else wrote its row: no gate lets it in
            logger.warning("token not suspended", extra={"reason": refused.code, "token_id": token.token_id})


def _record(
    workspace_id: str,
    command: WorkspaceCommand,
    *,
    fence_by: datetime | None,
    origin: Origin,
    workspaces: WorkspaceStore,
) -> WorkspaceRow:
    for _ in range(ATTEMPTS):
        row = workspaces.get(workspace_id)
        before, version = (row.workspace, row.version) if row is not None else (None, 0)
        events: tuple[WorkspaceEvent, ...] = decide(command, before)
        after = replay(events, before)
        if after is None:
            continue
        if events:
            try:
                workspaces.append(events, after, expected_version=version, origin=origin, fence_by=fence_by)
            except StreamMoved:
                continue
        return WorkspaceRow(workspace=after, version=version + len(events))
    raise StreamMoved(workspace_id)


def _apply_terms(row: TokenRow, workspace: WorkspaceRow, *, keys: CredentialKeys, tokens: TokenStore) -> None:
    """Copy the workspace's terms onto a token row, unless newer ones stand there.

    Terms that read the same are copied, too: their version keeps an older change that is still under way from
    undoing this one.
    """
    terms = terms_of(workspace)
    for _ in range(ATTEMPTS):
        if row.terms.version >= terms.version:
            return
        if not is_sealed(row, keys):
            # Refused at the gate already; our seal under what somebody else wrote would let it in.
            logger.error("token row refused", extra={"reason": "seal_broken", "token_id": row.token.token_id})
            return
        seal = seal_of(row.token, digest=row.credential.digest, version=row.version, terms=terms, keys=keys)
        try:
            tokens.apply_terms(terms, seal=seal, based_on=row)
        except StreamMoved:
            row = tokens.get(row.token.token_id) or row
        else:
            return
    raise StreamMoved(row.token.token_id)
