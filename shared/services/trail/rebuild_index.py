"""Make the index of a workspace's trail anew from the archive, and put right what differs, while calls go on.

    seals -> the archive -> the same folds as ever, into an index of our own -> document by document, where they differ

A document that says more than ours is not wrong for that: whoever folds new seals came by. Then we fold these, too, and
compare again. One that we are ahead of is put right at once: it says up to which seal it goes, so nobody folds a seal
into it twice. Whoever dies half way is finished by a repeat.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from heapq import merge
from itertools import groupby
from operator import itemgetter

from shared.services.trail.archive import read_all_archived
from shared.services.trail.fold_seals import fold_seal
from shared.storage.contracts.objects import ObjectStore
from shared.storage.contracts.seals import SealStore
from shared.storage.contracts.streams import StreamMoved
from shared.storage.contracts.trail_index import Document, Folds, Kept, Slot, TrailIndex

SEALS_A_READ = 100
TRIES = 20
"""Of one document: only a new seal of the workspace is in the way, and there is one each minute at the most."""


@dataclass(slots=True, kw_only=True)
class Rebuilt:
    """What a rebuild did."""

    seals: int = 0
    documents: int = 0
    """Those that were compared."""
    written: int = 0
    deleted: int = 0


def rebuild_index(
    workspace_id: str,
    *,
    seals: SealStore,
    index: TrailIndex,
    archive: ObjectStore,
    scratch: TrailIndex,
    progress: Callable[[int, int], None],
) -> Rebuilt:
    """Compare the index with what the archive says, and put right what differs. `scratch` is an empty index.

    `progress` hears how many seals were read, of how many.

    Raises:
        SealLost: a seal, or its rows in the archive, are lost.
        StoreUnavailable, StreamMoved: what was put right is right; begin again.

    """
    head = seals.head(workspace_id)
    anew = _Anew(workspace_id=workspace_id, seals=seals, archive=archive, scratch=scratch, progress=progress)
    anew.fold(through=head.folded if head is not None else 0)
    done = Rebuilt()
    for place, lies in _places(workspace_id, index, scratch):
        done.documents += 1
        _put_right(place, lies, index=index, anew=anew, done=done)
    done.seals = anew.through
    return done


def _places(workspace_id: str, index: TrailIndex, scratch: TrailIndex) -> Iterator[tuple[str, Document | None]]:
    """Go through all places at which either has a document, with the one that lies in the index."""
    places = itemgetter(0)
    lying = ((document.place, document) for document in index.documents(workspace_id))
    ours = ((document.place, None) for document in scratch.documents(workspace_id))
    for place, found in groupby(merge(lying, ours, key=places), key=places):
        yield place, next((document for _, document in found if document is not None), None)


def _put_right(place: str, lies: Document | None, *, index: TrailIndex, anew: _Anew, done: Rebuilt) -> None:
    was_wrong = False
    anew.fold(through=lies.through if lies is not None else 0)
    for _ in range(TRIES):
        right = anew.scratch.document(anew.workspace_id, place)
        if right == lies:
            done.written += was_wrong and right is not None
            done.deleted += was_wrong and right is None
            return
        with suppress(StreamMoved):
            index.put_right(anew.workspace_id, place, lies=lies, right=right)
            was_wrong = True
        # Whoever folds a new seal may have read the wrong one, and pass over it, or write it yet: the seal is there by
        # now, and what goes up to it stands against both.
        anew.fold_all()
        lies = index.document(anew.workspace_id, place)
    raise StreamMoved(place)


@dataclass(kw_only=True)
class _Anew:
    """The index as the archive has it, up to a seal."""

    workspace_id: str
    seals: SealStore
    archive: ObjectStore
    scratch: TrailIndex
    progress: Callable[[int, int], None]
    through: int = 0

    def fold_all(self) -> None:
        """Fold all that is sealed."""
        head = self.seals.head(self.workspace_id)
        self.fold(through=head.last.number if head is not None else 0)

    def fold(self, *, through: int) -> None:
        """Fold up to a seal; there may be fewer than that, if somebody made a number up."""
        while self.through < through:
            limit = min(SEALS_A_READ, through - self.through)
            some = self.seals.seals(self.workspace_id, first=self.through + 1, limit=limit)
            if not some:
                return
            folds = _InMemory(of=self.scratch)
            for archived in read_all_archived((kept.seal for kept in some), archive=self.archive):
                fold_seal(archived, index=folds)
            folds.write()
            self.through += len(some)
            self.progress(self.through, through)


@dataclass(kw_only=True)
class _InMemory:
    """What some seals change, written once for all of them."""

    of: Folds
    _before: dict[Slot, Kept] = field(default_factory=dict[Slot, Kept])
    _now: dict[Slot, Kept] = field(default_factory=dict[Slot, Kept])

    def read(self, slot: Slot) -> Kept:
        if slot not in self._now:
            self._now[slot] = self._before[slot] = self.of.read(slot)
        return self._now[slot]

    def keep(self, kept: Kept, *, was: int) -> None:  # noqa: ARG002 - nobody else writes here
        self._now[kept.slot] = kept

    def write(self) -> None:
        """Write what was kept."""
        for slot, kept in self._now.items():
            self.of.keep(kept, was=self._before[slot].through)
