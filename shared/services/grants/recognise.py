"""Which grant is this a token of? Shape and check digits are read already; then the row, its seal and argon2."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.domain.token.state import App, Token
from shared.services.credentials.keys import CredentialKeys
from shared.services.credentials.seal import is_sealed
from shared.services.credentials.token_format import TokenText
from shared.services.grants.pairs import is_access_token, is_in_line
from shared.storage.contracts.tokens import TokenRow, TokenStore


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownGrant:
    """A grant of which somebody has shown a token."""

    row: TokenRow
    app: App
    is_replaced: bool = False
    """Whether it was a refresh token that has had its time, or never came to its app: see `by_refresh_token`."""

    @property
    def grant(self) -> Token:
        """The grant, as a token."""
        return self.row.token


def by_refresh_token(text: TokenText, *, keys: CredentialKeys, tokens: TokenStore) -> KnownGrant | None:
    """Give the grant of a refresh token; None: of none that we know.

    The check digits are ours, so we gave it to somebody: that is proof enough to end a grant, though not to renew it.
    A generation that is not there yet was given before a backup was restored, and proves nothing.
    """
    known = _sealed(text, keys, tokens)
    if known is None or text.generation > known.app.generation:
        return None
    return replace(known, is_replaced=not is_in_line(text, known.row.credential, known.app, keys))


def by_access_token(text: TokenText, *, keys: CredentialKeys, tokens: TokenStore) -> KnownGrant | None:
    """Give the grant of which this is one of the two access tokens that are good; None: of none that we know."""
    known = _sealed(text, keys, tokens)
    if known is None:
        return None
    return known if is_access_token(text, known.row.credential, known.app) else None


def _sealed(text: TokenText, keys: CredentialKeys, tokens: TokenStore) -> KnownGrant | None:
    """Give the grant that a text names; only a digest that we stored is worth the time of argon2."""
    row = tokens.get(text.token_id)
    if row is None or row.token.app is None or not is_sealed(row, keys):
        return None
    return KnownGrant(row=row, app=row.token.app)
