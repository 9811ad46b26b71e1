"""Do what follows from seals: index their rows, and count what tokens do.

Each fold says up to which seal it goes, and takes a seal only after the one before: whoever dies half way, or comes a
second time, changes nothing twice. It reads nothing but the archive, so it can be done anew from there at any time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

from shared.domain.trail.index import DayIndex, DayUse, HourIndex, Occurrence, occurrences
from shared.services.attempts import ATTEMPTS
from shared.services.trail.archive import ArchivedSeal, read_all_archived
from shared.storage.contracts.objects import ObjectStore
from shared.storage.contracts.seals import SealStore
from shared.storage.contracts.streams import StreamMoved
from shared.storage.contracts.trail_index import Folded, Folds, Slot, TrailIndex

SEALS_A_READ = 100


def fold_seals(workspace_id: str, *, seals: SealStore, index: TrailIndex, archive: ObjectStore) -> int:
    """Fold what is sealed and not folded yet; give up to which seal.

    Raises:
        ArchiveIncomplete, StoreUnavailable, StreamMoved: what was folded is folded; the next run goes on.

    """
    head = seals.head(workspace_id)
    through = head.folded if head is not None else 0
    while head is not None and through < head.last.number:
        some = seals.seals(workspace_id, first=through + 1, limit=SEALS_A_READ)
        for archived in read_all_archived((kept.seal for kept in some), archive=archive):
            fold_seal(archived, index=index)
            through = archived.seal.number
            seals.fold(workspace_id, through=through)
    return through


def fold_seal(archived: ArchivedSeal, *, index: Folds) -> None:
    """Fold one seal, when all before it are folded; one that is folded already changes nothing.

    Raises:
        StoreUnavailable, StreamMoved: see `fold_seals`.

    """
    seal = archived.seal
    touched: dict[Slot, list[Occurrence]] = defaultdict(list)
    for seen in occurrences(archived.rows):
        day = Slot(workspace_id=seal.workspace_id, day=seen.day)
        touched[day].append(seen)
        touched[replace(day, hour=seen.hour)].append(seen)
        if "token" in seen.values and "tool" in seen.values:
            touched[replace(day, token_id=seen.values["token"])].append(seen)
    for slot, rows in touched.items():
        _fold(slot, rows, number=seal.number, index=index)


def _fold(slot: Slot, rows: Sequence[Occurrence], *, number: int, index: Folds) -> None:
    for _ in range(ATTEMPTS):
        kept = index.read(slot)
        if kept.through >= number:
            return
        add = _adding_to(kept.value, number)
        for seen in rows:
            add(seen)
        try:
            index.keep(replace(kept, through=number), was=kept.through)
        except StreamMoved:
            continue
        return
    raise StreamMoved(f"{slot.workspace_id} {slot.day}")


def _adding_to(value: Folded, number: int) -> Callable[[Occurrence], None]:
    match value:
        case HourIndex():
            return lambda seen: value.add(seen, seal=number)
        case DayIndex() | DayUse():
            return value.add
