"""The one road of every change to a workspace: record it first, then fence the tokens that it concerns, then answer.

From the moment of the record no new token can be made under the old terms. Each step can be repeated, so a run that
died half way is finished by the same command again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime

from shared.domain.token.commands import RevokeToken
from shared.domain.token.events import TokenKind
from shared.domain.token.state import Status
from shared.domain.workspace.commands import (
    AddMember,
    ChangeMemberRole,
    ChangePlan,
    GrantAccess,
    RegisterWorkspace,
    RemoveMember,
    SuspendAccess,
    WorkspaceCommand,
)
from shared.domain.workspace.decider import MANAGERS, Workspace, decide, replay, standing_of
from shared.domain.workspace.events import WorkspaceEvent
from shared.services.attempts import ATTEMPTS
from shared.services.change_token import change_token
from shared.services.credentials.keys import CredentialKeys
from shared.services.credentials.seal import is_sealed, seal_of
from shared.storage.contracts.streams import Origin, StreamMoved
from shared.storage.contracts.tokens import Terms, TokenRow, TokenStore
from shared.storage.contracts.workspaces import WorkspaceRow, WorkspaceStore

logger = logging.getLogger(__name__)

PAGE = 100


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
        Invalid: the plan is unknown or a text is empty.
        StreamMoved: others kept changing the workspace; try again.

    """
    row = _record(workspace_id, command, origin=origin, workspaces=workspaces)
    match command:
        case ChangePlan() | GrantAccess() | SuspendAccess():
            for token in _live_tokens(workspace_id, tokens):
                _apply_terms(token, row, keys=keys, tokens=tokens)
        case ChangeMemberRole() | RemoveMember():
            member = row.workspace.members.get(command.member_id)
            if member is None or member.role not in MANAGERS:
                reason = "the owner's role no longer allows tokens" if member else "the owner left the workspace"
                revoke = RevokeToken(revoked_by=origin.actor, reason=reason, at=now)
                for token in _live_tokens(workspace_id, tokens):
                    if token.token.kind is TokenKind.PERSONAL and token.token.owner_id == command.member_id:
                        change_token(token.token.token_id, revoke, origin=origin, keys=keys, tokens=tokens)
        case RegisterWorkspace() | AddMember():
            pass  # no token is concerned
    return row.workspace


def _record(
    workspace_id: str, command: WorkspaceCommand, *, origin: Origin, workspaces: WorkspaceStore
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
                workspaces.append(events, after, expected_version=version, origin=origin)
            except StreamMoved:
                continue
        return WorkspaceRow(workspace=after, version=version + len(events))
    raise StreamMoved(workspace_id)


def _live_tokens(workspace_id: str, tokens: TokenStore) -> Iterator[TokenRow]:
    after: str | None = None
    while True:
        page = tokens.of_workspace(workspace_id, limit=PAGE, after=after)
        yield from (row for row in page.items if row.token.status is Status.ACTIVE)
        after = page.next
        if after is None:
            return


def _apply_terms(row: TokenRow, workspace: WorkspaceRow, *, keys: CredentialKeys, tokens: TokenStore) -> None:
    """Copy the workspace's terms onto a token row, unless newer ones stand there.

    Terms that read the same are copied, too: their version keeps an older change that is still under way from
    undoing this one.
    """
    terms = Terms(plan=workspace.workspace.plan, standing=standing_of(workspace.workspace), version=workspace.version)
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
