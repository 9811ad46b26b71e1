"""The one road of every change to a workspace: record it first, then fence the tokens that it concerns, then answer.

From the moment of the record no new token can be made under the old terms. Each step can be repeated: a run that died
half way is finished by the sweep, or by the same command again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.errors import Conflict
from shared.domain.token.commands import RevokeToken, SuspendToken, TokenCommand
from shared.domain.token.decider import decide as decide_token
from shared.domain.token.decider import replay as replay_token
from shared.domain.token.state import LIVE, Status
from shared.domain.workspace.commands import (
    AddMember,
    ChangeMemberRole,
    RegisterWorkspace,
    RemoveMember,
    WorkspaceCommand,
)
from shared.domain.workspace.decider import Workspace, decide, replay
from shared.domain.workspace.events import WorkspaceEvent
from shared.domain.workspace.holding import bar_of, lost_owner
from shared.services.attempts import ATTEMPTS
from shared.services.change_token import record
from shared.services.credentials.keys import CredentialKeys
from shared.services.credentials.seal import is_sealed, seal_of
from shared.services.terms import terms_of
from shared.storage.contracts.streams import Origin, StreamMoved
from shared.storage.contracts.tokens import Terms, TokenRow, TokenStore
from shared.storage.contracts.workspaces import WorkspaceRow, WorkspaceStore

logger = logging.getLogger(__name__)

PAGE = 100
PATIENCE = timedelta(minutes=2)
"""After so long the sweep takes up a fencing: whoever began it has ended, one way or the other."""


def change_workspace(
    workspace_id: str,
    command: WorkspaceCommand,
    *,
    origin: Origin,
    now: datetime,
    keys: CredentialKeys,
    workspaces: WorkspaceStore,
    tokens: TokenStore,
    check: Callable[[Workspace], None] | None = None,
) -> Workspace:
    """Carry out a command; when this returns, every token of the workspace obeys the new terms.

    `check` may refuse: it sees the workspace as it is when the change is recorded.

    Raises:
        NotFound: there is no such workspace or member.
        Conflict: the workspace exists already, the last owner would go, the person is a member already.
        Invalid: the plan is unknown, a text is empty or the token policy cannot be kept.
        StreamMoved: others kept changing the workspace; try again.

    """
    fences = not isinstance(command, RegisterWorkspace | AddMember)  # no token is concerned by these
    fence_by = now + PATIENCE if fences else None
    row = _record(workspace_id, command, check=check, fence_by=fence_by, origin=origin, workspaces=workspaces)
    if fences:
        about_members = isinstance(command, ChangeMemberRole | RemoveMember)
        fencing = _Fencing(origin=origin, now=now, keys=keys, workspaces=workspaces, tokens=tokens)
        fencing.fence_all(row, with_terms=not about_members)
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
    if row is not None:
        fencing = _Fencing(origin=origin, now=now, keys=keys, workspaces=workspaces, tokens=tokens)
        fencing.fence_all(row, with_terms=True)


def live_tokens(workspace_id: str, tokens: TokenStore) -> Iterator[TokenRow]:
    """Go through the tokens of a workspace that are in use or can be resumed."""
    after: str | None = None
    while True:
        page = tokens.of_workspace(workspace_id, limit=PAGE, after=after)
        yield from (row for row in page.items if row.token.status in LIVE)
        after = page.next
        if after is None:
            return


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fencing:
    """One run over the tokens of a workspace."""

    origin: Origin
    now: datetime
    keys: CredentialKeys
    workspaces: WorkspaceStore
    tokens: TokenStore

    def fence_all(self, row: WorkspaceRow, *, with_terms: bool) -> None:
        workspace_id = row.workspace.workspace_id
        for token in live_tokens(workspace_id, self.tokens):
            self._fence(token, row, with_terms=with_terms)
        self.workspaces.fenced(workspace_id, version=row.version)

    def _fence(self, token: TokenRow, row: WorkspaceRow, *, with_terms: bool) -> None:
        """Bring one token in line; decide anew, from what stands there then, if it moves meanwhile."""
        for _ in range(ATTEMPTS):
            if token.terms.version > row.version:
                # Made or fenced under a newer change: what this run has read of the workspace is history.
                row = self.workspaces.get(row.workspace.workspace_id) or row
            try:
                if with_terms:
                    token = self._with_terms(token, terms_of(row))
                self._end_what_may_not_be(token, row.workspace)
            except StreamMoved:
                token = self.tokens.get(token.token.token_id) or token
            else:
                return
        raise StreamMoved(token.token.token_id)

    def _with_terms(self, row: TokenRow, terms: Terms) -> TokenRow:
        """Copy the workspace's terms onto a token row, unless newer ones stand there.

        Terms that read the same are copied, too: their version keeps an older change that is still under way from
        undoing this one.
        """
        if row.terms.version >= terms.version or row.token.status not in LIVE:
            return row
        if not is_sealed(row, self.keys):
            # Refused at the gate already; our seal under what somebody else wrote would let it in.
            logger.error("token row refused", extra={"reason": "seal_broken", "token_id": row.token.token_id})
            return row
        seal = seal_of(row.token, credential=row.credential, version=row.version, terms=terms, keys=self.keys)
        self.tokens.apply_terms(terms, seal=seal, based_on=row)
        return replace(row, terms=terms, credential=replace(row.credential, seal=seal))

    def _end_what_may_not_be(self, row: TokenRow, workspace: Workspace) -> None:
        """Revoke a token whose owner may have none any more, and suspend one that the plan or the policy bars."""
        token = row.token
        if token.status not in LIVE:
            return
        if (reason := lost_owner(workspace, token)) is not None:
            self._decide(RevokeToken(revoked_by=self.origin.actor, reason=reason, at=self.now), row)
        elif token.status_at(self.now) is Status.ACTIVE and (bar := bar_of(workspace, token)) is not None:
            try:
                self._decide(SuspendToken(suspended_by=bar.by, reason=bar.why, at=self.now), row)
            except Conflict as refused:  # somebody else wrote its row: no gate lets it in
                logger.warning("token not suspended", extra={"reason": refused.code, "token_id": token.token_id})

    def _decide(self, command: TokenCommand, row: TokenRow) -> None:
        """Decide on this very row: a newer one may stand under other terms, which are for `_fence` to weigh."""
        events = decide_token(command, row.token)
        if not events:
            return  # its time is over: there is nothing left to end
        after = replay_token(events, row.token) or row.token
        record(events, after, row, origin=self.origin, keys=self.keys, tokens=self.tokens)


def _record(
    workspace_id: str,
    command: WorkspaceCommand,
    *,
    check: Callable[[Workspace], None] | None,
    fence_by: datetime | None,
    origin: Origin,
    workspaces: WorkspaceStore,
) -> WorkspaceRow:
    for _ in range(ATTEMPTS):
        row = workspaces.get(workspace_id)
        before, version = (row.workspace, row.version) if row is not None else (None, 0)
        if check is not None and before is not None:
            check(before)
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
