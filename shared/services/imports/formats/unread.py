"""Which columns of a sheet become nothing, so that whoever misses something finds the name that it has in the file.

A header is the text of outsiders. It is cleaned and cut as all such text is; what stands below it is never shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.domain.facts.text import clean_text
from shared.services.imports.formats.format import Format, folded_header

MOST_COLUMNS = 50
"""Of either kind; more would be no list for people."""
LONGEST_HEADER = 60

_CURRENCY = re.compile(r" \([a-z]{3}\)$")
_OF_PERSONS = re.compile(
    r"(?:.* )?(?:e-?mail|phone|telephone|mobile|fax)(?: address| number)?"
    r"|.*\b(?:street|address(?:es)?\d?|zip|post(?:al )?code|birthday|date of birth)\b.*"
    r"|(?:.* )?(?:first|last|full|given|family|customer|recipient|contact|buyer|cardholder)(?: |'s )?name"
    r"|(?:customer |order |delivery )?(?:notes?|comments?|memo)"
)
"""Headers that say themselves that persons stand below them, whichever format has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """The headers of columns that become nothing, as they stand in the file, in its order."""

    unmapped: tuple[str, ...] = ()
    """Columns that nobody here knows."""
    personal: tuple[str, ...] = ()
    """Columns that are dropped because persons stand, or may stand, there."""


def unread_of(format_: Format, headers: Sequence[str]) -> Unread:
    """Name the columns of a sheet that become nothing, but for those that are known to be of no use."""
    unmapped: list[str] = []
    personal: list[str] = []
    for header in headers:
        folded = folded_header(header)
        names = {folded, _CURRENCY.sub("", folded)}
        if not folded or names & (format_.reads | format_.unneeded):
            continue
        is_personal = names & format_.personal or _OF_PERSONS.fullmatch(folded.replace("_", " "))
        (personal if is_personal else unmapped).append(header)
    return Unread(unmapped=_shown(unmapped), personal=_shown(personal))


def _shown(headers: Iterable[str]) -> tuple[str, ...]:
    cleaned = (clean_text(header)[:LONGEST_HEADER].rstrip() for header in headers)
    return tuple(dict.fromkeys(filter(None, cleaned)))[:MOST_COLUMNS]
