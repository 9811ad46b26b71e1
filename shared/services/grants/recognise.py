"""Which grant is this a token of? Shape and check digits are read already; then the row, its seal and argon2."""

from __future__ import annotations

from dataclasses import dataclass

from shared.domain.token.state import App, Token
from shared.services.credentials.keys import CredentialKeys
from shared.services.credentials.seal import is_sealed
from shared.services.credentials.token_format import TokenText
from shared.services.grants.pairs import is_access_token, leads_to_newest
from shared.storage.contracts.tokens import TokenRow, TokenStore


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownGrant:
    """A grant of which somebody has shown a token whose secret is right."""

    row: TokenRow
    app: App

    @property
    def grant(self) -> Token:
        """The grant, as a token."""
        return self.row.token


def by_refresh_token(text: TokenText, *, keys: CredentialKeys, tokens: TokenStore) -> KnownGrant | None:
    """Give the grant whose newest refresh token this is, or one that was replaced; None: of none that we know."""
    known = _sealed(text, keys, tokens)
    if known is None:
        return None
    is_one = leads_to_newest(text, known.row.credential, generation=known.app.generation, keys=keys)
    return known if is_one else None


def by_access_token(text: TokenText, *, keys: CredentialKeys, tokens: TokenStore) -> KnownGrant | None:
    """Give the grant of which this is one of the last two access tokens; None: of none that we know."""
    known = _sealed(text, keys, tokens)
    if known is None:
        return None
    return known if is_access_token(text, known.row.credential, generation=known.app.generation) else None


def _sealed(text: TokenText, keys: CredentialKeys, tokens: TokenStore) -> KnownGrant | None:
    """Give the grant that a text names; only a digest that we stored is worth the time of argon2."""
    row = tokens.get(text.token_id)
    if row is None or row.token.app is None or not is_sealed(row, keys):
        return None
    return KnownGrant(row=row, app=row.token.app)
