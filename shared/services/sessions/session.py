"""Begin, find and end a session. Its id is 256 random bits that stand in one cookie; only their digest is stored."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta

from shared.services.credentials.keys import CredentialKeys, Purpose
from shared.storage.contracts.sessions import Session, SessionStore

LIFETIME = timedelta(hours=12)
"""A working day: after it the issuer is asked again who is there."""
ID_BYTES = 32
_ID = re.compile(r"[A-Za-z0-9_-]{43}")


def begin_session(
    *,
    issuer: str,
    subject: str,
    replacing: str | None,
    now: datetime,
    sessions: SessionStore,
    person: str | None = None,
) -> str:
    """Sign somebody in and give the text of their new cookie; what the old cookie stood for is ended.

    A cookie that somebody else planted in the browser is thus worth nothing after a sign-in.
    """
    session_id = secrets.token_urlsafe(ID_BYTES)
    sessions.begin(
        Session(digest=_digest(session_id), issuer=issuer, subject=subject, person=person, expires_at=now + LIFETIME)
    )
    if replacing is not None and _ID.fullmatch(replacing):
        sessions.end(_digest(replacing))
    return session_id


def find_session(session_id: str | None, *, now: datetime, sessions: SessionStore) -> Session | None:
    """Give the session of a cookie; None: nobody is signed in."""
    if session_id is None or not _ID.fullmatch(session_id):
        return None
    return sessions.find(_digest(session_id), now=now)


def form_key(session: Session, keys: CredentialKeys) -> str:
    """Give what a form of this session carries, and no page of anybody else can know."""
    return keys.sign(Purpose.CSRF, session.digest)


def is_form_key(text: str, session: Session, keys: CredentialKeys) -> bool:
    """Tell whether a form was made for this session."""
    return keys.is_signed(Purpose.CSRF, session.digest, text)


def _digest(session_id: str) -> str:
    return hashlib.sha256(session_id.encode()).hexdigest()
