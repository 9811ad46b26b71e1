"""What a format is: how it is told by its headers, and how its rows become lines of our own.

A line is what an NDJSON file would hold (docs/data.md) and is read by the same strict reader, so that no format has
rules of its own about what a fact may be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.facts.families import Family
from shared.domain.facts.imports import Declared
from shared.domain.facts.lines import Line
from shared.domain.facts.settings import Settings
from shared.domain.facts.values import WrongValue


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet; a quoted cell may make it several lines long."""

    line: int
    """The line of the file that it begins on."""
    cells: Mapping[str, str]
    """Folded header -> text without spaces around it, for every header of the sheet; empty where a short row ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A file of rows."""

    headers: tuple[str, ...]
    """As they stand in the file, in their order."""
    preamble: Sequence[Sequence[str]]
    """The rows before the headers."""
    rows: Iterator[Row]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What is known of a file besides its rows, and what has to be remembered between them."""

    declared: Declared
    settings: Settings
    exported_at: datetime
    customer_key: bytes
    """For what is kept of a name only so that it can be told again, as `customer_ref` does."""
    carry: dict[str, object] = field(default_factory=dict[str, object])
    """All that a format remembers from row to row, as JSON: reading may stop behind any row and go on in another
    process, with the next row and this. A generator's own variables are lost then."""

    @property
    def currency(self) -> str:
        """That of amounts whose row does not say theirs."""
        return self.declared.currency or self.settings.currency


Told = tuple[int, Line | WrongValue]
"""The line of the file, and what stands there: a line of ours, or why it is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """That no key of a family may stand in a file twice, where one of the two rows would be lost."""

    hint: str
    """What to do about it."""
    equal_are_one: bool
    """Two rows that say the same say one thing; else they are two parts of a whole that happen to be alike."""
    figures: Sequence[str] = ()
    """What there is to lose: where all rows of a key have 0 or nothing in these fields, one of them says it all."""


def no_claims(reading: Reading) -> Sequence[Line]:  # noqa: ARG001  # the shape of `Format.claims`
    """Claim nothing."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """An export of another system."""

    name: str
    """Such as `shopify_orders`; shown in the import's report."""
    title: str
    """For people: `Shopify, Orders export (CSV)`."""
    source: str
    """The connector of its facts, where the sender says nothing else."""
    requires: frozenset[str]
    """The folded headers that tell it from all others; a file that has them all is one of these."""
    begins: tuple[str, ...] = ()
    """Beginnings that one folded header each must have: Meta writes the currency behind `amount spent (`."""
    reads: frozenset[str]
    """The folded headers of all columns that are looked at, without a currency behind them."""
    texts: frozenset[str] = frozenset()
    """Those of them whose text is kept as it stands: nobody's name that the row tells elsewhere may be in it."""
    personal: frozenset[str] = frozenset()
    """Those of columns that may tell of persons; nothing of them is kept. Others say so themselves."""
    unneeded: frozenset[str] = frozenset()
    """Those of columns that we know and have no use for."""
    read: Callable[[Sheet, Reading], Iterator[Told]]
    """Rows to lines. What is still open when the rows end is told at the end."""
    claims: Callable[[Reading], Sequence[Line]] = no_claims
    """What the file held completely, as in `complete` of an NDJSON's first line; asked when all rows are read."""

    once: Mapping[Family, Once] = field(default_factory=dict[Family, Once])
    """Families of which no key may stand in a file twice. Elsewhere one of the two counts."""
    has_footer: bool = False
    """Its last row may be a remark of one cell."""

    def fits(self, headers: Sequence[str]) -> bool:
        """Tell whether these are its headers."""
        return not self.missing(headers)

    def missing(self, headers: Sequence[str]) -> tuple[str, ...]:
        """Name what it requires and these headers do not have."""
        folded = {folded_header(header) for header in headers}
        unbegun = (start for start in self.begins if not any(header.startswith(start) for header in folded))
        return (*sorted(self.requires - folded), *unbegun)


def folded_header(header: str) -> str:
    """Fold a header for comparison: case, spaces and a byte order mark say nothing."""
    return " ".join(header.replace("\ufeff", "").casefold().split())
