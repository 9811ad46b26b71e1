"""One look at a token: record what time has made due, and say when to look again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from shared.domain.errors import Conflict
from shared.domain.token.attendance import Rules, Use, look_again_at
from shared.domain.token.commands import AttendToken
from shared.domain.token.decider import decide, replay
from shared.domain.token.events import TokenEvent
from shared.domain.token.state import Token
from shared.services.attempts import ATTEMPTS
from shared.services.change_token import record
from shared.services.credentials.keys import CredentialKeys
from shared.storage.contracts.evidence import EvidenceStore
from shared.storage.contracts.streams import Origin, StreamMoved
from shared.storage.contracts.tokens import RowUnreadable, TokenStore

logger = logging.getLogger(__name__)

DAMAGED_REST = timedelta(days=1)
"""How long a row that we did not write, or cannot read, is left alone: nothing lets it in, and the others wait."""


def _untold(_: datetime) -> None:
    """Tell nobody."""


def attend_token(
    token_id: str,
    *,
    now: datetime,
    rules_for: Callable[[Token], Rules],
    origin: Origin,
    keys: CredentialKeys,
    tokens: TokenStore,
    evidence: EvidenceStore,
    found_due: Callable[[datetime], None] = _untold,
) -> tuple[TokenEvent, ...]:
    """Give what happened; nothing, if the token is gone, not due any more, or being worked on by somebody else.

    `found_due` is told since when it had been due.
    """
    for _ in range(ATTEMPTS):
        try:
            row = tokens.get(token_id)
        except RowUnreadable:
            logger.exception("due but unreadable", extra={"token_id": token_id})
            tokens.put_off(token_id, now + DAMAGED_REST)
            return ()
        if row is None:
            logger.warning("due but gone", extra={"token_id": token_id})
            return ()
        if row.due_at is None or row.due_at > now:
            return ()  # the index was late
        found_due(row.due_at)
        use = Use(first=row.first_used_at, last=row.last_used_at, days=evidence.of(token_id).days)
        rules = rules_for(row.token)
        events = decide(AttendToken(use=use, rules=rules, at=now), row.token)
        after = replay(events, row.token) or row.token
        look_at = look_again_at(after, use, rules, after=now)
        if not events:
            tokens.look_again(row, look_at)
            return ()
        try:
            record(events, after, row, origin=origin, keys=keys, tokens=tokens, look_at=look_at)
        except StreamMoved:
            continue
        except Conflict:
            logger.warning("due but damaged", extra={"token_id": token_id})
            tokens.look_again(row, now + DAMAGED_REST)
            return ()
        return events
    return ()  # the next run will see what came of it
