"""The pairs of tokens that the app of a grant holds, one after the other.

The first is drawn by chance. Each later one follows from the refresh token before it, under a key of ours: so an answer
can be given twice, byte for byte, though nothing secret is kept.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address, ip_network

from shared.domain.moments import moment
from shared.domain.token.events import TokenKind
from shared.domain.token.state import App
from shared.services.credentials.keys import CredentialKeys, KeysUnusable, Purpose
from shared.services.credentials.secret_hash import hash_secret, secret_matches
from shared.services.credentials.token_format import (
    SHOWN_LENGTH,
    TAGS,
    TokenText,
    access_token,
    new_random_part,
    random_part_of,
    refresh_token,
)
from shared.storage.contracts.tokens import Credential, GrantDigests

NETWORK_BITS = {4: 24, 6: 48}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The two tokens of a generation."""

    access: TokenText
    refresh: TokenText | None
    """None: the plan gives none."""


def shown_prefix(grant_id: str, keys: CredentialKeys) -> str:
    """Give what lists show of a grant that is made now."""
    return f"{TAGS[TokenKind.GRANT]}{keys.newest}{grant_id}"[:SHOWN_LENGTH]


def first_pair(grant_id: str, *, access_expires_at: datetime, renews: bool, keys: CredentialKeys) -> Pair:
    """Draw the tokens that a code is redeemed for."""
    version = keys.newest
    return Pair(
        access=access_token(
            grant_id,
            generation=1,
            expires_at=access_expires_at,
            random_part=new_random_part(),
            version=version,
            keys=keys,
        ),
        refresh=refresh_token(grant_id, generation=1, random_part=new_random_part(), version=version, keys=keys)
        if renews
        else None,
    )


def next_pair(refresh: TokenText, app: App, keys: CredentialKeys) -> Pair:
    """Give the newest pair of a grant, which took the place of this refresh token: always the same."""
    return Pair(
        access=access_token(
            refresh.token_id,
            generation=app.generation,
            expires_at=app.access_expires_at,
            random_part=_following(refresh, f"access {app.generation} until {moment(app.access_expires_at)}", keys),
            version=refresh.key_version,
            keys=keys,
        ),
        refresh=_next_refresh(refresh, app, keys),
    )


def is_in_line(refresh: TokenText, credential: Credential, app: App, keys: CredentialKeys) -> bool:
    """Tell whether a refresh token is the newest of its grant, or the one that the newest followed."""
    newest = credential.grant.refresh if credential.grant is not None else None
    if newest is None or refresh.generation not in app.good:
        return False
    if refresh.generation == app.follows:
        refresh = _next_refresh(refresh, app, keys)
    return secret_matches(refresh.secret, newest)


def is_access_token(access: TokenText, credential: Credential, app: App) -> bool:
    """Tell whether this is the access token of the newest generation, or of the one that it followed."""
    former = credential.grant.former_access if credential.grant is not None else None
    kept = {app.generation: credential.digest, app.follows: former}.get(access.generation)
    return kept is not None and secret_matches(access.secret, kept)


def given_to(refresh: TokenText, ip: str | None, keys: CredentialKeys) -> str:
    """Give what is kept of where a pair went that took the place of this refresh token: a mark of the network.

    That is the /24 of an IPv4 address and the /48 of an IPv6 one: what comes from one office or one machine goes out by
    many addresses, and those mostly lie together.
    """
    network = str(ip_network(f"{ip}/{NETWORK_BITS[ip_address(ip).version]}", strict=False)) if ip is not None else ""
    return _following(refresh, f"given to {network}", keys)


def is_given_to(refresh: TokenText, ip: str | None, credential: Credential, keys: CredentialKeys) -> bool:
    """Tell whether the newest pair, which followed this refresh token, went to this network."""
    kept = credential.grant.given_to if credential.grant is not None else None
    return kept is not None and hmac.compare_digest(kept, given_to(refresh, ip, keys))


def credential_of(pair: Pair, *, former_access: str | None = None, given_to: str | None = None) -> Credential:
    """Give what is kept of a pair, still without a seal; beside it of the access token that it followed."""
    return Credential(
        digest=hash_secret(pair.access.secret),
        grant=GrantDigests(
            refresh=hash_secret(pair.refresh.secret) if pair.refresh is not None else None,
            former_access=former_access,
            given_to=given_to,
        ),
    )


def _next_refresh(refresh: TokenText, app: App, keys: CredentialKeys) -> TokenText:
    return refresh_token(
        refresh.token_id,
        generation=app.generation,
        random_part=_following(refresh, f"refresh {app.generation}", keys),
        version=refresh.key_version,
        keys=keys,
    )


def _following(refresh: TokenText, what: str, keys: CredentialKeys) -> str:
    key = keys.signing(Purpose.GRANT_SUCCESSOR, refresh.key_version)
    if key is None:  # `read_refresh_token` has met the same version
        raise KeysUnusable(f"no key of version {refresh.key_version} is held")
    # JSON keeps the parts apart.
    message = json.dumps([refresh.token_id, refresh.secret, what], separators=(",", ":")).encode()
    return random_part_of(hmac.digest(key, message, hashlib.sha256))
