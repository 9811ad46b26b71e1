"""What a row tells of a person in one column is kept from none other: their name is taken out of its texts.

Names are compared while the row is read, and are forgotten with it: none stands in what a format remembers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from shared.domain.facts.people import is_named, naming_words
from shared.domain.facts.text import REDACTED
from shared.services.imports.formats.format import Format, Row, folded_header

NAMES = re.compile(
    r"(?:.* )?(?:full|customer|recipient|contact|buyer|cardholder|billing|shipping)(?: |'s )?name"
    r"|customer|client|payee|donor|attendee|guest|employee|created by|last modified by|(?:ship|bill|sold) to|kundenname"
)
PARTS_OF_NAMES = re.compile(r"(?:.* )?(?:first|given|last|family)(?: |'s )?name|vorname|nachname")

_words_of_text = lru_cache(maxsize=1024)(naming_words)
"""Channels and campaigns are few; the names of people are not kept here."""


class ToldNames:
    """The columns of a sheet that names stand in, and those whose text is kept."""

    def __init__(self, format_: Format, headers: Iterable[str]) -> None:
        """Find them among the headers of the sheet."""
        folded = [*map(folded_header, headers)]
        there = [header.replace("_", " ") for header in folded]
        self._texts = [header for header in folded if header in format_.texts]
        others = [(header, said) for header, said in zip(folded, there, strict=True) if header not in format_.reads]
        self._names = [header for header, said in others if NAMES.fullmatch(said)]
        self._parts = [header for header, said in others if PARTS_OF_NAMES.fullmatch(said)]

    def redacted(self, rows: Iterator[Row]) -> Iterator[Row]:
        """Give the rows without these names in their texts; the same rows where none of the columns is there."""
        return map(self._redacted, rows) if self._texts and (self._names or self._parts) else rows

    def _redacted(self, row: Row) -> Row:
        cells = row.cells
        texts = [(header, words) for header in self._texts if (words := _words_of_text(cells[header]))]
        if not texts:
            return row
        names = [cells[header] for header in self._names]
        names.append(" ".join(cells[header] for header in self._parts))
        found = {header: REDACTED for header, words in texts if any(is_named(words, name) for name in names)}
        return Row(row.line, {**cells, **found}) if found else row
