"""Free text of outsiders (campaign names, vendors, bank lines): made harmless before it becomes part of a fact."""

from __future__ import annotations

import re

from shared.domain.text import shortened

TEXT_LENGTH = 120
REDACTED = "[redacted]"

_AT = "@\ufe6b\uff20"
"""In all the widths that there are of it. In addresses of pages it is written as `%40`."""
_SIGN = re.compile(rf"[{_AT}]|%40")
_IN_PART = rf"[^\s{_AT}%<>,;:\"'()\[\]]"
_ADDRESS = re.compile(
    rf"""(?:(?<!{_IN_PART}){_IN_PART}+|"[^"]+")(?:{_SIGN.pattern}){_IN_PART}+[.\u3002\uff0e\uff61][^\W\d_]{{2}}{_IN_PART}*"""
)
"""Its last part begins with letters: of three things `@4.50` nobody is told."""
_BETWEEN_DIGITS = r"[ ()./_\-\u2010-\u2015\u2212\u00b7\u2022\ufe0f\u20e3]"
"""What stands in telephone numbers, the hyphens of typesetters and the frames of emoji among it."""
_MANY_DIGITS = re.compile(rf"(?<![^\W_])\+?\(?\d(?:{_BETWEEN_DIGITS}{{0,3}}\d){{8,16}}[\ufe0f\u20e3]*(?![^\W_])")
"""At least nine digits with nothing but a telephone's punctuation between them."""
_FROM_ABROAD = re.compile(rf"(?<!\w)\+\(?\d(?:{_BETWEEN_DIGITS}{{0,3}}\d){{7}}")
_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d[-./]?[01]\d[-./]?[0-3]\d(?!\d)")
_TELEPHONE_DIGITS = 9


def clean_text(text: str) -> str:
    """Take out control and hidden characters, e-mail addresses and telephone numbers, and keep at most 120 characters.

    The text is cut before it is searched too, so that a long one costs no more than its beginning; an address that
    the final cut goes through is found whole, because the first cut is longer.
    """
    line = shortened(text, longest=4 * TEXT_LENGTH)
    if _SIGN.search(line):
        line = _ADDRESS.sub(REDACTED, line)
    return shortened(_MANY_DIGITS.sub(_unless_dates, line), longest=TEXT_LENGTH)


def reaches_somebody(identifier: str) -> bool:
    """Tell whether an e-mail address stands in an id, or a telephone number as it is written for calls from abroad.

    Digits alone are no sign: articles and orders are numbered too.
    """
    if _SIGN.search(identifier) and _ADDRESS.search(identifier):
        return True
    return "+" in identifier and _FROM_ABROAD.search(identifier) is not None


def _unless_dates(found: re.Match[str]) -> str:
    """Let a span of days stand: campaigns are named for them."""
    rest = _DATE.sub("", found[0])
    return found[0] if sum(char.isdigit() for char in rest) < _TELEPHONE_DIGITS else REDACTED
