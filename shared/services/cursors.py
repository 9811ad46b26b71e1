"""Cursors: a place in a list, signed, so that it works only for the list that it came from, and only for a while."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from shared.domain.errors import Invalid
from shared.services.credentials import base64url
from shared.services.credentials.keys import CredentialKeys

LIFETIME = timedelta(minutes=15)
MAC_LENGTH = 16
"""Bytes of HMAC-SHA-256 that a cursor carries: nobody guesses 128 bits within a quarter of an hour."""


def seal_cursor(position: str, *, of: Sequence[str], now: datetime, keys: CredentialKeys) -> str:
    """Make the cursor of a position. `of` names the list: the tenant, the route or tool, and what was asked for."""
    payload = json.dumps([int((now + LIFETIME).timestamp()), position], separators=(",", ":")).encode()
    return base64url.encode(_mac(payload, of, keys) + payload)


def open_cursor(text: str, *, of: Sequence[str], now: datetime, keys: CredentialKeys) -> str:
    """Give the position of a cursor of this list.

    Raises:
        Invalid: it is none of ours, another list's, or too old; all look alike (`cursor_invalid`).

    """
    sealed = base64url.decode(text)
    if sealed is None:
        raise _invalid()
    mac, payload = sealed[:MAC_LENGTH], sealed[MAC_LENGTH:]
    if not hmac.compare_digest(mac, _mac(payload, of, keys)):
        raise _invalid()
    expires, position = json.loads(payload)
    if now.timestamp() >= expires:
        raise _invalid()
    return str(position)


def _mac(payload: bytes, of: Sequence[str], keys: CredentialKeys) -> bytes:
    # JSON keeps the parts apart: no two lists have the same name.
    name = json.dumps(list(of), separators=(",", ":")).encode()
    return hmac.digest(keys.cursor, name + b"\n" + payload, hashlib.sha256)[:MAC_LENGTH]


def _invalid() -> Invalid:
    minutes = int(LIFETIME.total_seconds()) // 60
    return Invalid(
        "cursor_invalid",
        "The cursor does not belong to this list, or it is too old.",
        hint=f"Ask for the first page again, with the same filters; a cursor lives {minutes} minutes.",
        field="cursor",
    )
