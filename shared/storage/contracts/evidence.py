"""How tokens have been used: what a habit is read from, and which scopes a token needs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of a token's use; of one that was never used, nothing."""

    days: tuple[date, ...] = ()
    """The days (UTC) on which it was used, in order, as far back as habits are read."""
    scopes: Mapping[str, date] = field(default_factory=dict[str, date])
    """A scope -> the last day on which a call needed it."""


class EvidenceStore(Protocol):
    """The evidence of all tokens. Every method may raise `StoreUnavailable`."""

    def of(self, token_id: str) -> Evidence:
        """Read what is known of a token's use, consistently."""
        ...

    def of_many(self, token_ids: Collection[str]) -> Mapping[str, Evidence]:
        """Read what is known of the use of several, for a list: those that were never used are left out."""
        ...

    def note(self, token_id: str, day: date, *, scope: str | None) -> None:
        """Add that a token was used on a day, and for which scope; repeats and late records do no harm."""
        ...
