"""Text that people and other systems type, made fit for a line of ours."""

from __future__ import annotations

import unicodedata


def clean_line(text: str) -> str:
    """Normalise to NFC, turn every control, format or line-breaking character into a space, and fold white space.

    Format characters (Cf) go too: bidirectional overrides and zero-width characters make a name look like another one.
    """
    if text.isascii() and text.isprintable():  # as most is, and nothing of it is any of these
        return " ".join(text.split())
    visible = (" " if unicodedata.category(char)[0] in "CZ" else char for char in unicodedata.normalize("NFC", text))
    return " ".join("".join(visible).split())
