"""A customer's reference: the same for the same person in a workspace, and nothing that leads back to the person."""

from __future__ import annotations

import base64
import hashlib
import hmac

REFERENCE_LENGTH = 16
"""Characters of base32: 80 bits. Two of a million customers share one with a chance of about 10^-13."""


def customer_ref(key: bytes, identity: str) -> str:
    """Make the reference of an e-mail address (in any spelling of case and space) or, without one, of a platform's id.

    It is keyed: a plain hash of an address is undone by trying addresses.
    """
    known_as = identity.strip().lower() if "@" in identity else f"id:{identity.strip()}"
    digest = hmac.digest(key, known_as.encode(), hashlib.sha256)
    return "cus_" + base64.b32encode(digest[:10]).decode().lower()
