"""Free text of outsiders (campaign names, vendors, bank lines): made harmless before it becomes part of a fact."""

from __future__ import annotations

import re

from shared.domain.text import clean_line

TEXT_LENGTH = 120
REDACTED = "[redacted]"

_AT = "@\ufe6b\uff20"
"""In all the widths that there are of it."""
_PART = rf"[^\s{_AT}<>,;:\"'()\[\]]+"
_EMAIL = re.compile(rf"{_PART}[{_AT}]{_PART}\.{_PART}")
_MANY_DIGITS = re.compile(r"(?<![\w+])\+?\(?\d(?:[ ().\-/]{0,3}\d){8,16}(?!\w)")
"""At least nine digits with nothing but a telephone's punctuation between them."""
_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d[-./]?[01]\d[-./]?[0-3]\d(?!\d)")
_TELEPHONE_DIGITS = 9


def clean_text(text: str) -> str:
    """Take out control and hidden characters, e-mail addresses and telephone numbers, and keep at most 120 characters.

    The text is cut before it is searched too, so that a long one costs no more than its beginning; an address that
    the first cut goes through is found by what is left of it, because the final cut is shorter.
    """
    line = clean_line(text[: 4 * TEXT_LENGTH])
    if any(at in line for at in _AT):
        line = _EMAIL.sub(REDACTED, line)
    return _MANY_DIGITS.sub(_unless_dates, line)[:TEXT_LENGTH].rstrip()


def _unless_dates(found: re.Match[str]) -> str:
    """Let a span of days stand: campaigns are named for them."""
    rest = _DATE.sub("", found[0])
    return found[0] if sum(char.isdigit() for char in rest) < _TELEPHONE_DIGITS else REDACTED
