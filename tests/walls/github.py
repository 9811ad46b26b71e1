"""What GitHub signs, and with which key."""

from __future__ import annotations

import base64
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256

from shared.transports.http.github_keys import GithubKeys
from tests.transports.http.api import NOWHERE

KEY_ID = "the key of the walls"
_KEY = derive_private_key(20_261_122, SECP256R1())


class KnownKeys(GithubKeys):
    """The list of keys, as if it had been fetched."""

    def __init__(self) -> None:
        super().__init__(url=NOWHERE)

    def find(self, key_id: str, *, now: datetime) -> EllipticCurvePublicKey | None:  # noqa: ARG002 - nothing is fetched
        return _KEY.public_key() if key_id == KEY_ID else None


def signature_of(body: str) -> str:
    return base64.b64encode(_KEY.sign(body.encode(), ECDSA(SHA256()))).decode()
