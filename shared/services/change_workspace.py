"""The one road of every change to a workspace: record it first, then fence the tokens that it concerns, then answer.

From the moment of the record no new token can be made under the old terms. Each step can be repeated, so a run that
died half way is finished by the same command again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from shared.domain.token.commands import RevokeToken
from shared.domain.token.decider import Status
from shared.domain.token.events import TokenKind
from shared.domain.workspace.commands import WorkspaceCommand
from shared.domain.workspace.decider import MANAGERS, Workspace, decide, replay, standing_of
from shared.domain.workspace.events import WorkspaceEvent
from shared.services.attempts import ATTEMPTS
from shared.services.change_token import change_token
from shared.services.credentials.keys import CredentialKeys
from shared.services.credentials.seal import seal_of
from shared.storage.contracts.streams import Origin, StreamMoved
from shared.storage.contracts.tokens import Terms, TokenRow, TokenStore
from shared.storage.contracts.workspaces import WorkspaceRow, WorkspaceStore

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
    for token in _tokens(workspace_id, tokens):
        _fence(token, row, origin=origin, now=now, keys=keys, tokens=tokens)
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


def _tokens(workspace_id: str, tokens: TokenStore) -> Iterator[TokenRow]:
    after: str | None = None
    while True:
        page = tokens.of_workspace(workspace_id, limit=PAGE, after=after)
        yield from page.items
        after = page.next
        if after is None:
            return


def _fence(
    row: TokenRow, workspace: WorkspaceRow, *, origin: Origin, now: datetime, keys: CredentialKeys, tokens: TokenStore
) -> None:
    """Make one token row say what the workspace says; a token whose owner may no longer hold it is revoked."""
    if row.token.status is not Status.ACTIVE:
        return
    owner = workspace.workspace.members.get(row.token.owner_id)
    if row.token.kind is TokenKind.PERSONAL and (owner is None or owner.role not in MANAGERS):
        reason = "the owner left the workspace" if owner is None else "the owner's role no longer allows tokens"
        command = RevokeToken(revoked_by=origin.actor, reason=reason, at=now)
        change_token(row.token.token_id, command, origin=origin, keys=keys, tokens=tokens)
        return
    terms = Terms(plan=workspace.workspace.plan, standing=standing_of(workspace.workspace), version=workspace.version)
    for _ in range(ATTEMPTS):
        if (row.terms.plan, row.terms.standing) == (terms.plan, terms.standing) or row.terms.version > terms.version:
            return
        seal = seal_of(row.token, digest=row.credential.digest, version=row.version, terms=terms, keys=keys)
        try:
            tokens.apply_terms(row.token.token_id, terms, seal=seal, expected_version=row.version)
        except StreamMoved:
            row = tokens.get(row.token.token_id) or row
        else:
            return
    raise StreamMoved(row.token.token_id)
