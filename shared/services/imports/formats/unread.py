"""Which columns of a sheet become nothing, so that whoever misses something finds the name that it has in the file.

A header is the text of outsiders. It is cleaned and cut as all such text is; what stands below it is never shown. One
that looks like a person's name, capitals and all, is told by its place alone: some tables have a column a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.domain.facts.people import account_without_person
from shared.domain.facts.text import REDACTED, clean_text
from shared.domain.text import shortened
from shared.services.imports.formats.catalogue import FORMATS
from shared.services.imports.formats.format import Format, folded_header
from shared.services.imports.formats.told_names import NAMES, PARTS_OF_NAMES

MOST_COLUMNS = 50
"""Of either kind; more would be no list for people."""
LONGEST_HEADER = 60

_CURRENCY = re.compile(r" \([a-z]{3}\)$")
_OF_PERSONS = re.compile(
    r"(?:.* )?(?:e-?mail|phone|telephone|mobile|fax)(?: address| adres(?:se)?| number)?(?: \d+)?"
    r"|.*\b(?:street|address(?:es)?\d?|zip|post(?:al )?code|birthday|date of birth)\b.*"
    r"|(?:customer |order |delivery )?(?:notes?|comments?|memo)"
    r"|ip|iban|ssn|social security number|tax id|passport(?: number)?"
    rf"|{NAMES.pattern}|{PARTS_OF_NAMES.pattern}"
)
"""Headers that say themselves that persons stand below them, whichever format has them."""
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019.-][^\W\d_]+)*")
_OF_EXPORTS = frozenset(
    word
    for format_ in FORMATS
    for header in format_.reads | format_.unneeded | format_.personal
    for word in _WORD.findall(header)
)
"""Words of headers, which name nobody."""


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
    for place, header in enumerate(headers, 1):
        folded = folded_header(header)
        names = {folded, _CURRENCY.sub("", folded)}
        if not folded or names & (format_.reads | format_.unneeded):
            continue
        is_personal = names & format_.personal or _OF_PERSONS.fullmatch(folded.replace("_", " "))
        shown = f"{REDACTED} (column {place})" if _is_name(header) else header
        (personal if is_personal else unmapped).append(shown)
    return Unread(unmapped=_shown(unmapped), personal=_shown(personal))


def _is_name(header: str) -> bool:
    name = [word for word in _WORD.findall(header) if word.casefold() not in _OF_EXPORTS and word[0].isupper()]
    return account_without_person(" ".join(name)) != " ".join(name)


def _shown(headers: Iterable[str]) -> tuple[str, ...]:
    cleaned = (shortened(clean_text(header), longest=LONGEST_HEADER) for header in headers)
    return tuple(dict.fromkeys(filter(None, cleaned)))[:MOST_COLUMNS]
