"""What a key of an object may look like, wherever it is kept."""

from __future__ import annotations

KEY_BYTES = 1024


def checked_key(key: str) -> str:
    """Give the key back if it names an object in every store.

    Its parts become folders on a disk, so none is empty, begins with a dot (`..` leads out) or holds what a file name
    cannot. Keys are ours: text from outside never becomes one.

    Raises:
        ValueError: it does not.

    """
    parts = key.split("/")
    fit = all(part and part[0] != "." and part.isprintable() and "\\" not in part for part in parts)
    if not fit or len(key.encode()) > KEY_BYTES:
        raise ValueError(f"{key!r} cannot be the key of an object")
    return key
