"""Seals over the trail, and the log that holds them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.domain.errors import DomainError
from shared.domain.trail.seal import Seal
from shared.storage.engine import Value

SEALS_AT_ONCE = 33
"""Three writes for each go into one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """That a workspace has rows which may not be sealed yet, between two moments of one day, both included."""

    workspace_id: str
    since: datetime
    until: datetime
    made_at: datetime
    """The minute in which it was made."""
    place: str
    """Where the mark lies, for whoever takes it away."""
    version: int
    """How often it was made: who takes it away has seen what came up to then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailRow:
    """A row of the trail as it is sealed."""

    place: str
    """Its key within the trail of its workspace, in the order of time."""
    envelope: Mapping[str, Value]
    data: Mapping[str, Value]
    """The event's own fields, in the shape in which they were written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSeal:
    """A seal and where it is in the log."""

    seal: Seal
    index: int
    """Its leaf, counted from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealHead:
    """Where the seals of a workspace stand."""

    last: Seal
    latest: str
    """The last place, in the order of time, of all that is sealed."""
    folded: int = 0
    """Up to which seal everything that follows from seals was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSeal:
    """A seal that is to be kept, and the places of the rows under it, in their order."""

    seal: Seal
    places: tuple[str, ...]


class SealLost(DomainError):
    """A seal that there must be is gone, or its rows are gone from the archive or are not those that were sealed."""

    def __init__(self, number: int) -> None:
        super().__init__(
            "archive_incomplete",
            f"Seal {number} of the trail or rows under it are gone, or not what was sealed, and belong to the answer.",
            hint="Report it. What came later or earlier can be asked for without it.",
        )


class SealStore(Protocol):
    """The seals of every workspace and their log. Every method may raise `StoreUnavailable`."""

    def mark(self, workspace_id: str, *, since: datetime, until: datetime, now: datetime) -> None:
        """Have a workspace looked at that has new rows. What is marked of a day in one minute is one mark.

        Raises:
            StreamMoved: others kept marking it; do it again.

        """
        ...

    def marks(self, *, before: datetime, limit: int, after: Mark | None = None) -> Sequence[Mark]:
        """Give the oldest marks that were made before the minute of a moment, behind one of them."""
        ...

    def unmark(self, marks: Sequence[Mark]) -> None:
        """Take marks away, once what they ask for is done; one that was made again meanwhile stays."""
        ...

    def head(self, workspace_id: str) -> SealHead | None:
        """Say where the seals of a workspace stand; None: it has none."""
        ...

    def unsealed(self, workspace_id: str, *, since: datetime, until: datetime, limit: int) -> Sequence[TrailRow]:
        """Read rows of a workspace's trail between two moments that no seal covers, in the order of time.

        They are of one day, the first that has any: so a seal is of one day, and what a day has under seals is known
        without a look at other days.
        """
        ...

    def commit(self, seals: Sequence[NewSeal]) -> None:
        """Keep seals of at most `SEALS_AT_ONCE` different workspaces, and add them to the log, all or nothing.

        Raises:
            StreamMoved: somebody else has sealed meanwhile; read again.

        """
        ...

    def fold(self, workspace_id: str, *, through: int) -> None:
        """Note up to which seal everything that follows from seals was done; it never goes back."""
        ...

    def seals(self, workspace_id: str, *, first: int, limit: int) -> Sequence[KeptSeal]:
        """Read seals of a workspace from a number on, without a gap.

        Raises:
            SealLost: there is a later one in the place of one of them.

        """
        ...

    def log_size(self) -> int:
        """Count the seals in the log."""
        ...

    def log_node(self, level: int, index: int) -> bytes:
        """Give a complete node of the log: see `shared.domain.trail.merkle`."""
        ...

    def note(self, *, upto: int | None = None) -> tuple[int, str] | None:
        """Give the newest signed checkpoint of at most so many leaves, and how many it has; None: there is none."""
        ...

    def keep_note(self, size: int, note: str) -> str:
        """Keep the signed checkpoint of a size, unless there is one; give the one that is kept."""
        ...

    def keep_key(self, line: str) -> None:
        """Keep a public key of the log, as `NamedKey` writes it, for good; the same again changes nothing."""
        ...

    def keys(self) -> Sequence[str]:
        """Give every key that the log was ever signed with, one line each."""
        ...
