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
from shared.services.trail.read_seals import read_seals
from shared.storage.contracts.objects import ObjectStore
from shared.storage.contracts.seals import SealStore
from shared.storage.contracts.streams import StreamMoved
from shared.storage.contracts.trail_index import Folded, Folds, Slot, TrailIndex


def fold_seals(workspace_id: str, *, seals: SealStore, index: TrailIndex, archive: ObjectStore) -> int:
    """Fold what is sealed and not folded yet; give up to which seal.

    Raises:
        SealLost, StoreUnavailable, StreamMoved: what was folded is folded; the next run goes on.

    """
    head = seals.head(workspace_id)
    if head is None:
        return 0
    waiting = read_seals(workspace_id, first=head.folded + 1, last=head.last.number, seals=seals)
    for archived in read_all_archived((kept.seal for kept in waiting), archive=archive):
        fold_seal(archived, index=index)
        seals.fold(workspace_id, through=archived.seal.number)
    return max(head.folded, head.last.number)


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
