"""Each minute: seal what is new in every workspace's trail, add the seals to the log, and sign it.

    marks of workspaces with new rows -> their rows that no seal covers -> a seal each -> the log -> a signed checkpoint

A run may die between any two steps, and two may run at once: a seal and its place in the log are written together or
not at all, what no seal covers is read anew each time, and a mark goes last.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.domain.trail.archival import archived
from shared.domain.trail.merkle import leaf_hash
from shared.domain.trail.seal import seal_rows
from shared.services.attempts import ATTEMPTS
from shared.services.trail.pseudonyms import Pseudonyms
from shared.services.trail.sign_log import sign_log
from shared.storage.codec import moment
from shared.storage.contracts.people import PeopleKeys
from shared.storage.contracts.seals import SEALS_AT_ONCE, Mark, NewSeal, SealStore
from shared.storage.contracts.signer import Signer
from shared.storage.contracts.streams import StreamMoved

logger = logging.getLogger(__name__)

MARKS = 1_000
ROWS_A_SEAL = 2_000
"""A seal's row holds a place and a hash for each: some 130 bytes, of the 400 KB that a row may have."""
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


def seal_trail(*, now: datetime, origin: str, seals: SealStore, people: PeopleKeys, signer: Signer) -> SealingDone:
    """Seal what was marked before this minute.

    Raises:
        StoreUnavailable, StreamMoved: what was sealed is sealed; the next run goes on.

    """
    marks = seals.marks(before=now, limit=MARKS)
    spans = _spans(marks)
    waiting = list(spans)
    made: list[NewSeal] = []
    while waiting:
        new, looked_at = _commit(waiting, spans, now=now, seals=seals, people=people)
        made += new
        full = [each.seal.workspace_id for each in new if each.seal.count == ROWS_A_SEAL]
        waiting = [*full, *waiting[looked_at:]]
    sign_log(origin=origin, seals=seals, signer=signer)
    seals.unmark(marks)
    done = SealingDone(
        workspaces=len(spans),
        seals=len(made),
        rows=sum(each.seal.count for each in made),
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


def _commit(
    waiting: Sequence[str], spans: Mapping[str, _Span], *, now: datetime, seals: SealStore, people: PeopleKeys
) -> tuple[Sequence[NewSeal], int]:
    """Seal as many workspaces as fit into one transaction; give the seals, and how many workspaces were looked at."""
    for _ in range(ATTEMPTS):
        new: list[NewSeal] = []
        looked_at = 0
        for workspace_id in waiting:
            if len(new) == SEALS_AT_ONCE or sum(each.seal.count for each in new) > ROWS_AT_ONCE - ROWS_A_SEAL:
                break
            looked_at += 1
            seal = _new_seal(workspace_id, spans[workspace_id], now=now, seals=seals, people=people)
            if seal is not None:
                new.append(seal)
        if not new:
            return (), looked_at
        try:
            seals.commit(new)
        except StreamMoved:
            continue
        return new, looked_at
    raise StreamMoved("the log")


def _new_seal(workspace_id: str, span: _Span, *, now: datetime, seals: SealStore, people: PeopleKeys) -> NewSeal | None:
    head = seals.head(workspace_id)
    rows = seals.unsealed(workspace_id, since=span.since, until=span.until, limit=ROWS_A_SEAL)
    if not rows:
        return None
    pseudonyms = Pseudonyms(workspace_id, people)
    leaves = tuple(leaf_hash(archived(row.envelope, row.data, pseudonym=pseudonyms).encode()) for row in rows)
    seal = seal_rows(leaves, workspace_id=workspace_id, after=head.last if head is not None else None, at=moment(now))
    return NewSeal(seal=seal, places=tuple(row.place for row in rows), leaves=leaves)
