"""Calls that were counted, until it is known that the trail says how each ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedCall:
    """A call that took a number: its row in the trail has a place of its own, known from the moment it was counted."""

    token_id: str
    number: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsToAccountFor:
    """That calls of a workspace were counted, and their rows are to be looked for."""

    workspace_id: str
    calls: tuple[CountedCall, ...]
    place: str
    """Where the mark lies, for whoever takes it away."""


class CountedCalls(Protocol):
    """The counted calls of every workspace. Every method may raise `StoreUnavailable`."""

    def mark(self, workspace_id: str, calls: Sequence[CountedCall], *, now: datetime, name: str) -> None:
        """Have the rows of some calls looked for later; the same name again, in the same minute, is the same mark."""
        ...

    def marks(self, *, before: datetime, limit: int) -> Sequence[CallsToAccountFor]:
        """Give the oldest marks that were made before the minute of a moment."""
        ...

    def without_row(self, mark: CallsToAccountFor) -> Sequence[CountedCall]:
        """Give the calls whose row is not in the trail."""
        ...

    def unmark(self, mark: CallsToAccountFor) -> None:
        """Take a mark away, once what follows from it is written."""
        ...
