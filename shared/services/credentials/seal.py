"""The seal of a token row: without our key nobody who can write to the table can widen what a token may do."""

from __future__ import annotations

import hashlib
import hmac
import json

from shared.domain.token.state import App, Token
from shared.services.credentials.keys import CredentialKeys
from shared.storage.contracts.tokens import Credential, GrantDigests, Terms, TokenRow


def seal_of(token: Token, *, credential: Credential, version: int, terms: Terms, keys: CredentialKeys) -> str:
    """Compute the seal over everything that decides what the token's bearer may do; the one it has is not looked at."""
    expires = token.expires_at.isoformat() if token.expires_at is not None else ""
    claims = [
        token.token_id,
        credential.digest,
        token.kind,
        token.workspace_id,
        token.owner_id,
        sorted(token.scopes),
        token.status,
        expires,
        version,
        terms.plan,
        terms.standing,
        terms.version,
        list(terms.networks),
        *_of_grant(token, credential.grant),
    ]
    # JSON keeps the fields apart: no two different rows give the same text.
    message = json.dumps(claims, separators=(",", ":")).encode()
    return hmac.new(keys.seal(key_version_of(token)), message, hashlib.sha256).hexdigest()


def is_sealed(row: TokenRow, keys: CredentialKeys) -> bool:
    """Tell whether the row is as one of our own services left it."""
    if key_version_of(row.token) not in keys.roots:
        return False
    expected = seal_of(row.token, credential=row.credential, version=row.version, terms=row.terms, keys=keys)
    return hmac.compare_digest(expected, row.credential.seal)


def _of_grant(token: Token, digests: GrantDigests | None) -> list[object]:
    """Give what is sealed of a grant besides; nothing of any other token, so that their seals stay as they were."""
    if token.app is None and digests is None:
        return []
    kept = [] if digests is None else [digests.refresh, digests.former_access, digests.given_to]
    return [kept, _of_app(token.app), token.created_at.isoformat(), token.lifetime_days]


def _of_app(app: App | None) -> list[str | int]:
    if app is None:
        return []
    return [
        app.client_id,
        app.client_name,
        app.redirect_host,
        app.resource,
        app.role,
        app.generation,
        app.follows,
        app.refreshed_at.isoformat(),
        app.access_expires_at.isoformat(),
        app.paced_to.isoformat(),
    ]


def key_version_of(token: Token) -> str:
    """Read the key version off the token's visible prefix."""
    return token.prefix[4]
