"""Read seals that there must be: one that is gone is said, and neither passed over nor waited for."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime

from shared.storage.contracts.seals import KeptSeal, SealLost, SealStore

SEALS_A_READ = 100


def read_seal(workspace_id: str, number: int, *, seals: SealStore) -> KeptSeal:
    """Read one seal.

    Raises:
        SealLost: it is not there.
        StoreUnavailable: it cannot be read now.

    """
    return next(read_seals(workspace_id, first=number, last=number, seals=seals))


def read_seals(workspace_id: str, *, first: int, last: int, seals: SealStore) -> Iterator[KeptSeal]:
    """Read seals in their order, both ends included.

    Raises:
        SealLost: one of them is not there.
        StoreUnavailable: they cannot be read now.

    """
    number = first
    while number <= last:
        some = seals.seals(workspace_id, first=number, limit=min(SEALS_A_READ, last + 1 - number))
        if not some:
            raise SealLost(number)
        yield from some
        number += len(some)


def sealed_before(moment: datetime, *, workspace_id: str, seals: SealStore) -> int:
    """Count the seals of a workspace that were made before a moment: the next number is the first from then on.

    Raises:
        SealLost: one of those that are looked at is not there.
        StoreUnavailable: they cannot be read now.

    """
    head = seals.head(workspace_id)
    numbers = range(1, head.last.number + 1 if head is not None else 1)

    def made(number: int) -> datetime:
        return datetime.fromisoformat(read_seal(workspace_id, number, seals=seals).seal.at)

    return bisect_left(numbers, moment, key=made)
