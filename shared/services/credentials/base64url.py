"""base64url without padding (RFC 4648, section 5), in its one canonical spelling.

Python's decoders forgive padding, the letters of the other alphabet, characters of neither, and the spare bits of the
last letter. What is signed would then have many spellings, and one that was changed on its way would still be good.
"""

from __future__ import annotations

import base64
import binascii


def encode(raw: bytes) -> str:
    """Write bytes."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode(text: str) -> bytes | None:
    """Read what `encode` wrote; None for every other text."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):  # ValueError: it holds more than ASCII
        return None
    return raw if encode(raw) == text else None
