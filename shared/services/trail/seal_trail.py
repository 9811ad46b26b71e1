"""Each minute: seal what is new in every workspace's trail, add the seals to the log, and sign it.

    marks of workspaces with new rows -> their rows that no seal covers -> the archive -> a seal each, and the log
    -> a signed checkpoint

A run may die between any two steps, and two may run at once: a seal and its place in the log are written together or
not at all, what no seal covers is read anew each time, and a mark goes after the seal that it asked for.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.domain.moments import moment
from shared.domain.trail.archival import archived
from shared.domain.trail.merkle import leaf_hash
from shared.domain.trail.seal import Seal, seal_rows
from shared.services.attempts import ATTEMPTS
from shared.services.trail.archive import keep_in_archive
from shared.services.trail.pseudonyms import Pseudonyms
from shared.services.trail.sign_log import sign_log
from shared.storage.contracts.objects import ObjectStore
from shared.storage.contracts.people import PeopleKeys
from shared.storage.contracts.seals import SEALS_AT_ONCE, Mark, NewSeal, SealStore
from shared.storage.contracts.signer import Signer
from shared.storage.contracts.streams import StreamMoved

logger = logging.getLogger(__name__)

MARKS = 1_000
SALT_BYTES = 16
ROWS_A_SEAL = 2_000
"""The places of all of them are one row of the table, which may have 400 KB; one has some 70 bytes."""
ROWS_AT_ONCE = 20_000
"""They are written in one transaction, which may have 4 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealingDone:
    """What a run did."""

    workspaces: int
    seals: int
    rows: int
    more: bool
    """Whether there were more marks than a run takes."""


def seal_trail(
    *, now: datetime, origin: str, seals: SealStore, people: PeopleKeys, archive: ObjectStore, signer: Signer
) -> SealingDone:
    """Seal what was marked before this minute. `origin` is the name of the log.

    Raises:
        StoreUnavailable, StreamMoved: what was sealed is sealed; the next run goes on.

    """
    # What a run that was ended has left unsigned: however many end early, none leaves more than a minute so.
    sign_log(origin=origin, seals=seals, signer=signer)
    marks = seals.marks(before=now, limit=MARKS)
    run = _Run(now=now, spans=_spans(marks), seals=seals, people=people, archive=archive)
    waiting = list(run.spans)
    made: list[Seal] = []
    while waiting:
        new, looked_at = run.seal_some(waiting)
        made += new
        full = [seal.workspace_id for seal in new if seal.count == ROWS_A_SEAL]
        done_with = frozenset(waiting[:looked_at]).difference(full)
        waiting = [*full, *waiting[looked_at:]]
        # At once, so that a run which takes too long leaves to the next only what it has not done.
        seals.unmark([mark for mark in marks if mark.workspace_id in done_with])
    sign_log(origin=origin, seals=seals, signer=signer)
    done = SealingDone(
        workspaces=len(run.spans),
        seals=len(made),
        rows=sum(seal.count for seal in made),
        more=len(marks) == MARKS,
    )
    logger.info("sealed", extra={"workspaces": done.workspaces, "seals": done.seals, "rows": done.rows})
    return done


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    since: datetime
    until: datetime


def _spans(marks: Sequence[Mark]) -> Mapping[str, _Span]:
    """Give each workspace the time from the first to the last row that its marks name."""
    spans: dict[str, _Span] = {}
    for mark in marks:
        known = spans.get(mark.workspace_id)
        spans[mark.workspace_id] = _Span(
            since=min(mark.since, known.since) if known is not None else mark.since,
            until=max(mark.until, known.until) if known is not None else mark.until,
        )
    return spans


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    now: datetime
    spans: Mapping[str, _Span]
    seals: SealStore
    people: PeopleKeys
    archive: ObjectStore

    def seal_some(self, waiting: Sequence[str]) -> tuple[Sequence[Seal], int]:
        """Seal as many workspaces as fit into one transaction; give the seals, and how many were looked at."""
        for _ in range(ATTEMPTS):
            new: list[NewSeal] = []
            looked_at = 0
            for workspace_id in waiting:
                if len(new) == SEALS_AT_ONCE or sum(each.seal.count for each in new) > ROWS_AT_ONCE - ROWS_A_SEAL:
                    break
                looked_at += 1
                if (seal := self._new_seal(workspace_id)) is not None:
                    new.append(seal)
            if not new:
                return (), looked_at
            try:
                self.seals.commit(new)
            except StreamMoved:
                continue
            return [each.seal for each in new], looked_at
        raise StreamMoved("the log")

    def _new_seal(self, workspace_id: str) -> NewSeal | None:
        """Make the next seal of a workspace, and archive it; None: all its rows are sealed."""
        head = self.seals.head(workspace_id)  # before the rows: whoever seals some of them meanwhile moves it
        span = self.spans[workspace_id]
        rows = self.seals.unsealed(workspace_id, since=span.since, until=span.until, limit=ROWS_A_SEAL)
        if not rows:
            return None
        pseudonyms = Pseudonyms(workspace_id, self.people)
        lines = [
            archived(row.envelope, row.data, pseudonym=pseudonyms, salt=secrets.token_hex(SALT_BYTES)) for row in rows
        ]
        leaves = tuple(leaf_hash(line.encode()) for line in lines)
        last = head.last if head is not None else None
        seal = seal_rows(leaves, workspace_id=workspace_id, after=last, at=moment(self.now))
        keep_in_archive(seal, leaves, lines, archive=self.archive)
        return NewSeal(seal=seal, places=tuple(row.place for row in rows))
