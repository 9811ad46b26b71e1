"""What may be wrong with the rows of a source: found as they are folded, so that nobody has to look at all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

SHOWN_GAPS = 10
"""The latest of them; all their days are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """One connector's rows of one family: what `Overview.accounts` does not say of them."""

    kind: ClassVar[str] = "INSPECT"

    family: str
    source: str
    generation: int
    gaps: Sequence[Sequence[str]]
    """[first day, last day] on which no account gave a row, between days that have some; the latest ones."""
    gap_days: int
    """Days in all gaps."""
    duplicate_keys: int
    """Keys that one export told in two ways; one was chosen."""
    fields: Sequence[str]
    """The optional fields that at least one row filled."""
    copies: Sequence[Sequence[str | int]]
    """[account, another account, rows that both have, word for word]: one file was imported for two accounts."""

    @property
    def place(self) -> str:
        """Lies under its family, then its source."""
        return f"{self.family}#{self.source}"
