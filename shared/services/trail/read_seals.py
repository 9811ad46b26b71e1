"""Read seals that there must be: one that is gone is said, and neither passed over nor waited for."""

from __future__ import annotations

from collections.abc import Iterator

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
