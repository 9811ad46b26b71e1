"""Do what time alone has made due, found by an index: a look at each token, and fencings that nobody finished.

Nothing waits for it: an expired token is refused at the gate from its moment on. Each step can be repeated, two sweeps
may run at once, and the index may name a token about which nothing is due any more: the decider then decides nothing.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from shared.domain.token.attendance import ATTENDANT, Rules
from shared.domain.token.state import Token
from shared.domain.workspace.decider import Standing, Workspace, standing_of
from shared.domain.workspace.holding import bar_of
from shared.services.attend_token import attend_token
from shared.services.change_workspace import finish_fencing
from shared.services.credentials.keys import CredentialKeys
from shared.storage.contracts.evidence import EvidenceStore
from shared.storage.contracts.streams import Origin, StreamMoved
from shared.storage.contracts.tokens import TokenStore
from shared.storage.contracts.workspaces import WorkspaceStore

logger = logging.getLogger(__name__)

BATCH = 500
"""Tokens that one run looks at: some seconds' work. What is left is the next run's."""
FENCINGS = 5
"""Workspaces whose fencing one run finishes; each may have thousands of tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What one run did."""

    due: int
    """Tokens that the index named."""
    happened: Mapping[str, int]
    """Type of event -> how often it was recorded."""
    fenced: int
    """Workspaces whose fencing was finished."""
    more: bool
    """Whether the batch was full, so that more may be waiting."""


def _unmetered(_: timedelta) -> None:
    """Measure nothing."""


def sweep(
    *,
    now: datetime,
    request_id: str,
    keys: CredentialKeys,
    tokens: TokenStore,
    workspaces: WorkspaceStore,
    evidence: EvidenceStore,
    batch: int = BATCH,
    meter: Callable[[timedelta], None] = _unmetered,
) -> Swept:
    """Attend to what is due, up to a batch of it; `meter` is told how long the earliest had been due.

    Raises:
        StoreUnavailable: what was done is done, the rest is the next run's.

    """
    origin = Origin(actor=ATTENDANT, request_id=request_id)
    fenced = _finish_fencings(now=now, origin=origin, keys=keys, workspaces=workspaces, tokens=tokens)

    @cache
    def workspace_of(workspace_id: str) -> Workspace | None:
        row = workspaces.get(workspace_id)
        return row.workspace if row is not None else None

    looked_at: set[str] = set()
    happened: Counter[str] = Counter()
    earliest = now

    def found_due(since: datetime) -> None:
        nonlocal earliest
        earliest = min(earliest, since)

    while len(looked_at) < batch:
        # The index is read in parts, so one look may name fewer than there are; it may lag and name some twice.
        fresh = [token_id for token_id in tokens.due(now, limit=batch) if token_id not in looked_at]
        if not fresh:
            break
        for token_id in fresh[: batch - len(looked_at)]:
            looked_at.add(token_id)
            events = attend_token(
                token_id,
                now=now,
                rules_for=lambda token: _rules(workspace_of(token.workspace_id), token),
                origin=origin,
                keys=keys,
                tokens=tokens,
                evidence=evidence,
                found_due=found_due,
            )
            happened.update(event.type for event in events)
    meter(now - earliest)
    swept = Swept(due=len(looked_at), happened=dict(happened), fenced=fenced, more=len(looked_at) == batch)
    logger.info("swept", extra={"due": swept.due, **happened, "fenced": swept.fenced, "more": swept.more})
    return swept


def _rules(workspace: Workspace | None, token: Token) -> Rules:
    if workspace is None:
        return Rules()
    return Rules(
        suspends_abandoned=workspace.token_policy.suspend_abandoned,
        bars_token=bar_of(workspace, token) is not None,
        is_open=standing_of(workspace) is Standing.OPEN,
        open_since=workspace.open_since,
    )


def _finish_fencings(
    *, now: datetime, origin: Origin, keys: CredentialKeys, workspaces: WorkspaceStore, tokens: TokenStore
) -> int:
    finished = 0
    for workspace_id in workspaces.unfenced(now, limit=FENCINGS):
        try:
            finish_fencing(workspace_id, origin=origin, now=now, keys=keys, workspaces=workspaces, tokens=tokens)
        except StreamMoved:  # its tokens are being worked on: the next run goes on
            logger.warning("fencing goes on", extra={"workspace_id": workspace_id})
        else:
            finished += 1
    return finished
