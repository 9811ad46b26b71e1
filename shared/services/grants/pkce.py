"""PKCE (RFC 7636): only the client that began the request can end it. `plain` proves nothing, so S256 it is."""

from __future__ import annotations

import hashlib
import hmac
import re

from shared.services.credentials import base64url

METHOD = "S256"
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


def is_challenge(text: str) -> bool:
    """Tell whether this can be the challenge of S256: a SHA-256 in base64url without padding, in its one spelling."""
    return _CHALLENGE.fullmatch(text) is not None and base64url.decode(text) is not None


def challenge_of(verifier: str) -> str:
    """Give the challenge of a verifier (section 4.2)."""
    return base64url.encode(hashlib.sha256(verifier.encode("ascii")).digest())


def is_proved(challenge: str, verifier: str) -> bool:
    """Tell whether the verifier is of the right form and is the one that the challenge was made of (section 4.6)."""
    is_one = _VERIFIER.fullmatch(verifier) is not None
    return is_one and hmac.compare_digest(challenge.encode(), challenge_of(verifier).encode())
