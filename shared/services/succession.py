"""The line of a token's successors: a successor may have been rotated itself, and that one again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from shared.domain.token.state import Token
from shared.storage.contracts.tokens import TokenRow, TokenStore


def successors(token: Token, tokens: TokenStore) -> tuple[TokenRow, ...]:
    """Follow the line from a token, oldest first; the token itself is not part of it."""
    line: list[TokenRow] = []
    while token.successor_id is not None and (row := tokens.get(token.successor_id)) is not None:
        line.append(row)
        token = row.token
    return tuple(line)


def newest_living(line: Sequence[TokenRow], now: datetime) -> Token | None:
    """Give the newest of a line that can still be used, or be resumed."""
    return next((row.token for row in reversed(line) if row.token.lives_at(now)), None)
