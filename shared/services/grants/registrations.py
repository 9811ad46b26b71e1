"""Clients that register themselves (RFC 7591), of whom no row is kept: what they told us is their id, signed.

    mfc_ + signature (1 key version, 43 MAC) + base64url of {n: name, r: redirect URIs, t: seconds since 1970}

Anybody may register, before anybody is signed in; so nobody can fill a table. An id is good as long as its key is held.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.domain.oauth.clients import (
    ClientError,
    ClientKind,
    ClientRefused,
    OAuthClient,
    check_redirect_uris,
    name_of,
    redirect_host,
)
from shared.domain.text import quoted
from shared.services.credentials import base64url
from shared.services.credentials.keys import CredentialKeys, Purpose

TAG = "mfc_"
LONGEST_ID = 2_000
"""Characters of an id: it stands in the query of an address, which API Gateway and browsers bound."""
LONGEST_TOLD = 200
_SIGNATURE_LENGTH = 44


@dataclass(frozen=True, slots=True)
class Registration:
    """What a client is told about itself."""

    client: OAuthClient
    issued_at: int


def register_client(metadata: Mapping[str, object], *, now: datetime, keys: CredentialKeys) -> Registration:
    """Register a client by what it says of itself. It gets no secret, whichever way of using one it asked for.

    Raises:
        ClientRefused: it cannot be a client of ours (`invalid_client_metadata`, `invalid_redirect_uri`).

    """
    check_flow(metadata)
    uris = check_redirect_uris(metadata.get("redirect_uris"))
    name = name_of(metadata.get("client_name"), instead=f"An app at {redirect_host(uris[0])}")
    issued_at = int(now.timestamp())
    told = json.dumps({"n": name, "r": uris, "t": issued_at}, separators=(",", ":"), ensure_ascii=False)
    payload = base64url.encode(told.encode())
    client_id = TAG + keys.sign(Purpose.REGISTRATION, payload) + payload
    if len(client_id) > LONGEST_ID:
        raise ClientRefused(
            ClientError.INVALID_METADATA,
            "The name and the redirect URIs together are too long.",
            hint=f"Register fewer or shorter ones: as an id of ours they may have {LONGEST_ID:,} characters, and have "
            f"{len(client_id):,}. Of a loopback address one port does for all.",
            field="redirect_uris",
        )
    return Registration(_client(client_id, name, uris), issued_at)


def registered_client(client_id: str, *, keys: CredentialKeys) -> OAuthClient:
    """Give the client that we gave an id to. The rules for redirect URIs are today's.

    Raises:
        ClientRefused: we did not (`invalid_client`), or its redirect URIs are no longer taken.

    """
    signature, payload = client_id[len(TAG) :][:_SIGNATURE_LENGTH], client_id[len(TAG) + _SIGNATURE_LENGTH :]
    is_ours = client_id.startswith(TAG) and len(client_id) <= LONGEST_ID
    if not is_ours or not keys.is_signed(Purpose.REGISTRATION, payload, signature):
        raise ClientRefused(
            ClientError.INVALID_CLIENT,
            "This client_id is none that was given out here.",
            hint="Register again at /oauth/register, and send the id as it was given.",
            field="client_id",
        )
    told = json.loads(base64url.decode(payload) or b"")
    return _client(client_id, told["n"], check_redirect_uris(told["r"]))


def check_flow(metadata: Mapping[str, object]) -> None:
    """Refuse a client that does not want the one flow that there is; what it leaves out is that flow.

    Raises:
        ClientRefused: it does not (`invalid_client_metadata`).

    """
    for field, needed in (("grant_types", "authorization_code"), ("response_types", "code")):
        wanted = metadata.get(field)
        if wanted is not None and not (isinstance(wanted, list) and needed in wanted):
            raise ClientRefused(
                ClientError.INVALID_METADATA,
                f"The client does not ask for {quoted(needed)}, and there is no other way here.",
                hint=f'Put "{needed}" into {field}, or leave it out.',
                field=field,
            )


def client_id_told(client_id: str) -> str:
    """Give an id for an event or a line of a log, where a long one is told by its hash."""
    if len(client_id) <= LONGEST_TOLD:
        return client_id
    return "sha256:" + hashlib.sha256(client_id.encode(errors="replace")).hexdigest()


def _client(client_id: str, name: str, uris: tuple[str, ...]) -> OAuthClient:
    return OAuthClient(client_id=client_id, name=name, redirect_uris=uris, home=None, kind=ClientKind.REGISTERED)
