"""The seal of a token row: without our key nobody who can write to the table can widen what a token may do."""

from __future__ import annotations

import hashlib
import hmac
import json

from shared.domain.token.state import Token
from shared.services.credentials.keys import CredentialKeys
from shared.storage.contracts.tokens import Terms, TokenRow


def seal_of(token: Token, *, digest: str, version: int, terms: Terms, keys: CredentialKeys) -> str:
    """Compute the seal over everything that decides what the token's bearer may do."""
    expires = token.expires_at.isoformat() if token.expires_at is not None else ""
    claims = [
        token.token_id,
        digest,
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
    ]
    # JSON keeps the fields apart: no two different rows give the same text.
    message = json.dumps(claims, separators=(",", ":")).encode()
    return hmac.new(keys.seal(key_version_of(token)), message, hashlib.sha256).hexdigest()


def is_sealed(row: TokenRow, keys: CredentialKeys) -> bool:
    """Tell whether the row is as one of our own services left it."""
    if key_version_of(row.token) not in keys.roots:
        return False
    expected = seal_of(row.token, digest=row.credential.digest, version=row.version, terms=row.terms, keys=keys)
    return hmac.compare_digest(expected, row.credential.seal)


def key_version_of(token: Token) -> str:
    """Read the key version off the token's visible prefix."""
    return token.prefix[4]
