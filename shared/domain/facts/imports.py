"""What happens to an import, and what it answers.

No field is ever renamed, removed or reused; a new one has a default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from shared.domain.facts.families import Family

MOST_UNMAPPED = 100
"""Accounts that a report names; more would be no list for people."""
SHOWN_ERRORS = 50
"""So many row errors are shown; all are counted."""


class ImportStatus(StrEnum):
    """Where an import stands. `finished` and `refused` are ends."""

    WAITING = "waiting"
    RUNNING = "running"
    FINISHED = "finished"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What the sender says about a file that does not say it itself: an export of another system is only rows.

    NDJSON says all of this in its first line, and must not be declared otherwise.
    """

    exported_at: datetime | None = None
    """When the data left its source; None: when the file was announced."""
    account: str | None = None
    """The account at that source; None: as the file says, else `main`."""
    currency: str | None = None
    """The currency of amounts that do not say theirs; None: the workspace's."""
    costs_from: date | None = None
    """The first day of unit costs that stand without one; None: the day of the export."""
    is_complete: bool = True
    """The file holds everything of its account between its first and its last day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowError:
    """What is wrong with one line. It names fields and never shows the value of one that may hold a person's data."""

    line: int
    code: str
    message: str
    field: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a file was refused whole."""

    code: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What the good lines of one family came to: the first five add up to their number."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    """As we had it."""
    older: int = 0
    """A later export had told us better already."""
    repeated: int = 0
    """The same key stood in this file before."""
    gone: int = 0
    """Facts that held until now and that this file, which claims to be complete, does not tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What became of a file: the same for the same bytes, whenever it is asked for."""

    exported_at: datetime | None = None
    """When the data left its source, as the file declares; it decides which version of a fact is later."""
    lines: int = 0
    rejected: int = 0
    counts: Mapping[str, Counts] = field(default_factory=dict[str, Counts])
    """family -> counts"""
    errors: tuple[RowError, ...] = ()
    """The first of the row errors, in line order."""
    refusal: Refusal | None = None
    format: str = ""
    """What the file was taken for, such as `ndjson` or `shopify_orders`; empty if it was refused before that."""
    unmapped: tuple[str, ...] = ()
    """Accounts of the books that nobody has settled, whose bookings are in no number: the first `MOST_UNMAPPED`."""
    connectors: tuple[str, ...] = ()
    """Whose data the file told, as far as it was read, up to 50."""
    unmapped_columns: tuple[str, ...] = ()
    """Headers of columns that the format does not know: what stands there became nothing."""
    personal_columns: tuple[str, ...] = ()
    """Headers of columns that were dropped unread because persons stand there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportStarted:
    """A file that somebody sent is being read."""

    import_id: str
    file_name: str
    bytes: int
    at: datetime
    type: Literal["import.started"] = "import.started"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFinished:
    """All of a file's good lines became facts, in one step."""

    import_id: str
    generation: int
    lines: int
    rejected: int
    new: int
    changed: int
    buckets: tuple[str, ...]
    """`family#yyyy-mm` of everything that was written."""
    at: datetime
    type: Literal["import.finished"] = "import.finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRefused:
    """A file was refused whole; none of it became a fact."""

    import_id: str
    code: str
    lines: int
    rejected: int
    at: datetime
    type: Literal["import.refused"] = "import.refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class CostsChanged:
    """By a finished import other unit costs hold than before, of which profits are worked out."""

    import_id: str
    new: int
    changed: int
    gone: int
    at: datetime
    type: Literal["import.costs_changed"] = "import.costs_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalsChanged:
    """By a finished import the shop has other goals than before."""

    import_id: str
    new: int
    changed: int
    gone: int
    at: datetime
    type: Literal["import.goals_changed"] = "import.goals_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsChanged:
    """By a finished import other is known than before of how the accounts of connectors stand."""

    import_id: str
    new: int
    changed: int
    gone: int
    at: datetime
    type: Literal["import.accounts_changed"] = "import.accounts_changed"


Change = CostsChanged | GoalsChanged | AccountsChanged
ImportEvent = ImportStarted | ImportFinished | ImportRefused | Change

_OF_FAMILY: Mapping[Family, type[Change]] = {
    Family.COST: CostsChanged,
    Family.GOAL: GoalsChanged,
    Family.ACCOUNT: AccountsChanged,
}


def changes_in(counts: Mapping[str, Counts], *, import_id: str, at: datetime) -> tuple[Change, ...]:
    """Tell what an import changed of what people settle now and then, beside the facts of every day."""
    return tuple(
        event(import_id=import_id, new=came.new, changed=came.changed, gone=came.gone, at=at)
        for family, event in _OF_FAMILY.items()
        if (came := counts.get(family)) is not None and came.new + came.changed + came.gone
    )
