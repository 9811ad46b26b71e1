"""What the app of a grant is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.scopes import Scope
from shared.domain.token.state import App, Token
from shared.services.grants.pairs import Pair


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """A pair of tokens, on its way to the app: shown once, or again when the answer may have been lost."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    expires_in: int
    """Seconds until the access token ends, as of this answer."""
    scopes: frozenset[Scope]
    grant_id: str


def tokens_of(pair: Pair, grant: Token, app: App, *, now: datetime) -> Tokens:
    """Give the newest pair of a grant as it is told."""
    left = int((app.access_expires_at - now).total_seconds())
    return Tokens(
        access=pair.access.text,
        refresh=pair.refresh.text if pair.refresh is not None else None,
        expires_in=max(1, left),  # some clients take 0 for "without end"
        scopes=grant.scopes,
        grant_id=grant.token_id,
    )
