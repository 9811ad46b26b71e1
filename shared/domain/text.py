"""Text that people and other systems type, made fit for a line of ours."""

from __future__ import annotations

import re
import unicodedata

_HIDDEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)
"""What is drawn as nothing though its category is one of letters, marks or signs: fillers, variation selectors and what
Unicode keeps for more of the kind (`Default_Ignorable_Code_Point`), and the empty pattern of Braille."""
_SIGN = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u2460-\u27bf\u2900-\u297f\u2b00-\u2b55"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
_PICTURE = f"{_SIGN}(?:\ufe0f|[\U0001f3fb-\U0001f3ff])?"
_PICTURES = re.compile(f"{_PICTURE}(?:\u200d{_PICTURE})*|[0-9#*]\ufe0f\u20e3")
"""Emoji, with one selector each and joiners between two of them alone: there they make another picture, hide no word,
and a name without them is not what its owner sees."""
_MARKS = str.maketrans({**dict.fromkeys('"\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\uff02`', "'"), "<": "\u2039"})
"""What a reader may take for the end of a quotation, or a program for the beginning of code or a tag."""
_LINK = re.compile(r"(?<=\])(?=\()|(?<=:)(?=//)")
"""Where a link or an image of Markdown turns into one, or an address into a link by itself."""


def clean_line(text: str) -> str:
    """Make text one line of what can be seen, in NFC, with single spaces.

    What parts lines or words becomes a space. All else that is drawn as nothing or as something else elsewhere goes
    without a trace (controls, format characters, private use, what is not assigned): so it can hide no word between the
    letters of another, turn the order of letters round, or keep an address from being seen as one.
    """
    if text.isascii() and text.isprintable():  # as most is, and nothing of it is any of these
        return " ".join(text.split())
    seen: list[str] = []
    end = 0
    for found in _PICTURES.finditer(text):
        seen += (_visible(text[end : found.start()]), found[0])
        end = found.end()
    seen.append(_visible(text[end:]))
    return " ".join(unicodedata.normalize("NFC", "".join(seen)).split())


def shortened(text: str, *, longest: int) -> str:
    """Give the line that the beginning of a text is; half a picture at its end is none."""
    line = clean_line(text[:longest])
    return line if len(line) <= longest else clean_line(line[:longest])  # some letters are several in NFC


def quoted(text: str, *, longest: int = 60) -> str:
    """Give what others have written, for a sentence of ours: not too long, and between marks that it cannot end.

    Whoever shows the sentence as Markdown shows no link and no picture of theirs.
    """
    line = _LINK.sub(" ", clean_line(text).translate(_MARKS))
    return f'"{line if len(line) <= longest else shortened(line, longest=longest - 1) + "…"}"'


def is_visible(text: str) -> bool:
    """Tell whether all of a text can be seen, and stands in one line."""
    rest = _PICTURES.sub("", text)
    return not rest or (rest.isprintable() and not _HIDDEN.search(rest))


def _visible(text: str) -> str:
    return "".join(map(_seen, _HIDDEN.sub("", text)))


def _seen(char: str) -> str:
    category = unicodedata.category(char)
    if category[0] == "Z" or char.isspace():
        return " "
    return "" if category[0] == "C" else char
