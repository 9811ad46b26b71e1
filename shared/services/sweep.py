"""Record that tokens have expired, found by the index of what is due.

Nothing waits for it: an expired token is refused at the gate from its moment on. Each step can be repeated, two sweeps
may run at once, and the index may name a token that was revoked since: the decider then decides nothing.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from shared.domain.errors import NotFound
from shared.domain.token.commands import ExpireToken
from shared.domain.token.state import Status
from shared.services.change_token import change_token
from shared.services.credentials.keys import CredentialKeys
from shared.storage.contracts.streams import Origin, StreamMoved
from shared.storage.contracts.tokens import TokenStore

logger = logging.getLogger(__name__)

ACTOR = "system:sweeper"
BATCH = 500
"""Tokens that one run looks at: some seconds' work. What is left is the next run's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What one run did."""

    due: int
    """Tokens that the index named."""
    expired: int
    """Tokens that are expired on record now."""
    left: int
    """Tokens that the index named and that were not expired: no longer due, gone, or busy."""
    more: bool
    """Whether the batch was full, so that more may be waiting."""


def sweep(*, now: datetime, request_id: str, keys: CredentialKeys, tokens: TokenStore, batch: int = BATCH) -> Swept:
    """Expire what is due, up to a batch of it.

    Raises:
        StoreUnavailable: what was done is done, the rest is the next run's.

    """
    expired: dict[str, bool] = {}
    while len(expired) < batch:
        # The index is read in parts, so one look may name fewer than there are; it may lag and name some twice.
        fresh = [token_id for token_id in tokens.due(now, limit=batch) if token_id not in expired]
        if not fresh:
            break
        for token_id in fresh[: batch - len(expired)]:
            expired[token_id] = _expire(token_id, now=now, request_id=request_id, keys=keys, tokens=tokens)
    done = sum(expired.values())
    swept = Swept(due=len(expired), expired=done, left=len(expired) - done, more=len(expired) == batch)
    logger.info("swept", extra={"due": swept.due, "expired": swept.expired, "left": swept.left, "more": swept.more})
    return swept


def _expire(token_id: str, *, now: datetime, request_id: str, keys: CredentialKeys, tokens: TokenStore) -> bool:
    origin = Origin(actor=ACTOR, request_id=request_id)
    try:
        row = change_token(token_id, ExpireToken(at=now), origin=origin, keys=keys, tokens=tokens)
    except NotFound:
        logger.warning("due but gone", extra={"token_id": token_id})
        return False
    except StreamMoved:  # somebody is working on it: the next run will see what came of it
        return False
    return row.token.status is Status.EXPIRED
