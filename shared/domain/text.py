"""Text that people and other systems type, made fit for a line of ours."""

from __future__ import annotations

import re
import unicodedata

_HIDDEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)
"""What is drawn as nothing though its category is one of letters, marks or signs: fillers, variation selectors and what
Unicode keeps for more of the kind (`Default_Ignorable_Code_Point`), and the empty pattern of Braille."""
_MARKS = str.maketrans(dict.fromkeys('"\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\uff02', "'"))
"""What a reader may take for the end of a quotation."""


def clean_line(text: str) -> str:
    """Make text one line of what can be seen, in NFC, with single spaces.

    What parts lines or words becomes a space. All else that is drawn as nothing or as something else elsewhere goes
    without a trace (controls, format characters, private use, what is not assigned): so it can hide no word between the
    letters of another, turn the order of letters round, or keep an address from being seen as one.
    """
    if text.isascii() and text.isprintable():  # as most is, and nothing of it is any of these
        return " ".join(text.split())
    seen = "".join(map(_visible, _HIDDEN.sub("", text)))
    return " ".join(unicodedata.normalize("NFC", seen).split())


def quoted(text: str, *, longest: int = 60) -> str:
    """Give what others have written, for a sentence of ours: between marks that it cannot end, and not too long."""
    line = clean_line(text).translate(_MARKS)
    return f'"{line if len(line) <= longest else line[: longest - 1] + "…"}"'


def is_visible(text: str) -> bool:
    """Tell whether all of a text can be seen, and stands in one line."""
    return text.isprintable() and not _HIDDEN.search(text)


def _visible(char: str) -> str:
    category = unicodedata.category(char)
    if category[0] == "Z" or char.isspace():
        return " "
    return "" if category[0] == "C" else char
