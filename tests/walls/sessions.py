"""Sessions of everybody's browser, begun before anything is asked: the same in every world."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta

from shared.services.credentials.keys import Purpose
from shared.storage.contracts.sessions import Session, SessionStore
from tests.data.tenants import KEYS, NOON

LONG = timedelta(days=4_000)
"""Longer than any walk; that a session ends is another test's to show."""


def session_of(who: str) -> str:
    """Give the text of a person's cookie."""
    return base64.urlsafe_b64encode(hashlib.sha256(f"the browser of {who}".encode()).digest()).decode().rstrip("=")


def csrf_of(session_id: str) -> str:
    """Give what forms of a session carry."""
    return KEYS.sign(Purpose.CSRF, _digest(session_id))


def begin(who: str, *, issuer: str, sessions: SessionStore) -> None:
    """Sign a person in with a browser."""
    digest = _digest(session_of(who))
    sessions.begin(Session(digest=digest, issuer=issuer, subject=who, expires_at=NOON + LONG))


def _digest(session_id: str) -> str:
    return hashlib.sha256(session_id.encode()).hexdigest()
