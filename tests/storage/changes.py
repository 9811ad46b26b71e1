"""Tokens that change, for tests that state only what happens to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from shared.domain.token.decider import replay
from shared.domain.token.events import TokenEvent
from shared.storage.contracts.audit import AuditFilter
from shared.storage.contracts.tokens import TokenRow
from tests.data.examples import NOON, ONE_DAY, ORIGIN
from tests.data.stores import Stores


def append(
    stores: Stores, row: TokenRow, *events: TokenEvent, seal: str = "seal-2", look_at: datetime | None = None
) -> None:
    """Record what happens to a token."""
    state = replay(events, row.token)
    assert state is not None
    stores.tokens.append(
        events, state, credential=replace(row.credential, seal=seal), based_on=row, origin=ORIGIN, look_at=look_at
    )


def again(stores: Stores, token_id: str = "tok1") -> TokenRow:
    """Read a token's row."""
    row = stores.tokens.get(token_id)
    assert row is not None
    return row


def trail_of(stores: Stores, token_id: str | None = None) -> list[str]:
    """Name what the trail says of the workspace's tokens, or of one, oldest first."""
    page = stores.audit.entries("ws1", matching=AuditFilter(), limit=100, now=NOON + 2 * ONE_DAY)
    streams = f"token:{token_id or ''}"
    return [entry.type for entry in reversed(page.items) if entry.stream.startswith(streams)]
