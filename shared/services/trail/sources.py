"""Where a trail is read: the newest rows in their table, all sealed ones in the archive, found by the index."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shared.storage.contracts.audit import AuditLog
from shared.storage.contracts.objects import ObjectStore
from shared.storage.contracts.people import PeopleKeys
from shared.storage.contracts.seals import SealStore
from shared.storage.contracts.trail_index import TrailIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailSources:
    """What questions about a trail, exports and proofs are answered from."""

    audit: AuditLog
    """The rows, as long as they are in their table."""
    seals: SealStore
    index: TrailIndex
    people: PeopleKeys
    open_archive: Callable[[], ObjectStore]
    """Gives the sealed rows. Few questions go back so far, and a client costs time, so it is made only for them."""
