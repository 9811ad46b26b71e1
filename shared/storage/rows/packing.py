"""Documents in fewer bytes: they are columns of numbers, and DynamoDB asks its price by the byte."""

from __future__ import annotations

import base64
import zlib

SMALL = 2_000
"""Shorter documents stay as they are: a read costs a whole unit anyway, and people can read them."""
LEVEL = 6
"""zlib's usual compromise of time and size."""


def packed(document: str) -> str:
    """Pack a JSON object, unless it is small."""
    if len(document) < SMALL:
        return document
    return base64.b64encode(zlib.compress(document.encode(), LEVEL)).decode()


def unpacked(document: str) -> str:
    """Give the JSON object again: packed, it does not begin with a brace."""
    return document if document.startswith("{") else zlib.decompress(base64.b64decode(document)).decode()
