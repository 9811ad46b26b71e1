"""Signed texts that a caller hands back to us: good for what they were made for, and only for a while."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from shared.services.credentials import base64url
from shared.services.credentials.keys import CredentialKeys

LIFETIME = timedelta(minutes=15)
MAC_LENGTH = 16
"""Bytes of HMAC-SHA-256 that a signed text carries: nobody guesses 128 bits within a quarter of an hour."""


def sign_text(text: str, *, of: Sequence[str], now: datetime, keys: CredentialKeys) -> str:
    """Sign a text. `of` names what it is for: the tenant, the route or tool, and what was asked for."""
    payload = json.dumps([int((now + LIFETIME).timestamp()), text], separators=(",", ":")).encode()
    return base64url.encode(_mac(payload, of, keys) + payload)


def read_signed(signed: str, *, of: Sequence[str], now: datetime, keys: CredentialKeys) -> str | None:
    """Give the text; None if it is none of ours, made for something else, or too old: all look alike."""
    sealed = base64url.decode(signed)
    if sealed is None:
        return None
    mac, payload = sealed[:MAC_LENGTH], sealed[MAC_LENGTH:]
    if not hmac.compare_digest(mac, _mac(payload, of, keys)):
        return None
    expires, text = json.loads(payload)
    return str(text) if now.timestamp() < expires else None


def _mac(payload: bytes, of: Sequence[str], keys: CredentialKeys) -> bytes:
    # JSON keeps the parts apart: no two purposes have the same name.
    name = json.dumps(list(of), separators=(",", ":")).encode()
    return hmac.digest(keys.cursor, name + b"\n" + payload, hashlib.sha256)[:MAC_LENGTH]
