"""An app gives its tokens back (RFC 7009). With any of them the whole grant ends: they are of no use without it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from shared.domain.token.commands import RevokeToken
from shared.services.change_token import change_token
from shared.services.credentials.keys import CredentialKeys
from shared.services.credentials.token_format import read_refresh_token, read_token
from shared.services.grants.recognise import KnownGrant, by_access_token, by_refresh_token
from shared.services.grants.registrations import client_id_told
from shared.storage.contracts.streams import Origin
from shared.storage.contracts.tokens import TokenStore

GIVEN_BACK = "the app gave it back"


def revoke_presented(
    text: str, *, client_id: str, origin: Origin, now: datetime, keys: CredentialKeys, tokens: TokenStore
) -> None:
    """End the grant that a token is of; what is none of this client's changes nothing, and nobody is told.

    Raises:
        StreamMoved: the grant kept changing; try again.

    """
    known = _recognised(text, keys, tokens)
    if known is None or known.app.client_id != client_id_told(client_id):
        return
    by = f"token:{known.grant.token_id}"
    command = RevokeToken(revoked_by=by, reason=GIVEN_BACK, at=now)
    change_token(known.grant.token_id, command, origin=replace(origin, actor=by), keys=keys, tokens=tokens)


def _recognised(text: str, keys: CredentialKeys, tokens: TokenStore) -> KnownGrant | None:
    if (refresh := read_refresh_token(text, keys)) is not None:
        return by_refresh_token(refresh, keys=keys, tokens=tokens)
    access = read_token(text, keys)
    return by_access_token(access, keys=keys, tokens=tokens) if access is not None else None
