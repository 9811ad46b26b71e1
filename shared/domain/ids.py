"""What an id may look like: it becomes part of keys, addresses and commands, so it is a short plain word."""

from __future__ import annotations

import re

PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


def is_plain_id(text: str) -> bool:
    """Tell whether a text can be an id of ours."""
    return PLAIN_ID.fullmatch(text) is not None
